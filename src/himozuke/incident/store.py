"""What this area needs kept, as protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from himozuke.incident.exposure import Interval, LogCover, LoggedViewing
from himozuke.incident.model import Case, CaseState, Event, Happening
from himozuke.ports.office import CaseOpening

#: Stands in the token of a form between the form's own part and the digest of what was typed into it.
SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Stamp:
    """When and by whom something happens, and the form it came from (``token``)."""

    at: datetime
    on: date
    by_login: str
    by_user_id: int | None
    by_name: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The nearest last day of a case and the clock that says so."""

    on: date
    clock: str


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; empty parts do not narrow it. ``due``: overdue, today, week."""

    state: str = "open"
    step: str = ""
    cause: str = ""
    origin: str = ""
    assignee: str = ""  # a user id, "me", or "nobody"
    due: str = ""
    group_id: int | None = None
    case_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as a list shows it; the person's name as far as the link holds one."""

    case_id: int
    organisation_id: int
    link_id: int | None
    group_id: int | None
    origin: str
    opened_on: date
    state: str
    step: str
    restriction: str
    verdict: str | None
    cause: str | None
    assignee_id: int | None
    assignee_name: str
    due_on: date | None
    due_clock: str
    is_escalated: bool
    known_on: date | None
    is_wrong: bool | None
    viewings: int | None
    corrected_on: date | None
    published_on: date | None
    closed_at: datetime | None
    kanji_name: str
    scheme: str
    scheme_number: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Cases of one cause and batch, counted."""

    group_id: int
    cause: str
    group_key: str
    opened_at: datetime
    cases: int
    open_cases: int
    overdue: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the organisation who can carry cases."""

    user_id: int
    name: str
    role: str


class CaseStore(Protocol):
    """Cases and what happened to them, in one transaction."""

    def add(self, opening: CaseOpening, happenings: Sequence[Happening], stamp: Stamp) -> int:
        """A new case in the group of its cause and batch, with its first events."""

    def open_case_of(self, link_id: int) -> int | None:
        """The open case of a link; two who look at once wait for each other."""

    def lock(self, case_id: int) -> Case:
        """The case, held until the transaction ends; NotFoundError."""

    def find(self, case_id: int) -> Case:
        """The case; NotFoundError."""

    def taken_as(self, case_id: int, token: str) -> str | None:
        """The token under which this form was taken already, with the digest of its content; None for a new one."""

    def append(self, case: Case, happenings: Sequence[Happening], stamp: Stamp) -> Sequence[Event]:
        """Add what happens to the case's events."""

    def project(self, case: Case, state: CaseState, *, step: str, due: Due | None) -> None:
        """Write down for the lists where a case stands."""

    def queue(
        self, chosen: CaseFilter, *, today: date, me: int | None, limit: int, offset: int
    ) -> tuple[Sequence[CaseRow], int]:
        """A page of cases, the nearest last day first, and how many there are."""

    def overdue(self, today: date) -> Sequence[int]:
        """Open cases whose nearest last day is past, of every organisation the actor may see."""

    def counts(self, *, today: date, me: int | None) -> Mapping[str, int]:
        """Open cases: ``open``, ``overdue``, ``today``, ``mine``, ``escalated``, ``approve``, ``contradicted``.

        ``approve`` are two-person acts that wait, ``contradicted`` answers against what was confirmed.
        """

    def groups(self, *, today: date) -> Sequence[GroupRow]:
        """Groups that have open cases first, the newest first."""

    def group(self, group_id: int, *, today: date) -> GroupRow:
        """One group; NotFoundError."""

    def cases_of(self, group_id: int) -> Sequence[int]:
        """The cases of a group in the order of their numbers."""

    def colleagues(self) -> Sequence[Colleague]:
        """Who in the actor's organisation can carry cases."""

    def name_of(self, user_id: int) -> str:
        """The name a user is shown by; empty for an unknown one."""


class AccessLog(Protocol):
    """Who viewed what."""

    def viewings(self, link_id: int, interval: Interval) -> Sequence[LoggedViewing]:
        """Viewings of a link in an interval, oldest first."""

    def covers(self, interval: Interval) -> Sequence[LogCover]:
        """The days the logs taken over from the payment fund speak of, as far as they touch the interval."""


class CallStore(Protocol):
    """Questions that came in."""

    def taken_as(self, token: str) -> str | None:
        """The token under which this form was taken already, as for a case; two who send it at once wait."""

    def add_call(self, call: Mapping[str, object]) -> tuple[int, Mapping[str, Any] | None]:
        """Write a call down; its id, and the call as it stands when its form was taken already."""

    def calls(self, *, limit: int, offset: int) -> tuple[Sequence[Mapping[str, object]], int]:
        """A page of calls, the newest first, and how many there are."""

    def count_by_category(self, *, since: date) -> Mapping[str, int]:
        """How many calls of each category came in since a day."""

    def join_case(self, call_id: int, case_id: int) -> None:
        """Note which case a call led to."""
