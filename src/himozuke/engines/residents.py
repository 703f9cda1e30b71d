"""The residents of a prepared register by position: what it holds of each, wherever that stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines import dense
from himozuke.engines.records import RecordFile, Records
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS

Longs = npt.NDArray[np.int64]

TEXTS = (*ITEMS, *FORMS)
#: What a person's items and standing were read as; days are yyyymmdd.
NUMBERS = np.dtype(
    [
        ("number", np.int64),
        ("birth", np.int32),
        ("status_on", np.int32),
        ("sex_code", np.int8),
        ("status", np.uint8),
        ("protected", np.bool_),
    ]
)
_RECORDS = "residents.records"
_STARTS = "residents"


class ResidentsFile:
    """The residents of a register being written, by several threads at once."""

    def __init__(self, folder: Path) -> None:
        """Begin with nobody."""
        self._folder = folder
        dense.begin(folder, (_STARTS,))
        self._records = RecordFile(folder / _RECORDS)

    def write(self, first: int, texts: pa.RecordBatch, numbers: dict[str, npt.NDArray[np.generic]]) -> None:
        """Write consecutive residents, ``first`` being the position of the first of them."""
        fixed = np.empty(texts.num_rows, NUMBERS)
        for name in NUMBERS.names or ():
            fixed[name] = numbers[name]
        rows = fixed.view(np.uint8).reshape(texts.num_rows, NUMBERS.itemsize)
        starts = self._records.append([texts.column(name) for name in TEXTS], rows)
        dense.write(self._folder, first, {_STARTS: starts})


class Residents:
    """All residents of a register, mapped from disk; the map goes with the object."""

    def __init__(self, folder: Path) -> None:
        """Map their records."""
        self._starts: Longs = dense.read(folder, _STARTS, np.int64)
        self._records = Records(folder / _RECORDS, width=NUMBERS.itemsize, texts=len(TEXTS))
        self._bytes = (folder / _RECORDS).stat().st_size

    def at(self, positions: Longs, texts: Sequence[str] = TEXTS) -> pa.Table:
        """What the register holds of the residents at these positions, in that order: numbers and some texts."""
        found = self._records.gather(self._starts[positions], [TEXTS.index(name) for name in texts])
        numbers = found.numbers.reshape(-1).view(NUMBERS)
        columns = {"pos": positions} | {name: np.ascontiguousarray(numbers[name]) for name in NUMBERS.names or ()}
        return pa.table(columns | dict(zip(texts, found.texts, strict=True)))

    def stretches(self, most_bytes: int) -> list[tuple[int, int]]:
        """Cut the positions into stretches whose records fit into so much memory each."""
        rows = len(self._starts)
        count = max(-(-self._bytes // most_bytes), 1)
        step = max(-(-rows // count), 1)
        return [(first, min(first + step, rows)) for first in range(0, rows, step)]
