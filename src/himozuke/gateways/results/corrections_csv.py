"""``corrections.csv``: records to mend, in the layout and encoding of the insurer's own file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.gateways.results.delimited_text import joined, lines
from himozuke.gateways.results.files import replacing
from himozuke.identity.column import one_array
from himozuke.identity.individual_number import mask_column
from himozuke.inspection import words
from himozuke.inspection.model import ITEMS

EXTRA_HEADERS = ("訂正項目", "訂正前", "訂正理由")

_SEPARATOR = " | "
_WHOLE_RECORD = "（記録全体）"
_TO_COLLECT = "（要収集・要確認）"
_NOT_WRITABLE = "（この文字コードで表せないため手入力）"
_NOTES = pa.array(["", _TO_COLLECT, _NOT_WRITABLE])

Longs = npt.NDArray[np.int64]


class Originals(Protocol):
    """Data rows of a file (1 = first) as they stand there, ascending: their numbers, and a column of text a header."""

    @property
    def rows(self) -> Longs:
        """The numbers."""

    @property
    def columns(self) -> Sequence[pa.Array]:
        """The columns in file order."""


class Layout(Protocol):
    """How the insurer's file is laid out.

    ``columns`` maps a canonical column name (``kana_name``, ``individual_number``, ``valid_to`` …)
    to its header in the file.
    """

    @property
    def headers(self) -> Sequence[str]:
        """The headers in file order."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Canonical column name to header."""

    @property
    def encoding(self) -> str | None:
        """The encoding of the file as Python names it; None for a binary format."""

    @property
    def delimiter(self) -> str:
        """The separator of fields; a comma for a binary format."""

    @property
    def line_end(self) -> str:
        """The end of a line."""


def write_corrections(
    path: Path, corrections: pa.Table, *, layout: Layout, originals: Iterable[Originals], reveal: bool = False
) -> int:
    """Write the rows to mend with their values corrected where known; return how many rows.

    One line for each row of ``originals``, with three columns after the file's own: the items to mend,
    their former values and why (several joined by `` | ``). A value that must be collected or
    decided first stays as it was. ``corrections`` (:data:`himozuke.inspection.corrections.SCHEMA`)
    come sorted by row. ``reveal`` leaves Individual Numbers whole, for a caller who may see them.
    A binary input (Parquet, xlsx) gives UTF-8 with BOM.
    """
    encoding = layout.encoding or "utf-8-sig"
    row_of_fix = one_array(corrections.column("row")).to_numpy()
    written = 0
    with replacing(path, encoding=encoding) as file:
        headers = [pa.array([header], pa.string()) for header in (*layout.headers, *EXTRA_HEADERS)]
        file.write(lines(headers, delimiter=layout.delimiter, line_end=layout.line_end))
        for one in originals:
            first, last = np.searchsorted(row_of_fix, (one.rows[0], one.rows[-1] + 1)).tolist()
            at = np.searchsorted(one.rows, row_of_fix[first:last])
            shown = one.columns if reveal else _masked(one.columns, layout)
            mended = _mended(shown, corrections.slice(first, last - first), at, layout, encoding)
            file.write(lines(mended, delimiter=layout.delimiter, line_end=layout.line_end))
            written += len(one.rows)
    return written


def _masked(columns: Sequence[pa.Array], layout: Layout) -> list[pa.Array]:
    """The columns with Individual Numbers masked, which people write into items, too."""
    places = {_place(layout, name) for name in ("individual_number", *ITEMS)}
    return [mask_column(column) if place in places else column for place, column in enumerate(columns)]


def _mended(columns: Sequence[pa.Array], fixes: pa.Table, at: Longs, layout: Layout, encoding: str) -> list[pa.Array]:
    """The columns of the file with corrected values, and the three that say what was done.

    ``at`` is the place among the rows that each fix belongs to, ascending.
    """
    mended = list(columns)
    kinds = one_array(fixes.column("column")).dictionary_encode()
    before, after = (one_array(fixes.column(name)) for name in ("before", "after"))
    former, notes = before, np.where(after.is_null(), 1, 0)
    writable = _writable(after, encoding)
    for kind, name in enumerate(kinds.dictionary.to_pylist()):
        place = _place(layout, name)
        if place is None:
            continue
        own = kinds.indices.to_numpy() == kind
        values = columns[place].take(pa.array(at[own])).cast(former.type)
        former = pc.replace_with_mask(former, pa.array(own), values)
        notes[own & ~writable] = 2
        put = own & (notes == 0)
        mended[place] = _replaced(mended[place], at[put], after.filter(pa.array(put)))
    names = pa.array([_name(layout, name) for name in kinds.dictionary.to_pylist()]).take(kinds.indices)
    why = joined(_reasons(fixes), _NOTES.take(pa.array(notes)))
    bounds = np.searchsorted(at, np.arange(len(columns[0]) + 1))
    return [*mended, *(_in_one(texts, bounds) for texts in (names, former, why))]


def _replaced(column: pa.Array, at: Longs, values: pa.Array) -> pa.Array:
    """The column with other values at some places; the last one counts where a place comes twice."""
    places, last = np.unique(at[::-1], return_index=True)
    flags = np.zeros(len(column), np.bool_)
    flags[places] = True
    return pc.replace_with_mask(column, pa.array(flags), values.take(pa.array(len(at) - 1 - last)).cast(column.type))


def _reasons(fixes: pa.Table) -> pa.Array:
    codes = one_array(fixes.column("reason")).dictionary_encode()
    return pa.array([words.reason(code) for code in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)


def _in_one(texts: pa.Array, bounds: Longs) -> pa.Array:
    """The texts of each row in one, empty where all of them are; row ``i`` has those from ``bounds[i]`` on."""
    lists = pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), texts.cast(pa.large_string()))
    held = np.concatenate([[0], np.cumsum(pc.not_equal(texts, "").to_numpy(zero_copy_only=False))])
    some = held[bounds[1:]] > held[bounds[:-1]]
    return pc.if_else(pa.array(some), pc.binary_join(lists, pa.scalar(_SEPARATOR, pa.large_string())), "")


def _place(layout: Layout, column: str) -> int | None:
    header = layout.columns.get(column)
    return None if header is None else list(layout.headers).index(header)


def _name(layout: Layout, column: str) -> str:
    if not column:
        return _WHOLE_RECORD
    return layout.columns.get(column) or words.label("item", column)


def _writable(texts: pa.Array, encoding: str) -> npt.NDArray[np.bool_]:
    """Tell which texts the encoding can write; null needs none."""
    held = texts.to_pylist()
    try:
        "".join(text or "" for text in held).encode(encoding)
    except UnicodeEncodeError:
        return np.array([_can_write(text or "", encoding) for text in held], np.bool_)
    return np.ones(len(texts), np.bool_)


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
