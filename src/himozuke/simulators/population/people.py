"""Who lives in the register: households, ages, names, moves and marriages, all as integers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population import names, numbers
from himozuke.simulators.population.places import Dwellings, draw_dwellings
from himozuke.simulators.population.plan import TODAY, Plan

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

MAN, WOMAN = 1, 2
HEAD, SPOUSE, CHILD = 0, 1, 2
CURRENT, ABROAD, DEAD, REPLACED = 0, 1, 2, 3
YEAR = 365.25
HOUSEHOLD_SIZES = (0.38, 0.28, 0.17, 0.12, 0.05)  # 1 … 5 people, the general picture of the census
COUPLE_SHARE = 0.8
TWIN_PAIR_SHARE = 0.012  # of households with two children; 0.8 % of births give twins
FOREIGN_SHARE = 0.03
MAIDEN_HELD_SHARE = 0.35
MOVED_SHARE = 0.25
OLD_HOME_HELD_SHARE = 0.6
NONE = -1


@dataclass(frozen=True)
class People:
    """Everybody, one row a person, households together.

    Names are integers of the name book, ``home`` and ``old_home`` rows of ``dwellings``, dates days
    since 1970-01-01; -1 (numbers: 0) = none. ``maiden`` is the surname before marriage;
    ``maiden_held`` and ``old_home_held`` say whether the register shows it. ``twin`` is the twin's row.
    ``surname_of_home``: the person bears the household's surname.
    """

    household: Ints
    role: npt.NDArray[np.int8]
    sex: npt.NDArray[np.int8]
    birth: Ints
    surname: Ints
    given: Ints
    maiden: Ints
    maiden_held: Bools
    home: Ints
    old_home: Ints
    old_home_held: Bools
    nation: npt.NDArray[np.int8]
    alias_surname: Ints
    alias_given: Ints
    parallel: Bools
    twin: Ints
    status: npt.NDArray[np.int8]
    status_on: Ints
    number: npt.NDArray[np.int64]
    previous_number: npt.NDArray[np.int64]
    certified: Bools
    protected: Bools
    surname_of_home: Bools
    dwellings: Dwellings

    @property
    def rows(self) -> int:
        """The number of people."""
        return len(self.household)

    def take(self, places: npt.NDArray[np.int64]) -> People:
        """The people at some rows, with all dwellings."""
        columns = {f.name: getattr(self, f.name)[places] for f in fields(self) if f.name != "dwellings"}
        return People(**columns, dwellings=self.dwellings)

    def followed_by(self, more: People) -> People:
        """These people and then some more, who share the dwellings of the latter."""
        names_ = [f.name for f in fields(self) if f.name != "dwellings"]
        columns = {name: np.concatenate([getattr(self, name), getattr(more, name)]) for name in names_}
        return People(**columns, dwellings=more.dwellings)


def draw_households(people: int, draw: np.random.Generator) -> tuple[Ints, npt.NDArray[np.int8], Ints]:
    """Draw household and role by person, and the size of each household."""
    sizes = 1 + draw.choice(5, max(people, 1), p=HOUSEHOLD_SIZES).astype(np.int32)
    ends = np.cumsum(sizes, dtype=np.int64)
    count = int(np.searchsorted(ends, people)) + 1 if people else 0
    sizes = sizes[:count]
    if people:
        sizes[-1] -= int(ends[count - 1]) - people
    household = np.repeat(np.arange(count, dtype=np.int32), sizes)
    place = np.arange(people) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    couple = (draw.random(count) < COUPLE_SHARE)[household]
    role = np.where(place == 0, HEAD, np.where((place == 1) & couple, SPOUSE, CHILD))
    return household, role.astype(np.int8), sizes


def child_order(household: Ints, role: npt.NDArray[np.int8]) -> Ints:
    """Number the children of each household 0, 1, 2 …, -1 for parents."""
    children = (role == CHILD).astype(np.int32)
    running = np.cumsum(children)
    first = np.searchsorted(household, household)  # the household's first row
    before = np.where(first > 0, running[np.maximum(first - 1, 0)], 0)
    return np.where(children == 1, running - before - 1, NONE).astype(np.int32)


def draw_births(
    household: Ints, role: npt.NDArray[np.int8], sizes: Ints, draw: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw dates of birth; also the order of each child, for twins."""
    count, people = len(sizes), len(household)
    order = child_order(household, role)
    with_children = np.zeros(count, np.bool_)
    with_children[household[order >= 0]] = True
    age_alone = 18 + 78 * draw.random(count) ** 0.9
    age_parent = 27 + 40 * draw.beta(2, 2.2, count)
    head_age = np.where(with_children, age_parent, age_alone)
    spouse_age = np.clip(head_age + draw.normal(-1.5, 3.5, count), 18, 99)
    first_at = np.clip(draw.normal(29.5, 4.5, count), 19, 43)
    eldest = np.maximum(np.minimum(head_age, spouse_age) - first_at, 0.1)
    gap = 1.1 + 3 * draw.random(people)
    child_age = eldest[household] - np.where(order > 0, order * gap, 0)
    child_age = np.where(child_age < 0.1, 0.1 + 1.5 * draw.random(people), child_age)
    age = np.where(role == HEAD, head_age[household], np.where(role == SPOUSE, spouse_age[household], child_age))
    jitter = draw.integers(0, 365, people)
    birth = np.minimum(TODAY - (age * YEAR).astype(np.int32) - jitter, TODAY - 20)
    return birth.astype(np.int32), order


