"""Days are counted as the Civil Code counts them, over the holidays of each year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.errors import RuleError
from himozuke.rules.deadline import days_late, is_closed, last_day, next_working_day
from himozuke.rules.holidays import holiday_on, holidays

days = st.dates(date(2015, 1, 1), date(2030, 10, 31))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2015, 9, 22), "国民の休日"),  # between Respect for the Aged Day and the equinox
        (date(2019, 4, 30), "国民の休日"),
        (date(2019, 5, 1), "天皇の即位の日"),
        (date(2019, 5, 2), "国民の休日"),
        (date(2019, 5, 6), "振替休日"),
        (date(2020, 5, 6), "振替休日"),  # 3 May was a Sunday; 4 and 5 May are holidays themselves
        (date(2021, 8, 9), "振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2018, 12, 23), "天皇誕生日"),
        (date(2018, 12, 24), "振替休日"),
        (date(2020, 2, 24), "振替休日"),
        (date(2016, 8, 11), "山の日"),
        (date(2019, 10, 14), "体育の日"),
        (date(2022, 10, 10), "スポーツの日"),
        (date(2023, 1, 2), "振替休日"),
    ],
)
def test_holidays_of_single_years_are_those_that_were_kept(day: date, name: str) -> None:
    found = holiday_on(day)

    assert found is not None
    assert found.name_ja == name


@pytest.mark.parametrize(
    "day", [date(2015, 8, 11), date(2019, 12, 23), date(2019, 2, 23), date(2020, 7, 20), date(2021, 10, 11)]
)
def test_days_that_were_no_holiday_in_their_year_are_none(day: date) -> None:
    assert holiday_on(day) is None


@pytest.mark.parametrize(("year", "count"), [(2015, 17), (2018, 20), (2019, 22), (2021, 17), (2023, 17), (2026, 18)])
def test_each_year_has_the_number_of_holidays_it_had(year: int, count: int) -> None:
    assert sum(1 for day in holidays() if day.year == year) == count


def test_a_year_outside_the_table_is_refused_instead_of_guessed() -> None:
    with pytest.raises(RuleError, match="2015 to 2030"):
        holiday_on(date(2031, 1, 1))


@pytest.mark.seed("S65", "S69")
@pytest.mark.parametrize(
    ("event", "due"),
    [
        (date(2026, 4, 1), date(2026, 4, 6)),  # Wednesday to Monday
        (date(2026, 3, 31), date(2026, 4, 6)),  # the last day is a Sunday
        (date(2026, 4, 27), date(2026, 5, 7)),  # Golden Week
        (date(2025, 12, 24), date(2026, 1, 5)),  # the year's end, then a Sunday
        (date(2019, 4, 26), date(2019, 5, 7)),  # ten days of holidays in 2019
    ],
)
def test_five_days_leave_out_the_first_and_never_end_on_a_day_of_rest(event: date, due: date) -> None:
    assert last_day(event, 5) == due


@given(days, st.integers(0, 60))
def test_a_deadline_is_a_working_day_and_no_earlier_than_the_days_counted(event: date, count: int) -> None:
    due = last_day(event, count)

    assert not is_closed(due)
    assert due >= event + timedelta(days=count)
    assert all(is_closed(event + timedelta(days=n)) for n in range(count, (due - event).days))


@given(days)
def test_a_working_day_is_its_own_next_working_day(day: date) -> None:
    assert (next_working_day(day) == day) is not is_closed(day)


def test_lateness_is_counted_from_the_last_day() -> None:
    assert days_late(date(2026, 4, 6), date(2026, 4, 6)) == 0
    assert days_late(date(2026, 4, 6), date(2026, 4, 9)) == 3
