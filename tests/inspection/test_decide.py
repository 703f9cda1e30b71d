"""What an insurer must mend, and what may be shown."""

from __future__ import annotations

import pytest

from himozuke.inspection.decide import corrections, public_items
from himozuke.inspection.model import ITEMS, Correction, Items, ReviewRow

LINK = Items("佐々木　健一", "ササキ　ケンイチ", "1987-03-04", "男", "千葉県船橋市本町1-2-3")
ENTRY = Items("佐々木　健一", "ササキ　タケカズ", "1987-03-14", "1", "千葉県船橋市本町1丁目2番4号")


def row(**changes: object) -> ReviewRow:
    values: dict[str, object] = {
        "link_id": "L1",
        "row": 7,
        "verdict": "EXPLAINED",
        "action": "correct",
        "restriction": "NONE",
        "restriction_by_table": "NONE",
        "cause": None,
        "rank": None,
        "reasons": (),
        "states": dict.fromkeys(ITEMS, "equal"),
        "link": LINK,
        "scheme_number": "1",
        "masked_number": "*********123",
        "entry": ENTRY,
    }
    return ReviewRow(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "column", "after"),
    [
        ("slip_birth_date", "birth_date", "1987-03-14"),
        ("reading", "kana_name", "ササキ　タケカズ"),
        ("slip_address", "address", "千葉県船橋市本町1丁目2番4号"),
        ("died_link_open", "valid_to", None),
        ("several_valid_links", "valid_to", None),
    ],
)
def test_a_known_value_is_put_in_and_an_open_one_is_named(reason: str, column: str, after: str | None) -> None:
    (found,) = corrections(row(reasons=(reason,)))

    assert (found.column, found.after, found.reason) == (column, after, reason)


def test_an_old_number_is_replaced_by_the_current_one_only_where_it_may_be_shown() -> None:
    told = row(reasons=("old_number",), current_number="*********777")
    untold = row(reasons=("old_number",))

    assert corrections(told)[0] == Correction(7, "individual_number", "*********123", "*********777", "old_number")
    assert corrections(untold)[0].after is None


def test_a_married_name_is_taken_from_the_register() -> None:
    entry = Items("田中　花子", "タナカ　ハナコ", LINK.birth_date, LINK.sex, LINK.address)
    states = {**dict.fromkeys(ITEMS, "equal"), "kanji_name": "different", "kana_name": "different"}

    found = corrections(row(reasons=("married",), states=states, entry=entry))

    assert [(one.column, one.after) for one in found] == [("kanji_name", "田中　花子"), ("kana_name", "タナカ　ハナコ")]


def test_untestable_rows_name_the_items_to_collect_and_put_nothing_in() -> None:
    thin = row(verdict="UNTESTABLE", reasons=("too_little_held",), link=Items(kana_name="ササキ　ケン"))

    found = corrections(thin)

    assert [one.column for one in found] == ["kanji_name", "birth_date", "sex", "address"]
    assert all(one.after is None for one in found)


def test_a_missing_address_is_not_asked_for_and_other_missing_items_are_filled() -> None:
    link = Items(LINK.kanji_name, "", LINK.birth_date, LINK.sex, "")

    found = corrections(row(reasons=("missing_kana_name", "missing_address"), link=link))

    assert [(one.column, one.after) for one in found] == [("kana_name", "ササキ　タケカズ")]


def test_nothing_is_put_in_while_it_is_open_whose_number_it_is() -> None:
    assert corrections(row(action="ask", verdict="DOUBTFUL", reasons=("slip_birth_date",))) == ()


def test_every_row_to_correct_appears_even_when_no_field_can_be_named() -> None:
    assert corrections(row(reasons=("scheme_number_twice",))) == (Correction(7, "", "", None, "scheme_number_twice"),)


def test_an_unreadable_value_of_the_register_is_never_copied() -> None:
    entry = Items("佐●木　健一", *[""] * 4)
    states = {**dict.fromkeys(ITEMS, "equal"), "kanji_name": "unknown"}

    (found,) = corrections(row(reasons=("unreadable",), states=states, entry=entry))

    assert found.after is None


@pytest.mark.parametrize(
    ("state", "own_address_shown"), [("different", True), ("missing", True), ("equal", False), ("near", False)]
)
def test_a_protected_address_is_hidden_on_every_side_that_tells_it(state: str, own_address_shown: bool) -> None:
    protected = row(protected=True, states={**dict.fromkeys(ITEMS, "equal"), "address": state}, rival=ENTRY)

    link, entry, rival = public_items(protected)

    assert bool(link.address) is own_address_shown
    assert entry is not None
    assert rival is not None
    assert (entry.address, rival.address) == ("", "")
    assert corrections(row(protected=True, reasons=("slip_address",)))[0].after is None
