"""Links that carry somebody else's number, by the causes C1 to C10 of the ministries' guideline (R-GUIDE)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from himozuke.simulators.population import names, numbers
from himozuke.simulators.population.case import (
    KIND,
    OVERWRITTEN,
    OWNER_FITS_BETTER,
    PERSON_ABSENT,
    TIED,
    Case,
    Rows,
)
from himozuke.simulators.population.held import agreement
from himozuke.simulators.population.membership import BIRTH, JLIS, KANA, KANJI, NO_END, SEX
from himozuke.simulators.population.people import NONE
from himozuke.simulators.population.plan import Plan
from himozuke.simulators.population.wrong_runs import break_runs

# Shares of the causes, from the counts of R-GUIDE where one bulk accident does not hide the others.
SHARES = {1: 0.15, 2: 0.17, 3: 0.10, 4: 0.17, 5: 0.12, 6: 0.07, 7: 0.04, 8: 0.0, 9: 0.09, 10: 0.09}
SELF_SERVICE_SHARES = SHARES | {8: 0.30}
SELF_SERVICE = ("benefit_account",)
EVERY_CAUSE_FROM = 30
ALL_RUNS_FROM = 60
SHORTEST_RUN = 8
ABSENT_SHARE = 0.02
TRIES = 8


def quotas(plan: Plan) -> dict[int, int]:
    """Share the wrong links among the causes; every cause gets one from 30 wrong links on."""
    shares = SELF_SERVICE_SHARES if plan.scheme in SELF_SERVICE else SHARES
    wrong = plan.wrong
    runs = 0 if wrong < EVERY_CAUSE_FROM else SHORTEST_RUN if wrong < ALL_RUNS_FROM else 3 * SHORTEST_RUN
    found = {cause: int(share * wrong) for cause, share in shares.items() if share}
    found[5] = max(found[5], runs) if runs else 0
    if wrong >= EVERY_CAUSE_FROM:
        found = {cause: max(count, 1) for cause, count in found.items()}
    found[9] += wrong - sum(found.values())
    if found[9] < 1 <= runs:
        found[1], found[4], found[9] = found[1] + found[9] - 1, found[4], 1
    return found


def absent_wanted(plan: Plan) -> int:
    """The number of links about people who are not in the register."""
    return max(round(ABSENT_SHARE * plan.wrong), 1) if plan.wrong >= ALL_RUNS_FROM else 0


def family_numbers(case: Case, wanted: int) -> int:
    """C1: the form carried one's own number and a relative's, and the relative's was entered."""
    made = 0
    for row in case.pick(wanted * TRIES).tolist():
        person = int(case.links.person[row])
        relative = relative_of(case, person)
        if made < wanted and relative != NONE and case.is_free(person, relative):
            made += case.give_one(row, relative, 1, "family_number")
    return made


def relative_of(case: Case, person: int) -> int:
    """Somebody of the same household who is no twin, -1 when there is none."""
    people = case.people
    for other in (person + 1, person - 1):
        known = 0 <= other < case.registered and other != people.twin[person]
        if known and people.household[other] == people.household[person]:
            return other
    return NONE


def twins_and_swaps(case: Case, wanted: int) -> int:
    """C2: twins, or relatives inside one insurer, carry each other's number."""
    made = 0
    first = np.flatnonzero(case.people.twin[: case.registered] > np.arange(case.registered))
    for one in case.draw.permutation(first)[: wanted * 2].tolist():
        other = int(case.people.twin[one])
        if made >= (wanted + 1) // 2 or not case.is_free(one, other):
            continue
        if wanted - made >= 2 and case.draw.random() < 0.7:
            made += swap(case, one, other, 2, "twin_swap")
        else:
            made += case.give_one(int(case.row_of[one]), other, 2, "twin_number")
    for row in case.pick(wanted * TRIES).tolist():
        person = int(case.links.person[row])
        relative = relative_of(case, person)
        if wanted - made < 2 or relative == NONE or not case.is_free(person, relative):
            continue
        if case.links.unit[case.row_of[relative]] == case.links.unit[row]:
            made += swap(case, person, relative, 2, "family_swap")
    return made


def swap(case: Case, one: int, other: int, cause: int, kind: str) -> int:
    """Exchange the numbers of two people."""
    rows = case.row_of[[one, other]].astype(np.int64)
    return case.give(rows, np.array([other, one]), cause, kind)


def unrelated(case: Case, row: int, other: int) -> bool:
    """Tell whether two links are about people of different families and names, neither yet in an error."""
    people, person = case.people, case.links.person
    one, two = int(person[row]), int(person[other])
    same = people.household[one] == people.household[two] or people.surname[one] == people.surname[two]
    return not same and case.is_free(one, two)


