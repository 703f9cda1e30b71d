"""Runs of neighbouring rows whose numbers went wrong together: shifts, pasted blocks, sorted columns.

File order is evidence. A wrong row knows its *home*: the row of the same file on which its number's
holder stands. Rows of one accident have homes at one distance, or hold numbers in rising order.
Source: S87, R-GUIDE C5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

#: Rows between two wrong rows of one run that may look right by chance or be of another kind.
_GAP = 2
_SHORTEST_RUN = 4
#: Three rows are a run only where they touch: one distance three times over is no chance.
_SHORTEST_UNBROKEN_RUN = 3
#: Of the rows of a run so many go wrong; relatives who stand side by side give every second row.
_LEAST_DENSITY = 0.6
_SHORTEST_SORTED = 6
_SURELY_SORTED = 8
#: A block without a home in the file must stand this densely and this long to be called one.
_SHORTEST_FOREIGN = 8


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row to ask about: its place in the file, its number, and its number's home row if known."""

    row: int
    number: int
    home: int | None
    batch: str = ""


@dataclass(frozen=True, slots=True)
class RowRun:
    """One accident: ``kind`` is shift, block or sorted; ``shift`` as in the contract of reports.

    Rows are data rows from 1, both ends included. ``shift`` is row minus home: positive where the
    number stands that many rows below its owner; 0 where it is not known.
    """

    kind: str
    first_row: int
    last_row: int
    shift: int
    rows: tuple[int, ...]
    batch: str


def find_runs(wrong: Sequence[WrongRow]) -> list[RowRun]:
    """Find every run among the wrong rows of a file, longest explanation first.

    ``wrong`` is in file order. A row belongs to one run at most.
    """
    runs: list[RowRun] = []
    rest = list(wrong)
    # Many rising numbers are no chance; a few may be, so that a plain shift goes before them.
    for find in (
        partial(_sorted_columns, shortest=_SURELY_SORTED),
        _constant_shifts,
        partial(_sorted_columns, shortest=_SHORTEST_SORTED),
        _foreign_blocks,
    ):
        found = list(find(rest))
        runs += found
        taken = {row for run in found for row in run.rows}
        rest = [item for item in rest if item.row not in taken]
    return sorted(runs, key=lambda run: run.first_row)


def _clusters(rows: Sequence[WrongRow], gap: int) -> Iterator[list[WrongRow]]:
    cluster: list[WrongRow] = []
    for item in rows:
        if cluster and item.row - cluster[-1].row > gap:
            yield cluster
            cluster = []
        cluster.append(item)
    if cluster:
        yield cluster


def _constant_shifts(wrong: Sequence[WrongRow]) -> Iterator[RowRun]:
    by_shift: dict[int, list[WrongRow]] = {}
    for item in wrong:
        if item.home is not None and item.home != item.row:
            by_shift.setdefault(item.row - item.home, []).append(item)
    for shift, rows in by_shift.items():
        for cluster in _clusters(rows, _GAP + 1):
            extent = cluster[-1].row - cluster[0].row + 1
            is_unbroken = len(cluster) == extent
            shortest = _SHORTEST_UNBROKEN_RUN if is_unbroken else _SHORTEST_RUN
            if len(cluster) < shortest or len(cluster) < extent * _LEAST_DENSITY:
                continue
            yield _run("shift" if abs(shift) < extent else "block", cluster, shift)


def _sorted_columns(wrong: Sequence[WrongRow], *, shortest: int) -> Iterator[RowRun]:
    for cluster in _clusters([item for item in wrong if item.home is not None], _GAP + 1):
        for rising in _monotonic(cluster, shortest):
            first, last = rising[0].row, rising[-1].row
            inside = sum(first - _GAP <= (item.home or 0) <= last + _GAP for item in rising)
            if inside * 4 >= len(rising) * 3:
                yield _run("sorted", rising, 0)


def _monotonic(cluster: Sequence[WrongRow], shortest: int) -> Iterator[list[WrongRow]]:
    """Cut a cluster where the numbers stop rising (or falling)."""
    start = 0
    while start < len(cluster) - 1:
        sign = 1 if cluster[start + 1].number > cluster[start].number else -1
        end = start + 1
        while end + 1 < len(cluster) and (cluster[end + 1].number - cluster[end].number) * sign > 0:
            end += 1
        if end - start + 1 >= shortest:
            yield list(cluster[start : end + 1])
        start = end


def _foreign_blocks(wrong: Sequence[WrongRow]) -> Iterator[RowRun]:
    for cluster in _clusters(wrong, 1):
        if len(cluster) >= _SHORTEST_FOREIGN:
            yield _run("block", cluster, 0)


def _run(kind: str, rows: Sequence[WrongRow], shift: int) -> RowRun:
    return RowRun(kind, rows[0].row, rows[-1].row, shift, tuple(item.row for item in rows), rows[0].batch)
