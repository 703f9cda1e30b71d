"""Comparing dates of birth: the same day in any notation, and the slips that clerks make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity import date_notation
from himozuke.identity.calendar import (
    CodeSystem,
    days_in_month,
    era_by_digit,
    is_whole,
    ordinal,
    same_figures_in_another_era,
    year_of_era,
    years_in_same_era,
)
from himozuke.identity.column import Bytes, Offsets, States, Utf8Column
from himozuke.identity.date_common import NOT_COMMON, read_common
from himozuke.identity.date_notation import EARLIEST_YEAR, EMPTY, UNKNOWN, Reading
from himozuke.identity.kernel import kernel, usable_in_kernels
from himozuke.identity.state import Comparison, How, ItemState

Dates = npt.NDArray[np.int32]

NOT_PLAIN = NOT_COMMON
_NO_SLIP = 0
_DAY_MONTH = int(How.DAY_MONTH)
_OFF_BY_ONE = int(How.OFF_BY_ONE)
_OFF_BY_TEN = int(How.OFF_BY_TEN)
_ONE_DIGIT = int(How.ONE_DIGIT)
_EXCHANGED = int(How.EXCHANGED)
_ERA = int(How.ERA)
_FOLD = int(How.FOLD)
_UNREADABLE = int(How.UNREADABLE)
_EMPTY_SIDE = int(How.EMPTY)
_OTHER = int(How.DIFFERENT)
_FOLDED_STATE = int(ItemState.FOLDED)
_NEAR_STATE = int(ItemState.NEAR)
_UNKNOWN_STATE = int(ItemState.UNKNOWN)
_MISSING_STATE = int(ItemState.MISSING)
_DIFFERENT_STATE = int(ItemState.DIFFERENT)


class Compared(NamedTuple):
    """States and ways of a column of comparisons, row by row (uint8 each)."""

    states: States
    hows: States


def parse(text: str, source: CodeSystem | None = None) -> int | None:
    """Read a date as ``yyyymmdd``.

    Unknown parts are 00 (``19750400``); empty is 0; wholly unknown (不詳) is -1; ``None`` when the
    text is no date or such a day does not exist. A code system named before the date
    (``レセ:``, ``届書:``) counts where ``source`` is not given.
    """
    if not text or text.isspace():
        return EMPTY
    return date_notation.read(text, source).value


@kernel
def _plain_rows(data: Bytes, offsets: Offsets) -> Dates:
    rows = len(offsets) - 1
    out = np.empty(rows, np.int32)
    for row in range(rows):
        start, length = offsets[row], offsets[row + 1] - offsets[row]
        if length == 0:
            out[row] = EMPTY
            continue
        value = 0
        plain = length == 10
        for i in range(10 if plain else 0):  # by far the most are written 1975-04-01
            byte = data[start + i]
            if i == 4 or i == 7:
                plain = plain and byte == 0x2D
            else:
                plain = plain and 0x30 <= byte <= 0x39
                value = value * 10 + byte - 0x30
        year, month, day = value // 10000, value // 100 % 100, value % 100
        if plain and year >= EARLIEST_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month):
            out[row] = value
        else:
            out[row] = read_common(data, start, offsets[row + 1])
    return out


def parse_plain_column(column: Utf8Column) -> Dates:
    """Read whole dates in the common notations (``1975-04-01``, ``昭和50年4月1日``, ``S50.4.1``; int32); empty is 0.

    Every other text is -9 (``NOT_PLAIN``): :func:`parse` must say what it is.
    """
    return _plain_rows(column.data, column.offsets)


@usable_in_kernels
def _figure_slip(a: int, b: int, figures: int) -> int:
    """Tell how two numbers of some figures differ: one digit, two exchanged, or otherwise."""
    wrong = 0
    first_a = first_b = second_a = second_b = 0
    for _ in range(figures):
        digit_a, digit_b = a % 10, b % 10
        a //= 10
        b //= 10
        if digit_a != digit_b:
            wrong += 1
            second_a, second_b = first_a, first_b
            first_a, first_b = digit_a, digit_b
    if wrong == 1:
        return _ONE_DIGIT
    if wrong == 2 and first_a == second_b and first_b == second_a:
        return _EXCHANGED
    return _NO_SLIP


@usable_in_kernels
def _calendar_slip(a: int, b: int) -> int:
    """Tell whether two days are exchanged, or one or ten apart, in one part of the date."""
    year_a, month_a, day_a = a // 10000, a // 100 % 100, a % 100
    year_b, month_b, day_b = b // 10000, b // 100 % 100, b % 100
    if year_a == year_b and month_a == day_b and day_a == month_b:
        return _DAY_MONTH
    days = abs(ordinal(year_a, month_a, day_a) - ordinal(year_b, month_b, day_b))
    months = abs(year_a * 12 + month_a - year_b * 12 - month_b)
    years = abs(year_a - year_b) if a % 10000 == b % 10000 else 0
    if days == 1 or (day_a == day_b and months == 1) or years == 1:
        return _OFF_BY_ONE
    if days == 10 or years == 10:
        return _OFF_BY_TEN
    return _NO_SLIP


@usable_in_kernels
def _slip(a: int, b: int) -> int:
    """Tell how one whole date may be a slip of another; papers show years of the era too."""
    how = _calendar_slip(a, b)
    if how == _NO_SLIP:
        how = _figure_slip(a, b, 8)
    if how == _NO_SLIP and same_figures_in_another_era(a, b):
        how = _ERA
    if how == _NO_SLIP and a % 10000 == b % 10000:
        year_a, year_b = years_in_same_era(a, b)
        how = _figure_slip(year_a, year_b, 2)
    return how


@usable_in_kernels
def _readable_parts_agree(a: int, b: int) -> bool:
    """Tell whether two dates agree in every part that both know."""
    if a < 0 or b < 0:
        return True
    for unit, span in ((10000, 10000), (100, 100), (1, 100)):
        part_a, part_b = a // unit % span, b // unit % span
        if part_a and part_b and part_a != part_b:
            return False
    return True


@usable_in_kernels
def _compare_one(a: int, b: int) -> tuple[int, int]:
    """State and way of two parsed dates."""
    if a == EMPTY or b == EMPTY:
        return _MISSING_STATE, _EMPTY_SIDE
    if not (is_whole(a) and is_whole(b)):
        if _readable_parts_agree(a, b):
            return _UNKNOWN_STATE, _UNREADABLE
        return _DIFFERENT_STATE, _OTHER
    if a == b:
        return _FOLDED_STATE, _FOLD
    how = _slip(a, b)
    if how == _NO_SLIP:
        return _DIFFERENT_STATE, _OTHER
    return _NEAR_STATE, how


@kernel
def _compare_rows(a: Dates, b: Dates) -> tuple[States, States]:
    rows = len(a)
    states = np.empty(rows, np.uint8)
    hows = np.empty(rows, np.uint8)
    for i in range(rows):
        states[i], hows[i] = _compare_one(a[i], b[i])
    return states, hows


def compare_values(a: Dates, b: Dates) -> Compared:
    """Compare two columns of parsed dates (int32, see :func:`parse`) row by row.

    The same day is ``folded``: whether the text was the same too, the caller knows. A date with an
    unknown part is never more than ``unknown``, also where both texts are the same.
    """
    return Compared(*_compare_rows(a, b))


def _coded_candidates(text: str) -> list[Reading] | None:
    """The days that seven digits may mean when no code system is declared, else ``None``."""
    body, source = date_notation.split_source(text)
    plain = date_notation.folded(body).replace("-", "")
    if source is not None or len(plain) != 7 or not plain.isdecimal():
        return None
    year, month, day = int(plain[1:3]), int(plain[3:5]), int(plain[5:7])
    found = []
    for system in CodeSystem:
        era = era_by_digit(plain[0], system)
        of_calendar = era and year_of_era(era, year, month, day)
        if of_calendar:
            found.append(Reading(of_calendar, month, day, is_date=True))
    return found


_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_LAST_MONTH, _LAST_DAY = 12, 31


def _readable(text: str) -> list[int]:
    """What a text may mean, as far as it can be read; several only where the era is not told."""
    candidates = _coded_candidates(text)
    if candidates is not None:
        return [r.year * 10000 + r.month * 100 + r.day for r in candidates] or [UNKNOWN]
    reading = date_notation.read(text)
    # 9999-99-99 stands for no date at all: a part that no date can have was not read.
    year = reading.year if _FIRST_YEAR <= reading.year <= _LAST_YEAR else 0
    month = reading.month if reading.month <= _LAST_MONTH else 0
    day = reading.day if reading.day <= _LAST_DAY else 0
    return [year * 10000 + month * 100 + day or UNKNOWN]


def _compare_unreadable(a: str, b: str) -> Comparison:
    """Compare two texts of which at least one is no whole date by what can be read of them."""
    agree = any(_readable_parts_agree(x, y) for x in _readable(a) for y in _readable(b))
    if agree:
        return Comparison(ItemState.UNKNOWN, How.UNREADABLE, "日付として読めない部分がある")
    return Comparison(ItemState.DIFFERENT, How.DIFFERENT, "読める部分が異なる")


def _in_words(date: int) -> str:
    return f"{date // 10000:04d}-{date // 100 % 100:02d}-{date % 100:02d}"


def compare(a: str, b: str) -> Comparison:
    """Compare two dates of birth as written; never raises.

    A text that is no date is ``unknown`` (``different`` when what can be read differs), also when
    both sides hold the same bytes.
    """
    left, right = parse(a), parse(b)
    if EMPTY in (left, right):
        return Comparison(ItemState.MISSING, How.EMPTY)
    if left is None or right is None or not (is_whole(left) and is_whole(right)):
        return _compare_unreadable(a, b)
    if a == b:
        return Comparison(ItemState.EQUAL, How.BYTES)
    state, how = _compare_one(left, right)
    detail = _in_words(left) if left == right else f"{_in_words(left)}→{_in_words(right)}"
    return Comparison(ItemState(state), How(how), detail)
