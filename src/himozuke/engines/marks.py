"""Small tables of marks that answer "surely not" or "maybe": a bit for every value that was noted."""

from __future__ import annotations

import numpy as np

from himozuke.identity.column import Hashes
from himozuke.identity.kernel import kernel

_BITS_A_VALUE = 16  # one value in sixteen, at most, meets a mark that is not its own
_FEWEST_BITS = 1 << 12
_WORD = 6  # two to this power are the marks in one word


def no_marks(values: int) -> Hashes:
    """An empty table with room for so many values."""
    bits = 1 << (max(values * _BITS_A_VALUE, _FEWEST_BITS) - 1).bit_length()
    return np.zeros(bits >> _WORD, np.uint64)


@kernel
def place(marks: Hashes, value: np.uint64) -> np.uint64:
    """The bit of a value in a table."""
    spread = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)
    spread ^= spread >> np.uint64(32)
    return ((spread * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(20)) & np.uint64((len(marks) << _WORD) - 1)


@kernel
def note(marks: Hashes, value: np.uint64) -> bool:
    """Mark a value; tells whether it may have been marked before."""
    bit = place(marks, value)
    mark = np.uint64(1) << (bit & np.uint64(63))
    word = bit >> np.uint64(_WORD)
    before = marks[word]
    marks[word] = before | mark
    return bool(before & mark)


@kernel
def may_hold(marks: Hashes, value: np.uint64) -> bool:
    """Tell whether a value may have been marked: surely not, or maybe."""
    bit = place(marks, value)
    return bool((marks[bit >> np.uint64(_WORD)] >> (bit & np.uint64(63))) & np.uint64(1))
