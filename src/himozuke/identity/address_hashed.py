"""Municipality and town names by hash: what the compiled reading of addresses looks up."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity.address_fold import fold_text, read_text, vary_text
from himozuke.identity.address_place import PlaceIndex
from himozuke.identity.address_tables import Classes, Codes, tables
from himozuke.identity.address_towns import KYOTO, SHORTEST_END, numbered
from himozuke.identity.column import Bytes, Hashes, Offsets, go_on, mix64, slot_of, utf8_column
from himozuke.identity.kernel import kernel

Flags = npt.NDArray[np.bool_]
Slots = npt.NDArray[np.int32]
ABSENT, SEVERAL = -2, -1
EXACT, LOOSE, HYPHENATED, ENDING = range(4)  # in which way a text names a town
NAME_SEED = -1  # municipality names share the table with the towns of every municipality
EXCHANGED_SIGNS = tuple((ord(a), ord(b)) for a, b in zip("舟治斑砲", "船冶班炮", strict=True))
LEFT_OUT_SIGNS = tuple(ord(sign) for sign in "町ケのツ")


class Hashed(NamedTuple):
    """The gazetteer as arrays; a municipality is its place in the list of municipalities.

    ``hashes`` and ``slots``: an open table from a text in a municipality to a town, one column for each
    way to name it. ``starts``: where the readings of each municipality name begin in ``cities``, ``hows``
    and ``own_ends`` (with ``own``, the text of former names). ``chome`` and ``several`` belong to towns,
    ``kyoto`` and ``longest`` to municipalities.
    """

    hashes: Hashes
    slots: Slots
    starts: Offsets
    cities: Codes
    hows: Codes
    own: Codes
    own_ends: Offsets
    chome: Flags
    several: Flags
    kyoto: Flags
    longest: Codes
    longest_name: int


@kernel
def seed(city: int) -> np.uint64:
    """Begin the hash of a text in one municipality."""
    return np.uint64(mix64(np.uint64(city + 0x51ED)))


@kernel
def put(hashes: Hashes, slots: Slots, state: np.uint64, way: int, town: int) -> None:
    """Note that a text names a town in one way; two towns make it ambiguous."""
    place = slot_of(hashes, state)
    hashes[place] = state
    if slots[place, way] == ABSENT:
        slots[place, way] = town
    elif slots[place, way] != town:
        slots[place, way] = SEVERAL


@kernel
def hash_of(city: int, text: Codes, start: int, end: int) -> np.uint64:
    """Hash a text in one municipality."""
    state = seed(city)
    for k in range(start, end):
        state = go_on(state, text[k])
    return state


@kernel
def skeleton_sign(code: int, first: bool) -> int:  # noqa: FBT001
    """The sign a skeleton holds for a sign of a key, 0 for none."""
    if not first and code in LEFT_OUT_SIGNS:
        return 0
    for sign, other in EXCHANGED_SIGNS:
        if code == sign:
            return other
    return code


@kernel
def key_texts(
    data: Bytes,
    offsets: Offsets,
    mapped: Codes,
    expanded: Codes,
    classes: Classes,
    figures: Codes,
    variants: Codes,
) -> tuple[Codes, Offsets]:
    """The key of every row, one behind the other, and their ends."""
    rows = len(offsets) - 1
    out = np.empty(4 * len(data) + 8, np.int32)
    ends = np.empty(rows, np.int64)
    first = np.empty(4 * len(data) + 8, np.int32)
    second = np.empty(4 * len(data) + 8, np.int32)
    size = 0
    for i in range(rows):
        n = read_text(data, offsets[i], offsets[i + 1], mapped, expanded, first)
        n, _, _ = fold_text(first, n, classes, figures, second)
        n = vary_text(second, n, classes, variants, first)
        out[size : size + n] = first[:n]
        size += n
        ends[i] = size
    return out[:size], ends


@kernel
def put_towns(
    alone: Codes, alone_ends: Offsets, names: Codes, ends: Offsets, cities: Codes, hashes: Hashes, slots: Slots
) -> None:
    """Enter every town by name, by skeleton and by what its name ends with."""
    start = 0
    start_alone = 0
    for town in range(len(cities)):
        city, end = cities[town], ends[town]
        state = hash_of(city, names, start, end)
        place = slot_of(hashes, state)
        if hashes[place] == np.uint64(0) or slots[place, EXACT] == ABSENT:
            put(hashes, slots, state, EXACT, town)
            for k in range(start + SHORTEST_END, end - SHORTEST_END + 1):
                put(hashes, slots, hash_of(city, names, k, end), ENDING, town)
        known = slots[slot_of(hashes, state), EXACT]
        bones = seed(city)
        for k in range(start, end):
            sign = skeleton_sign(names[k], k == start)
            if sign > 0:
                bones = go_on(bones, sign)
        put(hashes, slots, bones, LOOSE, known)
        put(hashes, slots, hash_of(city, alone, start_alone, alone_ends[town]), LOOSE, known)
        start = end
        start_alone = alone_ends[town]


def _codes(texts: list[str]) -> tuple[Codes, Offsets]:
    """Texts one behind the other, and their ends."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    return np.frombuffer("".join(texts).encode("utf-32-le"), np.int32), ends


