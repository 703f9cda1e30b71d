"""The packaged list of prefectures, municipalities and towns of Japan, and what a user adds to it."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from himozuke.identity.address_base import AddressBase, read_base
from himozuke.identity.municipality import Mergers, load_mergers

PACKAGED = "tables/gazetteer.txt.xz"


class Town(NamedTuple):
    """One town (町または字) of a municipality.

    ``has_chome``: divided in 丁目. ``streets``: only in Kyoto, one text a postal code, the street names
    (通り名) that lead to the town joined with ``、``; more than one text means several towns of that name.
    """

    prefecture: str
    city_code: str
    city: str
    town: str
    has_chome: bool
    streets: tuple[str, ...] = ()


class City(NamedTuple):
    """One municipality, or one ward of a designated city.

    ``code`` is the five-digit code (JIS X 0402), ``name`` includes 郡 or the designated city, e.g.
    ``上川郡愛別町`` or ``札幌市中央区``.
    """

    code: str
    prefecture: str
    name: str
    lines: tuple[str, ...]

    def towns(self) -> Iterator[Town]:
        """The towns of this municipality, in the order of their characters."""
        for line in self.lines:
            name, *streets = line.split("\t")
            chome = name.endswith("*")
            yield Town(self.prefecture, self.code, self.name, name.removesuffix("*"), chome, tuple(streets))


class Gazetteer:
    """Municipalities with their towns, the mergers that led to them, and the lots and houses that are known."""

    def __init__(
        self,
        cities: tuple[City, ...],
        mergers: Mergers,
        source: str = "",
        *,
        base: AddressBase | None = None,
        version: str = "",
    ) -> None:
        """Take the municipalities in force and the history of their names.

        ``base``: files of the Address Base Registry; ``version``: digest of what was added to the packaged data,
        empty where nothing was.
        """
        self.cities = cities
        self.mergers = mergers
        self.source = source
        self.base = base
        self.version = version

    @cached_property
    def city_by_code(self) -> dict[str, City]:
        """The municipalities by five-digit code."""
        return {city.code: city for city in self.cities}

    @property
    def towns(self) -> Iterator[Town]:
        """Every town, sorted by municipality code and name."""
        for city in self.cities:
            yield from city.towns()


def read(text: str, mergers: Mergers) -> Gazetteer:
    """Read the text form that ``tools/make_gazetteer.py`` writes."""
    header, *prefectures = text.removesuffix("\n").split("\nP")
    cities: list[City] = []
    for block in prefectures:
        prefecture, *municipalities = block.split("\nC")
        for municipality in municipalities:
            head, *towns = municipality.split("\n")
            code, _, name = head.partition(" ")
            cities.append(City(code, prefecture, name, tuple(towns)))
    return Gazetteer(tuple(cities), mergers, header.split("\n", 1)[0].removeprefix("# "))


@lru_cache(maxsize=4)
def load(mergers: Path | None = None, address_base: Path | None = None) -> Gazetteer:
    """Load the packaged gazetteer; later calls give the same object.

    ``mergers``: a list of municipality changes in place of the packaged one. ``address_base``: a folder with files of the
    Address Base Registry. Errors as :func:`load_mergers` and :func:`read_base` raise them.
    """
    if mergers is None and address_base is None:
        packed = files("himozuke.identity").joinpath(PACKAGED).read_bytes()
        return read(lzma.decompress(packed).decode("utf-8"), load_mergers(None))
    packaged = load()
    base = read_base(address_base) if address_base else None
    history = load_mergers(mergers) if mergers else packaged.mergers
    added = ("\n".join(map(str, history.changes)) if mergers else "", base.digest if base else "")
    version = sha256("\n".join(added).encode()).hexdigest()
    return Gazetteer(packaged.cities, history, packaged.source, base=base, version=version)
