"""Which rows of one file carry the same number: sorting whole numbers instead of grouping them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.identity.column import Hashes
from himozuke.identity.kernel import kernel

Longs = npt.NDArray[np.int64]

_FILTER_BITS = 22


def people_of(numbers: Longs, own: Longs) -> Longs:
    """Whom each link speaks of: its register entry, or the number itself where nobody bears it.

    Two links with the old and the new number of one person speak of the same person.
    """
    return np.where(own >= 0, own + 1, -numbers - 1)


def shared(values: Hashes) -> Longs:
    """The rows whose value stands on more than one row, in file order; 0 stands for no value."""
    ordered = np.sort(values)
    twice = np.unique(ordered[1:][(ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)])
    if not len(twice):
        return np.zeros(0, np.int64)
    maybe = np.flatnonzero(_may_hold(values, twice, _FILTER_BITS))
    place = np.minimum(np.searchsorted(twice, values[maybe]), len(twice) - 1)
    found: Longs = maybe[twice[place] == values[maybe]]
    return found


@kernel
def _may_hold(values: Hashes, wanted: Hashes, bits: int) -> npt.NDArray[np.bool_]:
    """Tell which values may be among the wanted ones: a small table answers no for nearly all others."""
    table = np.zeros(1 << bits, np.bool_)
    shift = np.uint64(64 - bits)
    spread = np.uint64(0x9E3779B97F4A7C15)
    for value in wanted:
        table[(value * spread) >> shift] = True
    out = np.empty(len(values), np.bool_)
    for i in range(len(values)):
        out[i] = table[(values[i] * spread) >> shift]
    return out
