"""Numbers of others on links, one function a cause (R-GUIDE); each says how many links it made wrong."""

from __future__ import annotations

import numpy as np

from himozuke.simulators.population import names
from himozuke.simulators.population.case import KIND, OVERWRITTEN, PERSON_ABSENT, Case, Rows
from himozuke.simulators.population.membership import BIRTH, JLIS, KANA, KANJI, NO_END, SEX
from himozuke.simulators.population.people import DEAD, NONE
from himozuke.simulators.population.transcription import slipped

TRIES = 8
LEAST_GAP = 200  # days between two holders of one scheme number


def family_numbers(case: Case, wanted: int) -> int:
    """C1: the form carried one's own number and a relative's, and the relative's was entered."""
    made = 0
    for row in case.pick(wanted * TRIES).tolist():
        person = int(case.links.person[row])
        relative = relative_of(case, person)
        if made >= wanted:
            break
        if relative != NONE and case.is_free(person, relative):
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
        if made >= (wanted + 1) // 2:
            break
        if not case.is_free(one, other):
            continue
        if wanted - made >= 2 and case.draw.random() < 0.7:
            made += swap(case, one, other, 2, "twin_swap")
        else:
            made += case.give_one(int(case.row_of[one]), other, 2, "twin_number")
    for row in case.pick(wanted * TRIES).tolist():
        person = int(case.links.person[row])
        relative = relative_of(case, person)
        if wanted - made < 2:
            break
        if relative == NONE or not case.is_free(person, relative):
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


def batch_neighbours(case: Case, wanted: int, *, nearest: int = 1, swaps: float = 0.2) -> int:
    """C3: several forms were typed together and another applicant's number was entered.

    ``nearest`` 2 where the number of the row before would rather be that of the user before (C8).
    """
    made, links = 0, case.links
    for row in case.pick(wanted * TRIES).tolist():
        if made >= wanted:
            break
        other = row + int(case.draw.integers(nearest, 7)) * (1 if case.draw.random() < 0.5 else -1)
        if not 0 <= other < links.rows or links.batch[row] != links.batch[other] or not unrelated(case, row, other):
            continue
        if wanted - made >= 2 and case.draw.random() < swaps:
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
    made = 0
    given, looks = case.people.given, names.load().given.look
    for pair in case.draw.permutation(pairs).tolist():
        if made >= wanted:
            break
        one, other = pair if case.draw.random() < 0.5 else pair[::-1]
        if not case.is_free(one, other):
            continue
        row = int(case.row_of[one])
        same = bool(looks[given[one]] == looks[given[other]])
        made += case.give_one(row, other, 4, "namesake_same_kanji" if same else "namesake_other_kanji")
        items = (KANA | BIRTH | SEX, KANA | BIRTH, KANJI | BIRTH | SEX if same else KANA | BIRTH | SEX, BIRTH)
        thin_inquiry(case, row, items[int(case.draw.choice(4, p=(0.6, 0.15, 0.15, 0.1)))])
        if case.draw.random() < 0.06 and made > 1:  # the insurer took the register's items over
            case.held.become(np.array([row]), case.people, np.array([other]))
            case.kind[row], case.undecidable[row] = KIND["namesake_overwritten"], OVERWRITTEN
    return made


def absent_persons(case: Case) -> int:
    """C4 where the person is not in the register, so that the inquiry found only the namesake."""
    rows = np.flatnonzero(case.links.person >= case.registered)
    for row in rows.tolist():
        case.cause[row], case.kind[row] = 4, KIND["namesake_absent"]
        case.links.number[row] = case.people.number[case.holder[row]]
        case.used[row], case.undecidable[row] = True, PERSON_ABSENT
        thin_inquiry(case, row, KANA | BIRTH | SEX)
    return len(rows)


def alone_in_unit(case: Case, row: int) -> bool:
    """Tell whether nobody else is insured under the row's scheme number."""
    unit = case.links.unit
    return not any(0 <= r < case.links.rows and unit[r] == unit[row] for r in (row - 1, row + 1))


def scheme_numbers(case: Case, wanted: int) -> int:
    """C6: the scheme number was used again, or looks like a former one, whose holder's number stayed."""
    made, links = 0, case.links
    late = links.valid_from > (np.quantile(links.valid_from, 0.5) if links.rows else 0)
    for row in case.pick(wanted * TRIES * 4, late).tolist():
        start = int(np.searchsorted(links.insurer, links.insurer[row]))
        earlier = int(case.draw.integers(start, row)) if row > start else row
        gap = int(links.valid_from[row]) - int(links.valid_from[earlier])
        if made >= wanted:
            break
        if gap < LEAST_GAP or not unrelated(case, row, earlier) or not alone_in_unit(case, row):
            continue
        if case.people.status[links.person[earlier]] != DEAD and alone_in_unit(case, earlier):
            made += take_scheme_number(case, row, earlier, gap)
    return made


def take_scheme_number(case: Case, row: int, earlier: int, gap: int) -> int:
    """Give a link the scheme number, or one that looks like it, and the Individual Number of an earlier link."""
    links = case.links
    links.valid_to[earlier] = links.valid_from[row] - int(case.draw.integers(1, gap - LEAST_GAP // 2))
    links.symbol[row] = links.symbol[earlier]
    links.member[row] = links.member[earlier]
    if case.draw.random() < 0.6:
        return case.give_one(row, int(links.person[earlier]), 6, "reused_scheme_number")
    links.member[row] = slipped(int(links.member[earlier]), case.draw)
    return case.give_one(row, int(links.person[earlier]), 6, "lookalike_scheme_number")


def former_surname_queries(case: Case, wanted: int, pairs: Rows) -> int:
    """C7: asked under the former surname, the address not compared: the bearer of that name was found."""
    made = 0
    for person, bearer in case.draw.permutation(pairs).tolist():
        if made >= wanted:
            break
        if not case.is_free(person, bearer):
            continue
        row = int(case.row_of[person])
        made += case.give_one(row, bearer, 7, "former_surname_query")
        thin_inquiry(case, row, KANJI | BIRTH | SEX)
        if case.draw.random() < 0.5:  # the insurer itself still writes the former name
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
            person = int(links.person[other])
            apart = links.batch[row] != links.batch[other] and case.people.status[person] != DEAD
            if apart and unrelated(case, row, other):
                links.valid_to[other] = NO_END
                made += case.give_one(row, person, 9, "duplicate_number")
    return made
