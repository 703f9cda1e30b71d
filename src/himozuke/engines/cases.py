"""Distinct cases among links: everything that a decision depends on, packed into one whole number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from himozuke.engines.base import Bytes, Ints, Longs, Outcomes
from himozuke.identity.column import mix64
from himozuke.identity.kernel import kernel, usable_in_kernels
from himozuke.identity.state import ItemState

Flags = npt.NDArray[np.bool_]

#: What an earlier round found out about a link.
UNANSWERED, RIGHT, WRONG = 0, 1, 2
_SLOTS = 1 << 12  # room for the distinct cases of an ordinary file; doubled when half of it is taken
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Case:
    """All that one link's decision depends on."""

    pattern: int
    traits: int
    states: tuple[ItemState, ...]
    several_valid: bool = False
    scheme_number_twice: bool = False
    answer: int = UNANSWERED

    @classmethod
    def unpack(cls, key: int) -> Case:
        """Take a key of :func:`_key` apart."""
        states = tuple(ItemState(key >> (40 + 3 * i) & 7) for i in range(5))
        return cls(
            key & 0xFFFFFFFF,
            key >> 32 & 0xFF,
            states,
            bool(key >> 55 & 1),
            bool(key >> 56 & 1),
            key >> 57 & 3,
        )


@dataclass(frozen=True, slots=True)
class Cases:
    """The distinct cases in the order they first occur, how many links each has, and each link's case."""

    cases: tuple[Case, ...]
    links: Longs
    of_link: Ints


def find_cases(outcomes: Outcomes, answers: Bytes) -> Cases:
    """Tell the distinct cases apart; ``answers`` holds a code below four for each link."""
    of_link, keys, links = _number_cases(
        outcomes.pattern,
        outcomes.traits,
        outcomes.states,
        outcomes.several_valid,
        outcomes.scheme_number_twice,
        answers,
    )
    return Cases(tuple(Case.unpack(key) for key in keys.tolist()), links, of_link)


@usable_in_kernels
def _key(pattern: np.int32, traits: np.uint8, states: Bytes, flags: int) -> np.int64:
    key = np.int64(pattern) | np.int64(traits) << 32 | np.int64(flags) << 55
    for item in range(5):
        key |= np.int64(states[item]) << (40 + 3 * item)
    return key


@kernel
def _number_cases(
    pattern: Ints, traits: Bytes, states: Bytes, several_valid: Flags, twice: Flags, answers: Bytes
) -> tuple[Ints, Longs, Longs]:
    rows = len(pattern)
    out = np.empty(rows, np.int32)
    keys = np.empty(_SLOTS >> 1, np.int64)
    links = np.zeros(_SLOTS >> 1, np.int64)
    table = np.full(_SLOTS, _NOBODY, np.int32)
    found = 0
    last_key, last = np.int64(0), np.int32(_NOBODY)
    for i in range(rows):
        flags = several_valid[i] | twice[i] << 1 | answers[i] << 2
        key = _key(pattern[i], traits[i], states[:, i], flags)
        if last == _NOBODY or key != last_key:  # neighbours are mostly alike
            slot = _slot_of(key, keys, table)
            if table[slot] == _NOBODY:
                if found == len(keys):
                    keys, links = np.append(keys, np.zeros_like(keys)), np.append(links, np.zeros_like(links))
                    table = _wider_table(keys, found)
                    slot = _slot_of(key, keys, table)
                table[slot] = found
                keys[found] = key
                found += 1
            last_key, last = key, table[slot]
        out[i] = last
        links[last] += 1
    return out, keys[:found].copy(), links[:found].copy()


@kernel
def _slot_of(key: np.int64, keys: Longs, table: Ints) -> np.uint64:
    """The slot that holds a key, or the empty one where it belongs."""
    slots = np.uint64(len(table) - 1)
    slot = mix64(np.uint64(key)) & slots
    while table[slot] != _NOBODY and keys[table[slot]] != key:
        slot = (slot + np.uint64(1)) & slots
    return slot


@kernel
def _wider_table(keys: Longs, found: int) -> Ints:
    table = np.full(2 * len(keys), _NOBODY, np.int32)
    for place in range(found):
        table[_slot_of(keys[place], keys, table)] = place
    return table
