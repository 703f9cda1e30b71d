"""Individual Numbers: reading, check digit, masking; synthetic numbers only (bodies from 00)."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.identity import individual_number as number
from himozuke.identity.column import utf8_column
from himozuke.identity.state import How, ItemState

BODIES = st.integers(0, 10**9 - 1)


def whole(body: int) -> str:
    return f"{body:011d}{number.check_digit(body)}"


def test_check_digit_of_the_published_formula() -> None:
    assert number.check_digit(12345678901) == 8
    assert number.check_digit(1234567890) == 3


@settings(deadline=None)
@given(BODIES)
def test_check_digits_hold_one_by_one_and_in_a_column(body: int) -> None:
    right = int(whole(body))
    wrong = right // 10 * 10 + (right + 1) % 10

    assert number.has_valid_check_digit(right)
    assert not number.has_valid_check_digit(wrong)
    assert number.valid_check_digits(np.array([right, wrong, -1])).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "text",
    ["000000123457", "0000 0012 3457", "0000-0012-3457", "００００００１２３４５７", "0000－0012ー3457",
     "\t0000　00123457\n", "0000─0012﹣3457"],
)  # fmt: skip
def test_width_spaces_and_hyphens_do_not_matter(text: str) -> None:
    assert number.parse(text) == 123457


@pytest.mark.parametrize(
    "text", ["", "12345", "0000001234567", "1.23E+11", "00000012345A", "00000012345七", "000000-12345", "あ"]
)
def test_what_is_not_twelve_digits_is_refused(text: str) -> None:
    assert number.parse(text) is None


@settings(deadline=None)
@given(st.lists(st.one_of(BODIES.map(whole), st.text(max_size=14), st.text("0０1１ -－　", max_size=16)), max_size=8))
def test_a_column_is_read_like_one_value(texts: list[str]) -> None:
    found = number.parse_column(utf8_column(texts)).tolist()

    assert found == [-1 if one is None else one for one in map(number.parse, texts)]


@pytest.mark.parametrize("shown", [str, repr, "{}".format, "{:>20}".format, lambda n: json.dumps({"n": str(n)})])
def test_the_type_masks_itself(shown: object) -> None:
    text = shown(number.IndividualNumber(123457))  # type: ignore[operator]

    assert "123457" not in text
    assert "*457" in text


def test_only_reveal_shows_the_whole() -> None:
    assert number.IndividualNumber(123457).reveal() == "000000123457"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("番号は000000123457です", "番号は*********457です"),
        ("0000 0012 3457", "**** **** *457"),
        ("００００００１２３４５７", "*********４５７"),
        ("電話 090-1234-5678", "電話 090-1234-5678"),
        ("2026-11-24", "2026-11-24"),
    ],
)
def test_runs_of_twelve_digits_are_masked_in_any_text(text: str, masked: str) -> None:
    assert number.mask(text) == masked
    assert number.mask_column(pa.array([text, "住所", ""])).to_pylist() == [masked, "住所", ""]


@given(st.lists(st.text(st.sampled_from("0123456789０９٣- ー山\n"), max_size=30), max_size=5))
def test_a_column_is_masked_as_its_values_one_by_one(texts: list[str]) -> None:
    masked = number.mask_column(pa.array(texts, pa.large_string()))

    assert masked.to_pylist() == [number.mask(text) for text in texts]


@given(st.lists(st.integers(0, 10**12 - 1), max_size=5))
def test_numbers_in_a_column_are_written_as_one_by_one(numbers: list[int]) -> None:
    held = np.array(numbers, np.int64)

    assert number.masked_numbers(held).to_pylist() == [number.masked(one) for one in numbers]
    assert number.numbers_as_text(held).to_pylist() == [f"{one:012d}" for one in numbers]


@pytest.mark.parametrize(
    ("a", "b", "state", "how"),
    [
        ("000000123457", "000000123457", ItemState.EQUAL, How.BYTES),
        ("000000123457", "0000-0012-3457", ItemState.FOLDED, How.FOLD),
        ("000000123457", "000000123451", ItemState.NEAR, How.ONE_DIGIT),
        ("000000123457", "000000123475", ItemState.NEAR, How.EXCHANGED),
        ("000000123457", "000000987654", ItemState.DIFFERENT, How.DIFFERENT),
        ("000000123457", "", ItemState.MISSING, How.EMPTY),
        ("000000123457", "12345", ItemState.UNKNOWN, How.UNREADABLE),
    ],
)
def test_states(a: str, b: str, state: ItemState, how: How) -> None:
    found = number.compare(a, b)
    assert (found.state, found.how) == (state, how)
    assert "1234" not in found.detail