class TownKeys:
    """The keys of all towns: alone, and as they stand in front of a number."""

    def __init__(self, index: PlaceIndex) -> None:
        """Fold every town once; only names that change are folded with a number behind them."""
        self.lines = [line.split("\t") for city in index.gazetteer.cities for line in city.lines]
        counts = [len(city.lines) for city in index.gazetteer.cities]
        self.cities = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        towns = [line[0].removesuffix("*") for line in self.lines]
        self.alone = self._fold(towns)
        changed = [k for k, (town, key) in enumerate(zip(towns, self.alone, strict=True)) if town != key]
        self.names = list(self.alone)
        for k, key in zip(changed, self._fold([towns[k] + "1" for k in changed]), strict=True):
            self.names[k] = key.removesuffix("1").removesuffix("-")

    @staticmethod
    def _fold(texts: list[str]) -> list[str]:
        column = utf8_column(texts)
        codes, ends = key_texts(column.data, column.offsets, *tables())
        joined = codes.astype("<i4").tobytes().decode("utf-32-le")
        bounds = [0, *ends.tolist()]
        return [joined[start:end] for start, end in pairwise(bounds)]


def hash_index(index: PlaceIndex) -> Hashed:
    """Build the arrays of a gazetteer."""
    keys = TownKeys(index)
    towns = len(keys.lines)
    alone, alone_ends = _codes(keys.alone)
    names, ends = _codes(keys.names)
    lengths = np.diff(ends, prepend=0)
    entries = 4 * towns + int(np.maximum(lengths - 2 * SHORTEST_END + 1, 0).sum()) + 2 * len(index.names)
    size = 1 << max(10, entries.bit_length())
    hashes = np.zeros(size, np.uint64)
    slots = np.full((size, 4), ABSENT, np.int32)
    put_towns(alone, alone_ends, names, ends, keys.cities, hashes, slots)
    _put_hyphenated(keys, hashes, slots)
    municipalities = index.gazetteer.cities
    longest = np.zeros(len(municipalities), np.int32)
    np.maximum.at(longest, keys.cities, lengths.astype(np.int32))
    return Hashed(
        hashes,
        slots,
        *_put_names(index, hashes, slots),
        np.array([line[0].endswith("*") for line in keys.lines], np.bool_),
        np.array([len(line) > 2 for line in keys.lines], np.bool_),
        np.array([city.name.startswith(KYOTO) for city in municipalities], np.bool_),
        longest,
        index.longest_name,
    )


@kernel
def put_texts(text: Codes, ends: Offsets, cities: Codes, values: Codes, way: int, hashes: Hashes, slots: Slots) -> None:
    """Enter texts with their values."""
    start = 0
    for i in range(len(ends)):
        put(hashes, slots, hash_of(cities[i], text, start, ends[i]), way, values[i])
        start = ends[i]


def _put_hyphenated(keys: TownKeys, hashes: Hashes, slots: Slots) -> None:
    """Enter the towns with a number in their name as people write them in hyphen notation."""
    town_by_name: dict[tuple[int, str], int] = {}
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    cities = keys.cities.tolist()
    for town, (city, name) in enumerate(zip(cities, keys.names, strict=True)):
        if "条" in name or "番" in name:
            town_by_name.setdefault((city, name), town)
            found[city, numbered(name)].add(name)
    for town, place in enumerate(zip(cities, keys.names, strict=True)):
        if place in found and numbered(place[1]) == place[1]:
            town_by_name.setdefault(place, town)
            found[place].add(place[1])
    kept = {place: min(names) for place, names in found.items() if names != {place[1]}}
    values = np.array([town_by_name[city, name] for (city, _), name in kept.items()], np.int32)
    texts, ends = _codes([text for _, text in kept])
    put_texts(texts, ends, np.array([city for city, _ in kept], np.int32), values, HYPHENATED, hashes, slots)


def _put_names(index: PlaceIndex, hashes: Hashes, slots: Slots) -> tuple[Offsets, Codes, Codes, Codes, Offsets]:
    """Enter the names of municipalities; gives what they can mean, as :class:`Hashed` holds it."""
    place_by_code = {city.code: k for k, city in enumerate(index.gazetteer.cities)}
    texts, ends = _codes(list(index.names))
    count = len(index.names)
    put_texts(texts, ends, np.full(count, NAME_SEED, np.int32), np.arange(count, dtype=np.int32), EXACT, hashes, slots)
    named = [name for names in index.names.values() for name in names]
    starts = np.cumsum([0, *map(len, index.names.values())], dtype=np.int64)
    cities = np.array([place_by_code[name.code] for name in named], np.int32)
    own, own_ends = _codes([name.own for name in named])
    return starts, cities, np.array([name.how for name in named], np.int32), own, own_ends
