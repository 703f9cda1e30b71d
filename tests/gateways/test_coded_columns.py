"""Columns that come as dictionaries mean what the same columns mean written out."""

from __future__ import annotations

import pyarrow as pa
import pytest

from himozuke.gateways.tables import glyphs
from himozuke.gateways.tables.values import scheme_numbers

INSURERS = ["06130488", "", "０６１３２０１３", ""]
SYMBOLS = ["10", "", "a-1", ""]
NUMBERS = ["1", "", "22", "7"]
JOINED = ["06130488:10:1", "", "06132013:A-1:22", "::7"]


def text(values: list[str]) -> pa.LargeStringArray:
    """A column of text."""
    return pa.array(values, pa.large_string())


@pytest.mark.parametrize("coded", [(False, False, False), (True, True, False), (True, True, True)])
def test_parts_of_a_scheme_number_join_whether_written_out_or_not(coded: tuple[bool, ...]) -> None:
    columns = [text(values) for values in (INSURERS, SYMBOLS, NUMBERS)]

    parts = [
        column.dictionary_encode() if is_coded else column for column, is_coded in zip(columns, coded, strict=True)
    ]

    assert scheme_numbers(parts).to_pylist() == JOINED


def test_a_sliced_column_joins_from_its_own_rows() -> None:
    columns = [text(values).slice(2) for values in (INSURERS, SYMBOLS, NUMBERS)]

    assert scheme_numbers(columns).to_pylist() == JOINED[2:]


def test_nul_is_found_in_every_row_that_has_the_value() -> None:
    column = text(["甲", "乙\0", "甲", "乙\0"]).dictionary_encode()

    found = glyphs.hits(column, only_nul=True)

    assert found.places.tolist() == [1, 3]
    assert found.code_points.tolist() == [glyphs.NUL, glyphs.NUL]
