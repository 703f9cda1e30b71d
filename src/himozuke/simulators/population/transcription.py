"""C10: clerks copy numbers; a figure slips, or the eye falls on the next line of the list."""

from __future__ import annotations

import numpy as np

from himozuke.simulators.population import names
from himozuke.simulators.population.case import Case, Rows
from himozuke.simulators.population.numbers import BODIES, check_digits
from himozuke.simulators.population.people import NONE

VALID_SLIPS = 0.25  # of the slips keep a right check digit; chance alone gives 1.7 %
LOOKED_AT = 8


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


def slipped_number(number: int, draw: np.random.Generator) -> int:
    """Slip in an Individual Number, staying in the synthetic range; now and then the check digit still fits."""
    wish = draw.random() < VALID_SLIPS
    best = 0
    for _ in range(60):
        found = slipped(number, draw, 12)
        if found < BODIES * 10:
            best = found
            if not wish or check_digits(np.array([found // 10]))[0] == found % 10:
                break
    return best


def number_slips(case: Case, wanted: int) -> int:
    """A figure was mistyped or two exchanged; nobody in the register has the number."""
    made = 0
    known = np.sort(case.people.number)
    for row in case.pick(wanted).tolist():
        number = slipped_number(int(case.links.number[row]), case.draw)
        if number and known[min(int(np.searchsorted(known, number)), len(known) - 1)] != number:
            made += case.give_one(row, int(case.links.person[row]), 10, "number_slip")
            case.links.number[row], case.holder[row] = number, NONE
    return made


def list_neighbours(case: Case, wanted: int) -> int:
    """The number of the next person in the list by kana was copied."""
    made = 0
    ranked = kana_order(case) if wanted and case.registered > 1 else np.zeros(0, np.int64)
    for place in case.draw.integers(1, max(len(ranked), 2), wanted * LOOKED_AT).tolist():
        if made >= wanted or len(ranked) < 2:
            break
        one, other = ranked[place - 1 : place + 1].tolist()
        if case.is_free(one, other) and differ(case, one, other):
            made += case.give_one(int(case.row_of[one]), other, 10, "list_neighbour")
    return made


def transcriptions(case: Case, wanted: int) -> int:
    """Two slips for each neighbour in the list."""
    made = list_neighbours(case, wanted // 3)
    return made + number_slips(case, wanted - made)


def differ(case: Case, one: int, other: int) -> bool:
    """Tell whether two people of different households differ in kana name or birth date."""
    people, book = case.people, names.load()
    same_sound = book.surnames.sound[people.surname[one]] == book.surnames.sound[people.surname[other]]
    same_sound &= book.given.sound[people.given[one]] == book.given.sound[people.given[other]]
    same = same_sound and people.birth[one] == people.birth[other]
    return not same and people.household[one] != people.household[other]


def kana_order(case: Case) -> Rows:
    """The register as a list by kana name, then birth date."""
    book, people = names.load(), case.people
    surname, given = (np.unique(np.array(t.kana), return_inverse=True)[1] for t in (book.surnames, book.given))
    own = slice(0, case.registered)
    return np.lexsort((people.birth[own], given[people.given[own]], surname[people.surname[own]]))
