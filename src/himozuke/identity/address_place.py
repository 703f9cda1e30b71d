"""Which town an address speaks of: municipality names, mergers, and the towns of a municipality."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from himozuke.identity.address_tables import tables
from himozuke.identity.address_text import Folder
from himozuke.identity.address_towns import TownIndex, TownMatch, is_complete
from himozuke.identity.gazetteer import Gazetteer

if TYPE_CHECKING:
    from himozuke.identity.address_lots import KnownLots

COUNTY = re.compile(r"^(.+?郡|[^郡]+島)(.+[町村])$")
COUNTY_WRITTEN = re.compile(r"(..[都道府県]|...県)?[^市区町村郡0-9]{1,4}郡")
WARD = re.compile(r"^(.+市)(.+区)$")
# Names that no rule but the kanji fold can change.
PLAIN = re.compile(r"[㐀-鿿豈-﫿𠀀-𲏿]*")
NOT_PLAIN = re.compile("[〇零一二三四五六七八九十百千壱弐参壹貳參伍拾之字第地]")
FULL, SHORT, FORMER = range(3)


class Name(NamedTuple):
    """One way to write a municipality.

    ``how``: FULL, SHORT (prefecture, 郡 or city left out) or FORMER. ``own``: for a former name, what
    towns may carry of it, e.g. ``木之本町``.
    """

    code: str
    how: int
    own: str = ""


class Place(NamedTuple):
    """One reading of an address: municipality, town, the text behind the town, and behind the municipality.

    ``town`` is empty when the gazetteer knows none that fits. ``groups``: which of several towns of the
    same name the Kyoto street points to, by number; empty when it was not said. ``several``: the
    gazetteer holds several of that name here. Not ``sure``: only the end of the name was written.
    ``how`` as in :class:`Name`.
    """

    code: str
    town: str
    rest: str
    inner: str
    chome: bool
    how: int
    groups: frozenset[int] = frozenset()
    several: bool = False
    sure: bool = True


def parts_of(name: str) -> tuple[str, str]:
    """Split a municipality name into 郡, island or designated city, and its own name."""
    found = COUNTY.match(name) or WARD.match(name)
    return (found[1], found[2]) if found else ("", name)


class PlaceIndex:
    """Finds municipality and town at the beginning of a key."""

    def __init__(self, gazetteer: Gazetteer, folder: Folder) -> None:
        """Index the municipality names; towns are indexed when first asked for."""
        self.gazetteer = gazetteer
        self._folder = folder
        self._variants = {code: int(to) for code, to in enumerate(tables().variants) if code != to}
        self._town_indexes: dict[str, TownIndex] = {}
        self.places = lru_cache(maxsize=1 << 16)(self._places)

    @cached_property
    def lots(self) -> KnownLots | None:
        """What is known of lots and houses; None where nothing was loaded."""
        from himozuke.identity.address_lots import KnownLots

        base = self.gazetteer.base
        return KnownLots(base, self.places, self._folder) if base else None

    def key(self, name: str) -> str:
        """The key of a name; the folding loops run only where a sign could need them."""
        if PLAIN.fullmatch(name) and not NOT_PLAIN.search(name):
            return name.translate(self._variants)
        return self._folder(name).key

    @cached_property
    def names(self) -> dict[str, list[Name]]:
        """Every way to write a municipality, by key."""
        names: dict[str, dict[Name, None]] = defaultdict(dict)
        wards: dict[str, list[str]] = defaultdict(list)
        for city in self.gazetteer.cities:
            outer, own = parts_of(city.name)
            self._add(names, city.prefecture, outer, own, [city.code], FULL)
            wards[city.prefecture + city.name].append(city.code)
            if city.prefecture == "北海道" and COUNTY.match(city.name):
                wards[city.prefecture + own].append(city.code)  # as the list of mergers names them
            if WARD.match(city.name):
                wards[city.prefecture + outer].append(city.code)
        for full, codes in wards.items():
            if len(codes) > 1 and full.endswith("市"):
                prefecture = self._prefecture(full)
                self._add(names, prefecture, "", full.removeprefix(prefecture), codes, SHORT)
        for former in self.gazetteer.mergers.former_names:
            self._add_former(names, former, wards)
        return {key: list(found) for key, found in names.items()}

    def _prefecture(self, full: str) -> str:
        return full[:4] if full[3:4] == "県" else full[:3]

    def _add_former(self, names: dict[str, dict[Name, None]], former: str, wards: dict[str, list[str]]) -> None:
        later = self.gazetteer.mergers.successors(former, wards)
        codes = [code for name in later for code in wards[name]]
        prefecture = self._prefecture(former)
        outer, own = parts_of(former.removeprefix(prefecture))
        if codes and own:
            self._add(names, prefecture, outer, own, codes, FORMER)

    def _add(
        self,
        names: dict[str, dict[Name, None]],
        prefecture: str,
        outer: str,
        own: str,
        codes: Iterable[str],
        how: int,
    ) -> None:
        """Write one municipality in every way: with and without prefecture and what is around it."""
        pref, county, name = self.key(prefecture), self.key(outer), self.key(own)
        bare = pref if pref == "北海道" else pref[:-1]
        told = name if how == FORMER else ""
        for code in codes:
            short = Name(code, max(how, SHORT), told)
            names[pref + county + name].setdefault(Name(code, how, told))
            for text in (county + name, bare + county + name, pref + name, bare + name, name):
                if Name(code, FULL) not in names[text]:
                    names[text].setdefault(short)

    @cached_property
    def longest_name(self) -> int:
        """The length of the longest way to write a municipality."""
        return max(map(len, self.names))

    def sure_codes(self) -> dict[str, int]:
        """Every way to write a municipality with its code as a number, 0 where it can mean several."""
        sure: dict[str, int] = {}
        for text, named in self.names.items():
            codes = {name.code for name in named}
            in_force = any(name.how != FORMER for name in named)
            sure[text] = int(codes.pop()) if in_force and len(codes) == 1 else 0
        return sure

    def towns(self, code: str) -> TownIndex:
        """The towns of one municipality."""
        if code not in self._town_indexes:
            city = self.gazetteer.city_by_code[code]
            self._town_indexes[code] = TownIndex(city, self.key)
        return self._town_indexes[code]

    def _places(self, key: str) -> list[Place]:
        """Read the beginning of a key in every way that the gazetteer allows (``places`` remembers it).

        The longest municipality name behind which a town follows wins, names in force before former ones;
        where no town is known, the longest name.
        """
        loose: list[Place] = []
        for length in range(min(len(key), self.longest_name), 1, -1):
            named = self.names.get(key[:length], ())
            inner = key[length:]
            found = list(dict.fromkeys(place for name in named for place in self._read(name, inner)))
            complete = [place for place in found if is_complete(place.rest)]
            if found:
                return self._in_force(complete or found)
            if any(name.how != FORMER for name in named):
                # 上京区 behind 京都府京都市 is a ward, not the beginning of a town of the city.
                return self._in_force([Place(name.code, "", inner, inner, chome=False, how=name.how) for name in named])
            if named and not loose:
                loose = [Place(name.code, "", inner, inner, chome=False, how=name.how) for name in named]
        county = COUNTY_WRITTEN.match(key)
        if not loose and county:
            # A 郡 that the list of mergers does not tell, or that changed.
            return self.places((county[1] or "") + key[county.end() :])
        return loose

    @staticmethod
    def _in_force(places: list[Place]) -> list[Place]:
        """Prefer names in force: 東山区 is today's ward before it is what 山科区 came from."""
        return [place for place in places if place.how != FORMER] or places

    def places_within(self, key: str, others: list[Place]) -> list[Place]:
        """Look for the town at the beginning of a key in the municipalities of another address.

        When a town of that name is found elsewhere too, a place without municipality stands for those.
        """
        found = [
            self._place(Name(code, SHORT), key, match)
            for code in dict.fromkeys(place.code for place in others)
            for match in self.towns(code).match(key)
        ]
        if all(self.is_unique(place.town) for place in found):
            return found
        return [*found, Place("", "", key, key, chome=False, how=SHORT)]

    def names_apart(self, a: str, b: str) -> bool:
        """Tell whether two texts begin with the names of different municipalities that fold alike."""
        return (
            bool(self._exact_codes(a))
            and bool(self._exact_codes(b))
            and not self._exact_codes(a) & self._exact_codes(b)
        )

    @cached_property
    def _official(self) -> dict[str, set[str]]:
        """The municipalities by name as it is officially written, with and without what is around it."""
        codes: dict[str, set[str]] = defaultdict(set)
        for city in self.gazetteer.cities:
            _, own = parts_of(city.name)
            pref = city.prefecture
            for name in (pref + city.name, city.name, pref + own, own, pref[:-1] + city.name):
                codes[name].add(city.code)
        return dict(codes)

    @cached_property
    def _longest_official(self) -> int:
        return max(map(len, self._official), default=0)

    def _exact_codes(self, text: str) -> set[str]:
        """The municipalities whose name, as it is officially written, a text begins with."""
        beginnings = (text[:length] for length in range(1, min(len(text), self._longest_official) + 1))
        return set().union(*(self._official.get(beginning, ()) for beginning in beginnings))

    @staticmethod
    def _place(name: Name, inner: str, match: TownMatch) -> Place:
        kind = (match.chome, name.how, match.groups, match.several, match.sure)
        return Place(name.code, match.town, match.rest, inner, *kind)

    def _read(self, name: Name, inner: str) -> tuple[Place, ...]:
        return tuple(self._place(name, inner, match) for match in self._matches(name, inner))

    def _matches(self, name: Name, rest: str) -> Iterator[TownMatch]:
        towns = self.towns(name.code)
        if name.how != FORMER:
            yield from towns.match(rest)
            return
        # 木之本町大音 of the former 木之本町 is 木之本町大音 of 長浜市; 水沢市大町 is 水沢大町 of 奥州市.
        found = [match for text in (name.own + rest, name.own[:-1] + rest, rest) for match in towns.match(text)]
        complete = [match for match in found if is_complete(match.rest)]
        yield from complete[:1] or found[:1]

    @cached_property
    def _municipalities_with(self) -> Counter[str]:
        """In how many municipalities a town name occurs."""
        found: Counter[str] = Counter()
        for city in self.gazetteer.cities:
            found.update({line.partition("\t")[0].removesuffix("*") for line in city.lines})
        return found

    def is_unique(self, town: str) -> bool:
        """Tell whether a town name occurs in one municipality only."""
        return self._municipalities_with[town] == 1
