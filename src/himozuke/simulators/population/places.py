"""Towns weighted by the people who live there, and the dwellings in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from functools import cache
from typing import Self

import numpy as np
import numpy.typing as npt

from himozuke.identity import gazetteer
from himozuke.identity.gazetteer import Town
from himozuke.simulators.population.kana import outside_cp932
from himozuke.simulators.population.names import Drawer
from himozuke.simulators.population.tables import rows

CHOME_TOWN_WEIGHT = 4.0  # a town with 丁目 is a built-up one
FLATS_SHARE = 0.38
LOOKALIKE_CITIES = str.maketrans("嶋瀧條ヶ", "島滝条ケ")


@dataclass(frozen=True)
class Dwellings:
    """Where people live or lived, one row a dwelling.

    ``town`` is a place in :func:`towns`; ``chome`` 0 = none; ``block`` is 番 or 番地, ``lot`` 号 or the
    branch of a 番地, 0 = none; ``building`` -1 = a house of its own; ``room`` as on the door.
    """

    town: npt.NDArray[np.int32]
    chome: npt.NDArray[np.int16]
    block: npt.NDArray[np.int16]
    lot: npt.NDArray[np.int16]
    building: npt.NDArray[np.int16]
    room: npt.NDArray[np.int16]

    @property
    def rows(self) -> int:
        """The number of dwellings."""
        return len(self.town)

    def take(self, places: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> Self:
        """The dwellings at some places."""
        return type(self)(*(getattr(self, field.name)[places] for field in fields(self)))

    def followed_by(self, more: Dwellings) -> Dwellings:
        """These dwellings and then some more."""
        both = ((getattr(self, f.name), getattr(more, f.name)) for f in fields(self))
        return Dwellings(*(np.concatenate(pair) for pair in both))


@cache
def towns() -> tuple[Town, ...]:
    """The towns people live in: those of the gazetteer whose name says which town it is.

    Left out: Kyoto names that several towns of one ward bear, and names that hold a remark.
    """
    known = tuple(gazetteer.load().towns)
    outside = outside_cp932(t.city + t.town for t in known) | {"（"}
    return tuple(t for t in known if t.town and len(t.streets) < 2 and outside.isdisjoint(t.city + t.town))


def city_people() -> dict[tuple[str, str], float]:
    """People by prefecture and municipality; those of large cities as known, the rest shared by towns."""
    people = {row["name"]: float(row["people"]) for row in rows("municipality_people.tsv")}
    size = Counter((town.prefecture, town.city) for town in towns())
    wards: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for prefecture, city in size:
        large = city if city in people else city[: city.find("市") + 1]
        if large in people and (city == large or city.endswith("区")):
            wards[large].append((prefecture, city))
    found = {ward: people[large] / len(all_wards) for large, all_wards in wards.items() for ward in all_wards}
    for prefecture in {prefecture for prefecture, _ in size}:
        own = [key for key in size if key[0] == prefecture]
        taken = sum(found.get(key, 0.0) for key in own)
        free = {key: size[key] ** 0.7 for key in own if key not in found}
        left = max(people[prefecture] - taken, 30.0 * len(free))
        found |= {key: left * weight / sum(free.values()) for key, weight in free.items()}
    return found


@cache
def town_drawer() -> Drawer:
    """Draws towns by the people of their municipality."""
    people = city_people()
    weight = np.array([CHOME_TOWN_WEIGHT if town.has_chome else 1.0 for town in towns()])
    cities = [(town.prefecture, town.city) for town in towns()]
    total: dict[tuple[str, str], float] = defaultdict(float)
    for city, own in zip(cities, weight.tolist(), strict=True):
        total[city] += own
    return Drawer(weight * np.array([people[city] / total[city] for city in cities]))


@cache
def chome_towns() -> npt.NDArray[np.bool_]:
    """Tell which towns are divided in 丁目."""
    return np.array([town.has_chome for town in towns()], np.bool_)


def draw_dwellings(count: int, draw: np.random.Generator) -> Dwellings:
    """Draw so many dwellings."""
    town = town_drawer().draw(count, draw)
    in_chome = chome_towns()[town]
    flat = draw.random(count) < np.where(in_chome, FLATS_SHARE * 1.3, FLATS_SHARE * 0.4)
    chome = np.where(in_chome, 1 + np.minimum(draw.geometric(0.35, count) - 1, 8), 0)
    block = np.where(in_chome, draw.integers(1, 60, count), draw.integers(1, 2400, count))
    lot = np.where(in_chome | (draw.random(count) < 0.6), draw.integers(1, 35, count), 0)
    buildings = len(rows("buildings.tsv"))
    building = np.where(flat, draw.integers(0, buildings, count), -1)
    room = np.where(flat, draw.integers(1, 13, count) * 100 + draw.integers(1, 16, count), 0)
    small = (column.astype(np.int16) for column in (chome, block, lot, building, room))
    return Dwellings(town, *small)


@cache
def cities_alone() -> frozenset[str]:
    """Municipality names that say which prefecture: no other bears them, nor one that looks alike.

    A ward without its city (北区) counts as a name of its own, for people write it so.
    """
    pairs = {(town.prefecture, town.city) for town in towns()}
    alike: Counter[str] = Counter()
    for prefecture, city in pairs:
        forms = {city, bare(prefecture, city), city.rpartition("市")[2] if city.endswith("区") else city}
        alike.update(form.translate(LOOKALIKE_CITIES) for form in forms)
    return frozenset(city for _, city in pairs if alike[city.translate(LOOKALIKE_CITIES)] == 1)


def bare(prefecture: str, name: str) -> str:
    """The name of a municipality without prefecture and 郡."""
    name = name.removeprefix(prefecture)
    return name.split("郡", 1)[-1] if "郡" in name[1:-1] else name


def former_place(town: Town, former: list[str]) -> str:
    """Prefecture, municipality and town as they were written before a merger, empty when nothing is known.

    Known are towns that carry the name of the municipality that was merged (甲賀市甲賀町大原市場 was
    甲賀町大原市場), and municipalities that only changed their rank (富谷町 became 富谷市).
    """
    city = bare(town.prefecture, town.city)
    for name in former:
        merged = bare(town.prefecture, name)
        if town.town.startswith(merged) and len(town.town) > len(merged):
            return name + town.town.removeprefix(merged)
    renamed = len(former) == 1 and bare(town.prefecture, former[0])[:-1] == city[:-1]
    return former[0] + town.town if renamed else ""


@cache
def former_places() -> tuple[str, ...]:
    """How each town was written before the last merger, empty where nothing is known."""
    found: dict[str, list[str]] = defaultdict(list)
    for change in gazetteer.load().mergers.changes:
        if "支庁" not in change.former:  # the list names the branch office, which no address does
            found[change.later].append(change.former)
    return tuple(former_place(town, found.get(town.prefecture + town.city, [])) for town in towns())


@cache
def oaza_towns() -> npt.NDArray[np.bool_]:
    """Tell which towns the register writes with 大字: about half of the rural ones, by municipality."""
    rural = [not town.has_chome and "郡" in town.city for town in towns()]
    return np.array([r and int(t.city_code) % 2 == 0 for r, t in zip(rural, towns(), strict=True)], np.bool_)
