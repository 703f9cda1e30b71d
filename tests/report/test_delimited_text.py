"""Lines made of columns are those that Python's csv would write of rows."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.gateways.results.delimited_text import lines

VALUES = st.text(st.sampled_from("a 山,\"\t\r\n;'="), max_size=6)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=5), st.sampled_from(",\t;"))
def test_columns_give_the_lines_of_the_rows(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    columns = [pa.array([row[place] for row in rows], pa.large_string()) for place in range(3)]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)

    assert lines(columns, delimiter=delimiter, line_end="\r\n") == file.getvalue()


@pytest.mark.parametrize("value", ["a\rb", "a\nb"])
def test_a_break_inside_a_value_is_quoted_whatever_ends_the_lines(value: str) -> None:
    columns = [pa.array([value]), pa.array(["c"])]

    assert lines(columns, delimiter=",", line_end="\n") == f'"{value}",c\n'


def test_a_slice_of_a_column_gives_its_own_rows() -> None:
    column = pa.array(["a", "b", "c"], pa.large_string()).slice(1, 1)

    assert lines([column, column], delimiter=",", line_end="\n") == "b,b\n"
