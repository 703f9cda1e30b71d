"""The table of wrong links and viewings by the time they were found, and what a revision changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from himozuke.errors import UsageError
from himozuke.incident.refusal import refusal

_DAY = timedelta(days=1)
COUNTED = ("wrong", "viewed", "corrected")


@dataclass(frozen=True, slots=True)
class WrongLink:
    """One link confirmed wrong: when it was known, whether seen by others, whether corrected.

    ``viewings`` counts viewings of medical information; None while nobody has looked. ``by_duplicate_check``
    marks those the insurer's own check of doubled qualifications found (S75).
    """

    case_id: int
    known_on: date
    viewings: int | None
    corrected_on: date | None
    cause: str | None = None
    by_duplicate_check: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A span in which wrong links came to light, both days counted."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """One row of the table; a link counts as viewed once, however often it was seen (S73)."""

    period: Period
    wrong: int
    viewed: int
    corrected: int
    by_duplicate_check: int


def check_periods(periods: Sequence[Period]) -> None:
    """UsageError when periods overlap or stand out of order."""
    for earlier, later in pairwise(periods):
        if later.first <= earlier.last:
            raise UsageError(refusal("periods"))
    if any(period.last < period.first for period in periods):
        raise UsageError(refusal("periods"))


def periods_until(ends: Sequence[date], *, first: date, as_of: date) -> Sequence[Period]:
    """Periods that end on given days, each beginning on the day after the one before; the last ends as of.

    >>> [str(period.last) for period in periods_until([date(2021, 11, 30)], first=date(2021, 10, 1), as_of=date(2023, 5, 22))]
    ['2021-11-30', '2023-05-22']
    """
    found = []
    begin = first
    for end in sorted({*(end for end in ends if first <= end < as_of), as_of}):
        found.append(Period(begin, end))
        begin = end + _DAY
    return found


def tabulate(links: Sequence[WrongLink], periods: Sequence[Period], *, as_of: date) -> Sequence[PeriodFigures]:
    """Count wrong links by the period in which they were known, as they stand on a day. Source: S73, S84."""
    check_periods(periods)
    known = [link for link in links if link.known_on <= as_of]
    return [
        _row([link for link in known if period.first <= link.known_on <= period.last], period, as_of)
        for period in periods
    ]


def counted(links: Sequence[WrongLink], periods: Sequence[Period], *, as_of: date) -> Sequence[int]:
    """The cases that stand in the table."""
    return [
        link.case_id
        for link in links
        if link.known_on <= as_of and any(period.first <= link.known_on <= period.last for period in periods)
    ]


def total(rows: Sequence[PeriodFigures]) -> Mapping[str, int]:
    """The sums below the table."""
    return {name: sum(getattr(row, name) for row in rows) for name in COUNTED}


def as_words(rows: Sequence[PeriodFigures]) -> Mapping[str, object]:
    """The table as it is kept with a publication."""
    return {
        "periods": [
            {
                "first": row.period.first.isoformat(),
                "last": row.period.last.isoformat(),
                "wrong": row.wrong,
                "viewed": row.viewed,
                "corrected": row.corrected,
                "by_duplicate_check": row.by_duplicate_check,
            }
            for row in rows
        ],
        "total": total(rows),
    }


def changes(before: Mapping[str, object] | None, after: Mapping[str, object]) -> Sequence[tuple[str, int, int]]:
    """Which sums a new version changes: name, before, after (S77: four viewings became five)."""
    if before is None:
        return ()
    old, new = before["total"], after["total"]
    assert isinstance(old, Mapping)  # noqa: S101 -- as_words wrote them
    assert isinstance(new, Mapping)  # noqa: S101 -- as_words wrote them
    return [(name, int(old[name]), int(new[name])) for name in COUNTED if old[name] != new[name]]


def _row(links: Sequence[WrongLink], period: Period, as_of: date) -> PeriodFigures:
    return PeriodFigures(
        period,
        wrong=len(links),
        viewed=sum(1 for link in links if link.viewings),
        corrected=sum(1 for link in links if link.corrected_on is not None and link.corrected_on <= as_of),
        by_duplicate_check=sum(link.by_duplicate_check for link in links),
    )