def draw_sexes(household: Ints, role: npt.NDArray[np.int8], draw: np.random.Generator) -> npt.NDArray[np.int8]:
    """Draw sexes; a spouse's is the other one."""
    sex = np.where(draw.random(len(household)) < 0.487, MAN, WOMAN).astype(np.int8)
    spouse = np.flatnonzero(role == SPOUSE)
    men = draw.random(len(spouse)) < 0.85
    sex[spouse - 1] = np.where(men, MAN, WOMAN)
    sex[spouse] = np.where(men, WOMAN, MAN)
    return sex


def make_twins(order: Ints, birth: Ints, sex: npt.NDArray[np.int8], draw: np.random.Generator) -> Ints:
    """Turn some second children into twins of the first; returns each twin's other row."""
    second = np.flatnonzero(order == 1)
    chosen = second[draw.random(len(second)) < TWIN_PAIR_SHARE]
    if not len(chosen) and len(second):
        chosen = second[:1]
    twin = np.full(len(order), NONE, np.int32)
    twin[chosen], twin[chosen - 1] = chosen - 1, chosen
    birth[chosen] = birth[chosen - 1]
    same = draw.random(len(chosen)) < 0.8
    sex[chosen] = np.where(same, sex[chosen - 1], MAN + WOMAN - sex[chosen - 1])
    return twin


def draw_given(sex: npt.NDArray[np.int8], nation: npt.NDArray[np.int8], draw: np.random.Generator) -> Ints:
    """Draw given names by sex and nation (-1 Japanese)."""
    book = names.load()
    given = np.zeros(len(sex), np.int32)
    for drawers, code in [(book.given_drawers, NONE), *((n.given, i) for i, n in enumerate(book.nations))]:
        for kind in (MAN, WOMAN):
            places = np.flatnonzero((nation == code) & (sex == kind))
            given[places] = drawers[kind].draw(len(places), draw)
    return given


def spelled(chosen: Ints, book: names.Names, share_rare: float, draw: np.random.Generator) -> Ints:
    """Give some names a variant spelling, as often as families use it."""
    luck = draw.random(len(chosen))
    other = np.where(luck < book.variant_share[chosen], book.variant[chosen], chosen)
    rare = luck > 1 - share_rare * book.rare_share[chosen]
    return np.where(rare, book.rare[chosen], other).astype(np.int32)


def share_a_character(given: Ints, twin: Ints, nation: npt.NDArray[np.int8], draw: np.random.Generator) -> None:
    """Give six of ten second twins a name that begins with the character of the first one's."""
    book = names.load().given
    heads: dict[tuple[str, int], list[int]] = {}
    half = len(names.load().given_drawers[MAN].values)
    for place in range(book.drawn):
        heads.setdefault((book.kanji[place][0], int(place >= half)), []).append(place)
    for row in np.flatnonzero((twin >= 0) & (twin < np.arange(len(twin))) & (nation == NONE)).tolist():
        first = int(given[twin[row]])
        same = int(first >= half) == int(given[row] >= half)
        others = [o for o in heads[book.kanji[first][0], int(first >= half)] if book.kanji[o] != book.kanji[first]]
        if same and others and draw.random() < 0.6:
            given[row] = others[int(draw.integers(min(len(others), 40)))]


def no_namesakes_at_home(
    household: Ints, given: Ints, sex: npt.NDArray[np.int8], nation: npt.NDArray[np.int8], draw: np.random.Generator
) -> None:
    """Draw again where two of one household got the same reading or the same characters."""
    book = names.load().given
    for _ in range(20):
        again = np.concatenate([repeated(household, book.sound[given]), repeated(household, book.look[given])])
        if not len(again):
            return
        given[again] = draw_given(sex[again], nation[again], draw)


def repeated(household: Ints, sign: Ints) -> npt.NDArray[np.int64]:
    """The rows whose household already has somebody with this sign."""
    key = household.astype(np.int64) << 32 | sign
    ranked = np.argsort(key, kind="stable")
    return np.asarray(ranked[1:][key[ranked[1:]] == key[ranked[:-1]]], np.int64)


