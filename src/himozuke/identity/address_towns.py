"""The towns of one municipality, found at the beginning of a key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from himozuke.identity.gazetteer import City, Town

KYOTO = "京都市"
STREET_END = re.compile(r"(?:[上下][ルガ]*ル?|[東西]入ル?|入ル?|通リ?|角|筋|筋目|路|条|前|道|[0-9]丁目?|[上下][ルガ]*ル?[0-9]+)$")
STREET_GOES_ON = re.compile(r"[0-9]+(?:条|[東西]入|上[ルガ]|下[ルガ]|筋)")
NUMBERED = re.compile(r"([0-9]+)条(?=[東西南北]?$)|(?<=[^0-9])([0-9]+)番町$")


class TownMatch(NamedTuple):
    """A town found, and the text behind it."""

    town: str
    rest: str
    chome: bool
    groups: frozenset[int] = frozenset()
    several: bool = False


def skeleton(key: str) -> str:
    """Leave out of a town's key what people leave out: 町 (not at the beginning) and the ケ の ツ between."""
    return key[:1] + re.sub("[町ケのツ]", "", key[1:])


def numbered(key: str) -> str:
    """Write 北6条西 and 北3番町 as people do in hyphen notation: 北6西, 北3."""
    return NUMBERED.sub(lambda found: found[1] or found[2], key)


def street_key(key: str) -> str:
    """Unify how a Kyoto street is written: 上ル, 上がる and 上る; 通 left out."""
    return re.sub("[ルガリ通ケの]", "", key)


class TownIndex:
    """Finds the towns of one municipality."""

    def __init__(self, city: City, key: Callable[[str], str]) -> None:
        """Index the towns by key, by skeleton and by hyphen notation."""
        self._exact: dict[str, Town] = {}
        self._key = key
        self._street_groups: dict[str, dict[str, int]] = {}
        self.kyoto = city.name.startswith(KYOTO)
        skeletons: dict[str, set[str]] = defaultdict(set)
        for town in city.towns():
            name = key(town.town)
            self._exact.setdefault(name, town)
            skeletons[skeleton(name)].add(name)
        for name, town in list(self._exact.items()):
            for other in {key(town.town + "1").removesuffix("1").removesuffix("-"), numbered(name)}:
                if other and other not in self._exact:
                    skeletons[other].add(name)
        self._loose = {text: min(names) for text, names in skeletons.items() if len(names) == 1}
        self.longest = max(map(len, self._exact), default=0)

    def match(self, text: str) -> Iterator[TownMatch]:
        """Find the town at the beginning of a key, or behind the streets of Kyoto."""
        if self.kyoto and (match := self._behind_street(text)):
            yield match
            return
        found = self._longest_exact(text) or self._longest_loose(text)
        if found:
            town, rest = found
            yield TownMatch(town.town, rest, town.has_chome, several=len(town.streets) > 1)

    def _longest_exact(self, text: str) -> tuple[Town, str] | None:
        for length in range(min(self.longest, len(text)), 0, -1):
            town = self._exact.get(text[:length])
            if town is None:
                continue
            rest = text[length:]
            # 新堀町 where the city has only 新堀: the same; where it has both, the longer was found before.
            if rest[:1] == "町" and (not rest[1:] or rest[1].isdigit()):
                rest = rest[1:]
            return town, rest.removeprefix("-")
        return None

    def _longest_loose(self, text: str) -> tuple[Town, str] | None:
        for length in range(min(self.longest + 4, len(text)), 0, -1):
            shape = text[:length]
            name = self._loose.get(shape) or self._loose.get(skeleton(shape))
            if name is not None and not (shape[-1].isdigit() and text[length : length + 1].isdigit()):
                return self._exact[name], text[length:].removeprefix("-")
        return None

    def _behind_street(self, text: str) -> TownMatch | None:
        """Find the first town that a number or the end follows, with a street in front of it or nothing."""
        for start in range(len(text)):
            if start and not STREET_END.search(text[:start]):
                continue
            found = self._longest_exact(text[start:])
            if not found:
                continue
            town, rest = found
            if (rest and not rest[0].isdigit()) or STREET_GOES_ON.match(rest):
                continue
            groups = self._groups(town, text[:start])
            return TownMatch(town.town, rest, town.has_chome, groups, len(town.streets) > 1)
        return None

    def _groups(self, town: Town, street: str) -> frozenset[int]:
        """The postal codes of a town that name this street."""
        if not street or len(town.streets) < 2:
            return frozenset()
        wanted = street_key(street)
        return frozenset(
            number
            for number, streets in enumerate(town.streets)
            if wanted in {street_key(self._key(name)) for name in streets.split("、")}
        )
