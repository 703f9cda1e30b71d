"""The common ways to write a whole date, read in a compiled loop.

Only what one look from left to right can tell: digits in any width, the usual signs, an era by name,
kanji or letter. Everything else is left to :mod:`himozuke.identity.date_notation`, which also says what
these notations mean.
"""

from __future__ import annotations

import numpy as np

from himozuke.identity.calendar import ERAS, days_in_month
from himozuke.identity.column import Bytes
from himozuke.identity.date_notation import EARLIEST_YEAR
from himozuke.identity.kernel import kernel

NOT_COMMON = -9


def _word(character: str) -> int:
    return int.from_bytes(character.encode("utf-8"), "big")


_ERA_KANJI = tuple(_word(era.name[0]) for era in ERAS)
_ERA_SECOND_KANJI = tuple(_word(era.name[1]) for era in ERAS)
_ERA_LETTERS = tuple(ord(era.letter) for era in ERAS)
_ERA_BASES = tuple(era.base for era in ERAS)
_ERA_FIRSTS = tuple(era.first for era in ERAS)
_ERA_LAST_YEARS = tuple(era.last // 10000 for era in ERAS)
_YEAR, _MONTH, _DAY, _FIRST_YEAR = (_word(character) for character in "年月日元")
_NONE = -1


@kernel
def _byte(data: Bytes, at: int) -> int:
    """One byte as a signed number; unsigned ones would turn sums with others into floats."""
    return np.int64(data[at])  # type: ignore[return-value]


@kernel
def _character(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The character at a place, full width as half width, and how many bytes it takes; -1 where none is.

    ASCII is its code, a character of three bytes these bytes as one number.
    """
    if at >= end:
        return _NONE, 0
    first = _byte(data, at)
    if first < 0x80:
        return first, 1
    if first < 0xE0 or first >= 0xF0 or at + 3 > end:
        return _NONE, 0
    second, third = _byte(data, at + 1), _byte(data, at + 2)
    if first == 0xEF and second == 0xBC and third > 0x80:
        return third - 0x60, 3
    if first == 0xEF and second == 0xBD and third < 0x9F:
        return third - 0x20, 3
    return first << 16 | second << 8 | third, 3


@kernel
def _figure(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """A run of digits: its number, how many digits, and where it ends; nine digits at most."""
    value = 0
    digits = 0
    while digits < 9:
        code, size = _character(data, at, end)
        if not 0x30 <= code <= 0x39:
            break
        value = value * 10 + code - 0x30
        digits += 1
        at += size
    return value, digits, at


@kernel
def _era(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The place of an era among all of them, and where its word ends; -1 where none stands."""
    code, size = _character(data, at, end)
    for i in range(5):
        if code == _ERA_KANJI[i]:
            second, second_size = _character(data, at + size, end)
            return i, at + size + (second_size if second == _ERA_SECOND_KANJI[i] else 0)
        if code == _ERA_LETTERS[i] or code == _ERA_LETTERS[i] + 0x20:
            return i, at + size
    return _NONE, at


@kernel
def _after_sign(data: Bytes, at: int, end: int, kanji: int) -> int:
    """Where the sign between two parts of a date ends; -1 where none stands."""
    code, size = _character(data, at, end)
    return at + size if code == kanji or code == 0x2D or code == 0x2E or code == 0x2F else _NONE


@kernel
def _checked(era: int, year: int, month: int, day: int) -> int:
    """The date as ``yyyymmdd`` where such a day exists and is whole."""
    if not (year >= 1 and 1 <= month <= 12 and day >= 1):
        return NOT_COMMON
    if era >= 0:
        year += _ERA_BASES[era]
        if year > _ERA_LAST_YEARS[era]:
            return NOT_COMMON
    date = year * 10000 + month * 100 + day
    if day > days_in_month(year, month) or year < EARLIEST_YEAR or (era >= 0 and date < _ERA_FIRSTS[era]):
        return NOT_COMMON
    return date


@kernel
def read_common(data: Bytes, start: int, end: int) -> int:
    """Read one whole date as ``yyyymmdd``; -9 where another reader must look."""
    era, at = _era(data, start, end)
    year, digits, after = _figure(data, at, end)
    code, size = _character(data, at, end)
    if era >= 0 and code == _FIRST_YEAR:
        year, digits, after = 1, 1, at + size
    elif after == end and digits == (8 if era < 0 else 6):
        return _checked(era, year // 10000, year // 100 % 100, year % 100)
    if (era < 0 and digits != 4) or (era >= 0 and not 1 <= digits <= 2):
        return NOT_COMMON
    at = _after_sign(data, after, end, _YEAR)
    if at < 0:
        return NOT_COMMON
    month, digits, after = _figure(data, at, end)
    at = _after_sign(data, after, end, _MONTH)
    if at < 0 or not 1 <= digits <= 2:
        return NOT_COMMON
    day, digits, after = _figure(data, at, end)
    code, size = _character(data, after, end)
    if code == _DAY:
        after += size
    return _checked(era, year, month, day) if after == end and 1 <= digits <= 2 else NOT_COMMON
