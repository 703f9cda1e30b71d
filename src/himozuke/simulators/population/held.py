"""What each link holds, as integers, and how well that fits a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population import names
from himozuke.simulators.population.membership import Links
from himozuke.simulators.population.people import NONE, Ints, People
from himozuke.simulators.population.places import Dwellings

Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.int64]

SURNAME, GIVEN, SURNAME_KANA, GIVEN_KANA, BIRTH, SEX, ADDRESS = (1 << n for n in range(7))


@dataclass(frozen=True)
class Held:
    """The items of every link, by row in file order; -1 = the link does not hold it.

    The kana of a name is that of ``surname_kana`` and ``given_kana``, which mostly equal the names.
    ``home`` is a row of the people's dwellings.
    """

    surname: Ints
    given: Ints
    surname_kana: Ints
    given_kana: Ints
    birth: Ints
    sex: npt.NDArray[np.int8]
    home: Ints

    def become(self, rows: Rows, people: People, persons: Rows) -> None:
        """Overwrite the items of some rows with those of other people."""
        for own, of in (
            (self.surname, people.surname), (self.given, people.given), (self.surname_kana, people.surname),
            (self.given_kana, people.given), (self.birth, people.birth), (self.home, people.home),
        ):  # fmt: skip
            own[rows] = of[persons]
        self.sex[rows] = people.sex[persons]


def held_by(links: Links, people: People) -> Held:
    """The items as the register has them."""
    person = links.person
    surname, given = people.surname[person], people.given[person]
    return Held(surname, given, surname.copy(), given.copy(),
                people.birth[person], people.sex[person], people.home[person])  # fmt: skip


def look(table: names.Names, name: Ints) -> Ints:
    """The written form with variant characters folded; different negatives for none."""
    return np.where(name == NONE, -2, table.look[table.plain[name]])


def sound(table: names.Names, name: Ints) -> Ints:
    """The reading; a negative for none."""
    return np.where(name == NONE, -2, table.sound[name])


def same_place(dwellings: Dwellings, one: Ints, other: Ints) -> npt.NDArray[np.bool_]:
    """Tell whether two homes are the same, or one figure of the house number apart."""
    a, b = dwellings.take(np.maximum(one, 0)), dwellings.take(np.maximum(other, 0))
    near = (a.town == b.town) & (a.chome == b.chome) & ((a.block == b.block) | (a.lot == b.lot))
    return np.asarray((one != NONE) & (other != NONE) & near, np.bool_)


def agreement(held: Held, rows: Rows, people: People, persons: Rows, dwellings: Dwellings) -> Bits:
    """The items on which links and people agree, former names and addresses of the register counted.

    ``dwellings`` are those of the people and then those that only links know.
    """
    book = names.load()
    surname, maiden = people.surname[persons], np.where(people.maiden_held, people.maiden, NONE)[persons]
    by_look, by_sound = look(book.surnames, held.surname[rows]), sound(book.surnames, held.surname_kana[rows])
    home, old = people.home[persons], np.where(people.old_home_held, people.old_home, NONE)[persons]
    held_home = held.home[rows]
    agree = {
        SURNAME: (by_look == look(book.surnames, surname))
        | ((maiden != NONE) & (by_look == look(book.surnames, maiden))),
        SURNAME_KANA: (by_sound == sound(book.surnames, surname))
        | ((maiden != NONE) & (by_sound == sound(book.surnames, maiden))),
        GIVEN: look(book.given, held.given[rows]) == look(book.given, people.given[persons]),
        GIVEN_KANA: sound(book.given, held.given_kana[rows]) == sound(book.given, people.given[persons]),
        BIRTH: held.birth[rows] == people.birth[persons],
        SEX: held.sex[rows] == people.sex[persons],
        ADDRESS: same_place(dwellings, held_home, home) | same_place(dwellings, held_home, old),
    }
    bits = np.zeros(len(rows), np.int64)
    for bit, same in agree.items():
        bits |= np.where(same, bit, 0)
    return bits
