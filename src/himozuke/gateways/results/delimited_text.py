"""Columns of text as lines of a delimited file, without taking them apart into rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TEXT = pa.large_string()


def lines(columns: Sequence[pa.Array], *, delimiter: str, line_end: str) -> str:
    """The rows of some columns (no nulls) as lines; a value is quoted only where it must be.

    That is where it holds the delimiter, a quotation mark or the end of a line, as Python's ``csv`` does.
    """
    if not len(columns[0]):
        return ""
    rows = joined(*(_quoted(column, delimiter) for column in columns), separator=delimiter)
    rows = joined(rows, "", separator=line_end)
    _, offsets, data = rows.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[rows.offset, rows.offset + len(rows)]]
    return str(memoryview(data)[first:last], "utf-8")


def joined(*parts: pa.Array | str, separator: str = "") -> pa.LargeStringArray:
    """Put columns of text together row by row; a plain text stands in every row."""
    texts = [pa.scalar(part, _TEXT) if isinstance(part, str) else part.cast(_TEXT) for part in parts]
    return pc.binary_join_element_wise(*texts, pa.scalar(separator, _TEXT))


def _quoted(texts: pa.Array, delimiter: str) -> pa.Array:
    special = pc.match_substring_regex(texts, f'["\r\n{delimiter}]')
    if not pc.any(special).as_py():
        return texts
    return pc.if_else(special, joined('"', pc.replace_substring(texts, '"', '""'), '"'), texts)
