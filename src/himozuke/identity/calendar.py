"""The Japanese eras with both code systems of their digits, and date arithmetic on plain integers.

A date is one integer ``yyyymmdd``; a part that nobody knows is 00. Everything here is pure and runs
the same interpreted and inside compiled loops.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import NamedTuple

from himozuke.identity.kernel import usable_in_kernels


class CodeSystem(Enum):
    """Whose era digits a date is written in; they clash, so a source must declare its own.

    ``5050301`` is Reiwa 5 in claims and Showa 5 in social insurance forms.
    """

    CLAIM = "レセ"  # claims: 1明 2大 3昭 4平 5令
    FORM = "届書"  # social insurance forms: 1明 3大 5昭 7平 9令


class Era(NamedTuple):
    """One era: its names, digits and days; ``base`` + year of the era = year of the calendar."""

    name: str
    letter: str
    claim_digit: str
    form_digit: str
    first: int
    last: int

    @property
    def base(self) -> int:
        """The calendar year before the first year of the era."""
        return self.first // 10000 - 1

    def digit(self, system: CodeSystem) -> str:
        """The digit that stands for the era in one code system."""
        return self.claim_digit if system is CodeSystem.CLAIM else self.form_digit


# 1912-07-30 and 1926-12-25 bear two names (the new era began on the day the old one ended);
# 1989-01-07/08 and 2019-04-30/05-01 were cut cleanly.
ERAS = (
    Era("明治", "M", "1", "1", 18680125, 19120730),
    Era("大正", "T", "2", "3", 19120730, 19261225),
    Era("昭和", "S", "3", "5", 19261225, 19890107),
    Era("平成", "H", "4", "7", 19890108, 20190430),
    Era("令和", "R", "5", "9", 20190501, 99991231),
)
ERA_BY_WORD = {word: era for era in ERAS for word in (era.name, era.name[0], era.letter)}

_FIRSTS = tuple(era.first for era in ERAS)
_LASTS = tuple(era.last for era in ERAS)
_BASES = tuple(era.base for era in ERAS)
_DAYS_BEFORE = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_IN = (31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_A_LEAP_YEAR = 2000
_FEBRUARY = 2
_MONTHS = 12


def era_by_digit(digit: str, system: CodeSystem) -> Era | None:
    """The era a digit stands for in a declared code system."""
    return next((era for era in ERAS if era.digit(system) == digit), None)


@usable_in_kernels
def is_leap(year: int) -> bool:
    """Tell whether February has 29 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@usable_in_kernels
def days_in_month(year: int, month: int) -> int:
    """The number of days of a month; an unknown (0) year or month is taken as the longest."""
    if month == _FEBRUARY and is_leap(year or _A_LEAP_YEAR):
        return 29
    return _DAYS_IN[month]


@usable_in_kernels
def ordinal(year: int, month: int, day: int) -> int:
    """The number of days from a fixed day long ago; differences are days between dates."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 + _DAYS_BEFORE[month] + day
    return days + 1 if month > _FEBRUARY and is_leap(year) else days


@usable_in_kernels
def is_whole(date: int) -> bool:
    """Tell whether year, month and day are all known."""
    return date > 0 and date // 10000 > 0 and date // 100 % 100 > 0 and date % 100 > 0


def exists(year: int, month: int, day: int) -> bool:
    """Tell whether a date, unknown parts being 0, can stand in the calendar."""
    return 0 <= month <= _MONTHS and 0 <= day <= days_in_month(year, month)


def year_of_era(era: Era, year: int, month: int, day: int) -> int | None:
    """The calendar year of a date written in an era, or ``None`` where the era has no such day.

    An era may go on after its last day to the end of that calendar year (平成31年5月1日 is
    令和元年5月1日: such papers were printed before the change); it never begins early.
    """
    calendar_year = era.base + year
    if year < 1 or calendar_year > era.last // 10000:
        return None
    latest = calendar_year * 10000 + (month or _MONTHS) * 100 + (day or 31)
    return calendar_year if latest >= era.first else None


@usable_in_kernels
def same_figures_in_another_era(a: int, b: int) -> bool:
    """Tell whether two whole dates show the same figures under different era names."""
    if a % 10000 != b % 10000:
        return False
    for i in range(5):
        if not _FIRSTS[i] <= a <= _LASTS[i]:
            continue
        for j in range(5):
            if i != j and _FIRSTS[j] <= b <= _LASTS[j] and a // 10000 - _BASES[i] == b // 10000 - _BASES[j]:
                return True
    return False


@usable_in_kernels
def years_in_same_era(a: int, b: int) -> tuple[int, int]:
    """The years of two whole dates within the era they share, or (0, 0)."""
    for i in range(5):
        if _FIRSTS[i] <= a <= _LASTS[i] and _FIRSTS[i] <= b <= _LASTS[i]:
            return a // 10000 - _BASES[i], b // 10000 - _BASES[i]
    return 0, 0


def era_notation(day: date) -> str:
    """Write a day in the era of that day, the first year as 元年.

    >>> era_notation(date(2019, 5, 1)), era_notation(date(2026, 11, 25))
    ('令和元年5月1日', '令和8年11月25日')
    >>> era_notation(date(1989, 1, 7))
    '昭和64年1月7日'
    """
    figure = day.year * 10000 + day.month * 100 + day.day
    era = next((era for era in reversed(ERAS) if era.first <= figure), None)
    if era is None:
        return f"西暦{day.year}年{day.month}月{day.day}日"
    year = day.year - era.base
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def whole_day(figures: int | None) -> date | None:
    """The day of a figure yyyymmdd; None where there is none, or a part of it is not known.

    >>> whole_day(20261125), whole_day(20260000), whole_day(None)
    (datetime.date(2026, 11, 25), None, None)
    """
    if figures is None or not is_whole(figures):
        return None
    return date(figures // 10000, figures // 100 % 100, figures % 100)
