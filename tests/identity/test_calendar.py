"""Plain date arithmetic and the era table."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.identity.calendar import ERAS, CodeSystem, days_in_month, era_by_digit, ordinal


@given(st.dates(dt.date(1800, 1, 1), dt.date(2200, 12, 31)))
def test_days_are_counted_as_the_calendar_does(day: dt.date) -> None:
    assert ordinal(day.year, day.month, day.day) == day.toordinal()


def test_february_of_an_unknown_year_may_have_29_days() -> None:
    assert days_in_month(0, 2) == 29
    assert days_in_month(1900, 2) == 28
    assert days_in_month(2000, 2) == 29


def test_eras_leave_no_day_without_a_name() -> None:
    for former, later in pairwise(ERAS):
        last = dt.date.fromisoformat(str(former.last))
        first = dt.date.fromisoformat(str(later.first))
        assert (first - last).days in {0, 1}


@pytest.mark.parametrize(("system", "digits"), [(CodeSystem.CLAIM, "12345"), (CodeSystem.FORM, "13579")])
def test_each_code_system_has_its_own_digits(system: CodeSystem, digits: str) -> None:
    assert [era_by_digit(digit, system) for digit in digits] == list(ERAS)