def household_surnames(nation: npt.NDArray[np.int8], share_rare: float, draw: np.random.Generator) -> Ints:
    """Draw the surname of each household in its family's spelling."""
    book = names.load()
    surname = spelled(book.surname_drawer.draw(len(nation), draw), book.surnames, share_rare, draw)
    for code, foreign in enumerate(book.nations):
        places = np.flatnonzero(nation == code)
        surname[places] = foreign.surnames.draw(len(places), draw)
    return surname


def draw_people(plan: Plan) -> People:
    """Draw everybody; namesakes beyond chance come later."""
    draw = plan.draw("people")
    book = names.load()
    household, role, sizes = draw_households(plan.people, draw)
    count = len(sizes)
    birth, order = draw_births(household, role, sizes, draw)
    sex = draw_sexes(household, role, draw)
    twin = make_twins(order, birth, sex, draw)
    home_nation = np.where(draw.random(count) < FOREIGN_SHARE, draw.integers(0, len(book.nations), count), NONE)
    nation = home_nation.astype(np.int8)[household]
    share_rare = min(1.0, plan.variants * 10)  # what CP932 cannot hold must be written otherwise
    home_surname = household_surnames(home_nation.astype(np.int8), share_rare, draw)
    given = draw_given(sex, nation, draw)
    share_a_character(given, twin, nation, draw)
    no_namesakes_at_home(household, given, sex, nation, draw)
    given = spelled(given, book.given, 0.0, draw)
    rows = plan.people
    married = (role != CHILD) & np.isin(household, household[role == SPOUSE]) & (nation == NONE)
    changed = married & np.where(role == SPOUSE, draw.random(rows) < 0.96, False)
    maiden = np.where(changed, spelled(book.surname_drawer.draw(rows, draw), book.surnames, 0.0, draw), NONE)
    maiden[maiden == home_surname[household]] = NONE
    surname = home_surname[household]
    own = (nation != NONE) & (role == SPOUSE)  # foreign spouses keep their surname
    surname[own] = household_surnames(nation[own], 0.0, draw)
    dwellings = draw_dwellings(count, draw)
    moved = draw.random(rows) < MOVED_SHARE
    old_home = np.where(moved, count + np.cumsum(moved) - 1, NONE)
    dwellings = dwellings.followed_by(draw_dwellings(int(moved.sum()), draw))
    alias = (nation != NONE) & (draw.random(rows) < 0.2)
    alias_given = draw_given(sex, np.full(rows, NONE, np.int8), draw)
    written = np.array([bool(text) for text in book.surnames.parallel])[surname]
    written &= np.array([bool(text) for text in book.given.parallel])[given]
    status, status_on = draw_status(rows, birth, draw)
    issued = numbers.issue(0, rows + int((status == REPLACED).sum()), plan.draw("numbers"))
    previous = np.zeros(rows, np.int64)
    previous[status == REPLACED] = issued[rows:]
    return People(
        household=household, role=role, sex=sex, birth=birth, surname=surname, given=given,
        maiden=maiden.astype(np.int32),
        maiden_held=(maiden != NONE) & (draw.random(rows) < MAIDEN_HELD_SHARE),
        home=household.copy(),
        old_home=old_home.astype(np.int32),
        old_home_held=moved & (draw.random(rows) < OLD_HOME_HELD_SHARE),
        nation=nation,
        alias_surname=np.where(alias, book.surname_drawer.draw(rows, draw), NONE).astype(np.int32),
        alias_given=np.where(alias, alias_given, NONE).astype(np.int32),
        parallel=written & (draw.random(rows) < 0.5),
        twin=twin, status=status, status_on=status_on, number=issued[:rows], previous_number=previous,
        certified=draw.random(rows) < 0.7,
        protected=draw.random(rows) < 0.001,
        surname_of_home=~own, dwellings=dwellings,
    )  # fmt: skip


def draw_status(rows: int, birth: Ints, draw: np.random.Generator) -> tuple[npt.NDArray[np.int8], Ints]:
    """Draw who is abroad, dead or got another number, and since when."""
    luck = draw.random(rows)
    elderly = (TODAY - birth) > 70 * YEAR
    dead = luck < np.where(elderly, 0.02, 0.001)
    status = np.where(dead, DEAD, CURRENT)
    status = np.where((luck > 0.5) & (luck < 0.503), ABROAD, status)
    status = np.where((luck > 0.6) & (luck < 0.601), REPLACED, status)
    since = TODAY - draw.integers(20, 900, rows)
    since = np.maximum(since, birth + 10)
    return status.astype(np.int8), np.where(status == CURRENT, NONE, since).astype(np.int32)
