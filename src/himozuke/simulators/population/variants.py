"""Links written another way than the register: the habits of each insurer, and what happens to single rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population import names, places
from himozuke.simulators.population.case import KIND, Case, Rows
from himozuke.simulators.population.people import NONE
from himozuke.simulators.population.plan import Plan
from himozuke.simulators.population.styles import (
    BUILDING_HYPHEN,
    BUILDING_MISSING,
    NAME_FULL_WIDTH,
    NAME_PARALLEL,
    PLACE_FORMER,
    PLACE_KE,
    PLACE_NO_OAZA,
    PLACE_NO_PREFECTURE,
    UNREADABLE,
    Styles,
)

Bools = npt.NDArray[np.bool_]

# habit: styles an insurer may have (0 = as the register), and how many insurers have which
HABITS = {
    "kana": ((0, 1, 2, 3, 4), (0.35, 0.3, 0.15, 0.15, 0.05)),
    "kana_separator": ((0, 1, 2), (0.7, 0.2, 0.1)),
    "separator": ((0, 1, 2), (0.5, 0.35, 0.15)),
    "birth": ((0, 1, 2, 3, 4, 5, 6, 7), (0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05)),
    "sex": ((0, 1, 2, 3), (0.6, 0.3, 0.05, 0.05)),
    "number": ((0, 3, 4, 5, 6, 7, 8), (0.2, 0.3, 0.2, 0.05, 0.1, 0.1, 0.05)),
    "place": ((0, 1, 2, 4), (0.5, 0.3, 0.1, 0.1)),
    "building": ((0, 1, 2), (0.5, 0.3, 0.2)),
    "plain": ((0, 1), (0.5, 0.5)),
}
HABIT_SHARE = 0.75  # of an insurer's flagged rows show a habit
# shares among the flagged rows of what depends on the person
PERSONAL = {"former_name": 0.012, "former_address": 0.012, "alias": 0.002, "parallel_kanji": 0.002,
            "latin_width": 0.004, "token_order": 0.004, "merger": 0.02, "unreadable": 0.004}  # fmt: skip


def rare(case: Case) -> Bools:
    """Tell which links are about a name that the insurers' code page cannot hold."""
    book = names.load()
    held = case.held
    none = held.surname == NONE
    outside: Bools = names.unencodable(book.surnames)[held.surname] | names.unencodable(book.given)[held.given]
    return np.asarray(outside & ~none, np.bool_)


def flagged(case: Case, plan: Plan, must: Bools) -> Rows:
    """Choose the links written otherwise: those that must be, and others more at some insurers than others."""
    draw = plan.draw("flags")
    rows = case.links.rows
    wanted = min(max(round(plan.variants * rows), int(must.sum())), rows)
    insurers = int(case.links.insurer.max(initial=0)) + 1
    eagerness = draw.gamma(1.5, 1.0, insurers) + 0.05
    luck = draw.exponential(1.0, rows) / eagerness[case.links.insurer]
    luck[must] = -1
    return np.sort(np.argpartition(luck, wanted - 1)[:wanted]) if wanted else np.zeros(0, np.int64)


def follow_habits(case: Case, styles: Styles, rows: Rows, draw: np.random.Generator) -> None:
    """Give flagged rows the habits of their insurer."""
    insurers = int(case.links.insurer.max(initial=0)) + 1
    for habit, (choices, shares) in HABITS.items():
        by_insurer = draw.choice(np.array(choices, np.int8), insurers, p=shares)
        shown = draw.random(len(rows)) < HABIT_SHARE
        style = np.where(shown, by_insurer[case.links.insurer[rows]], 0)
        getattr(styles, habit)[rows] = np.where(getattr(styles, habit)[rows] != 0, getattr(styles, habit)[rows], style)


def only_where_possible(case: Case, styles: Styles, town: npt.NDArray[np.int32], flats: Bools) -> None:
    """Take back what a row cannot show: a prefecture that is needed, a building where there is none."""
    known = places.towns()
    alone = np.array([t.city in places.cities_alone() for t in known], np.bool_)
    oaza = places.oaza_towns()
    ke = np.array(["ケ" in t.town or "ヶ" in t.town for t in known], np.bool_)
    nowhere = town == NONE
    for style, possible in ((PLACE_NO_PREFECTURE, alone), (PLACE_NO_OAZA, oaza), (PLACE_KE, ke)):
        styles.place[(styles.place == style) & ~(possible[town] & ~nowhere)] = 0
    styles.building[~flats] = 0
    book = names.load()
    same = (book.surnames.plain[case.held.surname] == case.held.surname) & (
        book.given.plain[case.held.given] == case.held.given
    )
    styles.plain[same] = 0


