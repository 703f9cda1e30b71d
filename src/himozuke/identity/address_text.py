"""One address as folded text: what the two stages of the comparison read."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from himozuke.identity.address_fold import fold_text, read_text, vary_text
from himozuke.identity.address_tables import tables
from himozuke.identity.name_interpreted import interpreted as plain

CAPACITY = 4  # code points a byte can become at most, with room to spare


class AddressText(NamedTuple):
    """One folded address.

    ``units``: the units written behind the figures of the text, three bits each, the first lowest.
    """

    folded: str
    key: str
    units: int


Folder = Callable[[str], AddressText]


def _fold_with(
    read: Callable[..., int], fold: Callable[..., tuple[int, int, bool]], vary: Callable[..., int]
) -> Folder:
    """Bind the three passes and the tables to one function over texts."""
    mapped, expanded, classes, figures, variants = tables()

    def folded(text: str) -> AddressText:
        data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
        first, second = np.empty((2, CAPACITY * len(data) + 8), np.int32)
        n = read(data, 0, len(data), mapped, expanded, first)
        m, units, _ = fold(first, n, classes, figures, second)
        k = vary(second, m, classes, variants, first)
        return AddressText(_string(second, m), _string(first, k), int(units))

    return folded


def _string(codes: np.ndarray[tuple[int], np.dtype[np.int32]], n: int) -> str:
    return codes[:n].astype("<i4").tobytes().decode("utf-32-le")


@lru_cache(maxsize=1)
def interpreted() -> Folder:
    """The folder for single values: no compiler is waited for."""
    return _fold_with(read_text.py_func, plain(fold_text), vary_text.py_func)


@lru_cache(maxsize=1)
def compiled() -> Folder:
    """The same folder, compiled: for many values in one process."""
    return _fold_with(read_text, fold_text, vary_text)
