"""A corrected value goes back in the notation of the insurer's file."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.identity import birth_date
from himozuke.inspection.notation import half_width_kana, like, like_column


@pytest.mark.parametrize(
    ("original", "value", "written"),
    [
        ("1987-03-04", "1987-03-14", "1987-03-14"),
        ("1987/3/4", "1987-12-09", "1987/12/9"),
        ("1987/03/04", "1987-12-09", "1987/12/09"),
        ("19870304", "1987-03-14", "19870314"),
        ("昭和62年3月4日", "1987-03-14", "昭和62年3月14日"),
        ("昭和62年03月04日", "1987-03-05", "昭和62年03月05日"),
        ("昭和６３年１２月４日", "1989-03-04", "平成元年３月４日"),
        ("S62.3.4", "1989-12-04", "H1.12.4"),
        ("S62.03.04", "1989-12-04", "H01.12.04"),
        ("昭62-3-4", "1987-03-14", "昭62-3-14"),
        ("1987年3月4日", "1988-03-04", "1988年3月4日"),
        ("62.3.4", "1987-03-14", "1987-03-14"),
        ("", "1987-03-14", "1987-03-14"),
        ("1987-03-04", "不詳", "不詳"),
    ],
)
def test_a_date_keeps_the_notation_of_the_file(original: str, value: str, written: str) -> None:
    assert like(original, value, item="birth_date") == written


@given(
    st.dates(date(1870, 1, 1), date(2026, 1, 1)),
    st.sampled_from(
        ["1987-03-04", "1987/3/4", "19870304", "昭和62年3月4日", "S62.03.04", "昭62.3.4", "昭和６２年３月４日"]
    ),
)
def test_whatever_the_notation_it_is_the_same_day(day: date, original: str) -> None:
    written = like(original, day.isoformat(), item="birth_date")

    assert birth_date.parse(written) == int(day.strftime("%Y%m%d"))


@pytest.mark.parametrize(
    ("full", "half"), [("ガギグ　パピ", "ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟ"), ("ヴァー・ッ", "ｳﾞｧｰ･ｯ"), ("オリヴェイラ", "ｵﾘｳﾞｪｲﾗ")]
)
def test_kana_goes_back_in_half_width(full: str, half: str) -> None:
    assert half_width_kana(full) == half
    assert like("ｱ", full, item="kana_name") == half
    assert like("ア", full, item="kana_name") == full


def test_sex_goes_back_in_the_words_of_the_file() -> None:
    assert like("男", "2", item="sex") == "女"
    assert like("2", "男", item="sex") == "1"
    assert like("？", "男", item="sex") == "男"


@given(
    st.sampled_from(["birth_date", "kana_name", "sex", "address"]),
    st.lists(
        st.tuples(
            st.sampled_from(["1987-03-04", "S62.3.4", "昭和６２年３月４日", "", "ﾔﾏﾀﾞ", "ヤマダ", "男", "1"]),
            st.sampled_from(["1987-03-14", "1987-03-32", "不詳", "ヤマダ　ガク", "2", "女", None]),
        ),
        max_size=6,
    ),
)
def test_a_column_is_written_as_its_values_one_by_one(item: str, pairs: list[tuple[str, str | None]]) -> None:
    originals, values = ([pair[side] for pair in pairs] for side in (0, 1))

    written = like_column(pa.array(originals, pa.large_string()), pa.array(values, pa.large_string()), item=item)

    assert written.to_pylist() == [
        None if value is None else like(original, value, item=item) for original, value in pairs
    ]
