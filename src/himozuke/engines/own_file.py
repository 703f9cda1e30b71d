"""Which rows of one file carry the same number: marks in a small table instead of sorting all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.engines.marks import may_hold, no_marks, note
from himozuke.identity.column import Hashes
from himozuke.identity.kernel import kernel

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@kernel
def people_of(numbers: Longs, own: Longs) -> Longs:
    """Whom each link speaks of: its register entry, or the number itself where nobody bears it.

    Two links with the old and the new number of one person speak of the same person.
    """
    out = np.empty(len(own), np.int64)
    for i in range(len(own)):
        out[i] = own[i] + 1 if own[i] >= 0 else -numbers[i] - 1
    return out


def shared(values: Hashes) -> Longs:
    """The rows whose value stands on more than one row, in file order; 0 stands for no value."""
    again = values[_stands_before(values, no_marks(len(values)))]
    maybe = np.flatnonzero(_is_among(values, again, no_marks(len(again))))
    ordered = np.sort(values[maybe])
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return standing_on(values, twice)


def standing_on(values: Hashes, wanted: Hashes) -> Longs:
    """The rows that hold one of some values, in file order; ``wanted`` rises and has none twice."""
    if not len(wanted):
        return np.zeros(0, np.int64)
    maybe = np.flatnonzero(_is_among(values, wanted, no_marks(len(wanted))))
    place = np.minimum(np.searchsorted(wanted, values[maybe]), len(wanted) - 1)
    found: Longs = maybe[wanted[place] == values[maybe]]
    return found


@kernel
def _stands_before(values: Hashes, marks: Hashes) -> Flags:
    """Tell which values may stand on an earlier row too: every one that does, and some others; 0 never."""
    out = np.zeros(len(values), np.bool_)
    for i in range(len(values)):
        if values[i]:
            out[i] = note(marks, values[i])
    return out


@kernel
def _is_among(values: Hashes, wanted: Hashes, marks: Hashes) -> Flags:
    """Tell which values may be among the wanted ones: every one that is, and some others."""
    for value in wanted:
        note(marks, value)
    out = np.empty(len(values), np.bool_)
    for i in range(len(values)):
        out[i] = may_hold(marks, values[i])
    return out
