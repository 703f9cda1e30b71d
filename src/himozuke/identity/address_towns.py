"""The towns of one municipality, found at the beginning of a key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from himozuke.identity.gazetteer import City, Town

KYOTO = "京都市"
STREET_END = re.compile(
    r".{2}(?:[上下][ルガ]*ル?|[東西]入ル?|入ル?|通リ?|角|側|筋|筋目|路|条|前|道|[0-9]丁目?|[上下][ルガ]*ル?[0-9]+)$"
)
STREET_GOES_ON = re.compile(r"[0-9]+(?:条|[東西]入|上[ルガ]|下[ルガ]|筋)")
# Written for each other so often that they count as the same where a municipality has only one of them:
# 舟屋町 and 船屋町 are two towns of one ward.
EXCHANGED = str.maketrans("舟治斑砲", "船冶班炮")
LEFT_OUT = EXCHANGED | str.maketrans("", "", "町ケのツ")
NUMBERED = re.compile(r"([0-9]+)条(?=[東西南北]?$)|(?<=[^0-9])([0-9]+)番町$")


# Figures that can belong to the name of the town, as in 太田5通, 北16西, or with every 条 left out.
NAME_GOES_ON = re.compile(r"[0-9]+(?:[^0-9\-A-Zァ-ヶ]|-[0-9]+-[0-9]+-)")
SHORTEST_END = 2  # signs
LONGEST_STREET = 40  # signs
SURE_LENGTH = 3  # a shorter beginning is no town when other signs than a number follow


class TownMatch(NamedTuple):
    """A town found, and the text behind it.

    Not ``sure``: only the end of its name was written, 三崎町 for 神田三崎町.
    """

    town: str
    rest: str
    chome: bool
    groups: frozenset[int] = frozenset()
    several: bool = False
    sure: bool = True


def is_complete(rest: str) -> bool:
    """Tell whether a number, or nothing, follows the town."""
    return not rest or rest[0].isdigit() or rest[0] == "-"


def before_number(name: str, key: Callable[[str], str]) -> str:
    """The key of a town as it stands in front of a number; 十四号 and 八丁 read differently at the end."""
    alone = key(name)
    return key(name + "1").removesuffix("1").removesuffix("-") if alone != name else alone


def skeleton(key: str) -> str:
    """Leave out of a town's key what people leave out: 町 (not at the beginning) and the ケ の ツ between."""
    return key[:1].translate(EXCHANGED) + key[1:].translate(LEFT_OUT)


def numbered(key: str) -> str:
    """Write 北6条西 and 北3番町 as people do in hyphen notation: 北6西, 北3."""
    return NUMBERED.sub(lambda found: found[1] or found[2], key) if "条" in key or "番" in key else key


def street_key(key: str) -> str:
    """Unify how a Kyoto street is written: 上ル, 上がる and 上る; 通 left out."""
    return re.sub("[ルガリ通ケの]", "", key)


class TownIndex:
    """Finds the towns of one municipality."""

    def __init__(self, city: City, key: Callable[[str], str]) -> None:
        """Index the towns by key, by skeleton and by hyphen notation."""
        self._exact: dict[str, Town] = {}
        self._key = key
        self.kyoto = city.name.startswith(KYOTO)
        skeletons: dict[str, set[str]] = defaultdict(set)
        hyphenated: dict[str, set[str]] = defaultdict(set)
        for town in city.towns():
            alone, name = key(town.town), before_number(town.town, key)
            self._exact.setdefault(name, town)
            skeletons[skeleton(name)].add(name)
            skeletons[alone].add(name)
            hyphenated[numbered(name)].add(name)
        self._loose = {text: min(names) for text, names in skeletons.items() if len(names) == 1}
        self._hyphenated = {text: min(names) for text, names in hyphenated.items() if names != {text}}
        self.longest = max(map(len, self._exact), default=0)

    def match(self, text: str) -> Iterator[TownMatch]:
        """Find the towns that the beginning of a key can mean, or the one behind the streets of Kyoto."""
        if self.kyoto and (match := self._behind_street(text)):
            yield match
            return
        exact = self._longest_exact(text)
        if exact and is_complete(exact[1]) and not NAME_GOES_ON.match(exact[1]):
            yield self._matched(*exact)
            return
        found = [each for each in (exact, self._longest_loose(text)) if each]
        complete = [each for each in found if is_complete(each[1])]
        for town, rest in sorted(complete or found, key=lambda each: len(each[1]))[:1]:
            yield self._matched(town, rest)
        hyphenated = list(self._hyphen_numbers(text))
        for town, rest in hyphenated:
            yield self._matched(town, rest)
        if not found and not hyphenated:
            yield from self._by_end(text)

    def _by_end(self, text: str) -> Iterator[TownMatch]:
        """Find the one town whose name ends as the text begins; what is left out must be more than 南 or 新."""
        for length in range(min(self.longest, len(text)), SHORTEST_END - 1, -1):
            end, rest = text[:length], text[length:]
            if not is_complete(rest) or end[-1].isdigit() or end[-1] == "-":
                continue
            names = [name for name in self._exact if name.endswith(end) and len(name) >= length + SHORTEST_END]
            if len(names) == 1:
                yield self._matched(self._exact[names[0]], rest)._replace(sure=False)
            return

    @staticmethod
    def _matched(town: Town, rest: str, groups: frozenset[int] = frozenset()) -> TownMatch:
        return TownMatch(town.town, rest.removeprefix("-"), town.has_chome, groups, len(town.streets) > 1)

    def _longest_exact(self, text: str) -> tuple[Town, str] | None:
        for length in range(min(self.longest, len(text)), 0, -1):
            town = self._exact.get(text[:length])
            rest = text[length:]
            if town is None or (rest[:1].isdigit() and text[length - 1].isdigit()):
                continue
            # 新堀町 where the city has only 新堀: the same; where it has both, the longer was found before.
            if rest[:1] == "町" and (not rest[1:] or rest[1].isdigit()):
                rest = rest[1:]
            return town, rest
        return None

    def _longest_loose(self, text: str) -> tuple[Town, str] | None:
        for length in range(min(self.longest + 4, len(text)), 0, -1):
            shape = text[:length]
            name = self._loose.get(shape) or self._loose.get(skeleton(shape))
            if name is None:
                continue
            rest = text[length:]
            if shape[-1].isdigit() and rest[:1].isdigit():
                continue
            if is_complete(rest) or length >= SURE_LENGTH:
                return self._exact[name], rest
        return None

    def _hyphen_numbers(self, text: str) -> Iterator[tuple[Town, str]]:
        """Find the towns with a number in their name that was written like the number of a house."""
        for length in range(min(self.longest, len(text)), 2, -1):
            shape = text[:length]
            name = self._hyphenated.get(shape)
            if name is not None and not (shape[-1].isdigit() and text[length : length + 1].isdigit()):
                yield self._exact[name], text[length:]
                return

    def _behind_street(self, text: str) -> TownMatch | None:
        """Find the first town that a number or the end follows, with a street in front of it or nothing."""
        for start in range(min(len(text), LONGEST_STREET)):
            if start and not STREET_END.search(text[:start]):
                continue
            for found in (self._longest_exact(text[start:]), self._longest_loose(text[start:])):
                if found and is_complete(found[1]) and not STREET_GOES_ON.match(found[1]):
                    return self._matched(*found, self._groups(found[0], text[:start]))
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
