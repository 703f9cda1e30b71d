"""Telling whether bytes are UTF-8, many at a time."""

from __future__ import annotations

import numpy as np

from himozuke.identity.column import Bytes, Offsets, Utf8Column
from himozuke.identity.kernel import kernel

_TILE = 512  # bytes that are looked over at once; without a branch inside, so in wide registers


@kernel
def _tile_is_wrong(data: Bytes, at: int) -> bool:
    """Tell whether any byte of a tile stands where it must not; looks at three bytes before it."""
    byte = data[at : at + _TILE]
    before = data[at - 1 : at - 1 + _TILE]
    second = data[at - 2 : at - 2 + _TILE]
    third = data[at - 3 : at - 3 + _TILE]
    wrong = False
    for i in range(_TILE):
        b, p = byte[i], before[i]
        follows = (p >= 0xC0) | (second[i] >= 0xE0) | (third[i] >= 0xF0)
        wrong = wrong | (((b & 0xC0) == 0x80) != follows)
        wrong = wrong | (b == 0xC0) | (b == 0xC1) | (b >= 0xF5)
        wrong = wrong | ((p == 0xE0) & (b < 0xA0)) | ((p == 0xED) & (b > 0x9F))  # too long, half of a pair
        wrong = wrong | ((p == 0xF0) & (b < 0x90)) | ((p == 0xF4) & (b > 0x8F))  # too long, beyond U+10FFFF
    return wrong


@kernel
def _is_wrong(data: Bytes, begin: int, at: int, end: int) -> bool:
    """The same for the bytes from ``at`` on, of a text that begins at ``begin``."""
    for i in range(at, end):
        b = data[i]
        p = data[i - 1] if i - 1 >= begin else np.uint8(0)
        second = data[i - 2] if i - 2 >= begin else np.uint8(0)
        third = data[i - 3] if i - 3 >= begin else np.uint8(0)
        follows = p >= 0xC0 or second >= 0xE0 or third >= 0xF0
        if ((b & 0xC0) == 0x80) != follows or b == 0xC0 or b == 0xC1 or b >= 0xF5:
            return True
        if (p == 0xE0 and b < 0xA0) or (p == 0xED and b > 0x9F):
            return True
        if (p == 0xF0 and b < 0x90) or (p == 0xF4 and b > 0x8F):
            return True
    return False


@kernel
def _all_utf8(data: Bytes, offsets: Offsets) -> bool:
    begin, end = offsets[0], offsets[len(offsets) - 1]
    at = min(begin + 3, end)
    if _is_wrong(data, begin, begin, at):
        return False
    while at + _TILE <= end:
        if _tile_is_wrong(data, at):
            return False
        at += _TILE
    if _is_wrong(data, begin, at, end):
        return False
    for back in range(1, 4):  # a character that is cut at the very end
        if end - back >= begin and data[end - back] >= (0xC0, 0xE0, 0xF0)[back - 1]:
            return False
    inside = False  # a value that begins inside a character
    for i in range(len(offsets) - 1):
        if offsets[i] < end:
            inside = inside | ((data[offsets[i]] & 0xC0) == 0x80)
    return not inside


def all_utf8(column: Utf8Column) -> bool:
    """Tell whether every value of a column is UTF-8 by itself."""
    return _all_utf8(*column)
