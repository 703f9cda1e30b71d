"""What the inner parts of the program need from the outside, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class RowBatch(Protocol):
    """Understood rows of one file: texts as they stand there, and what they were read as."""

    @property
    def texts(self) -> pa.RecordBatch:
        """Text columns under their canonical names, ``row`` first (1 is the first data row)."""

    @property
    def typed(self) -> pa.RecordBatch:
        """Numbers, days (yyyymmdd) and codes of the same rows."""


class Quarantine(Protocol):
    """Rows that were set aside, in file order."""

    @property
    def count_by_code(self) -> Mapping[str, int]:
        """Rows by code."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""


class TableReader(Protocol):
    """A file of links or of the register, read once from front to back."""

    @property
    def format(self) -> str:
        """``csv``, ``tsv``, ``parquet``, ``xlsx`` or ``arrow``."""

    @property
    def encoding(self) -> str | None:
        """The encoding that was found, None where the format has its own."""

    def batches(self, *, on: date, batch_rows: int = ..., threads: int = ...) -> Iterator[RowBatch]:
        """Read understood rows in file order on some threads; later dates than ``on`` are refused."""

    @property
    def quarantine(self) -> Quarantine:
        """The rows that could not be understood; whole after the last batch."""

    @property
    def glyph_count(self) -> int:
        """Characters of texts that no standard knows (外字); whole after the last batch."""

    def set_aside(self, rows: Sequence[int], *, column: str, code: str) -> None:
        """Set aside rows that were given as good, for what only the whole file shows."""

    @property
    def unread_numbers(self) -> npt.NDArray[np.int64]:
        """Numbers that can be read in rows that cannot, in rising order; whole after the last batch."""

    @property
    def rows_read(self) -> int:
        """Data rows in the file; known after the last batch."""

    @property
    def rows_quarantined(self) -> int:
        """Rows that could not be understood; known after the last batch."""


WriteQuarantine = Callable[[Path, Any], object]
