"""A rule file with a fault stops the program, and the message leads to the row."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.errors import RuleError
from himozuke.rules.kinds import Count, DecisionTable, ItemList
from himozuke.rules.loader import load, read
from himozuke.rules.model import RuleEntry, close
from himozuke.rules.schema import first_matching

GOOD = """
[[value]]
key = "death.grace_days"
from = 2030-01-01
is = 2
source = "a law of the future"
title_ja = "死亡後に資格が続いてよい日数"
"""


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(RuleError) as caught:
        load([own(tmp_path, text)])
    return str(caught.value)


def test_a_row_of_the_user_is_added_and_changes_the_version(tmp_path: Path) -> None:
    book = load([own(tmp_path, GOOD)])

    assert book.count("death.grace_days", date(2029, 12, 31)) == 1
    assert book.count("death.grace_days", date(2030, 1, 1)) == 2
    assert book.version != load().version
    assert load([tmp_path]) == book


def test_a_row_of_the_user_with_the_same_first_day_replaces_the_packaged_one(tmp_path: Path) -> None:
    book = load([own(tmp_path, GOOD.replace("2030-01-01", "2015-10-05"))])

    assert book.count("death.grace_days", date(2020, 1, 1)) == 2
    assert len(book.entries("death.grace_days")) == 1


def test_the_version_is_twelve_hex_digits_and_stable() -> None:
    assert load().version == load().version
    assert len(load().version) == 12
    assert int(load().version, 16) >= 0


def test_a_book_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(load())) == load()  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("death.grace_days", "death.grace_day", "unknown key"),
        ('source = "a law of the future"\n', "", "source is missing"),
        ('"a law of the future"', '"  "', "source must be text"),
        ("is = 2", "is = true", "wrong value"),
        ("is = 2", 'is = "2"', "wrong value"),
        ("is = 2", "is = -1", "wrong value"),
        ("from = 2030-01-01", 'from = "2030-01-01"', "from must be a day"),
        ("from = 2030-01-01", "from = 2030-01-01T00:00:00", "from must be a day"),
        ("from = 2030-01-01", "from = 2030-01-01\nto = 2029-01-01", "lies before"),
        ("from = 2030-01-01", "from = 2030-01-01\nto = 2031-01-01", "gap"),
        ("is = 2", "is = 2\nunit = 3", "unknown field 'unit'"),
        ("is = 2", "is = 2\nnote = 3", "note must be text"),
    ],
)
def test_a_faulty_row_is_refused_with_file_and_row(tmp_path: Path, old: str, new: str, said: str) -> None:
    message = refusal(tmp_path, GOOD.replace(old, new))

    assert "own.toml [[value]] 1" in message
    assert said in message


def test_two_rows_with_the_same_first_day_overlap(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD + GOOD)

    assert "own.toml [[value]] 2 (death.grace_days): overlap with own.toml [[value]] 1" in message


def test_an_end_after_the_next_beginning_overlaps_and_one_before_it_leaves_a_gap(tmp_path: Path) -> None:
    first = GOOD.replace("from = 2030-01-01", "from = 2030-01-01\nto = {end}")
    second = GOOD.replace("2030-01-01", "2031-01-01")

    assert "has an overlap" in refusal(tmp_path, first.format(end="2031-01-01") + second)
    assert "has a gap" in refusal(tmp_path, first.format(end="2030-06-30") + second)
    assert load([own(tmp_path, first.format(end="2030-12-31") + second)])


def test_a_key_of_another_scheme_must_also_begin_with_the_first_number(tmp_path: Path) -> None:
    row = GOOD.replace("death.grace_days", "items.required.veterinary").replace("is = 2", 'is = ["sex"]')

    assert "has a gap" in refusal(tmp_path, row)
    book = load([own(tmp_path, row.replace("2030-01-01", "2015-10-05"))])
    assert book.items("items.required.veterinary", date(2020, 1, 1)) == ("sex",)


@pytest.mark.parametrize("text", ["value = 3", "[other]\na = 1", "", "[[value]\n"])
def test_a_file_that_is_no_rule_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    assert "own.toml" in refusal(tmp_path, text)


def test_a_file_that_is_not_there_and_an_empty_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"absent\.toml"):
        load([tmp_path / "absent.toml"])
    with pytest.raises(RuleError, match="no rule file"):
        load([tmp_path])


def test_an_unknown_key_and_the_wrong_kind_are_named() -> None:
    book = load()
    day = date(2026, 10, 1)

    with pytest.raises(RuleError, match="Unknown rule 'absent'"):
        book.value("absent", day)
    with pytest.raises(RuleError, match="is not a whole number"):
        book.count("jlis.multi_hit", day)
    with pytest.raises(RuleError, match="is not a word"):
        book.word("death.grace_days", day)
    with pytest.raises(RuleError, match="is not a day"):
        book.day("death.grace_days", day)
    with pytest.raises(RuleError, match="is not a list of items"):
        book.items("restriction.table", day)
    with pytest.raises(RuleError, match="is not a list of items"):
        book.items("death.grace_days", day)
    with pytest.raises(RuleError, match="is not a decision table"):
        book.rows("items.required.insurer", day)
    with pytest.raises(RuleError, match="is not a decision table"):
        book.rows("death.grace_days", day)


def test_a_list_of_items_keeps_the_usual_order_and_refuses_strangers() -> None:
    assert ItemList().read(["address", "kanji_name"]) == ("kanji_name", "address")
    for wrong in ("sex", ["shoe_size"], ["sex", "sex"]):
        with pytest.raises(ValueError, match=r"item|kana_name"):
            ItemList().read(wrong)


def test_a_count_has_an_upper_bound() -> None:
    with pytest.raises(ValueError, match="from 0 to 5"):
        Count(5).read(6)


def test_a_decision_table_must_decide_everything_and_hold_no_idle_row() -> None:
    table = DecisionTable(conditions={"wet": (False, True)}, results={"answer": ("stay", "go")})

    assert first_matching(table.read([{"wet": True, "answer": "stay"}, {"answer": "go"}]), {"wet": False}) == {
        "answer": "go"
    }
    for rows, said in [
        ([{"wet": True, "answer": "stay"}], "no row decides"),
        ([{"answer": "stay"}, {"wet": True, "answer": "go"}], "never be reached"),
        ([{"wet": 1, "answer": "stay"}], "is not one of"),
        ([{"dry": True, "answer": "stay"}], "unknown column"),
        ([{"wet": True}], "answer is missing"),
        (["stay"], "list of rows"),
    ]:
        with pytest.raises(ValueError, match=said):
            table.read(rows)


@given(
    st.lists(st.dates(min_value=date(2015, 10, 5), max_value=date(2090, 1, 1)), min_size=1, max_size=8, unique=True),
    st.dates(min_value=date(2015, 10, 5), max_value=date(2090, 1, 1)),
)
def test_exactly_one_value_holds_on_every_day_from_the_first(days: list[date], on: date) -> None:
    entries = [RuleEntry("k", day, None, number, "s", "t") for number, day in enumerate(days)]

    closed = close("k", entries)

    expected = max((day for day in days if day <= on), default=None)
    assert [entry.since for entry in closed if entry.holds(on)] == ([] if expected is None else [expected])


def test_reading_one_file_gives_its_rows_with_their_place() -> None:
    (entry,) = read("some.toml", GOOD)

    assert entry.place == "some.toml [[value]] 1 (death.grace_days)"
