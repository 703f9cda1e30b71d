"""What registration asks of its store and of the vault, and the rows it hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import (
    Channel,
    Filing,
    Insurer,
    NoticeKind,
    NoticeState,
    Overlap,
    Period,
    Problem,
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: what it is, and the rows that gave no notice."""

    name: str
    format: str  # shfd0006, template_csv, template_xlsx
    encoding: str
    digest: str
    size_bytes: int
    rows: int
    rows_taken: int
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice as it is written down when it comes in."""

    filing: Filing
    insurer: Insurer
    employer_id: int | None
    establishment_id: int | None
    channel: Channel
    state: NoticeState
    file_id: int | None
    received_on: date | None
    filing_due_on: date | None
    register_due_on: date | None
    problems: Sequence[Problem]
    at: datetime
    by: str
    mends: int | None = None  # the returned notice that this one takes the place of


@dataclass(frozen=True, slots=True)
class HeldNotice:
    """A notice that waits to be registered."""

    notice_id: int
    organisation_id: int
    employer_id: int | None
    kind: NoticeKind
    scheme: str
    event_on: date
    received_on: date
    texts: Mapping[str, str]
    individual_number_sealed: bytes | None
    register_due_on: date | None
    created_by: str = ""

    def text(self, name: str) -> str:
        """One text; empty where it was not given."""
        return self.texts.get(name, "")


@dataclass(frozen=True, slots=True)
class InsuredLink:
    """The link a dependent hangs on: the last branch in use under its number, and the day it began."""

    link_id: int
    last_branch: int
    valid_from: date | None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as it is first written, with what the comparison said of it; None where it was not compared yet."""

    notice: HeldNotice
    scheme_number: str
    texts: Mapping[str, str]  # symbol, number, branch and the five items
    sealed: bytes
    acquired_by: str
    acquired_items: str
    acquired_hits: int | None
    state: str
    restriction: str
    finding: Finding | None
    member_kind: str
    insured_link_id: int | None
    relation: str
    registered_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparison with the register said, as it is kept."""

    verdict: str
    restriction: str
    restriction_by_table: str
    action: str
    cause: str | None
    rival_count: int
    pattern: int
    states: Sequence[str]
    reasons: Sequence[str]
    evidence_digest: str
    register_day: date
    register_items: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link as it is compared again: what it holds, and the answer that stands.

    ``is_stopped_by_case``: viewing was stopped for another reason than a comparison, as by a person's
    complaint; no comparison and no answer lets it be seen again, only whoever carries the case.
    ``has_company``: an earlier link of the person is valid at the same insurer.
    """

    link_id: int
    organisation_id: int
    scheme: str
    columns: Mapping[str, str]
    individual_number_sealed: bytes
    state: str
    restriction: str
    verdict: str | None
    evidence_digest: str | None
    answered_digest: str | None
    notice_id: int | None
    is_stopped_by_case: bool = False
    has_company: bool = False
    action: str | None = None


class Vault(Protocol):
    """Where Individual Numbers are sealed."""

    def seal(self, number: IndividualNumber, /) -> bytes:
        """Seal a number; equal numbers give equal bytes under one key."""

    def open(self, sealed: bytes, /) -> IndividualNumber:
        """The number again."""

    def look_up(self, number: IndividualNumber, /) -> list[bytes]:
        """Every form in which the number may stand in the database."""


class NoticeStore(Protocol):
    """Where notices and files are kept."""

    def insurer(self, organisation_id: int) -> Insurer:
        """The insurer an office is; NotFoundError when it is none."""

    def insurers_of(self, employer_id: int) -> Sequence[int]:
        """The insurers under which an employer has a place of work."""

    def place_of_work(self, filing: Filing, insurer: Insurer, employer_id: int | None) -> tuple[int | None, Filing]:
        """The place of work a notice names, and the notice with its name, address and employer filled in."""

    def write_file(self, file: ReadFile, insurer: Insurer, employer_id: int | None) -> int:
        """Write down a file; its id. ConflictError when the same file was taken in before."""

    def write_notices(self, notices: Sequence[NewNotice]) -> list[int]:
        """Write notices; their ids, in order."""

    def write_problems(
        self, problems: Sequence[tuple[int | None, int | None, Problem]], insurer: Insurer, employer_id: int | None
    ) -> None:
        """Write what stands against notices (id) and rows of files (id)."""

    def take_up(self, today: date, *, limit: int) -> list[int]:
        """Turn prepared notices whose day has come into received ones; their ids."""


