"""Surnames and given names with their frequencies, spellings and readings.

A name is an integer. Surnames: those of the table, then spellings with variant characters, then those
of foreign residents; given names likewise. Everything that depends on a name is an array by it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.simulators.population.kana import outside_cp932
from himozuke.simulators.population.tables import rows

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

TAIL_SHARE = 0.2  # the counted surnames cover 80 % of the people
TAIL_EXPONENT = 1.1
GIVEN_EXPONENT = 0.9
GIVEN_RANK_OFFSET = 5  # with 20,000 kinds 35 % of a million people share their full name, as published
# character, variant, share of the families that write it so (from the surname counts where they tell)
SPELLINGS = (
    ("高", "髙", 0.12), ("崎", "﨑", 0.10), ("瀬", "瀨", 0.03), ("徳", "德", 0.05), ("浜", "濵", 0.04),
    ("塚", "\ufa10", 0.02), ("福", "\ufa1b", 0.01), ("隆", "\uf9dc", 0.02), ("緑", "綠", 0.05), ("黒", "黑", 0.02),
    ("凛", "凜", 0.20), ("恵", "惠", 0.02), ("真", "眞", 0.03), ("広", "廣", 0.03), ("沢", "澤", 0.03),
)  # fmt: skip
# the same for characters that the insurers' code page cannot hold
RARE_SPELLINGS = (
    ("吉", "𠮷", 0.04), ("橋", "𣘺", 0.01), ("邉", "邉\U000e0101", 0.10), ("辺", "邊\U000e0102", 0.01),
    ("柳", "栁", 0.10), ("土", "圡", 0.03), ("葛", "葛\U000e0100", 0.30), ("斎", "斎\U000e0101", 0.01),
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """All names of one kind (surnames, or given names).

    ``plain``: the spelling in the characters of JIS levels 1 and 2; ``variant`` and ``rare``: another
    spelling, or the name itself, and the share of families that use it; ``sound`` and ``look``: the
    reading and the written form as integers; ``parallel``: the kanji beside a Latin name.
    """

    kanji: tuple[str, ...]
    kana: tuple[str, ...]
    parallel: tuple[str, ...]
    plain: Ints
    variant: Ints
    variant_share: Floats
    rare: Ints
    rare_share: Floats
    sound: Ints
    look: Ints
    drawn: int

    def texts(self, which: str) -> pa.Array:
        """The column ``kanji``, ``kana`` or ``parallel`` as Arrow text."""
        return pa.array(getattr(self, which), pa.string())


class Drawer:
    """Draws integers by weight."""

    def __init__(self, weights: Floats, values: Ints | None = None) -> None:
        """Take the weight of each value (0, 1, 2 … unless given)."""
        self.bounds = np.cumsum(weights) / np.sum(weights)
        self.values = np.arange(len(weights), dtype=np.int32) if values is None else values

    def draw(self, count: int, draw: np.random.Generator) -> Ints:
        """Draw so many."""
        places = np.searchsorted(self.bounds, draw.random(count), side="right")
        return self.values[np.minimum(places, len(self.values) - 1)]


def spelled_otherwise(name: str, spellings: tuple[tuple[str, str, float], ...]) -> tuple[str, float]:
    """Write a name with its first variant character; share 0 when it has none."""
    for usual, variant, share in spellings:
        if usual in name:
            return name.replace(usual, variant, 1), share
    return name, 0.0


def numbered(texts: list[str]) -> Ints:
    """Give equal texts equal integers, in order of appearance."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(text, len(known)) for text in texts], np.int32)


def build(pairs: list[tuple[str, str]], foreign: list[tuple[str, str, str]]) -> Names:
    """Lay out the names of the table, their variant spellings, and the foreign ones."""
    kanji = [name for name, _ in pairs]
    kana = [sound for _, sound in pairs]
    plain = list(range(len(pairs)))
    columns: dict[str, list[float]] = {"variant": [], "variant_share": [], "rare": [], "rare_share": []}
    for index, (name, sound) in enumerate(pairs):
        for kind, spellings in (("variant", SPELLINGS), ("rare", RARE_SPELLINGS)):
            other, share = spelled_otherwise(name, spellings)
            columns[kind].append(len(kanji) if share else index)
            columns[f"{kind}_share"].append(share)
            if share:
                kanji.append(other)
                kana.append(sound)
                plain.append(index)
    first_foreign = len(kanji)
    kanji += [latin for latin, _, _ in foreign]
    kana += [sound for _, sound, _ in foreign]
    plain += range(first_foreign, len(kanji))
    rest = len(kanji) - len(pairs)
    own = np.arange(len(pairs), len(kanji))
    return Names(
        kanji=tuple(kanji),
        kana=tuple(kana),
        parallel=("",) * first_foreign + tuple(written for _, _, written in foreign),
        plain=np.array(plain, np.int32),
        variant=np.concatenate([np.array(columns["variant"]), own]).astype(np.int32),
        variant_share=np.concatenate([np.array(columns["variant_share"]), np.zeros(rest)]),
        rare=np.concatenate([np.array(columns["rare"]), own]).astype(np.int32),
        rare_share=np.concatenate([np.array(columns["rare_share"]), np.zeros(rest)]),
        sound=numbered(kana),
        look=numbered(kanji),
        drawn=len(pairs),
    )


