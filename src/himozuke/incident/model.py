"""A case and what has happened to it: steps, findings, letters, proposals, the finding of viewings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from himozuke.ports.office import Origin


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


def _no_items() -> Mapping[str, str]:
    return MappingProxyType({})


class Step(StrEnum):
    """The steps of a case in their usual order (S76, S93)."""

    STOP = "stop"
    PAPERS = "papers"
    EMPLOYER = "employer"
    PERSON = "person"
    CONFIRM = "confirm"
    CORRECT = "correct"
    EXPOSURE = "exposure"
    REPORT = "report"
    TELL = "tell"
    RELEASE = "release"
    PUBLISH = "publish"


class StepState(StrEnum):
    """Where a step stands; ``waiting`` is for an earlier step or for somebody's answer."""

    DONE = "done"
    OPEN = "open"
    WAITING = "waiting"
    NOT_NEEDED = "not_needed"


class Finding(StrEnum):
    """What papers or an employer show about the number in the link."""

    OWN = "own"
    OTHERS = "others"
    RECORD = "record"
    UNCLEAR = "unclear"
    NONE = "none"


DECISIVE = frozenset({Finding.OWN, Finding.OTHERS, Finding.RECORD})


class Reply(StrEnum):
    """What the person answers: the items are their own, their own with mistakes, not their own."""

    OWN = "own"
    OWN_WITH_CHANGES = "own_with_changes"
    NOT_OWN = "not_own"


class Channel(StrEnum):
    """How an answer came."""

    PAPER = "paper"
    WEB = "web"
    COUNTER = "counter"
    TELEPHONE = "telephone"


class Result(StrEnum):
    """What a case comes to: the link is right, it is somebody else's number, only the record was wrong."""

    RIGHT = "right"
    WRONG = "wrong"
    RECORD = "record"


class EventKind(StrEnum):
    """What can happen to a case; every word stands in the timeline and, as ``incident.<word>``, in the audit."""

    OPENED = "opened"
    JOINED = "joined"
    ASSIGNED = "assigned"
    NOTED = "noted"
    COMPARED = "compared"
    VIEWING_STOPPED = "viewing_stopped"
    PAPERS_CHECKED = "papers_checked"
    EMPLOYER_ASKED = "employer_asked"
    EMPLOYER_ANSWERED = "employer_answered"
    PERSON_ASKED = "person_asked"
    PERSON_REMINDED = "person_reminded"
    PERSON_ASKED_OTHERWISE = "person_asked_otherwise"
    LETTER_RETURNED = "letter_returned"
    PERSON_ANSWERED = "person_answered"
    CONFIRMED = "confirmed"
    CONFIRMATION_UNDONE = "confirmation_undone"
    REPLY_CONTRADICTS = "reply_contradicts"
    CONCLUSION_KEPT = "conclusion_kept"
    CORRECTION_PROPOSED = "correction_proposed"
    CORRECTION_REJECTED = "correction_rejected"
    CORRECTED = "corrected"
    CORRECTION_UNDONE = "correction_undone"
    EXPOSURE_FOUND = "exposure_found"
    REPORT_WAIVED = "report_waived"
    REPORT_SUBMITTED = "report_submitted"
    PERSON_TOLD = "person_told"
    PERSON_NOT_TOLD = "person_not_told"
    RELEASE_PROPOSED = "release_proposed"
    RELEASE_REJECTED = "release_rejected"
    RELEASED = "released"
    PUBLISHED = "published"
    SETTLED = "settled"
    ESCALATED = "escalated"
    CLOSED = "closed"


#: What changes nobody's answer: remarks, assignments, clocks raised.
BESIDE = frozenset({EventKind.NOTED, EventKind.ASSIGNED, EventKind.ESCALATED})


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a decision lets happen, before it has a time and a number.

    ``said`` is what stands in the timeline, as JSON can hold it; ``individual_number_sealed`` is the number
    of a proposed correction.
    """

    kind: EventKind
    said: Mapping[str, object] = field(default_factory=_nothing)
    individual_number_sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, by whom, and what was said."""

    event_id: int
    kind: EventKind
    at: datetime
    on: date
    by_login: str
    by_user_id: int | None
    by_name: str
    said: Mapping[str, object] = field(default_factory=_nothing)
    individual_number_sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found in papers or heard from an employer."""

    finding: Finding
    note: str
    on: date


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter to the person and what became of it."""

    letter_id: int
    kind: str
    sent_on: date
    reply_by: date | None
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonReply:
    """What the person answered, and how the answer came."""

    reply: Reply
    channel: Channel
    on: date
    wrong_items: Mapping[str, str] = field(default_factory=_no_items)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction or release that one person proposes and another must approve."""

    by_login: str
    by_name: str
    on: date
    reason: str
    items: Mapping[str, str] = field(default_factory=_no_items)
    individual_number_sealed: bytes | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class ExposureFinding:
    """What was found in the access log: how often the link was seen while it was wrong."""

    on: date
    wrong_from: date
    wrong_to: date
    viewings: int
    medical: int
    left_out: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as its events leave it; nothing is known that no event says."""

    origin: Origin
    opened_on: date
    restriction: str
    verdict: str | None = None
    reasons: Sequence[str] = ()
    cause: str | None = None
    doubts: int = 1
    has_link: bool = True
    assignee_id: int | None = None
    assignee_name: str = ""
    stopped_on: date | None = None
    stopped_as: str = "NONE"
    papers: Found | None = None
    employer_asked_on: date | None = None
    employer: Found | None = None
    letters: Sequence[SentLetter] = ()
    asked_otherwise: str = ""
    asked_otherwise_on: date | None = None
    person: PersonReply | None = None
    result: Result | None = None
    confirmed_on: date | None = None
    basis: str = ""
    known_on: date | None = None
    contradicted_on: date | None = None
    correction: Proposal | None = None
    corrected_on: date | None = None
    corrected_version: int | None = None
    exposure: ExposureFinding | None = None
    is_malicious: bool = False
    is_public: bool = False
    report_waived: str = ""
    prompt_on: date | None = None
    final_on: date | None = None
    told_on: date | None = None
    not_told: str = ""
    release: Proposal | None = None
    released_on: date | None = None
    published_on: date | None = None
    publication: int | None = None
    escalated: frozenset[tuple[str, date]] = frozenset()
    closed_on: date | None = None
    last_answer_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.closed_on is None

    @property
    def is_stopped(self) -> bool:
        """Whether viewing is stopped by this case."""
        return self.stopped_on is not None and self.released_on is None

    @property
    def last_letter(self) -> SentLetter | None:
        """The last letter that asks the person."""
        asking = [letter for letter in self.letters if letter.kind in {"inquiry", "reminder"}]
        return asking[-1] if asking else None


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what identifies it, its state, and the events it is folded from, oldest first."""

    case_id: int
    organisation_id: int
    link_id: int | None
    group_id: int | None
    opened_at: datetime
    state: CaseState
    events: Sequence[Event] = field(default_factory=tuple)
