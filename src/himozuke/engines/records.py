"""Rows kept one behind the other, so that one look brings all of a row, wherever it stands.

A record is its numbers in a fixed number of bytes, the length of each text, and the texts. Where a record
begins is kept beside them: records may stand in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.identity.column import Bytes, Offsets, utf8_column
from himozuke.identity.kernel import kernel

Longs = npt.NDArray[np.int64]
Fixed = npt.NDArray[np.uint8]

_MORE = 0x80  # a length has seven bits a byte, the least first; this bit says that more follow
_LINE = 64  # bytes that memory brings at once
_TOGETHER = 32  # records that are on their way at the same time


class Gathered(NamedTuple):
    """Some records in columns: the bytes of their numbers, a row each, and the wanted texts."""

    numbers: Fixed
    texts: list[pa.LargeStringArray]


class RecordFile:
    """Records being written, by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Begin an empty file."""
        self._path = path
        self._end = 0
        self._lock = Lock()
        path.write_bytes(b"")

    def append(self, texts: Sequence[pa.Array | pa.ChunkedArray], numbers: Fixed | None = None) -> Longs:
        """Write records of some texts and the bytes of their numbers; tells where each begins."""
        columns = [utf8_column(column) for column in texts]
        rows = columns[0].rows
        fixed = np.zeros((rows, 0), np.uint8) if numbers is None else numbers
        offsets = tuple(column.offsets for column in columns)
        starts = _starts(offsets, fixed.shape[1])
        encoded = _encoded(tuple(column.data for column in columns), offsets, fixed, starts)
        with self._lock:
            begin = self._end
            self._end += len(encoded)
        with self._path.open("r+b") as file:
            file.seek(begin)
            file.write(encoded.data)
        return starts[:-1] + begin


class Records:
    """Whole records, mapped from disk: ``width`` bytes of numbers and so many ``texts`` in each.

    The map goes with the object, and with it the memory that was looked at.
    """

    def __init__(self, path: Path, *, width: int, texts: int) -> None:
        """Map the file."""
        self._data = np.asarray(np.memmap(path, np.uint8, "r")) if path.stat().st_size else np.zeros(0, np.uint8)
        self._width = width
        self._texts = texts

    def gather(self, starts: Longs, wanted: Sequence[int]) -> Gathered:
        """The numbers and the wanted texts (places in the record) of the records that begin there."""
        slots = np.full(self._texts, -1, np.int64)
        slots[list(wanted)] = np.arange(len(wanted))
        numbers, offsets, data = _gathered(self._data, starts, self._width, slots, len(wanted))
        buffer = pa.py_buffer(data)
        texts = [pa.LargeStringArray.from_buffers(len(starts), pa.py_buffer(row), buffer) for row in offsets]
        return Gathered(numbers, texts)


@kernel
def _starts(offsets: tuple[Offsets, ...], width: int) -> Longs:
    """Where each record begins, and where the last one ends."""
    rows = len(offsets[0]) - 1
    out = np.empty(rows + 1, np.int64)
    at = np.int64(0)
    for row in range(rows):
        out[row] = at
        at += width
        for column in range(len(offsets)):
            length = offsets[column][row + 1] - offsets[column][row]
            at += length + 1
            while length >= _MORE:
                length >>= 7
                at += 1
    out[rows] = at
    return out


@kernel
def _encoded(data: tuple[Bytes, ...], offsets: tuple[Offsets, ...], fixed: Fixed, starts: Longs) -> Bytes:
    rows = len(starts) - 1
    width = fixed.shape[1]
    out = np.empty(starts[rows], np.uint8)
    for row in range(rows):
        at = starts[row]
        for k in range(width):
            out[at + k] = fixed[row, k]
        at += width
        for column in range(len(offsets)):
            length = offsets[column][row + 1] - offsets[column][row]
            while length >= _MORE:
                out[at] = np.uint8(length & 0x7F | _MORE)
                length >>= 7
                at += 1
            out[at] = np.uint8(length)
            at += 1
        for column in range(len(offsets)):
            begin, end = offsets[column][row], offsets[column][row + 1]
            text = data[column]
            for k in range(end - begin):
                out[at + k] = text[begin + k]
            at += end - begin
    return out


@kernel
def _fetched(data: Bytes, starts: Longs, first: int, last: int) -> int:
    """Look at some records together, so that the memory brings them at the same time."""
    seen = 0
    end = len(data) - 1
    for row in range(first, last):
        at = starts[row]
        seen += data[at] + data[min(at + _LINE, end)] + data[min(at + 2 * _LINE, end)]
    return seen


@kernel
def _lengths(data: Bytes, starts: Longs, width: int, slots: Longs, offsets: Offsets) -> Fixed:
    """The numbers of the records, and into ``offsets`` the lengths of their wanted texts."""
    rows = len(starts)
    numbers = np.empty((rows, width), np.uint8)
    for row in range(rows):
        if row % _TOGETHER == 0 and _fetched(data, starts, row, min(row + _TOGETHER, rows)) < 0:
            break  # never: sums of bytes
        at = starts[row]
        for k in range(width):
            numbers[row, k] = data[at + k]
        at += width
        for text in range(len(slots)):
            length = np.int64(data[at])
            shift = 7
            while data[at] >= _MORE:
                at += 1
                length = (length & ((1 << shift) - 1)) | (np.int64(data[at]) << shift)
                shift += 7
            at += 1
            if slots[text] >= 0:
                offsets[slots[text], row + 1] = length
    return numbers


@kernel
def _gathered(data: Bytes, starts: Longs, width: int, slots: Longs, wanted: int) -> tuple[Fixed, Offsets, Bytes]:
    rows = len(starts)
    offsets = np.zeros((wanted, rows + 1), np.int64)
    numbers = _lengths(data, starts, width, slots, offsets)
    end = np.int64(0)
    for slot in range(wanted):
        offsets[slot, 0] = end
        for row in range(rows):
            end += offsets[slot, row + 1]
            offsets[slot, row + 1] = end
    out = np.empty(end, np.uint8)
    for row in range(rows):
        if row % _TOGETHER == 0 and _fetched(data, starts, row, min(row + _TOGETHER, rows)) < 0:
            break
        at = starts[row] + width
        text_at = at
        for _ in range(len(slots)):
            while data[text_at] >= _MORE:
                text_at += 1
            text_at += 1
        for text in range(len(slots)):
            length = np.int64(data[at])
            shift = 7
            while data[at] >= _MORE:
                at += 1
                length = (length & ((1 << shift) - 1)) | (np.int64(data[at]) << shift)
                shift += 7
            at += 1
            slot = slots[text]
            if slot >= 0:
                begin = offsets[slot, row]
                for k in range(length):
                    out[begin + k] = data[text_at + k]
            text_at += length
    return numbers, offsets, out
