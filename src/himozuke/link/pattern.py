"""One integer for everything a verdict depends on.

A pattern packs the class of each item, the outcome of the challenge and the context of the link. Batch
and online code both make the same integer; :mod:`himozuke.link.verdict` gives it its meaning.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity.state import How, ItemState, Parts
from himozuke.link.items import ITEMS, Agreement

Ints = npt.NDArray[np.int32]


class NameClass(IntEnum):
    """What the comparison of a name comes to for the verdict."""

    FULL = 0
    NEAR_GIVEN = 1  # a slip that touches the given name
    NEAR_SURNAME = 2  # a slip in the surname, or a harmless one anywhere
    UNKNOWN = 3
    MISSING = 4
    DIFFERENT = 5
    SURNAME_DIFFERS = 6  # the given name agrees
    GIVEN_DIFFERS = 7  # the surname agrees


class ItemClass(IntEnum):
    """What the comparison of any other item comes to for the verdict."""

    FULL = 0
    NEAR = 1
    UNKNOWN = 2
    MISSING = 3
    DIFFERENT = 4


class Challenge(IntEnum):
    """What looking for somebody else who fits the link came to."""

    NONE = 0
    SHARED = 1  # another entry agrees on all that agrees here: the items do not single out one person
    EQUAL = 2
    BETTER = 3


class NumberFact(IntEnum):
    """Where the register holds the Individual Number of the link."""

    CURRENT = 0
    PREVIOUS = 1
    NOT_IN_REGISTER = 2
    CHECK_DIGIT = 3  # absent, and its check digit is wrong
    NOT_READ = 4  # it stands on a row that could not be understood


class Life(IntEnum):
    """The person's standing on the day of the register, as far as the link depends on it."""

    LIVING = 0
    ABROAD = 1
    DIED_LINK_ENDED = 2
    DIED_LINK_OPEN = 3
    DIED_BEFORE_LINK = 4


class Sharing(IntEnum):
    """Whether other rows of the same file carry the same Individual Number for somebody else."""

    ALONE = 0
    HELD_HERE = 1  # this row fits the number, another row does not
    HELD_ELSEWHERE = 2  # another row fits the number, this one does not


class Pattern(NamedTuple):
    """The unpacked form of a pattern; ``required`` is a bit per item in the order of ITEMS."""

    kanji_name: int = 0
    kana_name: int = 0
    birth_date: int = 0
    sex: int = 0
    address: int = 0
    challenge: int = 0
    number: int = 0
    life: int = 0
    few_items: int = 0
    several_valid: int = 0
    sharing: int = 0
    required: int = 31


_SIZES = Pattern(8, 8, 5, 5, 5, 4, 5, 5, 2, 2, 3, 32)


def encode(pattern: Pattern) -> int:
    """Pack a pattern into one integer (below 2**31).

    >>> encode(Pattern()) == encode(Pattern(kanji_name=NameClass.FULL))
    True
    """
    value = 0
    for part, size in zip(reversed(pattern), reversed(_SIZES), strict=True):
        value = value * size + int(part)
    return value


def decode(value: int) -> Pattern:
    """Unpack a pattern.

    >>> decode(encode(Pattern(address=4, required=29)))[4]
    4
    """
    parts = []
    for size in _SIZES:
        value, part = divmod(value, size)
        parts.append(part)
    return Pattern(*parts)


def encode_columns(columns: dict[str, npt.NDArray[np.integer]], rows: int) -> Ints:
    """Pack columns of parts into patterns; a part that is not given is 0 (``required``: all five)."""
    value = np.zeros(rows, np.int32)
    for name, size, default in zip(reversed(Pattern._fields), reversed(_SIZES), reversed(Pattern()), strict=True):
        value *= np.int32(size)
        value += columns[name].astype(np.int32) if name in columns else np.int32(default)
    return value


_HARMLESS = (How.LOOKALIKE_KANJI, How.NEAR_KANA, How.MIDDLE_NAME, How.READING)


def _name_class(state: ItemState, how: int, parts: int) -> NameClass:
    if state.agrees:
        return NameClass.FULL
    if state is ItemState.NEAR:
        benign = how in _HARMLESS or parts & Parts.GIVEN
        return NameClass.NEAR_SURNAME if benign else NameClass.NEAR_GIVEN
    if state is ItemState.DIFFERENT:
        if parts & Parts.GIVEN:
            return NameClass.SURNAME_DIFFERS
        return NameClass.GIVEN_DIFFERS if parts & Parts.SURNAME else NameClass.DIFFERENT
    return NameClass.UNKNOWN if state is ItemState.UNKNOWN else NameClass.MISSING


_ITEM_CLASS = np.array([0, 0, 0, 1, 2, 3, 4], np.uint8)
_NAME_CLASS = np.array(
    [[[_name_class(state, how, parts) for parts in range(4)] for how in range(64)] for state in ItemState],
    np.uint8,
)


def name_classes(
    states: npt.NDArray[np.uint8], hows: npt.NDArray[np.uint8], parts: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Give the class of each name comparison of a column."""
    return _NAME_CLASS[states, hows, parts]


def item_classes(states: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Give the class of each comparison of another item."""
    return _ITEM_CLASS[states]


def classes(agreement: Agreement) -> tuple[int, int, int, int, int]:
    """Give the class of each of the five items of one comparison."""
    kanji, kana, birth, sex, address = agreement.comparisons
    return (
        int(_NAME_CLASS[kanji.state, kanji.how, agreement.kanji_parts]),
        int(_NAME_CLASS[kana.state, kana.how, agreement.kana_parts]),
        int(_ITEM_CLASS[birth.state]),
        int(_ITEM_CLASS[sex.state]),
        int(_ITEM_CLASS[address.state]),
    )


def required_mask(items: tuple[str, ...]) -> int:
    """Pack the items a scheme must hold into bits.

    >>> required_mask(("kanji_name", "birth_date"))
    5
    """
    return sum(1 << ITEMS.index(item) for item in items)
