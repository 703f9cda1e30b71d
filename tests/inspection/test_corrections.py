"""What an insurer must mend in a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from review_rows import LINK, row

from himozuke.inspection.corrections import corrections
from himozuke.inspection.model import ITEMS, Items, ReviewRow
from himozuke.inspection.review import ReviewColumns

Fix = Mapping[str, Any]


def mended(*rows: ReviewRow) -> list[Fix]:
    """One dictionary for each field to mend."""
    found: list[Fix] = corrections(ReviewColumns.of(rows)).to_pylist()
    return found


def fix(column: str, before: str, after: str | None, reason: str) -> Fix:
    return {"row": 7, "column": column, "before": before, "after": after, "reason": reason}


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
    (found,) = mended(row(reasons=(reason,)))

    assert (found["column"], found["after"], found["reason"]) == (column, after, reason)


def test_an_old_number_is_replaced_by_the_current_one_only_where_it_may_be_shown() -> None:
    told = row(reasons=("old_number",), current_number="*********777")
    untold = row(reasons=("old_number",))

    assert mended(told) == [fix("individual_number", "*********123", "*********777", "old_number")]
    assert mended(untold)[0]["after"] is None


def test_a_married_name_is_taken_from_the_register() -> None:
    entry = Items("田中　花子", "タナカ　ハナコ", LINK.birth_date, LINK.sex, LINK.address)
    states = {**dict.fromkeys(ITEMS, "equal"), "kanji_name": "different", "kana_name": "different"}

    found = mended(row(reasons=("married",), states=states, entry=entry))

    assert [(one["column"], one["after"]) for one in found] == [
        ("kanji_name", "田中　花子"),
        ("kana_name", "タナカ　ハナコ"),
    ]


def test_untestable_rows_name_the_items_to_collect_and_put_nothing_in() -> None:
    thin = row(verdict="UNTESTABLE", reasons=("too_little_held",), link=Items(kana_name="ササキ　ケン"))

    found = mended(thin)

    assert [one["column"] for one in found] == ["kanji_name", "birth_date", "sex", "address"]
    assert all(one["after"] is None for one in found)


@pytest.mark.parametrize("reason", ["unreadable", "slip_kana_name", "reading", "old_number", "other_script"])
def test_the_number_holders_values_are_never_put_into_an_untestable_record(reason: str) -> None:
    """The record would agree with whoever bears the number, and nothing could show a wrong link again."""
    link = Items("佐々木　●一", "ササキ　●", LINK.birth_date, LINK.sex, "")
    states = {**dict.fromkeys(ITEMS, "equal"), "kanji_name": "unknown", "kana_name": "unknown"}
    thin = row(
        verdict="UNTESTABLE",
        reasons=("too_little_held", reason),
        states=states,
        link=link,
        current_number="*********777",
    )

    found = mended(thin)

    assert found
    assert [one["after"] for one in found] == [None] * len(found)


def test_a_missing_address_is_not_asked_for_and_other_missing_items_are_filled() -> None:
    link = Items(LINK.kanji_name, "", LINK.birth_date, LINK.sex, "")

    found = mended(row(reasons=("missing_kana_name", "missing_address"), link=link))

    assert [(one["column"], one["after"]) for one in found] == [("kana_name", "ササキ　タケカズ")]


def test_nothing_is_put_in_while_it_is_open_whose_number_it_is() -> None:
    assert mended(row(action="ask", verdict="DOUBTFUL", reasons=("slip_birth_date",))) == []


def test_every_row_to_correct_appears_even_when_no_field_can_be_named() -> None:
    assert mended(row(reasons=("scheme_number_twice",))) == [fix("", "", None, "scheme_number_twice")]


def test_an_unreadable_value_of_the_register_is_never_copied() -> None:
    entry = Items("佐●木　健一", *[""] * 4)
    states = {**dict.fromkeys(ITEMS, "equal"), "kanji_name": "unknown"}

    (found,) = mended(row(reasons=("unreadable",), states=states, entry=entry))

    assert found["after"] is None


def test_a_protected_address_is_never_copied() -> None:
    (found,) = mended(row(protected=True, reasons=("slip_address",)))

    assert found["after"] is None


def test_every_item_goes_back_in_the_notation_of_the_file() -> None:
    link = Items("佐々木　健一", "ｻｻｷ ｹﾝｲﾁ", "S62.3.4", "男", LINK.address)
    entry = Items("佐々木　健一", "ササキ　タケカズ", "1987-03-14", "2", LINK.address)

    found = mended(row(reasons=("reading", "slip_birth_date", "slip_sex"), link=link, entry=entry))

    assert [one["after"] for one in found] == ["ｻｻｷ ﾀｹｶｽﾞ", "S62.3.14", "女"]


def test_records_come_in_the_order_of_their_rows_and_each_with_its_reasons_in_order() -> None:
    first = row(row=7, reasons=("died_link_open", "slip_address"))
    second = row(row=8, reasons=("slip_address", "died_link_open"))
    third = row(row=9, reasons=("died_link_open", "slip_address"))

    found = mended(first, row(action="ask"), second, third)

    assert [(one["row"], one["column"]) for one in found] == [
        (7, "valid_to"), (7, "address"), (8, "address"), (8, "valid_to"), (9, "valid_to"), (9, "address"),
    ]  # fmt: skip


def test_a_number_that_nobody_bears_gives_no_value_to_put_in() -> None:
    (found,) = mended(row(reasons=("slip_birth_date",), entry=None))

    assert (found["before"], found["after"]) == (LINK.birth_date, None)