def batch_neighbours(case: Case, wanted: int) -> int:
    """C3: several forms were typed together and another applicant's number was entered."""
    made, links = 0, case.links
    for row in case.pick(wanted * TRIES).tolist():
        other = row + int(case.draw.integers(1, 7)) * (1 if case.draw.random() < 0.5 else -1)
        if made >= wanted or not 0 <= other < links.rows or links.batch[row] != links.batch[other]:
            continue
        if not unrelated(case, row, other):
            continue
        if wanted - made >= 2 and case.draw.random() < 0.2:
            made += swap(case, int(links.person[row]), int(links.person[other]), 3, "batch_swap")
        else:
            made += case.give_one(row, int(links.person[other]), 3, "batch_neighbour")
    return made


def thin_inquiry(case: Case, row: int, items: int) -> None:
    """Note in the ledger that the number was got by an inquiry with few items, often with several hits."""
    case.links.acquired_by[row] = JLIS
    case.links.acquired_items[row] = items
    case.links.acquired_hits[row] = 2 + case.draw.geometric(0.7) - 1 if case.draw.random() < 0.6 else NONE


def namesakes(case: Case, wanted: int, pairs: Rows) -> int:
    """C4: one of several namesakes was picked from a thin inquiry."""
    made = absent_persons(case, wanted)
    looks = names.load().given
    for pair in case.draw.permutation(pairs).tolist():
        one, other = pair if case.draw.random() < 0.5 else pair[::-1]
        if made >= wanted or not case.is_free(one, other):
            continue
        row = int(case.row_of[one])
        same = looks.look[case.people.given[one]] == looks.look[case.people.given[other]]
        made += case.give_one(row, other, 4, "namesake_same_kanji" if same else "namesake_other_kanji")
        items = (KANA | BIRTH | SEX, KANA | BIRTH, KANJI | BIRTH | SEX if same else KANA | BIRTH | SEX, BIRTH)
        thin_inquiry(case, row, items[int(case.draw.choice(4, p=(0.6, 0.15, 0.15, 0.1)))])
        if case.draw.random() < 0.06 and made > 1:
            case.held.become(np.array([row]), case.people, np.array([other]))
            case.kind[row], case.undecidable[row] = KIND["namesake_overwritten"], OVERWRITTEN
    return made


def absent_persons(case: Case, wanted: int) -> int:
    """C4 where the person is not in the register, so that the inquiry found only the namesake."""
    rows = np.flatnonzero((case.links.person >= case.registered) & ~case.used)[:wanted]
    for row in rows.tolist():
        case.cause[row], case.kind[row] = 4, KIND["namesake_absent"]
        case.links.number[row] = case.people.number[case.holder[row]]
        case.used[row], case.undecidable[row] = True, PERSON_ABSENT
        thin_inquiry(case, row, KANA | BIRTH | SEX)
    return len(rows)


def scheme_numbers(case: Case, wanted: int) -> int:
    """C6: the scheme number was used again, or looks like a former one, whose holder's number stayed."""
    made, links = 0, case.links
    for row in case.pick(wanted * TRIES, links.valid_from > np.quantile(links.valid_from, 0.5)).tolist():
        start = int(np.searchsorted(links.insurer, links.insurer[row]))
        earlier = int(case.draw.integers(start, row)) if row > start else row
        gap = int(links.valid_from[row]) - int(links.valid_from[earlier])
        if made >= wanted or earlier == row or gap < 200 or not unrelated(case, row, earlier):
            continue
        if case.people.status[links.person[earlier]] == 2 or links.branch[row] or links.branch[earlier]:
            continue
        links.valid_to[earlier] = links.valid_from[row] - int(case.draw.integers(1, gap - 100))
        kind = "reused_scheme_number" if case.draw.random() < 0.6 else "lookalike_scheme_number"
        links.symbol[row] = links.symbol[earlier]
        links.member[row] = links.member[earlier]
        if kind == "lookalike_scheme_number":
            links.member[row] = slipped(int(links.member[earlier]), case.draw)
        made += case.give_one(row, int(links.person[earlier]), 6, kind)
    return made


def slipped(number: int, draw: np.random.Generator, digits: int = 0) -> int:
    """Change one figure of a number, or exchange two neighbours."""
    figures = list(str(number).zfill(digits))
    for _ in range(30):
        place = int(draw.integers(len(figures)))
        if draw.random() < 0.6 or place == 0:
            changed = [*figures]
            changed[place] = str((int(figures[place]) + int(draw.integers(1, 10))) % 10)
        else:
            changed = [*figures[: place - 1], figures[place], figures[place - 1], *figures[place + 1 :]]
        if changed != figures and changed[0] == figures[0]:
            return int("".join(changed))
    return number + 1


def former_surname_queries(case: Case, wanted: int, pairs: Rows) -> int:
    """C7: asked under the former surname, the address not compared: the bearer of that name was found."""
    made = 0
    for person, bearer in case.draw.permutation(pairs).tolist():
        if made >= wanted or not case.is_free(person, bearer):
            continue
        row = int(case.row_of[person])
        made += case.give_one(row, bearer, 7, "former_surname_query")
        thin_inquiry(case, row, KANJI | BIRTH | SEX)
        if case.draw.random() < 0.5:
            case.held.surname[row] = case.held.surname_kana[row] = case.people.maiden[person]
    return made


