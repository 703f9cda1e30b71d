"""``review.csv``: what it holds, how it opens in a spreadsheet program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from samples import review_row, review_rows

from himozuke.errors import RuleError
from himozuke.gateways.results.review_csv import HIDDEN, headers, write_review
from himozuke.inspection.model import ITEMS, Items, ReviewRow
from himozuke.inspection.review import ReviewColumns


def read_back(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, *rows: ReviewRow) -> list[dict[str, str]]:
    write_review(folder / "review.csv", [ReviewColumns.of(rows)])
    return read_back(folder / "review.csv")


def in_blocks(rows: Iterable[ReviewRow]) -> Iterator[ReviewColumns]:
    """The rows as an engine hands them over: some at once."""
    left = iter(rows)
    while held := list(islice(left, 100)):
        yield ReviewColumns.of(held)


def test_it_is_utf8_with_bom_and_holds_every_row_in_order(result_folder: Path) -> None:
    path = result_folder / "review.csv"

    assert write_review(path, in_blocks(review_rows())) == 196 + 659

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_back(path)
    assert [row["順位"] for row in rows[:196]] == [str(rank) for rank in range(1, 197)]
    assert {row["対応"] for row in rows[196:]} == {"記録の補正"}
    assert [path.name for path in result_folder.iterdir()] == ["review.csv"]


def test_an_empty_list_still_has_its_headers(result_folder: Path) -> None:
    assert write_review(result_folder / "review.csv", []) == 0
    assert (result_folder / "review.csv").read_text("utf-8-sig") == ",".join(headers()) + "\n"


def test_both_values_and_the_words_of_the_finding_stand_side_by_side(result_folder: Path) -> None:
    (row,) = written(result_folder, review_row())

    assert row["漢字氏名（登録データ）"] == "佐々木　健一"
    assert row["漢字氏名（番号の持ち主）"] == "佐々木　健二"
    assert row["漢字氏名（当てはまる別人）"] == "佐々木　健一"
    assert row["漢字氏名（比較結果）"] == "相違"
    assert row["理由"] == "別の人のほうがよく一致する；生年月日の違いに説明がつかない"
    assert row["原因"] == "C1 家族の番号を登録"
    assert row["原因の根拠"] == "番号の持ち主は、住所または姓が同じ家族とみられる人です。"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_value_that_would_run_as_a_formula_gets_an_apostrophe(result_folder: Path, start: str) -> None:
    (row,) = written(result_folder, review_row(operator=f"{start}cmd|' /C calc'!A0"))

    assert row["入力者"] == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["佐藤", "1-2-3", "a=b", "'quoted", 'with "quotes"', "two\nlines", "a,b"])
def test_every_other_value_stands_as_it_is(result_folder: Path, value: str) -> None:
    (row,) = written(result_folder, review_row(operator=value))

    assert row["入力者"] == value


def test_a_protected_persons_address_is_nowhere_in_the_file(result_folder: Path) -> None:
    secret = Items("佐々木　健二", "ササキ　ケンジ", "1990-11-20", "1", "秘密県秘密市")

    (row,) = written(result_folder, review_row(protected=True, link=secret, entry=secret, rival=secret))

    assert "秘密県" not in (result_folder / "review.csv").read_text("utf-8-sig")
    assert row["住所（番号の持ち主）"] == HIDDEN
    assert row["支援措置"] == "該当"


def test_the_links_address_is_left_out_where_the_person_who_fits_better_is_protected(result_folder: Path) -> None:
    secret = Items("佐々木　健二", "ササキ　ケンジ", "1990-11-20", "1", "秘密県秘密市")
    states = dict.fromkeys(ITEMS, "different")

    (row,) = written(
        result_folder, review_row(protected=True, rival_protected=True, link=secret, rival=secret, states=states)
    )

    assert "秘密県" not in (result_folder / "review.csv").read_text("utf-8-sig")
    assert row["住所（登録データ）"] == HIDDEN


def test_a_number_without_holder_or_rival_leaves_their_columns_empty(result_folder: Path) -> None:
    (row,) = written(result_folder, review_row(entry=None, rival=None, entry_status="", cause=None, evidence=()))

    assert (
        row["住所（番号の持ち主）"] == row["住所（当てはまる別人）"] == row["原因"] == row["番号の持ち主の状態"] == ""
    )


def test_a_writer_that_fails_leaves_the_former_file(result_folder: Path) -> None:
    path = result_folder / "review.csv"
    write_review(path, in_blocks([review_row()]))
    before = path.read_bytes()

    with pytest.raises(RuleError):
        write_review(path, in_blocks([review_row(), review_row(cause="C99")]))

    assert path.read_bytes() == before
    assert [path.name for path in result_folder.iterdir()] == ["review.csv"]
