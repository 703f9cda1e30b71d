"""The insurers' files: who is a member where, in which order the rows were typed in, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population.people import CHILD, CURRENT, DEAD, HEAD, NONE, SPOUSE, Ints, People
from himozuke.simulators.population.plan import TODAY, Plan, day

PEOPLE_PER_INSURER = 5_000
MOST_INSURERS = 3_411  # the bodies of S71
OWN_INSURANCE_SHARE = 0.3  # of spouses
BATCH_ROWS = 120
ENDED_SHARE = 0.03
NUMBERS_BEGIN = day(date(2016, 1, 4))
FIVE_ITEMS_FROM = day(date(2023, 6, 1))  # S61
NO_END = -1

KANJI, KANA, BIRTH, SEX, ADDRESS = 1, 2, 4, 8, 16
ACQUIRED_BY = ("", "person", "jlis", "other")
JLIS = ACQUIRED_BY.index("jlis")

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """One row a link in file order: insurer by insurer, families together, in order of entry.

    ``person`` is the row of the person it is about. Dates are days since 1970-01-01; ``valid_to`` -1 =
    no end. ``acquired_items`` is a bit set, 0 = not said; ``acquired_hits`` -1 = not said.
    """

    person: Ints
    insurer: npt.NDArray[np.int16]
    symbol: Ints
    member: Ints
    branch: npt.NDArray[np.int16]
    unit: Ints
    batch: Ints
    valid_from: Ints
    valid_to: Ints
    acquired_on: Ints
    registered_on: Ints
    acquired_by: npt.NDArray[np.int8]
    acquired_items: npt.NDArray[np.int8]
    acquired_hits: npt.NDArray[np.int16]
    number: npt.NDArray[np.int64]

    @property
    def rows(self) -> int:
        """The number of links."""
        return len(self.person)


def insurer_sizes(count: int) -> Floats:
    """Shares of the insurers: a few large ones, many small."""
    weight = np.power(np.arange(count, dtype=np.float64) + 3, -0.8)
    return np.asarray(weight / weight.sum(), np.float64)


def units_of(people: People, draw: np.random.Generator) -> Ints:
    """Number the insured units: a household, or a spouse with insurance of their own."""
    own = (people.role == SPOUSE) & (draw.random(people.rows) < OWN_INSURANCE_SHARE)
    key = people.household.astype(np.int64) * 2 + own
    return np.unique(key, return_inverse=True)[1].astype(np.int32)


def joined_on(people: People, unit: Ints, units: int, draw: np.random.Generator) -> Ints:
    """Draw the day each unit joined: after the birth of its youngest."""
    youngest = np.full(units, -(1 << 30), np.int64)
    np.maximum.at(youngest, unit, people.birth)
    free = draw.integers(NUMBERS_BEGIN, TODAY - 60, units)
    late = youngest + 14 > free
    after = youngest + 5 + draw.integers(0, 9, units)
    return np.where(late, np.minimum(after, TODAY - 4), free).astype(np.int32)


def typing_order(people: People, unit: Ints, insurer: Ints, joined: Ints) -> Rows:
    """Order people by insurer, day of joining, unit and place in the family."""
    rank = np.where(people.role == HEAD, 0, np.where(people.role == CHILD, 2, 1))
    return np.lexsort((np.arange(people.rows), rank, unit, joined[unit], insurer[unit]))


def count_from(groups: Ints) -> Ints:
    """Number the rows of each run of equal values from 0 on."""
    rows = np.arange(len(groups))
    starts = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]])) if len(groups) else rows
    lengths = np.diff(np.concatenate([starts, [len(groups)]]))
    return (rows - np.repeat(starts, lengths)).astype(np.int32)


def settle_deaths(people: People, valid_from: Ints, person: Ints) -> None:
    """Move the death of those who would join after it behind the day of joining."""
    dead = people.status[person] == DEAD
    on = people.status_on
    on[person[dead]] = np.minimum(np.maximum(on[person[dead]], valid_from[dead] + 20), TODAY - 1)
    early = dead & (on[person] <= valid_from)
    people.status[person[early]] = CURRENT
    on[person[early]] = NONE


def ends(people: People, person: Ints, valid_from: Ints, draw: np.random.Generator) -> Ints:
    """Draw the end of each link; that of the dead is the day of death or the day after."""
    rows = len(person)
    after = valid_from + draw.integers(60, 2600, rows)
    ended = (draw.random(rows) < ENDED_SHARE) & (after < TODAY)
    dead = people.status[person] == DEAD
    end = np.where(ended, after, NO_END)
    return np.where(dead, people.status_on[person] + draw.integers(0, 2, rows), end).astype(np.int32)


def acquisition(acquired_on: Ints, draw: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    """Draw how each number was got: way, items of the inquiry, hits."""
    rows = len(acquired_on)
    by = draw.choice(4, rows, p=(0.05, 0.80, 0.12, 0.03))
    four, five = KANJI | BIRTH | SEX | ADDRESS, KANJI | KANA | BIRTH | SEX | ADDRESS
    luck = draw.random(rows)
    before = np.where(luck < 0.08, KANA | BIRTH | SEX, np.where(luck < 0.2, 0, four))
    items = np.where(acquired_on >= FIVE_ITEMS_FROM, five, before)
    items = np.where(by == JLIS, items, 0)
    hits = np.where((by == JLIS) & (items > 0) & (draw.random(rows) < 0.9), 1, NONE)
    return by, items, hits


def enrol(people: People, plan: Plan) -> Links:
    """Make everybody a member somewhere; every number is the right one."""
    draw = plan.draw("membership")
    unit_by_person = units_of(people, draw)
    units = int(unit_by_person.max(initial=-1)) + 1
    insurers = int(np.clip(people.rows // PEOPLE_PER_INSURER, 1, MOST_INSURERS))
    insurer_by_unit = draw.choice(insurers, units, p=insurer_sizes(insurers)).astype(np.int32)
    joined = joined_on(people, unit_by_person, units, draw)
    person = typing_order(people, unit_by_person, insurer_by_unit, joined).astype(np.int32)
    unit = unit_by_person[person]
    insurer = insurer_by_unit[unit]
    branch = count_from(unit)
    member_step = np.where(branch == 0, draw.integers(1, 6, people.rows), 0)
    member = 100 + np.cumsum(member_step)
    first = np.searchsorted(insurer, np.arange(insurers))
    member -= (member[np.minimum(first, max(people.rows - 1, 0))] - 101)[insurer] if people.rows else 0
    symbols = np.maximum(np.bincount(insurer, minlength=insurers) // 60, 1)
    symbol = 101 + (draw.random(units)[unit] ** 2 * symbols[insurer]).astype(np.int32)
    valid_from = joined[unit]
    settle_deaths(people, valid_from, person)
    acquired = np.minimum(valid_from + draw.integers(0, 6, units)[unit], TODAY - 2)
    registered = np.minimum(acquired + draw.integers(0, 6, units)[unit], TODAY - 1)
    by, items, hits = acquisition(acquired, draw)
    place = count_from(insurer)
    batch = np.cumsum((place % BATCH_ROWS == 0) & (branch >= 0))
    return Links(
        person=person, insurer=insurer.astype(np.int16), symbol=symbol.astype(np.int32),
        member=member.astype(np.int32), branch=branch.astype(np.int16), unit=unit, batch=batch.astype(np.int32),
        valid_from=valid_from, valid_to=ends(people, person, valid_from, draw),
        acquired_on=acquired.astype(np.int32), registered_on=registered.astype(np.int32),
        acquired_by=by.astype(np.int8), acquired_items=items.astype(np.int8), acquired_hits=hits.astype(np.int16),
        number=people.number[person].copy(),
    )  # fmt: skip
