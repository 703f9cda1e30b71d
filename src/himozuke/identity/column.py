"""Text columns as plain buffers, and the compiled loops that every item shares.

A kernel is an ordinary Python function over numpy arrays. Columns run it compiled (see
:mod:`himozuke.identity.kernel`); one value runs the very same function interpreted, so both always mean
the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.identity.kernel import kernel

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
States = npt.NDArray[np.uint8]


_TEXT = pa.large_string()


class Utf8Column(NamedTuple):
    """A text column: value ``i`` is ``data[offsets[i]:offsets[i + 1]]`` in UTF-8; null is empty."""

    data: Bytes
    offsets: Offsets

    @property
    def rows(self) -> int:
        """The number of values."""
        return len(self.offsets) - 1

    def value(self, row: int) -> str:
        """The text of one row."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes().decode("utf-8")


def utf8_column(values: pa.Array | pa.ChunkedArray | Sequence[str | None]) -> Utf8Column:
    """See a column of text as buffers, without copying where Arrow already holds them so."""
    if isinstance(values, pa.LargeStringArray) and not values.null_count:
        return _buffers(values)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # no chunk at all
            values = pa.array([], pa.large_string())
    elif not isinstance(values, pa.Array):
        values = pa.array(values, pa.large_string())
    array = values if values.type == _TEXT else values.cast(_TEXT)
    if array.null_count:
        array = array.fill_null("")
    return _buffers(array)


def _buffers(array: pa.LargeStringArray) -> Utf8Column:
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64, len(array) + 1, array.offset * 8)
    data = (
        np.frombuffer(data_buffer, np.uint8) if data_buffer is not None and data_buffer.size else np.zeros(0, np.uint8)
    )
    data.flags.writeable = offsets.flags.writeable = False  # of one type to the compiler, whoever made them
    return Utf8Column(data, offsets)


def one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece, copied only where it came in several."""
    if isinstance(column, pa.Array):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def text_array(values: Sequence[str]) -> pa.LargeStringArray:
    """A text column without nulls, made without asking what the values are.

    For a few rows the asking costs more than the making.
    """
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    return pa.LargeStringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


@kernel
def same_bytes(a: Bytes, a_start: int, a_end: int, b: Bytes, b_start: int, b_end: int) -> bool:
    """Tell whether two values hold the same bytes."""
    if a_end - a_start != b_end - b_start:
        return False
    for i in range(a_end - a_start):
        if a[a_start + i] != b[b_start + i]:
            return False
    return True


@kernel
def equal_rows(a_data: Bytes, a_offsets: Offsets, b_data: Bytes, b_offsets: Offsets) -> npt.NDArray[np.bool_]:
    """Tell row by row whether two columns hold the same bytes."""
    rows = len(a_offsets) - 1
    out = np.empty(rows, np.bool_)
    for i in range(rows):
        start_a, start_b = a_offsets[i], b_offsets[i]
        length = a_offsets[i + 1] - start_a
        same = length == b_offsets[i + 1] - start_b
        if same:
            for j in range(length):
                if a_data[start_a + j] != b_data[start_b + j]:
                    same = False
                    break
        out[i] = same
    return out


@kernel
def go_on(state: np.uint64, code: int) -> np.uint64:
    """Hash one more code point of a text."""
    return np.uint64(mix64(np.uint64(state) ^ np.uint64(code)))


@kernel
def slot_of(hashes: Hashes, state: np.uint64) -> int:
    """The place of a hash in an open table (0: free, its size a power of two), or the free place where it would be."""
    mask = len(hashes) - 1
    place = np.int64(np.uint64(state) & np.uint64(mask))
    while hashes[place] != np.uint64(0) and hashes[place] != state:
        place = (place + 1) & mask
    return int(place)


@kernel
def mix64(value: np.uint64) -> np.uint64:
    """Spread the bits of one 64-bit word (the finaliser of splitmix64)."""
    value = np.uint64(value)
    value ^= value >> np.uint64(30)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(27)
    value *= np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    return value


@kernel
def hash_bytes(data: Bytes, start: int, end: int) -> np.uint64:
    """Hash the bytes ``data[start:end]`` to 64 bits; empty gives 0."""
    if end <= start:
        return np.uint64(0)
    state = np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(end - start)
    position = start
    while position + 8 <= end:
        word = np.uint64(0)
        for k in range(8):
            word |= np.uint64(data[position + k]) << np.uint64(8 * k)
        state = mix64(state ^ word)
        position += 8
    word = np.uint64(0)
    shift = 0
    while position < end:
        word |= np.uint64(data[position]) << np.uint64(shift)
        shift += 8
        position += 1
    state = mix64(state ^ word) + np.uint64(1)
    return state if state != np.uint64(0) else np.uint64(1)


@kernel
def _hash_words(data: Bytes, words: Hashes, offsets: Offsets) -> Hashes:
    """Hash every value like :func:`hash_bytes`, taking eight bytes at a time from aligned words."""
    rows = len(offsets) - 1
    out = np.empty(rows, np.uint64)
    last = len(words) - 1
    for i in range(rows):
        start, end = offsets[i], offsets[i + 1]
        if end <= start or (end >> 3) + 1 > last:
            out[i] = hash_bytes(data, start, end)
            continue
        state = np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(end - start)
        position = start
        while position + 8 <= end:
            at = position >> 3
            shift = np.uint64((position & 7) << 3)
            word = words[at] >> shift
            if shift:
                word |= words[at + 1] << (np.uint64(64) - shift)
            state = mix64(state ^ word)
            position += 8
        word = np.uint64(0)
        left = end - position
        if left:
            at = position >> 3
            shift = np.uint64((position & 7) << 3)
            word = words[at] >> shift
            if shift:
                word |= words[at + 1] << (np.uint64(64) - shift)
            word &= (np.uint64(1) << np.uint64(left << 3)) - np.uint64(1)
        state = mix64(state ^ word) + np.uint64(1)
        out[i] = state if state != np.uint64(0) else np.uint64(1)
    return out


def hash_rows(data: Bytes, offsets: Offsets) -> Hashes:
    """Hash every value of a column; equal text gives equal hashes, empty gives 0."""
    if data.ctypes.data % 8 or sys.byteorder != "little":
        words = np.zeros(0, np.uint64)
    else:
        words = data[: len(data) // 8 * 8].view(np.uint64)
    return _hash_words(data, words, offsets)


def hash_text(text: str) -> int:
    """The hash of one value, the same that :func:`hash_rows` gives to a column."""
    data = np.frombuffer(text.encode("utf-8"), np.uint8)
    with np.errstate(over="ignore"):
        return int(hash_bytes.py_func(data, 0, len(data)))