def previous_users(case: Case, wanted: int) -> int:
    """C8: the user before had not logged out of the support terminal."""
    made = 0
    for row in case.pick(wanted * TRIES).tolist():
        same_batch = row > 0 and case.links.batch[row] == case.links.batch[row - 1]
        if made < wanted and same_batch and unrelated(case, row, row - 1):
            made += case.give_one(row, int(case.links.person[row - 1]), 8, "previous_user")
    return made


def duplicates(case: Case, wanted: int) -> int:
    """C9: the number is also valid on the row of somebody unrelated, typed in elsewhere."""
    made, links = 0, case.links
    for _ in range(TRIES):
        for row, other in zip(case.pick(wanted - made).tolist(), case.pick(wanted - made).tolist(), strict=False):
            apart = links.batch[row] != links.batch[other] or links.rows < 500
            if row != other and apart and unrelated(case, row, other):
                links.valid_to[other] = (
                    NO_END if case.people.status[links.person[other]] != 2 else links.valid_to[other]
                )
                made += case.give_one(row, int(links.person[other]), 9, "duplicate_number")
    return made


def transcriptions(case: Case, wanted: int, order: Callable[[], Rows]) -> int:
    """C10: a figure slipped, or the neighbour in the list by kana was taken."""
    made = 0
    known = np.sort(case.people.number)
    for row in case.pick(wanted - wanted // 3).tolist():
        number = slipped(int(case.links.number[row]), case.draw, 12)
        place = min(int(np.searchsorted(known, number)), len(known) - 1)
        if known[place] == number or not 0 < number < numbers.BODIES * 10:
            continue
        made += case.give_one(row, int(case.links.person[row]), 10, "number_slip")
        case.links.number[row], case.holder[row] = number, NONE
    if made == wanted:
        return made
    ranked = order()
    for place in case.draw.integers(1, max(len(ranked), 2), (wanted - made) * TRIES).tolist():
        one, other = ranked[place - 1 : place + 1].tolist() if len(ranked) > place else (0, 0)
        row = int(case.row_of[one])
        if made < wanted and row != NONE and case.row_of[other] != NONE and differ(case, one, other):
            made += case.give_one(row, other, 10, "list_neighbour")
    return made


def differ(case: Case, one: int, other: int) -> bool:
    """Tell whether two free people of different households differ in kana name or birth date."""
    people, book = case.people, names.load()
    same_sound = book.surnames.sound[people.surname[one]] == book.surnames.sound[people.surname[other]]
    same_sound &= book.given.sound[people.given[one]] == book.given.sound[people.given[other]]
    same = same_sound and people.birth[one] == people.birth[other]
    return not same and people.household[one] != people.household[other] and case.is_free(one, other)


def kana_order(case: Case) -> Rows:
    """The register as a list by kana name, then birth date."""
    book, people = names.load(), case.people
    surname, given = (np.unique(np.array(t.kana), return_inverse=True)[1] for t in (book.surnames, book.given))
    own = slice(0, case.registered)
    return np.lexsort((people.birth[own], given[people.given[own]], surname[people.surname[own]]))


def make_wrong_links(case: Case, plan: Plan, pairs: Rows, former: Rows) -> None:
    """Make the planned number of links wrong, cause by cause; what a cause cannot take goes to C9."""
    wanted = quotas(plan)
    makers: dict[int, Callable[[int], int]] = {
        5: lambda n: break_runs(case, n),
        4: lambda n: namesakes(case, n, pairs),
        7: lambda n: former_surname_queries(case, n, former),
        2: lambda n: twins_and_swaps(case, n),
        1: lambda n: family_numbers(case, n),
        6: lambda n: scheme_numbers(case, n),
        3: lambda n: batch_neighbours(case, n),
        8: lambda n: previous_users(case, n),
        10: lambda n: transcriptions(case, n, lambda: kana_order(case)),
    }
    made = sum(maker(wanted[cause]) for cause, maker in makers.items() if wanted.get(cause))
    made += duplicates(case, plan.wrong - made)
    if made < plan.wrong:
        made += batch_neighbours(case, plan.wrong - made)
    if made < plan.wrong:
        transcriptions(case, plan.wrong - made, lambda: kana_order(case))


def mark_undecidable(case: Case) -> None:
    """Mark wrong links whose items fit the number's holder as well as, or better than, the person."""
    rows = np.flatnonzero((case.cause > 0) & (case.holder != NONE) & (case.undecidable == 0))
    own = agreement(case.held, rows, case.people, case.links.person[rows].astype(np.int64))
    holder = agreement(case.held, rows, case.people, case.holder[rows].astype(np.int64))
    case.undecidable[rows[own == holder]] = TIED
    better = (own & holder == own) & (own != holder)
    case.undecidable[rows[better]] = OWNER_FITS_BETTER
