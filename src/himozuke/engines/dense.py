"""Columns of whole numbers on disk as they stand in memory: one file a column, mapped, never parsed.

Reading one of them costs nothing until it is looked at, and the system takes the memory back when others
need it, so columns may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.column"


def begin(folder: Path, names: Iterable[str]) -> None:
    """Make empty columns; what a dead process left of them goes."""
    for name in names:
        _path(folder, name).write_bytes(b"")


def write(folder: Path, first: int, columns: Mapping[str, Column]) -> None:
    """Write consecutive rows of some columns, ``first`` being the index of the first of them.

    Rows may come in any order and from several threads.
    """
    for name, values in columns.items():
        with _path(folder, name).open("r+b") as file:
            file.seek(first * values.itemsize)
            file.write(np.ascontiguousarray(values).data)


def read(folder: Path, name: str, kind: type[np.generic]) -> Column:
    """One whole column; what is written into it stays in memory."""
    path = _path(folder, name)
    if not path.stat().st_size:
        return np.zeros(0, kind)
    return np.asarray(np.memmap(path, kind, mode="c"))
