"""The resident register as everything else in the program sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One person in the register on the day of its snapshot."""

    individual_number: IndividualNumber
    items: EntryItems
    is_furigana_certified: bool
    status: str  # current, abroad, dead, replaced
    status_on: date | None
    previous_number: IndividualNumber | None
    is_protected: bool  # 支援措置: no letter to the address, no address on screens


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody inquires; it is written down with the inquiry."""

    reason: str  # registration, inspection, incident, campaign …
    subject: str = ""  # e.g. notice:17


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question: by number, or by items. Which items are asked is part of the ledger (S61, S63)."""

    purpose: Purpose
    on: date  # the day whose rule says how many items are needed
    scheme: str
    individual_number: IndividualNumber | None = None
    items: Mapping[str, str] = field(default_factory=dict)
    wants_near: bool = False  # also the people who agree on two items only; never enough to take a number


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register says: every person who fits, never one picked among several (S61, S72b).

    ``entries`` agree on everything asked; ``near``, only where wanted, on two items at least.
    """

    entries: Sequence[RegisterEntry]
    asked_items: Sequence[str]
    register_day: date
    result_digest: str
    inquiry_id: int | None = None
    near: Sequence[RegisterEntry] = ()


def answer_digest(entries: Iterable[RegisterEntry]) -> str:
    """What tells one answer from another: 32 hexadecimal digits over what is held of the people in it.

    It speaks of items, never of numbers, and does not depend on the order of the people.
    """
    said = sorted(repr((entry.items, entry.status, entry.status_on)) for entry in entries)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


class ResidentRegister(Protocol):
    """The resident register behind whatever carries the question there."""

    @property
    def as_of(self) -> date:
        """The day of the register; how old it is shows wherever it is judged by."""

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question.

        RuleRefusedError, citing the rule, when fewer items are given than the rule of the day allows;
        UpstreamDownError when the register does not answer.
        """

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions; an answer or the error for each, in order."""


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """A link as it was claimed: the columns of ``himozuke verify``, as text.

    ``no_doubt_digest`` is the digest of the evidence on which somebody answered "no doubt, with reason"
    (理由付き疑いなし); the answer holds until the evidence changes.
    """

    scheme: str
    on: date
    columns: Mapping[str, str]
    no_doubt_digest: str = ""


@dataclass(frozen=True, slots=True)
class OnlineVerdict:
    """The same answer a batch would give for this link alone: the columns of ``verdicts.parquet``."""

    verdict: str
    restriction: str
    restriction_by_table: str
    action: str
    cause: str | None
    rival_count: int
    pattern: int
    states: Mapping[str, str]
    reasons: Sequence[str]
    evidence_digest: str
    register_day: date
    own: RegisterEntry | None
    rival: RegisterEntry | None


class LinkVerifier(Protocol):
    """Proves one link, or a few, against the resident register; the verdict is the batch engine's."""

    def verify(self, claim: LinkClaim, *, purpose: Purpose) -> OnlineVerdict:
        """Verify one link in both directions. InputRejectedError when it cannot be understood."""

    def verify_batch(self, claims: Sequence[LinkClaim], *, purpose: Purpose) -> Sequence[OnlineVerdict | Exception]:
        """Verify many links with few questions; a verdict or the error for each, in order."""