@dataclass(frozen=True)
class Nation:
    """Where foreign residents come from: surname and given name drawers (given by sex 1 and 2)."""

    surnames: Drawer
    given: dict[int, Drawer]


@dataclass(frozen=True)
class NameBook:
    """Every name there is, and how to draw one."""

    surnames: Names
    given: Names
    surname_drawer: Drawer
    given_drawers: dict[int, Drawer]
    nations: tuple[Nation, ...]


def surname_weights() -> Floats:
    """People by surname: counted ones as counted, the rest as the tail of a power law."""
    counted = np.array([float(row["people"]) for row in rows("surnames.tsv")])
    rank = np.arange(1, len(counted) + 1, dtype=float)
    tail = np.where(counted == 0, rank**-TAIL_EXPONENT, 0)
    tail *= counted.sum() / tail.sum() * TAIL_SHARE / (1 - TAIL_SHARE)
    return np.asarray(counted + tail, np.float64)


def foreign_given(nation: str, sex: str) -> list[tuple[str, str, str, float]]:
    """Given names of a nation with and without a middle name: Latin, kana, kanji, weight."""
    parts = [row for row in rows("foreign_names.tsv") if row["nation"] == nation and row["sex"] in ("", sex)]
    middles = [row for row in parts if row["part"] == "middle"]
    found = []
    for row in (row for row in parts if row["part"] == "given"):
        weight = float(row["people"])
        found.append((row["latin"], row["kana"], row["kanji"], weight * (0.3 if middles else 1)))
        for middle in middles:
            pair = (middle, row) if nation == "vn" else (row, middle)  # order in the passport
            latin, kana = (" ".join(p["latin"] for p in pair), "　".join(p["kana"] for p in pair))
            found.append((latin, kana, "", weight * 0.7 * float(middle["people"]) / 40))
    return found


def foreign_names() -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]], list[dict[str, slice]]]:
    """Foreign surnames, foreign given names, and where each nation's stand in both."""
    surnames: list[tuple[str, str, str]] = []
    given: list[tuple[str, str, str]] = []
    spans: list[dict[str, slice]] = []
    for nation in dict.fromkeys(row["nation"] for row in rows("foreign_names.tsv")):
        own = [r for r in rows("foreign_names.tsv") if r["nation"] == nation and r["part"] == "surname"]
        span = {"surname": slice(len(surnames), len(surnames) + len(own))}
        surnames += [(r["latin"], r["kana"], r["kanji"]) for r in own]
        for sex in ("1", "2"):
            names = foreign_given(nation, sex)
            span[sex] = slice(len(given), len(given) + len(names))
            given += [name[:3] for name in names]
        spans.append(span)
    return surnames, given, spans


def nations(surnames: Names, given: Names, spans: list[dict[str, slice]]) -> tuple[Nation, ...]:
    """The drawers of each nation."""
    codes = list(dict.fromkeys(row["nation"] for row in rows("foreign_names.tsv")))
    foreign_surnames = len(surnames.kanji) - sum(s["surname"].stop - s["surname"].start for s in spans)
    foreign_givens = len(given.kanji) - spans[-1]["2"].stop
    found = []
    for code, span in zip(codes, spans, strict=True):
        own = [r for r in rows("foreign_names.tsv") if r["nation"] == code and r["part"] == "surname"]
        weights = np.array([float(r["people"]) for r in own])
        values = np.arange(span["surname"].start, span["surname"].stop, dtype=np.int32) + foreign_surnames
        by_sex = {}
        for sex in (1, 2):
            places = np.arange(span[str(sex)].start, span[str(sex)].stop, dtype=np.int32) + foreign_givens
            by_sex[sex] = Drawer(np.array([name[3] for name in foreign_given(code, str(sex))]), places)
        found.append(Nation(Drawer(weights, values), by_sex))
    return tuple(found)


@cache
def load() -> NameBook:
    """Load every name once."""
    foreign_surnames, foreign_givens, spans = foreign_names()
    pairs = [(row["kanji"], row["kana"]) for row in rows("surnames.tsv")]
    surnames = build(pairs, foreign_surnames)
    given_rows = rows("given_names.tsv")
    given = build([(row["kanji"], row["kana"]) for row in given_rows], foreign_givens)
    drawers = {}
    for sex in (1, 2):
        values = np.array([i for i, row in enumerate(given_rows) if row["sex"] == str(sex)], np.int32)
        ranks = np.arange(1, len(values) + 1, dtype=np.float64) + GIVEN_RANK_OFFSET
        drawers[sex] = Drawer(np.power(ranks, -GIVEN_EXPONENT), values)
    return NameBook(surnames, given, Drawer(surname_weights()), drawers, nations(surnames, given, spans))


def alike(keys: Ints) -> dict[int, Ints]:
    """Group places by their key, groups of two and more only."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys.tolist()):
        groups[key].append(place)
    return {key: np.array(places, np.int32) for key, places in groups.items() if len(places) > 1}


def unencodable(names: Names) -> npt.NDArray[np.bool_]:
    """Tell which names the insurers' code page cannot hold."""
    outside = outside_cp932(names.kanji)
    return np.array([not outside.isdisjoint(name) for name in names.kanji], np.bool_)