class RegistrationStore(Protocol):
    """Where notices become links."""

    def insurer(self, organisation_id: int) -> Insurer:
        """The insurer an office is."""

    def follows_table(self, organisation_id: int) -> bool:
        """Whether the ministry's table binds an insurer."""

    def waiting(self, notice_ids: Sequence[int] | None, *, limit: int) -> list[HeldNotice]:
        """Received notices by id, or the oldest, locked until the transaction ends."""

    def next_numbers(self, organisation_id: int, symbol: str, count: int) -> int:
        """The first of some numbers not given out yet under a symbol."""

    def taken_numbers(self, organisation_id: int, scheme: str, scheme_numbers: Sequence[str]) -> set[str]:
        """The scheme numbers that an open link stands under."""

    def last_days(self, organisation_id: int, scheme: str, people: Sequence[IndividualNumber]) -> dict[int, date]:
        """The day on which the last link of each person ended, by number; the end of time for one that is open."""

    def reserve(
        self, scheme_numbers: Sequence[tuple[int, str]], people: Sequence[tuple[int, IndividualNumber]]
    ) -> None:
        """Keep others from registering the same scheme numbers and people of an office until this act ends.

        Whoever waited sees afterwards what was registered.
        """

    def reserve_all(self) -> None:
        """Keep everybody else from registering until this act ends: before anything is reserved in several turns."""

    def insured_link(self, notice: HeldNotice) -> InsuredLink | None:
        """The open link of the insured person a dependent's notice names."""

    def open_link(self, notice: HeldNotice) -> tuple[int, date | None] | None:
        """The open link that a notice of loss names, and the day it began; None where it does not fit just one."""

    def write_links(self, links: Sequence[NewLink]) -> list[int]:
        """Write links with their first version, period and notice; their ids, in order."""

    def return_notice(self, notice: HeldNotice, problems: Sequence[Problem], at: datetime) -> None:
        """Give a notice back with reasons."""

    def end_link(self, link_id: int, notice: HeldNotice, at: datetime) -> None:
        """End a qualification, and those of the dependents that hang on it."""

    def links(self, link_ids: Sequence[int]) -> list[HeldLink]:
        """Links by id, locked until the transaction ends."""

    def uncompared(self, *, limit: int) -> list[int]:
        """Held links that can be compared: the register did not answer, or the earlier qualification has ended."""

    def changed(self, *, limit: int) -> list[int]:
        """Links of people whose entry in the register changed, not compared since; held until this act ends."""

    def forget_changed(self, link_ids: Sequence[int]) -> None:
        """Note that links were compared with the register as it stands."""

    def write_finding(self, link: HeldLink, finding: Finding, *, state: str, restriction: str) -> None:
        """Write what a comparison said, with a version of the link."""

    def write_answer(self, link: HeldLink, *, answer: str, reason: str, digest: str | None) -> None:
        """Write the clerk's answer."""

    def unchecked_numbers(self, *, limit: int) -> list[bytes]:
        """Sealed numbers with a qualification that was not checked across insurers yet."""

    def periods(self, sealed: Sequence[bytes]) -> list[tuple[bytes, Period]]:
        """Every qualification under some sealed numbers, at whichever insurer, each with its number."""

    def write_overlaps(self, periods: Sequence[Period], found: Sequence[Overlap], on: date) -> list[Overlap]:
        """Write what was found, settle what is over; the overlaps that were not known before."""
