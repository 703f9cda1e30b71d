"""Pairs that take the gazetteer: the compiled reading of a column says what the reading of one pair says."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest

from himozuke.identity import address
from himozuke.identity.address_asked import ask_hashed
from himozuke.identity.address_columns import ASK
from himozuke.identity.address_hashed import TownKeys, hash_index
from himozuke.identity.address_place import PlaceIndex
from himozuke.identity.address_tables import tables
from himozuke.identity.address_text import compiled
from himozuke.identity.address_towns import before_number
from himozuke.identity.column import utf8_column
from himozuke.identity.gazetteer import Town, load

pytestmark = pytest.mark.seed("S61", "S62")

SEED = 20230526
TOWNS = list(load().towns)
DRAWN = 500
KINDS = 2  # at least so many results each time
NUMBERS = (
    "3丁目2番1号",
    "3-2-1",
    "3番地2",
    "302番地の22",
    "302-22",
    "302",
    "3丁目2番1号 第一寿荘803号室",
    "3-2-1-803",
    "三丁目2番1号",
    "302-23",
    "",
)
TAILS = (
    "",
    "　リバーサイド青葉1007号室",
    "ハイム若葉 203",
    "県営住宅3号棟605号室",
    "県営住宅３号棟605",
    " 第二寿荘412",
    "甲",
    "イ",
    "ビル3F301",
    "の2",
    "(裏)",
    " 山田様方",
    " メゾン・ド・フルール",
)
Draw = random.Random


def full(town: Town) -> str:
    return town.prefecture + town.city + town.town


def left_out(town: Town, draw: Draw) -> str:
    bare = re.sub("^.+?[郡市](?=.+[町村区]$)", "", town.city)
    heads = (town.prefecture + town.city, town.city, town.prefecture + bare, bare, town.prefecture[:-1] + town.city)
    return draw.choice(heads) + draw.choice((town.town, town.town, "大字" + town.town))


def misspelt(town: Town, draw: Draw) -> str:
    name = draw.choice(
        (
            re.sub("[町ケヶのノつツ]", "", town.town),
            town.town[2:],
            town.town + "町",
            town.town[:-1],
            "新" + town.town,
            town.town.replace("条", "", 1),
            town.town.replace("番町", "", 1),
            town.town + "字" + draw.choice(TOWNS).town,
        )
    )
    return left_out(town._replace(town=name), draw)


def streets(town: Town, draw: Draw) -> str:
    named = [name for group in town.streets for name in group.split("、")]
    return town.prefecture + town.city + (draw.choice(named) if named else "") + town.town


def elsewhere(town: Town, draw: Draw) -> str:
    return left_out(draw.choice(TOWNS), draw) if draw.random() < 0.5 else left_out(town, draw) + "東"


FORMER_OF: dict[str, list[str]] = defaultdict(list)
for change in load().mergers.changes:
    FORMER_OF[change.later].append(change.former)


def former(town: Town, draw: Draw) -> str:
    """Write a town as it stood in a former municipality, with or without what it kept of its name."""
    names = FORMER_OF[town.prefecture + town.city]
    name = draw.choice(names) if names else town.prefecture + town.city
    own = re.sub("^.+[都道府県郡市](?=.)", "", name)
    place = town.town.removeprefix(own) or town.town
    return draw.choice((name, name, name.removeprefix(town.prefecture))) + draw.choice((place, place, town.town))


HEADS: dict[str, Callable[[Town, Draw], str]] = {
    "former": former,
    "left out": left_out,
    "misspelt": misspelt,
    "streets": streets,
    "elsewhere": elsewhere,
}


def pair_of(town: Town, write: Callable[[Town, Draw], str], draw: Draw) -> tuple[str, str]:
    number = draw.choice(NUMBERS)
    other = number if draw.random() < 0.7 else draw.choice(NUMBERS)
    tail = draw.choice(TAILS)
    there = tail if draw.random() < 0.6 else draw.choice(TAILS)
    return write(town, draw) + number + tail, town.prefecture + town.city + town.town + other + there


@pytest.mark.parametrize("write", HEADS)
def test_columns_read_places_as_pairs_do(write: str) -> None:
    draw = Draw(SEED)
    kyoto = [town for town in TOWNS if town.city.startswith("京都市")]
    towns = [draw.choice(kyoto) if k % 5 == 0 else draw.choice(TOWNS) for k in range(DRAWN)]
    pairs = [pair_of(town, HEADS[write], draw) for town in towns]
    a, b = zip(*pairs, strict=True)

    many = address.compare_columns(utf8_column(a), utf8_column(b))

    ones = [address.compare(*pair) for pair in pairs]
    found = zip(pairs, ones, many.states.tolist(), many.hows.tolist(), strict=True)
    assert [(pair, one) for pair, one, state, how in found if (state, how) != (one.state, one.how)] == []
    assert len({(one.state, one.how) for one in ones}) >= KINDS


def test_most_pairs_of_a_register_take_no_python() -> None:
    draw = Draw(SEED)
    pairs = [(former(town, draw) + "3-2-1", full(town) + "3丁目2番1号") for town in draw.sample(TOWNS, DRAWN)]
    pairs += [(left_out(town, draw) + "3-2-1 第一寿荘803号室", full(town) + "3丁目2番1号") for town in TOWNS[::150]]
    a, b = (utf8_column(side) for side in zip(*pairs, strict=True))
    states, hows = np.full(a.rows, ASK, np.uint8), np.zeros(a.rows, np.uint8)

    index = PlaceIndex(load(), compiled())
    ask_hashed(*a, *b, np.arange(a.rows), tables(), hash_index(index), states, hows)

    assert np.mean(states != ASK) > 0.85


def test_the_keys_of_all_towns_are_the_keys_of_each() -> None:
    index = PlaceIndex(load(), compiled())

    keys = TownKeys(index)

    assert keys.alone == [index.key(town.town) for town in TOWNS]
    assert keys.names == [before_number(town.town, index.key) for town in TOWNS]
    assert [load().cities[city].code for city in keys.cities.tolist()] == [town.city_code for town in TOWNS]
