"""Finding people by their Individual Number: a hashed table on disk, where one look answers a number.

A slot holds the number and all that a link needs to be settled. A number stands in the slot that its hash
names or in one of those behind it; a free slot ends the search.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity.column import Hashes, mix64
from himozuke.identity.kernel import kernel

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_FILLED = 0.65  # the share of slots that are taken: most searches end where they begin
_SLOT_BYTES = 32
#: A slot in four words: number, whether it is complete, status, whether it is taken · position and day of
#: the status · hash of the row · hash of the evidence.
_WORDS = 4
_NUMBER, _COMPLETE, _STATUS, _TAKEN = 0xFF_FFFF_FFFF, 40, 41, 63
_POSITION, _DAY = 0xF_FFFF_FFFF, 36
_TOGETHER = 64  # searches whose memory is on its way at the same time


class Entries(NamedTuple):
    """What is kept of some entries of the register, a column each."""

    number: Longs
    pos: Longs
    status: Bytes
    status_on: Ints
    row_hash: Hashes
    complete: Flags
    evidence: Hashes


class Bearers(NamedTuple):
    """Who bears some numbers: position in the register (-1: nobody), standing, and evidence.

    ``settled`` says that the five items of link and person are the same bytes and all can be read.
    """

    pos: Longs
    status: Bytes
    status_on: Ints
    evidence: Hashes
    settled: Flags

    @classmethod
    def nobody(cls, rows: int) -> Bearers:
        """No number has been looked up yet."""
        return cls(
            np.full(rows, -1, np.int64),
            np.zeros(rows, np.uint8),
            np.zeros(rows, np.int32),
            np.zeros(rows, np.uint64),
            np.zeros(rows, np.bool_),
        )

    def part(self, rows: slice) -> Bearers:
        """Some rows; what is written into them is written into these."""
        pos, status, status_on, evidence, settled = self
        return Bearers(pos[rows], status[rows], status_on[rows], evidence[rows], settled[rows])


def build(path: Path, rows: int, entries: Iterable[Entries]) -> None:
    """Write the table of so many entries, given in pieces; no number may stand twice."""
    table = np.memmap(path, np.uint64, "w+", shape=(int(rows / _FILLED) + 1, _WORDS))
    for piece in entries:
        _put(table.view(np.ndarray), *piece)
    table.flush()


class NumberTable:
    """A table on disk, mapped; the map goes with the object."""

    def __init__(self, path: Path) -> None:
        """Map the table."""
        self._slots = np.asarray(np.memmap(path, np.uint64, "r")).reshape(-1, _WORDS)

    @property
    def bytes(self) -> int:
        """How much memory looking up all numbers at once takes."""
        return self._slots.nbytes

    def bearers(self, numbers: Longs, row_hash: Hashes, complete: Flags) -> Bearers:
        """Who bears each number; ``row_hash`` and ``complete`` are those of the links that bear them."""
        found = Bearers.nobody(len(numbers))
        self.look_up(numbers, row_hash, complete, into=found, stretch=(0, len(self._slots)))
        return found

    def stretches(self, most_bytes: int) -> list[tuple[int, int]]:
        """Cut the table into stretches of slots that fit into so much memory each."""
        size = len(self._slots)
        step = max(most_bytes // _SLOT_BYTES, 1)
        return [(first, min(first + step, size)) for first in range(0, size, step)]

    def look_up(
        self, numbers: Longs, row_hash: Hashes, complete: Flags, *, into: Bearers, stretch: tuple[int, int]
    ) -> int:
        """As :meth:`bearers` for the numbers that belong into a stretch; tells how many were found."""
        return _look_up(self._slots, numbers, row_hash, complete, *into, *stretch)


@kernel
def _home(number: int, size: int) -> np.int64:
    return np.int64(((mix64(np.uint64(number)) >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))


@kernel
def _put(
    table: Hashes,
    number: Longs,
    pos: Longs,
    status: Bytes,
    status_on: Ints,
    row_hash: Hashes,
    complete: Flags,
    evidence: Hashes,
) -> None:
    size = len(table)
    for i in range(len(number)):
        at = _home(number[i], size)
        while table[at, 0]:
            at = np.int64(at + 1 if at + 1 < size else 0)
        table[at, 0] = (
            np.uint64(number[i])
            | (np.uint64(complete[i]) << np.uint64(_COMPLETE))
            | (np.uint64(status[i]) << np.uint64(_STATUS))
            | (np.uint64(1) << np.uint64(_TAKEN))
        )
        table[at, 1] = np.uint64(pos[i]) | (np.uint64(status_on[i]) << np.uint64(_DAY))
        table[at, 2] = row_hash[i]
        table[at, 3] = evidence[i]


@kernel
def _look_up(  # noqa: PLR0913, PLR0917 -- the columns on both sides
    table: Hashes,
    numbers: Longs,
    row_hash: Hashes,
    complete: Flags,
    pos: Longs,
    status: Bytes,
    status_on: Ints,
    evidence: Hashes,
    settled: Flags,
    first: int,
    last: int,
) -> int:
    size = len(table)
    homes = np.empty(_TOGETHER, np.int64)
    found = 0
    for begin in range(0, len(numbers), _TOGETHER):
        end = min(begin + _TOGETHER, len(numbers))
        seen = np.uint64(0)
        for i in range(begin, end):
            home = _home(numbers[i], size)
            homes[i - begin] = home
            if first <= home < last:
                seen |= table[home, 0]
        if not seen:
            continue
        for i in range(begin, end):
            at = homes[i - begin]
            if not first <= at < last:
                continue
            while table[at, 0]:
                head = table[at, 0]
                if head & np.uint64(_NUMBER) == np.uint64(numbers[i]):
                    place = table[at, 1]
                    pos[i] = np.int64(place & np.uint64(_POSITION))
                    status_on[i] = np.int32(place >> np.uint64(_DAY))
                    status[i] = np.uint8((head >> np.uint64(_STATUS)) & np.uint64(3))
                    evidence[i] = table[at, 3]
                    is_complete = complete[i] and (head >> np.uint64(_COMPLETE)) & np.uint64(1)
                    settled[i] = is_complete and table[at, 2] == row_hash[i]
                    found += 1
                    break
                at = np.int64(at + 1 if at + 1 < size else 0)
    return found
