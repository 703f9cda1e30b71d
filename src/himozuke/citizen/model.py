"""A person's own links as the person may see them, the viewings of them, and what was asked to be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why somebody asks for a check of a link."""

    NOT_MINE = "not_mine"
    WRONG_CONTENT = "wrong_content"
    STRANGE_VIEWING = "strange_viewing"


class Standing(StrEnum):
    """How sure it is that a link is the person's, in words a person understands."""

    PROVEN = "proven"  # the register agrees in both directions
    EXPLAINED = "explained"  # something differs, for a reason the register knows
    ANSWERED = "answered"  # the insurer looked into it and found no doubt
    CHECKED = "checked"  # somebody is finding out whose it is
    WAITING = "waiting"  # not compared, or stopped, and nobody is at work on it yet


class Outcome(StrEnum):
    """What became of a request for a check."""

    OPEN = "open"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a link; every text is empty where the office has not said."""

    department: str = ""
    telephone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class OwnLink:
    """One link that holds the person's number.

    ``content`` is None while it is doubted whose it is: it may be another person's.
    """

    link_id: int
    organisation_id: int
    scheme: str
    office: str
    registered_on: date
    standing: Standing
    restriction: str  # NONE, MEDICAL, ALL: how far viewing is stopped today
    contact: Contact
    content: LinkContent | None = None
    case_opened_on: date | None = None
    document_number: str = ""
    reply_by: date | None = None

    @property
    def is_doubted(self) -> bool:
        """Whether somebody must still find out whose the link is."""
        return self.content is None


@dataclass(frozen=True, slots=True)
class LinkContent:
    """What stands in a link that is the person's; ``states`` are item states by item, as last compared."""

    insurer_number: str
    symbol: str
    number: str
    branch: str
    scheme_number: str
    valid_from: date | None
    valid_to: date | None
    verified_on: date | None
    register_day: date | None
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnViewing:
    """One viewing of what stands behind a link of the person."""

    at: datetime
    office: str  # the insurer whose information was viewed
    institution_code: str
    institution_name: str
    viewer: str
    items: Sequence[str]
    consent: str
    is_outage: bool  # in the system-failure mode, without card and consent (S82f)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What the person asked to have checked, and what became of it."""

    request_id: int
    link_id: int
    case_id: int
    office: str
    scheme: str
    reason: Reason
    note: str
    asked_at: datetime
    outcome: Outcome
    closed_on: date | None

    @property
    def receipt(self) -> str:
        """The number on the receipt."""
        return f"確{self.asked_at.year}-{self.request_id:06}"
