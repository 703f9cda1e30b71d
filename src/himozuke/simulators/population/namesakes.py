"""People whom somebody else could be taken for: namesakes, bearers of a former name, people not registered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population import names, numbers
from himozuke.simulators.population.people import CHILD, CURRENT, NONE, YEAR, Ints, People
from himozuke.simulators.population.places import draw_dwellings
from himozuke.simulators.population.plan import TODAY, Plan

PAIRS_SHARE = 0.004  # 0.8 % of the people have a namesake with their birth date and sex
PAIRS_PER_WRONG = 0.25  # more than C4 takes, when many links are to be wrong
A_FEW = 50  # so many people have at least one pair of namesakes
CHILD_PAIRS = 0.2
OTHER_KANJI = 0.5
FORMER_SHARE = 0.0001
ADULT_DAYS = int(20 * YEAR)

Rows = npt.NDArray[np.int64]


def spelled_otherwise(given: Ints, draw: np.random.Generator) -> Ints:
    """Draw another spelling of the same reading where the table has one."""
    book = names.load().given
    half = len(names.load().given_drawers[1].values)
    key = book.sound[: book.drawn].astype(np.int64) * 2 + (np.arange(book.drawn) >= half)
    ranked = np.argsort(key, kind="stable")
    plain = book.plain[given]
    own = book.sound[plain].astype(np.int64) * 2 + (plain >= half)
    first = np.searchsorted(key[ranked], own, side="left")
    last = np.searchsorted(key[ranked], own, side="right")
    chosen = ranked[np.minimum(first + (draw.random(len(given)) * (last - first)).astype(np.int64), book.drawn - 1)]
    return np.where(last > first, chosen, given).astype(np.int32)


def alone(people: People) -> Rows:
    """Japanese adults who live alone: their name can be changed without a family."""
    size = np.bincount(people.household, minlength=1)
    adult = (TODAY - people.birth) > ADULT_DAYS
    return np.flatnonzero((size[people.household] == 1) & (people.nation == NONE) & adult)


def become_namesakes(people: People, rows: Rows, of: Rows, surname: Ints, given: Ints) -> None:
    """Give people at ``rows`` the birth date and sex of others, and these names; families follow in surname."""
    people.birth[rows] = people.birth[of]
    people.sex[rows] = people.sex[of]
    people.given[rows] = given
    home = np.full(int(people.household.max(initial=0)) + 1, NONE, np.int32)
    home[people.household[rows]] = surname
    renamed = home[people.household]
    follows = (renamed != NONE) & people.surname_of_home
    people.surname[follows] = renamed[follows]


def child_pairs(people: People, wanted: int, draw: np.random.Generator) -> Rows:
    """Pairs of children born close together in different households, no household twice."""
    children = np.flatnonzero((people.role == CHILD) & (people.twin == NONE) & (people.nation == NONE))
    ranked = children[np.argsort(people.birth[children], kind="stable")]
    starts = 2 * draw.permutation(len(ranked) // 2)[: 2 * wanted]
    pairs = np.stack([ranked[starts], ranked[starts + 1]], axis=1)
    homes = people.household[pairs].ravel()
    _, first = np.unique(homes, return_index=True)
    fresh = np.zeros(len(homes), np.bool_)
    fresh[first] = True
    return pairs[fresh.reshape(-1, 2).all(axis=1)][:wanted]


def make_namesakes(people: People, plan: Plan) -> Rows:
    """Turn some people into namesakes with equal birth date and sex; pairs of rows."""
    draw = plan.draw("namesakes")
    wanted = max(round(PAIRS_SHARE * people.rows), round(PAIRS_PER_WRONG * plan.wrong), int(people.rows >= A_FEW))
    young = child_pairs(people, round(wanted * CHILD_PAIRS), draw)
    free = np.setdiff1d(alone(people), young)
    singles = draw.permutation(free)[: wanted - len(young)]
    taken = np.zeros(int(people.household.max(initial=0)) + 1, np.bool_)
    taken[people.household[np.concatenate([singles, young.ravel()])]] = True
    models = np.flatnonzero(~taken[people.household] & (people.nation == NONE) & ((TODAY - people.birth) > ADULT_DAYS))
    models = draw.permutation(models)[: len(singles)]
    pairs = np.concatenate([young, np.stack([models, singles[: len(models)]], axis=1)])
    of, rows = pairs[:, 0], pairs[:, 1]
    given = people.given[of]
    other = draw.random(len(rows)) < OTHER_KANJI
    given = np.where(other, spelled_otherwise(given, draw), given)
    become_namesakes(people, rows, of, people.surname[of], given)
    return pairs


def make_bearers_of_former_names(people: People, plan: Plan, namesakes: Rows) -> Rows:
    """Let some people bear today what another's name was before marriage; pairs (married, bearer)."""
    draw = plan.draw("former names")
    wanted = max(round(FORMER_SHARE * people.rows), round(0.08 * plan.wrong))
    free = draw.permutation(np.setdiff1d(alone(people), namesakes))
    married = np.flatnonzero((people.maiden != NONE) & people.maiden_held & (people.status == CURRENT))
    married = draw.permutation(np.setdiff1d(married, namesakes))
    count = min(wanted, len(free) // 2, len(married))
    of, rows = married[:count], free[:count]
    become_namesakes(people, rows, of, people.maiden[of], people.given[of])
    return np.stack([of, rows], axis=1)


def absent_people(people: People, plan: Plan, holders: Rows) -> People:
    """Namesakes of registered people who are not in the register themselves, one for each holder.

    Their dwellings stand behind everybody's.
    """
    draw = plan.draw("absent")
    count = len(holders)
    own = people.take(holders)
    other = draw.random(count) < OTHER_KANJI
    none = np.full(count, NONE, np.int32)
    first_home = people.dwellings.rows
    return replace(
        own,
        household=np.arange(count, dtype=np.int32) + int(people.household.max(initial=0)) + 1,
        role=np.zeros(count, np.int8),
        given=np.where(other, spelled_otherwise(own.given, draw), own.given),
        maiden=none, maiden_held=np.zeros(count, np.bool_), twin=none,
        home=np.arange(count, dtype=np.int32) + first_home,
        old_home=none, old_home_held=np.zeros(count, np.bool_),
        status=np.zeros(count, np.int8), status_on=none,
        number=numbers.issue(2 * plan.people, count, plan.draw("numbers")),
        previous_number=np.zeros(count, np.int64),
        dwellings=people.dwellings.followed_by(draw_dwellings(count, draw)),
    )  # fmt: skip
