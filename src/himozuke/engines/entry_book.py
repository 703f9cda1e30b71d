"""The register entries that somebody will look at, fetched from the engine once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from himozuke.engines.base import Longs, Lookups

#: So many entries are kept in memory (a few hundred MB); beyond, they are fetched when asked for.
_MOST = 500_000


class EntryBook:
    """Entries by position, for the rows of one inspection that are asked about or corrected."""

    def __init__(self, lookups: Lookups, positions: Longs) -> None:
        """Fetch the entries at these positions (-1 stands for none), unless they are too many."""
        self._lookups = lookups
        wanted = _distinct(positions)
        self._positions = wanted if len(wanted) <= _MOST else wanted[:0]
        self._table = lookups.entries(self._positions)

    def table(self, positions: Longs) -> pa.Table:
        """The entries at these positions, one row each; a row of nulls for none (-1)."""
        wanted = _distinct(positions)
        held, known = self._table, self._positions
        if not np.isin(wanted, known, assume_unique=True).all():
            held, known = self._lookups.entries(wanted), wanted
        return held.take(pa.array(np.searchsorted(known, positions), mask=positions < 0))

    def rows(self, positions: Longs) -> dict[int, dict[str, Any]]:
        """The entries at these positions, each as a dictionary of its columns."""
        wanted = _distinct(positions)
        return dict(zip(wanted.tolist(), self.table(wanted).to_pylist(), strict=True))


def _distinct(positions: Longs) -> Longs:
    found = np.unique(positions)
    return found[found >= 0]
