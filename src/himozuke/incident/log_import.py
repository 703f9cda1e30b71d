"""Taking over the payment fund's log of viewings: read once, held once, bad rows reported (S76)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from himozuke.errors import InputRejectedError, RuleError, UsageError
from himozuke.incident.refusal import refusal
from himozuke.ports.office import AuditLog, Clock
from himozuke.rules.model import RuleBook


@dataclass(frozen=True, slots=True)
class MemberKey:
    """Whose information was seen, as insurers and clinics write it."""

    insurer_number: str
    symbol: str
    number: str
    branch: str


@dataclass(frozen=True, slots=True)
class ReadViewing:
    """One row of the log as it was read; ``record_id`` is the fund's own number of the record."""

    line: int
    record_id: str
    at: datetime
    member: MemberKey
    institution_code: str
    institution_name: str
    viewer: str
    items: Sequence[str]
    consent: str


HeldViewing = tuple[datetime, int, str, frozenset[str], str]  # at, link id, institution, items, consent


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be taken: the line of the file, the column and what is wrong, by code."""

    line: int
    column: str
    code: str


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log file as it was read: its good rows and its problems, in file order."""

    name: str
    digest: str
    viewings: Sequence[ReadViewing]
    problems: Sequence[RowProblem]

    @property
    def rows(self) -> int:
        """Data rows in the file; a row has one problem at most."""
        return len(self.viewings) + len(self.problems)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; rows taken, held already and refused are all rows."""

    file_id: int
    name: str
    rows_read: int
    rows_taken: int
    rows_held_already: int
    problems: Sequence[RowProblem] = field(default_factory=tuple)

    @property
    def rows_refused(self) -> int:
        """Rows that were not taken."""
        return len(self.problems)


class LogImportStore(Protocol):
    """Where viewings are written; of the program itself, since members belong to many insurers."""

    def links_of(self, members: Sequence[MemberKey]) -> Mapping[MemberKey, Sequence[tuple[int, int, datetime]]]:
        """Links by member: link id, organisation id, registered at, oldest first."""

    def held(self, record_ids: Sequence[str]) -> Mapping[str, HeldViewing]:
        """What is held already of the fund's records, by their number."""

    def write(self, viewings: Sequence[tuple[ReadViewing, int, int]]) -> int:
        """Write viewings with link id and organisation id; how many were not held before."""

    def write_file(self, imported: Mapping[str, object], problems: Sequence[RowProblem]) -> int:
        """Write down the file and its bad rows; its id."""


class LogImportService:
    """Runs in system scope, in the name of the fund's operator ``by``."""

    def __init__(self, store: LogImportStore, clock: Clock, audit: AuditLog, rules: RuleBook) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._audit = audit

    def _could_view(self, day: date) -> bool:
        """Tell whether institutions could view anything on a day; never before the first rule (2015)."""
        try:
            return bool(self._rules.count("viewing.begun", day))
        except RuleError:
            return False

    def take_over(
        self, log: ReadLog, *, organisation_id: int, by: str, covers: tuple[date | None, date | None] = (None, None)
    ) -> Imported:
        """Take the good rows over; a row taken before, from this file or another, is held once.

        ``covers``: the days the file speaks of, each by default that of its first or last viewing.
        A viewing after now or before the service began is set aside, and so is one whose number is held
        with other content. InputRejectedError for a file without a row, UsageError for a period that ends
        before it begins or lies after today.
        """
        if not log.rows:
            raise InputRejectedError(refusal("empty_file"))
        known = self._store.links_of(list(dict.fromkeys(viewing.member for viewing in log.viewings)))
        good: list[tuple[ReadViewing, int, int]] = []
        unknown: list[RowProblem] = []
        held_records = dict(self._store.held([viewing.record_id for viewing in log.viewings]))
        now = self._clock.now()
        for viewing in log.viewings:
            if viewing.at > now or not self._could_view(viewing.at.date()):
                code = "future" if viewing.at > now else "before_service"
                unknown.append(RowProblem(viewing.line, "at", code))
                continue
            held = known.get(viewing.member, ())
            # A member's number may have been given to somebody else later: the link that stood at the time.
            link = next((one for one in reversed(held) if one[2] <= viewing.at), next(iter(held), None))
            if link is None:
                unknown.append(RowProblem(viewing.line, "member", "no_link"))
                continue
            content = (viewing.at, link[0], viewing.institution_code, frozenset(viewing.items), viewing.consent)
            if held_records.setdefault(viewing.record_id, content) != content:
                unknown.append(RowProblem(viewing.line, "record_id", "other_content"))
            else:
                good.append((viewing, link[0], link[1]))
        problems = sorted([*log.problems, *unknown], key=lambda problem: problem.line)
        today = self._clock.today()
        days = [viewing.at.date() for viewing, _, _ in good]
        first = covers[0] or min(days, default=covers[1] or today)
        last = covers[1] or max(days, default=first)
        if not first <= last <= today:
            raise UsageError(refusal("log_period", first=first, last=last))
        taken = self._store.write(good)
        values = {
            "organisation_id": organisation_id,
            "name": log.name,
            "digest": log.digest,
            "covers_from": first,
            "covers_to": last,
            "rows_read": log.rows,
            "rows_taken": taken,
            "rows_held_already": len(good) - taken,
            "rows_refused": len(problems),
            "imported_at": self._clock.now(),
            "imported_by": by,
        }
        file_id = self._store.write_file(values, problems)
        self._audit.record(
            "incident.import_log",
            subject="access_log_file",
            subject_id=file_id,
            details={"digest": log.digest, "rows": log.rows, "taken": taken, "refused": len(problems), "by": by},
        )
        return Imported(file_id, log.name, log.rows, taken, len(good) - taken, problems)
