"""Who saw what while a link was wrong: the wrong interval, and the viewings in it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from himozuke.ports.office import LinkRecord, LinkVersion

MEDICAL_ITEMS = frozenset({"medicines", "checkups", "procedures", "diseases"})
_NUMBER = "individual_number"
_OPENING_ACTS = ("register", "hold")


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time, the end left out."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class LoggedViewing:
    """One row of the access log: who saw what."""

    access_id: int
    at: datetime
    institution_code: str
    institution_name: str
    viewer: str
    items: Sequence[str]
    consent: str
    source: str

    @property
    def is_medical(self) -> bool:
        """Whether medicines, check-ups or procedures were seen, not only the qualification."""
        return bool(MEDICAL_ITEMS & set(self.items))


@dataclass(frozen=True, slots=True)
class LogCover:
    """Days a log taken over from the payment fund speaks of."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Exposure:
    """The viewings in the wrong interval, oldest first; whether the log covers all of it."""

    interval: Interval
    viewings: Sequence[LoggedViewing]
    is_covered: bool

    @property
    def medical(self) -> Sequence[LoggedViewing]:
        """Those in which medical information was seen; these are counted as viewings (S73, S84)."""
        return [viewing for viewing in self.viewings if viewing.is_medical]


def wrong_interval(
    link: LinkRecord, history: Sequence[LinkVersion], *, corrected_version: int | None, now: datetime
) -> Interval:
    """From when until when the link held the wrong number.

    It begins when the number that was wrong was put in: with the last change of the number before the
    correction, else with the registration. It ends with the correction, or now while there is none: a
    link whose viewing is stopped is seen by nobody, so the end may be late but never early.
    """
    changes = [version for version in history if version.undone_by is None and _NUMBER in version.after]
    correction = next((one for one in changes if one.version_id == corrected_version), None)
    until = correction.at if correction else now
    before = [one.at for one in changes if one.at < until and one is not correction]
    return Interval(max([link.registered_at, *before]), until)


def review(
    viewings: Sequence[LoggedViewing], interval: Interval, covers: Sequence[LogCover], *, left_out: Collection[int] = ()
) -> Exposure:
    """The viewings that count: those in the interval, without those a clerk left out with a reason."""
    counted = [viewing for viewing in viewings if interval.holds(viewing.at) and viewing.access_id not in set(left_out)]
    return Exposure(interval, sorted(counted, key=lambda viewing: viewing.at), is_covered=_covers(covers, interval))


def _covers(covers: Sequence[LogCover], interval: Interval) -> bool:
    reached = interval.since
    for cover in sorted(covers, key=lambda cover: cover.since):
        if cover.since > reached:
            break
        reached = max(reached, cover.until)
    return reached >= interval.until
