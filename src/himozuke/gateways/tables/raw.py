"""What every format gives: blocks of text columns in file order, and the lines that are no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.gateways.tables.quarantine import Quarantined

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class RawBlock(NamedTuple):
    """Consecutive data rows as text, not yet understood.

    ``columns``: large_string without nulls, by canonical name; columns of codes may be dictionaries. ``rows``: 1 = first data row.
    ``lines``: physical lines. ``numeric``: where the Individual Number was stored as a number.
    ``broken``: data rows that could not even be taken apart (not in ``columns``).
    """

    columns: Mapping[str, pa.LargeStringArray]
    rows: Positions
    lines: Positions
    broken: Sequence[Quarantined]
    numeric: Flags | None = None


ReadBlock = Callable[[], RawBlock]


class Source(Protocol):
    """One opened table of any format."""

    @property
    def name(self) -> str:
        """What to call the table in messages."""

    @property
    def format(self) -> str:
        """``csv``, ``tsv``, ``parquet``, ``arrow`` or ``xlsx``."""

    @property
    def encoding(self) -> str | None:
        """The encoding as Python names it; ``None`` for a binary format."""

    @property
    def delimiter(self) -> str:
        """The separator of fields; a comma for a binary format."""

    @property
    def line_end(self) -> str:
        """The end of a line."""

    @property
    def headers(self) -> Sequence[str]:
        """The headers in file order."""

    def blocks(self, place_by_column: Mapping[str, int], rows: int) -> Iterator[ReadBlock]:
        """Give all data rows in file order, at most ``rows`` at once, as calls that make the blocks.

        Each is called once, on any thread, also while the ones after it are asked for.
        """

    def original_rows(self, rows: Sequence[int]) -> Iterator[tuple[int, Sequence[str]]]:
        """Give the values of some rows (ascending) as they stand in the file."""

    def digest(self) -> str:
        """The SHA-256 of the file's bytes, or of the content of an Arrow table."""


def text_array(values: Sequence[str]) -> pa.LargeStringArray:
    """A text column of plain Python texts."""
    return pa.array(values, pa.large_string())


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array, copied only where it came in pieces."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def in_row_order(first: RawBlock, second: RawBlock) -> RawBlock:
    """Join two blocks of the same columns into one, by row."""
    rows = np.concatenate([first.rows, second.rows])
    order = np.argsort(rows, kind="stable")
    taken = pa.array(order)
    columns = {
        name: pa.concat_arrays([column, second.columns[name]]).take(taken) for name, column in first.columns.items()
    }
    broken = sorted([*first.broken, *second.broken], key=lambda q: q.row)
    return RawBlock(columns, rows[order], np.concatenate([first.lines, second.lines])[order], broken)
