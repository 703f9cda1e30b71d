"""Digests of the evidence a verdict rests on: what the link holds and what the register entry holds.

An answer given once ("the link is right") holds until one of the two changes. The digest tells a change,
it hides nothing: it speaks of items that stand on the same row, never of the Individual Number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from himozuke.identity.column import Bytes, Hashes, Offsets, mix64
from himozuke.identity.kernel import kernel


@kernel
def _fold_in(state: Hashes, hashes: Hashes) -> Hashes:
    out = np.empty(len(state), np.uint64)
    for i in range(len(state)):
        out[i] = mix64((state[i] + np.uint64(0x9E3779B97F4A7C15)) ^ hashes[i])
    return out


def combine_columns(hashes: Sequence[Hashes]) -> Hashes:
    """Make one hash a row out of several columns of hashes; their order matters."""
    state = np.zeros(len(hashes[0]), np.uint64)
    for column in hashes:
        state = _fold_in(state, column)
    return state


def evidence_digest(link_hash: int, entry_hash: int) -> str:
    """The digest of one link and its entry: 32 hexadecimal digits; no entry is 0.

    >>> evidence_digest(1, 2)
    '00000000000000010000000000000002'
    """
    return f"{link_hash:016x}{entry_hash:016x}"


#: The two hexadecimal digits of every byte, side by side.
_HEX_PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode("ascii"), np.uint16)


@kernel
def _hex_rows(left: Hashes, right: Hashes, pairs: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    out = np.empty(len(left) * 16, np.uint16)
    for i in range(len(left)):
        for half in range(2):
            value = left[i] if half == 0 else right[i]
            for k in range(8):
                out[i * 16 + half * 8 + k] = pairs[(value >> np.uint64(56 - 8 * k)) & np.uint64(255)]
    return out


def evidence_digests(link_hashes: Hashes, entry_hashes: Hashes) -> tuple[Bytes, Offsets]:
    """The digests of many rows as the buffers of a text column."""
    offsets = np.arange(0, 32 * (len(link_hashes) + 1), 32, dtype=np.int64)
    return _hex_rows(link_hashes, entry_hashes, _HEX_PAIRS).view(np.uint8), offsets


_TILE = 256  # bytes that are looked over at once; without a branch inside, so in wide registers


def _suspects() -> Bytes:
    """First bytes of characters that may stand for an unknown one: 1 look closer, 2 always."""
    table = np.zeros(256, np.uint8)
    table[[0xE2, 0xE3, 0xEF]] = 1
    table[[0x3F, 0xEE]] = 2  # ? and private use
    table[0xF3:] = 2
    return table


_SUSPECTS = _suspects()


@kernel
def _is_unreadable(data: Bytes, at: int) -> bool:
    """Tell of a suspect character whether it is ●, 〓, 〼, a square, ？, U+FFFD or private use."""
    first, second, third = data[at], data[at + 1], data[at + 2]
    if first == 0xE2:
        return bool(second == 0x96 or second == 0x97)
    if first == 0xE3:
        return bool(second == 0x80 and (third == 0x93 or third == 0xBC))
    return bool(second <= 0xA3 or (second == 0xBC and third == 0x9F) or (second == 0xBF and third == 0xBD))


@kernel
def _is_suspect(data: Bytes, at: int) -> bool:
    """Tell whether any of the characters may begin in one tile; reads two bytes beyond it."""
    first, second, third = data[at : at + _TILE], data[at + 1 : at + 1 + _TILE], data[at + 2 : at + 2 + _TILE]
    suspect = False
    for i in range(_TILE):
        a, b, c = first[i], second[i], third[i]
        suspect = suspect | (
            (a == 0x3F)
            | (a == 0xEE)
            | (a >= 0xF3)
            | ((a == 0xE2) & ((b == 0x96) | (b == 0x97)))
            | ((a == 0xE3) & (b == 0x80) & ((c == 0x93) | (c == 0xBC)))
            | ((a == 0xEF) & ((b <= 0xA3) | ((b == 0xBC) & (c == 0x9F)) | ((b == 0xBF) & (c == 0xBD))))
        )
    return suspect


@kernel
def _unreadable(data: Bytes, offsets: Offsets, suspects: Bytes) -> npt.NDArray[np.bool_]:
    rows = len(offsets) - 1
    out = np.zeros(rows, np.bool_)
    end = offsets[rows]
    for tile in range(offsets[0], end, _TILE):
        if tile + _TILE + 2 <= end and not _is_suspect(data, tile):
            continue
        row = int(np.searchsorted(offsets, tile, side="right")) - 1
        for at in range(tile, min(tile + _TILE, end)):
            kind = suspects[data[at]]
            if kind and (kind == 2 or _is_unreadable(data, at)):
                while offsets[row + 1] <= at:
                    row += 1
                out[row] = True
    return out


def unreadable_rows(data: Bytes, offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell which values may hold a character that stands for an unknown one (●, 〓, 外字 …).

    Errs on the side of true: such rows are compared character by character, never by their bytes.
    """
    found: npt.NDArray[np.bool_] = _unreadable(data, offsets, _SUSPECTS)
    return found
