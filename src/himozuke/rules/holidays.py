"""National holidays of Japan, with the substitute days and the days between two holidays."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from himozuke.errors import NoRuleOnDayError

_DAY = timedelta(days=1)
_MONDAY, _SUNDAY = 0, 6
_WEEK = 7
_SUBSTITUTE = ("振替休日", "Substitute holiday")
_BETWEEN = ("国民の休日", "Citizens' holiday")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday and its name in both languages."""

    on: date
    name_ja: str
    name_en: str


@cache
def holidays() -> Mapping[date, Holiday]:
    """Every holiday of the table by its day.

    A holiday on a Sunday moves the rest to the next day that is none (振替休日, art. 3 para. 2); a day
    between two holidays is one too (国民の休日, para. 3). Source: 国民の祝日に関する法律.
    """
    table = _table()
    found: dict[date, Holiday] = {holiday.on: holiday for holiday in _named(table)}
    for holiday in sorted(found.values(), key=lambda holiday: holiday.on):
        if holiday.on.weekday() == _SUNDAY:
            day = holiday.on + _DAY
            while day in found:
                day += _DAY
            found[day] = Holiday(day, *_SUBSTITUTE)
    named = {holiday.on for holiday in _named(table)}
    for day in sorted(named):
        middle = day + _DAY
        if middle not in found and middle + _DAY in named:
            found[middle] = Holiday(middle, *_BETWEEN)
    return dict(sorted(found.items()))


def holiday_on(day: date) -> Holiday | None:
    """The holiday of a day, None where it is none; NoRuleOnDayError outside the years of the table."""
    years = _table()["years"]
    if not years["first"] <= day.year <= years["last"]:
        raise NoRuleOnDayError(
            f"No holidays are known for {day}: the table covers {years['first']} to {years['last']}. "
            "Add the year to rules/holidays.toml, with its source."
        )
    return holidays().get(day)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("himozuke.rules") / "holidays.toml").read_text("utf-8"))


def _named(table: Mapping[str, Any]) -> Iterator[Holiday]:
    years = range(table["years"]["first"], table["years"]["last"] + 1)
    for row in table["fixed"]:
        for year in _years(row, years):
            yield _holiday(row, date(year, row["month"], row["day"]))
    for row in table["monday"]:
        for year in _years(row, years):
            yield _holiday(row, _nth_monday(year, row["month"], row["nth"]))
    for row in table["single"]:
        for day in row["days"]:
            yield _holiday(row, day)


def _years(row: Mapping[str, Any], years: range) -> Iterator[int]:
    first, last = row.get("from", years.start), row.get("to", years.stop - 1)
    return (year for year in years if first <= year <= last and year not in row.get("not_in", ()))


def _holiday(row: Mapping[str, Any], day: date) -> Holiday:
    return Holiday(day, row["name_ja"], row["name_en"])


def _nth_monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % _WEEK + _WEEK * (nth - 1))
