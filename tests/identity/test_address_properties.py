"""Addresses drawn from the gazetteer: variants stay the same, hard negatives never become it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from himozuke.identity import address
from himozuke.identity.column import utf8_column
from himozuke.identity.gazetteer import Town, load
from himozuke.identity.state import How, ItemState

pytestmark = pytest.mark.seed("S61", "S62")

SEED = 20230526
DRAWN = 1500
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
Pair = tuple[str, str]


def kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    written = ("" if tens == 0 else "十" if tens == 1 else str(tens).translate(KANJI) + "十") + (
        "" if ones == 0 else str(ones).translate(KANJI)
    )
    return written or "〇"


def drawn(count: int = DRAWN) -> list[Town]:
    return random.Random(SEED).sample(list(load().towns), count)


def full(town: Town, number: str) -> str:
    return town.prefecture + town.city + town.town + number


def states(pairs: list[Pair]) -> tuple[list[int], list[int]]:
    a, b = zip(*pairs, strict=True)
    compared = address.compare_columns(utf8_column(a), utf8_column(b))
    return compared.states.tolist(), compared.hows.tolist()


def same(pairs: list[Pair]) -> list[Pair]:
    found, _ = states(pairs)
    return [pair for pair, state in zip(pairs, found, strict=True) if state <= ItemState.VARIANT]


def different(pairs: list[Pair]) -> list[Pair]:
    found, _ = states(pairs)
    return [pair for pair, state in zip(pairs, found, strict=True) if state == ItemState.DIFFERENT]


NOTATIONS: dict[str, Callable[[int, int, int], str]] = {
    "units": lambda a, b, c: f"{a}丁目{b}番{c}号",
    "hyphens": lambda a, b, c: f"{a}-{b}-{c}",
    "wide": lambda a, b, c: f"{a}-{b}-{c}".translate(WIDE),
    "long mark": lambda a, b, c: f"{a}ー{b}ー{c}",
    "dashes": lambda a, b, c: f"{a}‐{b}—{c}",
    "no": lambda a, b, c: f"{a}丁目{b}の{c}",
    "kanji": lambda a, b, c: f"{kanji(a)}丁目{kanji(b)}番{kanji(c)}号",
    "kanji chome": lambda a, b, c: f"{kanji(a)}丁目{b}-{c}",
    "spaces": lambda a, b, c: f" {a} 丁目 {b} 番 {c} 号",
    "zeros": lambda a, b, c: f"{a}-{b:02}-{c:02}",
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_number_in_another_notation_is_the_same(notation: str) -> None:
    numbers = random.Random(SEED)
    pairs = []
    for town in drawn():
        a, b, c = numbers.randint(1, 9), numbers.randint(1, 60), numbers.randint(1, 40)
        pairs.append((full(town, f"{a}丁目{b}番{c}号"), full(town, NOTATIONS[notation](a, b, c))))

    found, _ = states(pairs)

    assert [pair for pair, state in zip(pairs, found, strict=True) if state > ItemState.VARIANT] == []


def test_an_omitted_prefecture_never_makes_an_address_different() -> None:
    pairs = [(full(town, "3番地2"), town.city + town.town + "3-2") for town in drawn()]

    assert different(pairs) == []


def test_an_omitted_prefecture_is_the_same_where_the_municipality_is_the_only_one() -> None:
    cities = defaultdict(set)
    for city in load().cities:
        cities[address.key(city.name)].add(city.code)
    pairs = [(full(t, "3番地2"), t.city + t.town + "3-2") for t in drawn() if len(cities[address.key(t.city)]) == 1]

    assert len(same(pairs)) == len(pairs)


def test_an_omitted_county_is_never_different() -> None:
    pairs = [
        (full(town, "3番地2"), town.prefecture + re.sub("^.+?郡(?=.+[町村]$)", "", town.city) + town.town + "3-2")
        for town in load().towns
        if re.match(".+?郡.+[町村]$", town.city)
    ][::10]

    assert different(pairs) == []


def test_oaza_and_aza_may_be_written_or_not() -> None:
    pairs = [
        (town.prefecture + town.city + sign + town.town + "123番地4", full(town, "123-4"))
        for town in drawn()
        for sign in ("大字", "字")
    ]

    assert len(same(pairs)) == len(pairs)


def test_a_building_on_one_side_is_the_same_place() -> None:
    pairs = [(full(town, "3丁目2番1号"), full(town, "3-2-1 コーポ青葉101号室")) for town in drawn()]

    found, hows = states(pairs)

    assert set(found) == {ItemState.VARIANT}
    assert set(hows) == {How.OMITTED_BUILDING}


def other_numbers(town: Town) -> Iterator[Pair]:
    numbers = random.Random(town.city_code + town.town)
    a, b, c = numbers.randint(1, 9), numbers.randint(1, 60), numbers.randint(1, 40)
    yield full(town, f"{a}-{b}-{c}"), full(town, f"{a}-{b}-{c + 1}")
    yield full(town, f"{a}-{b}-{c}"), full(town, f"{a + 1}-{b}-{c}")
    yield full(town, f"{a}丁目{b}番{c}号"), full(town, f"{a}-{b + 11}-{c}")
    yield full(town, "1-1-11"), full(town, "1-11-1")
    yield full(town, "1-1-11"), full(town, "11-1")
    yield full(town, "1-11-1"), full(town, "11-1")
    yield full(town, "1-23"), full(town, "12-3")
    yield full(town, "一番町2-3"), full(town, "1番2-3")


def other_rooms(town: Town) -> Iterator[Pair]:
    room = random.Random(town.town).randint(101, 908)
    yield full(town, f"1-2-3コーポ{room}号室"), full(town, f"1-2-3コーポ{room + 1}")
    yield full(town, f"1-2-3-{room}"), full(town, f"1-2-3-{room + 1}")
    yield full(town, f"1-2-3-{room}"), full(town, f"1-2-3 メゾン{room + 1}")
    yield full(town, f"1-2-3コーポ{room}"), full(town, f"1-2-3ハイツ{room}")
    yield full(town, "1-2-3コーポA棟101"), full(town, "1-2-3コーポB棟101")
    yield full(town, "1-2-3第一コーポ"), full(town, "1-2-3第二コーポ")


def other_signs(town: Town) -> Iterator[Pair]:
    yield full(town, "甲12-3"), full(town, "乙12-3")
    yield full(town, "甲12-3"), full(town, "12-3")
    yield full(town, "12番地甲"), full(town, "12番地乙")
    yield full(town, "12-3イ"), full(town, "12-3ロ")
    for first, second in (("南", "北"), ("東", "西"), ("上", "下")):
        if first in town.town:
            yield full(town, "4-5-6"), full(town._replace(town=town.town.replace(first, second, 1)), "4-5-6")
        else:
            yield full(town, "4-5-6"), full(town._replace(town=first + town.town), "4-5-6")
    yield full(town, "4-5-6"), full(town._replace(town="新" + town.town), "4-5-6")


@pytest.mark.parametrize("negatives", [other_numbers, other_rooms, other_signs])
def test_hard_negatives_of_one_town_are_never_the_same(negatives: Callable[[Town], Iterator[Pair]]) -> None:
    pairs = [pair for town in drawn() for pair in negatives(town)]

    assert same(pairs) == []


def test_the_same_number_in_another_town_is_never_the_same() -> None:
    towns = defaultdict(list)
    for town in load().towns:
        towns[town.city_code].append(town)
    numbers = random.Random(SEED)
    pairs = []
    for town in drawn():
        other = numbers.choice(towns[town.city_code])
        elsewhere = numbers.choice(load().cities)
        if other.town != town.town:
            pairs.append((full(town, "3-2-1"), full(other, "3-2-1")))
        if elsewhere.prefecture != town.prefecture:
            pairs.append((full(town, "3-2-1"), elsewhere.prefecture + town.city + town.town + "3-2-1"))
            pairs.append((full(town, "3-2-1"), elsewhere.prefecture + elsewhere.name + town.town + "3-2-1"))

    assert same(pairs) == []


def test_a_town_and_the_town_with_machi_behind_it_are_never_the_same() -> None:
    names = {(town.city_code, town.town) for town in load().towns}
    pairs = [
        (full(town, "3-4"), full(town, "町3-4")) for town in load().towns if (town.city_code, town.town + "町") in names
    ]

    assert len(pairs) > 700
    assert same(pairs) == []


def test_a_town_in_several_wards_is_not_the_same_without_its_ward() -> None:
    wards = defaultdict(list)
    for town in load().towns:
        found = re.match("(.+市)(.+区)$", town.city)
        if found:
            wards[town.prefecture, found[1], town.town].append(town)
    several = {place: towns for place, towns in wards.items() if len(towns) > 1}
    swapped = [(full(towns[0], "3-4"), full(towns[1], "3-4")) for towns in several.values()]
    omitted = [("".join(place) + "3-4", full(towns[1], "3-4")) for place, towns in several.items()]

    assert len(several) > 150
    assert same(swapped + omitted) == []
    assert set(states(omitted)[0]) == {ItemState.NEAR}


def test_towns_of_one_name_in_one_kyoto_ward_are_told_apart_by_their_streets() -> None:
    pairs = [
        (
            f"京都府{town.city}{first.split('、')[0]}{town.town}5",
            f"京都府{town.city}{second.split('、')[0]}{town.town}5",
        )
        for town in load().towns
        if len(town.streets) > 1
        for first, second in [town.streets[:2]]
        if first and second
    ]

    assert len(pairs) > 90
    assert same(pairs) == []


def test_numbered_towns_are_never_the_same_as_their_neighbours() -> None:
    towns = defaultdict(list)
    for town in load().towns:
        if re.search("[一二三四五六七八九]番町$", town.town):
            towns[town.city_code].append(town)
    pairs = [
        pair
        for group in towns.values()
        for one in group
        for other in group
        if one.town != other.town
        for pair in ((full(one, "3-4"), full(other, "2-4")), (full(one, "3-4"), full(other, "3-4")))
    ]

    assert len(pairs) > 1000
    assert same(pairs) == []
