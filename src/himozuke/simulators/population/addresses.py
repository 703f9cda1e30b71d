"""Addresses as text, in the notation of each municipality and the habits of each insurer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.simulators.population import places
from himozuke.simulators.population.kana import full_width
from himozuke.simulators.population.people import NONE, Ints
from himozuke.simulators.population.places import Dwellings
from himozuke.simulators.population.styles import (
    BUILDING_HYPHEN,
    BUILDING_MISSING,
    PLACE_FORMER,
    PLACE_KE,
    PLACE_NO_OAZA,
    PLACE_NO_PREFECTURE,
    Style,
)
from himozuke.simulators.population.tables import rows
from himozuke.simulators.population.texts import scattered

KANJI_FIGURES = "〇一二三四五六七八九"
CHOMES, BLOCKS, LOTS, ROOMS = 10, 2401, 36, 1300
REGISTER_NOTATIONS = 3  # the notations 0, 1 and 2 are those of registers; 3 to 8 of insurers; 9 mistakes 番 for 番地


def same(text: str) -> str:
    """Leave ASCII figures as they are."""
    return text


def kanji_figure(text: str) -> str:
    """Write one figure in kanji."""
    return KANJI_FIGURES[int(text)]


# notation: figures, then the patterns of 丁目, 番, 号 where a town has 丁目, and of 番地 and branch where not
Pattern = tuple[Callable[[str], str], Callable[[str], str], str, str, str, str, str]
NOTATIONS: tuple[Pattern, ...] = (
    (full_width, full_width, "{}丁目", "{}番", "{}号", "{}番地", "{}"),
    (same, same, "{}丁目", "{}番", "{}号", "{}番地", "の{}"),
    (kanji_figure, full_width, "{}丁目", "{}番", "{}号", "{}番地", "の{}"),
    (same, same, "{}-", "{}", "-{}", "{}", "-{}"),
    (full_width, full_width, "{}－", "{}", "－{}", "{}", "－{}"),
    (full_width, full_width, "{}ー", "{}", "ー{}", "{}", "ー{}"),
    (same, same, "{}丁目", "{}", "-{}", "{}", "-{}"),
    (kanji_figure, same, "{}丁目", "{}番", "{}号", "{}番地", "{}"),
    (same, same, "{}丁目", "{}", "の{}", "{}", "の{}"),
    (same, same, "{}丁目", "{}番地", "{}", "{}番地", "{}"),
)


def figures(notation: int, part: int, count: int) -> list[str]:
    """All texts of one part of a number in one notation; part 0 丁目, 1 番, 2 号, 3 番地, 4 its branch."""
    chome_figure, figure, *patterns = NOTATIONS[notation]
    write = chome_figure if part == 0 else figure
    return ["", *(patterns[part].format(write(str(n))) for n in range(1, count))]


@cache
def figure_table(parts: tuple[int, ...], count: int) -> pa.Array:
    """The texts of some parts, part after part, notation after notation."""
    notations = range(len(NOTATIONS))
    return pa.array([text for part in parts for n in notations for text in figures(n, part, count)], pa.string())


@cache
def building_table() -> pa.Array:
    """The buildings' names, the last one empty for a house of its own."""
    return pa.array(["　" + row["name"] for row in rows("buildings.tsv")] + [""], pa.string())


@cache
def room_table() -> pa.Array:
    """The rooms: full width, half width, bare; the first of each empty."""
    numbers = [str(n) for n in range(1, ROOMS)]
    full = ["", *(full_width(n) + "号室" for n in numbers)]
    return pa.array([*full, "", *(n + "号室" for n in numbers), "", *numbers], pa.string())


@cache
def place_text(town: int, style: int) -> str:
    """Write prefecture, municipality and town."""
    known = places.towns()[town]
    oaza = "大字" if places.oaza_towns()[town] and style != PLACE_NO_OAZA else ""
    name = known.town
    if style == PLACE_KE:
        name = name.replace("ヶ", "が").replace("ケ", "が")
    if style == PLACE_FORMER:
        return places.former_places()[town]
    prefecture = "" if style == PLACE_NO_PREFECTURE else known.prefecture
    return prefecture + known.city + oaza + name


@cache
def register_notations() -> npt.NDArray[np.int8]:
    """The notation of each town's municipality."""
    return np.array([int(town.city_code) * 7 % 5 % REGISTER_NOTATIONS for town in places.towns()], np.int8)


def place_texts(town: Ints, style: Style) -> pa.Array:
    """Write prefecture, municipality and town of many addresses, each different one once."""
    keys, inverse = np.unique(town.astype(np.int64) * 8 + style, return_inverse=True)
    texts = pa.array([place_text(key >> 3, key & 7) for key in keys.tolist()], pa.string())
    return texts.take(pa.array(inverse))


def address_texts(dwellings: Dwellings, home: Ints, number: Style, place: Style, building: Style) -> pa.Array:
    """Write the addresses of some homes (-1 = none, an empty text); one text a home."""
    there = home != NONE
    if there.all():
        return texts_of(dwellings.take(home), number, place, building)
    own = dwellings.take(home[there])
    return scattered(there, texts_of(own, number[there], place[there], building[there]))


def texts_of(own: Dwellings, number: Style, place: Style, building: Style) -> pa.Array:
    """Write the addresses of dwellings."""
    notation = np.where(number == 0, register_notations()[own.town], number).astype(np.int64)
    kind = np.where(own.chome > 0, notation, notation + len(NOTATIONS))
    flat = (own.building >= 0) & (building != BUILDING_MISSING)
    room_form = np.where(building == BUILDING_HYPHEN, 2, (notation % REGISTER_NOTATIONS) % 2).astype(np.int64)
    return pc.binary_join_element_wise(
        place_texts(own.town, place),
        figure_table((0,), CHOMES).take(pa.array(notation * CHOMES + own.chome)),
        figure_table((1, 3), BLOCKS).take(pa.array(kind * BLOCKS + own.block)),
        figure_table((2, 4), LOTS).take(pa.array(kind * LOTS + own.lot)),
        building_table().take(pa.array(np.where(flat, own.building, len(building_table()) - 1))),
        room_table().take(pa.array(room_form * ROOMS + np.where(flat, own.room, 0))),
        "",
    )
