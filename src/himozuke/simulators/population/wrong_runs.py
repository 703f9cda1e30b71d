"""C5: accidents that hit whole runs of rows: a shift, a pasted block, a column sorted alone."""

from __future__ import annotations

import numpy as np

from himozuke.simulators.population.case import Case, Rows

SHORTEST = 8
LONGEST = 40
MARGIN = 3


def free_run(case: Case, length: int) -> int:
    """Find the first row of an unused run inside one insurer, with a margin; -1 when none was found."""
    links = case.links
    last = links.rows - length - MARGIN
    for _ in range(400):
        if last <= MARGIN:
            return -1
        start = int(case.draw.integers(MARGIN, last))
        low, high = start - MARGIN, start + length + MARGIN
        if links.insurer[low] == links.insurer[high - 1] and not case.used[low:high].any():
            return start
    return -1


def spoil(case: Case, rows: Rows, sources: Rows, kind: str) -> int:
    """Write the numbers of ``sources`` (rows) on ``rows``; a row that keeps its own number stays right."""
    holders = case.links.person[sources].astype(np.int64)
    moved = case.links.person[rows] != holders
    case.used[rows] = True
    return case.give(rows[moved], holders[moved], 5, kind)


def shift(case: Case, length: int) -> int:
    """Every row of a run carries the number of the row a constant further on."""
    start = free_run(case, length)
    rows = np.arange(start, start + length)
    by = int(case.draw.choice([1, -1, 1, 2]))
    return spoil(case, rows, rows + by, "row_shift") if start >= 0 else 0


def paste(case: Case, length: int) -> int:
    """The numbers of a block elsewhere were pasted over a run."""
    start = free_run(case, length)
    if start < 0:
        return 0
    rows = np.arange(start, start + length)
    case.used[rows] = True
    source = free_run(case, length)
    case.used[rows] = False
    return spoil(case, rows, np.arange(source, source + length), "block_paste") if source >= 0 else 0


def sort_column(case: Case, length: int) -> int:
    """The number column of a run was sorted alone."""
    start = free_run(case, length)
    rows = np.arange(start, start + length)
    return spoil(case, rows, rows[np.argsort(case.links.number[rows])], "column_sorted") if start >= 0 else 0


def break_runs(case: Case, wanted: int) -> int:
    """Break runs until so many rows are wrong: first one of each kind, then shifts and pastes."""
    made = 0
    each = int(np.clip(wanted // 4, SHORTEST, LONGEST))
    if wanted >= 3 * SHORTEST:
        made += sort_column(case, each)
        made += paste(case, each)
    while wanted - made >= SHORTEST:
        left = wanted - made
        length = left if left < 2 * SHORTEST else int(case.draw.integers(SHORTEST, min(left - SHORTEST, LONGEST) + 1))
        found = (shift if case.draw.random() < 0.7 or made < 2 * each + 1 else paste)(case, length)
        if not found:
            break
        made += found
    return made
