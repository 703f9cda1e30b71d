"""What every format gives: blocks of text columns in file order, and the lines that are no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.gateways.tables.quarantine import Quarantined

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_ROWS_TOGETHER = 100_000


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


class Originals(NamedTuple):
    """Rows as they stand in the file: their numbers, and a column of text for each header asked for."""

    rows: Positions
    columns: Sequence[pa.LargeStringArray]


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

    def original_columns(self, rows: Positions, places: Sequence[int]) -> Iterator[Originals]:
        """Give some rows (ascending) as they stand in the file, in columns and piece by piece.

        ``places`` chooses among the headers.
        """

    def digest(self) -> str:
        """The SHA-256 of the file's bytes, or of the content of an Arrow table."""


def in_columns(rows: Iterator[tuple[int, Sequence[str]]], places: Sequence[int]) -> Iterator[Originals]:
    """Rows that come one by one with all their fields, as columns of many rows."""
    while held := list(islice(rows, _ROWS_TOGETHER)):
        numbers = np.array([row for row, _ in held], np.int64)
        yield Originals(numbers, [text_array([fields[place] for _, fields in held]) for place in places])


def together(pieces: Iterable[Originals], rows: int = _ROWS_TOGETHER) -> Iterator[Originals]:
    """Pieces that follow each other put together until there are so many rows."""
    held: list[Originals] = []
    for piece in pieces:
        held.append(piece)
        if sum(len(one.rows) for one in held) >= rows:
            yield _one_piece(held)
            held = []
    if held:
        yield _one_piece(held)


def _one_piece(held: Sequence[Originals]) -> Originals:
    columns = zip(*(piece.columns for piece in held), strict=True)
    return Originals(np.concatenate([piece.rows for piece in held]), [pa.concat_arrays(column) for column in columns])


def text_array(values: Sequence[str]) -> pa.LargeStringArray:
    """A text column of plain Python texts."""
    return pa.array(values, pa.large_string())


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
