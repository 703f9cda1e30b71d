"""Counting days as the law does: the first is not counted, a last day on which offices rest moves on.

Pure: a deadline depends on the event, the number of days and the calendar, never on today.
"""

from __future__ import annotations

from datetime import date, timedelta

from himozuke.rules.holidays import holiday_on

_DAY = timedelta(days=1)
_SATURDAY = 5
# 行政機関の休日に関する法律第1条: Saturdays and Sundays, holidays, 29 December to 3 January
_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def is_closed(day: date) -> bool:
    """Tell whether administrative bodies rest on a day.

    >>> is_closed(date(2026, 11, 23)), is_closed(date(2026, 12, 29)), is_closed(date(2026, 11, 24))
    (True, True, False)
    """
    return day.weekday() >= _SATURDAY or (day.month, day.day) in _YEAR_END or holiday_on(day) is not None


def next_working_day(day: date) -> date:
    """The day itself, or the first after it on which offices work."""
    while is_closed(day):
        day += _DAY
    return day


def last_day(event: date, days: int) -> date:
    """The last day of a period of days that an event sets going.

    The day of the event is not counted (Civil Code art. 140); a last day on which offices rest moves on to
    the next working day (art. 142, 行政機関の休日に関する法律第2条). Source: S65, S69.

    >>> last_day(date(2026, 4, 1), 5)
    datetime.date(2026, 4, 6)
    >>> last_day(date(2026, 4, 28), 5)  # 3 to 6 May are holidays, and a substitute for one
    datetime.date(2026, 5, 7)
    """
    return next_working_day(event + days * _DAY)


def days_late(due: date, done: date) -> int:
    """By how many days something done came after its last day; 0 when in time."""
    return max((done - due).days, 0)