def personal(case: Case, styles: Styles, rows: Rows, town: npt.NDArray[np.int32], draw: np.random.Generator) -> None:
    """Let single flagged rows hold a former name or address, an alias, an old municipality and so on."""
    people, person, held = case.people, case.links.person[rows], case.held
    former = np.array([bool(text) for text in places.former_places()], np.bool_)
    intact = (case.cause[rows] == 0) & (case.kind[rows] == 0)
    foreign = people.nation[person] != NONE
    able = {
        "former_name": intact & people.maiden_held[person] & (people.maiden[person] != NONE),
        "former_address": intact & people.old_home_held[person] & (people.old_home[person] != NONE),
        "alias": intact & (people.alias_surname[person] != NONE),
        "parallel_kanji": intact & people.parallel[person],
        "latin_width": foreign, "token_order": foreign & intact,
        "merger": former[town[rows]] & (town[rows] != NONE),
        "unreadable": intact & ~foreign,
    }  # fmt: skip
    free = np.ones(len(rows), np.bool_)
    for kind, share in PERSONAL.items():
        chance = min(1.0, share / max(float((able[kind] & free).mean()), 1e-9)) if len(rows) else 0.0
        chosen = able[kind] & free & (draw.random(len(rows)) < chance)
        free &= ~chosen
        own, of = rows[chosen], person[chosen]
        case.kind[own] = np.where(intact[chosen], KIND[kind], case.kind[own])
        if kind == "former_name":
            held.surname[own] = held.surname_kana[own] = people.maiden[of]
        elif kind == "former_address":
            held.home[own] = people.old_home[of]
        elif kind == "alias":
            held.surname[own] = held.surname_kana[own] = people.alias_surname[of]
            held.given[own] = held.given_kana[own] = people.alias_given[of]
        elif kind == "merger":
            styles.place[own] = PLACE_FORMER
        elif kind == "token_order":
            styles.reversed_name[own] = 1
        elif kind == "unreadable":
            styles.damage[own] = UNREADABLE
        else:
            styles.latin[own] = NAME_PARALLEL if kind == "parallel_kanji" else NAME_FULL_WIDTH


def substitute(case: Case, styles: Styles, must: Bools, draw: np.random.Generator) -> None:
    """Write characters outside the code page as a plain one, sometimes as ●."""
    rows = np.flatnonzero(must)
    styles.plain[rows] = 1
    black = rows[(draw.random(len(rows)) < 0.15) & (styles.damage[rows] == 0)]
    styles.damage[black] = UNREADABLE
    free = black[case.kind[black] == 0]
    case.kind[free] = KIND["unreadable"]


def name_kinds(case: Case, styles: Styles, rows: Rows) -> None:
    """Call each flagged link, right and otherwise intact, by the most telling thing done to it."""
    kana = styles.kana[rows]
    telling = (
        ("kanji_variant", styles.plain[rows] > 0), ("omitted_building", styles.building[rows] == BUILDING_MISSING),
        ("omitted_part", styles.place[rows] > 0),
        ("address_notation", (styles.number[rows] > 0) | (styles.building[rows] == BUILDING_HYPHEN)),
        ("large_kana", (kana == 2) | (kana == 3)), ("kana_width", kana == 1), ("hiragana", kana == 4),
        ("date_notation", styles.birth[rows] > 0), ("sex_code", styles.sex[rows] > 0),
        ("space", np.ones(len(rows), np.bool_)),
    )  # fmt: skip
    kinds = np.select([mask for _, mask in telling], [KIND[kind] for kind, _ in telling])
    plain = (case.kind[rows] == 0) & (case.cause[rows] == 0)
    case.kind[rows[plain]] = kinds[plain].astype(np.int8)


def make_variants(case: Case, styles: Styles, plan: Plan, dwellings: places.Dwellings) -> Rows:
    """Write the planned share of links another way; returns their rows."""
    draw = plan.draw("variants")
    must = rare(case)
    rows = flagged(case, plan, must)
    town = np.where(case.held.home == NONE, NONE, dwellings.town[case.held.home])
    substitute(case, styles, must, draw)
    personal(case, styles, rows, town, draw)
    follow_habits(case, styles, rows, draw)
    town = np.where(case.held.home == NONE, NONE, dwellings.town[case.held.home])
    flats = (case.held.home != NONE) & (dwellings.building[case.held.home] != NONE)
    only_where_possible(case, styles, town, flats)
    certain = (styles.separator | styles.kana_separator | styles.birth | styles.sex)[rows] != 0
    certain |= np.isin(styles.kana[rows], (1, 3, 4))
    plain_text = rows[~certain]
    styles.separator[plain_text] = 1
    name_kinds(case, styles, rows)
    return rows
