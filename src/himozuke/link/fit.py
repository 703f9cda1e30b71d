"""How well a link's items fit a register entry, in tenths of a bit.

Birth date weighs most, then address and the given name in kanji, then the given name in kana, the
surname and the sex; agreement on a rare name weighs more. Only items in which both sides hold something
count; a difference costs what an honest record seldom shows. Whole numbers, so that every engine and
every order of adding gives the same fit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity.state import How, ItemState, Parts
from himozuke.link.items import Agreement

Tenths = npt.NDArray[np.int16]


class Credits(NamedTuple):
    """What each item contributes, in the order of ITEMS (numbers or columns)."""

    kanji_name: Tenths
    kana_name: Tenths
    birth_date: Tenths
    sex: Tenths
    address: Tenths


#: An advantage in an item is a credit higher by more than this; below it, two entries agree alike.
TOLERANCE = Credits(*(np.int16(x) for x in (16, 11, 21, 5, 13)))  # type: ignore[arg-type]

#: Below this fit an entry merely resembles the link by chance (birth date and half a name).
PLAUSIBLE = 220

#: Credit of a kanji name that agrees as a whole.
WHOLE_KANJI_NAME = 145

#: Fits closer than this are as good as equal (3 bits).
MARGIN = 30

_COST_OF_OTHER_PART = {"kanji": (15, 40, 50), "kana": (10, 40, 50)}


def _name_credit(state: ItemState, how: int, parts: int, given: int, surname: int, name: str) -> int:
    surname_cost, given_cost, both_cost = _COST_OF_OTHER_PART[name]
    if state.agrees:
        return given + surname
    if state is ItemState.NEAR:
        return (given if parts & Parts.GIVEN else given // 2) + (surname if parts & Parts.SURNAME else surname // 2)
    if state is ItemState.UNKNOWN:  # another script says nothing at all
        return 0 if how == How.OTHER_SCRIPT else (given + surname) * 9 // 10
    if state is ItemState.MISSING:
        return 0
    if parts & Parts.GIVEN:
        return given - surname_cost
    return surname - given_cost if parts & Parts.SURNAME else -both_cost


def _name_table(given: int, surname: int, name: str) -> Tenths:
    return np.array(
        [
            [[_name_credit(state, how, parts, given, surname, name) for parts in range(4)] for how in range(64)]
            for state in ItemState
        ],
        np.int16,
    )


_KANJI = _name_table(110, 35, "kanji")
_KANA = _name_table(80, 25, "kana")
#                  equal folded variant near unknown missing different
_BIRTH = np.array([140, 140, 140, 70, 120, 0, -60], np.int16)
_SEX = np.array([10, 10, 10, 5, 9, 0, -60], np.int16)
_ADDRESS = np.repeat(np.array([120, 120, 120, 60, 108, 0, -10], np.int16)[:, None], 64, axis=1)
_ADDRESS[ItemState.UNKNOWN, How.OTHER_SCRIPT] = 0  # katakana say nothing at all beside kanji


def credits_of(agreement: Agreement) -> Credits:
    """Weigh one comparison item by item."""
    kanji, kana, birth, sex, address = agreement.comparisons
    return Credits(
        _KANJI[kanji.state, kanji.how, agreement.kanji_parts],
        _KANA[kana.state, kana.how, agreement.kana_parts],
        _BIRTH[birth.state],
        _SEX[sex.state],
        _ADDRESS[address.state, address.how],
    )


def credit_columns(states: npt.NDArray[np.uint8], hows: npt.NDArray[np.uint8], parts: npt.NDArray[np.uint8]) -> Credits:
    """Weigh columns of comparisons: ``states`` and ``hows`` are (5, n), ``parts`` is (2, n)."""
    return Credits(
        _KANJI[states[0], hows[0], parts[0]],
        _KANA[states[1], hows[1], parts[1]],
        _BIRTH[states[2]],
        _SEX[states[3]],
        _ADDRESS[states[4], hows[4]],
    )


def rarity(name_count: int, register_entries: int) -> int:
    """Bonus for agreeing on a whole kanji name that ``name_count`` entries of the register share.

    >>> rarity(1, 10_000_000), rarity(9_000, 10_000_000)
    (60, 0)
    """
    share = register_entries // max(name_count, 1)
    return 10 * min(max(share.bit_length() - 18, 0), 6)


def fit(credits_: Credits, bonus: Tenths | int = 0) -> npt.NDArray[np.int32] | np.int32:
    """Add up the credits; ``bonus`` is the rarity of the name where the kanji name agrees."""
    total = np.asarray(credits_.kanji_name, np.int32) + bonus
    for credit in credits_[1:]:
        total = total + credit
    return total
