"""The clock, the audit log and what the areas ask of one another, without knowing one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """The one source of now."""

    def now(self) -> datetime:
        """The moment, with its time zone."""

    def today(self) -> date:
        """The day in Japan."""


class AuditLog(Protocol):
    """Evidence of every act, written in the transaction of the act itself."""

    def record(self, act: str, *, subject: str, subject_id: object, details: Mapping[str, object]) -> None:
        """Write that the actor did ``act`` (``area.verb``) to a subject; never an Individual Number in the details."""


class Origin(StrEnum):
    """What opened a case (S73–S77)."""

    INSPECTION = "inspection"
    REGISTRATION = "registration"
    DUPLICATE_CHECK = "duplicate_check"
    CITIZEN = "citizen"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class CaseOpening:
    """A doubt that somebody must carry to its end.

    ``group_key`` puts cases of one cause and batch together. ``restriction`` is what the doubt justifies
    (NONE, MEDICAL, ALL); viewing is stopped by the same act that opens the case.
    """

    organisation_id: int
    link_id: int | None
    origin: Origin
    restriction: str
    verdict: str | None
    reasons: Sequence[str]
    cause: str | None = None
    group_key: str = ""
    summary: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)


class CaseDesk(Protocol):
    """Where doubts are carried to their end."""

    def open_case(self, opening: CaseOpening) -> int:
        """Open a case and return its id; an open case of the same link takes the doubt up instead."""

    def settle_by_answer(self, link_id: int, *, answer: str, reason: str) -> None:
        """Tell the open case of a link, if there is one, that the clerk has answered (corrected, no_doubt)."""


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link as an organisation holds it; the number stays sealed."""

    link_id: int
    organisation_id: int
    scheme: str
    insurer_number: str
    symbol: str
    number: str
    branch: str
    scheme_number: str
    linkage_code: str
    individual_number_sealed: bytes
    kanji_name: str
    kana_name: str
    birth_date: str
    sex: str
    address: str
    valid_from: date | None
    valid_to: date | None
    registered_at: datetime
    state: str  # held, released, stopped, withdrawn
    restriction: str  # NONE, MEDICAL, ALL
    verdict: str | None
    reasons: Sequence[str]
    cause: str | None
    evidence_digest: str | None
    states: Sequence[str] = ()  # item states by place, as last compared; empty before
    is_protected: bool = False  # 支援措置 of the person behind the number; see ports/protection.py


@dataclass(frozen=True, slots=True)
class LinkVersion:
    """One change of a link: who changed what and why."""

    version_id: int
    link_id: int
    at: datetime
    by: str
    act: str
    reason: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    undone_by: int | None = None


class LinkBook(Protocol):
    """The links an actor may see, and the few acts that change one."""

    def find(self, link_id: int) -> LinkRecord:
        """The link; NotFoundError when it is not there or belongs to somebody else."""

    def stop_viewing(self, link_id: int, *, restriction: str, reason: str) -> None:
        """Stop viewing as far as the restriction says, at once."""

    def release(self, link_id: int, *, reason: str) -> None:
        """Let the link be seen again."""

    def replace_number(
        self,
        link_id: int,
        *,
        individual_number_sealed: bytes,
        reason: str,
        judgement: Mapping[str, object] | None = None,
    ) -> int:
        """Put another number into the link; ``judgement``: what the register says of the link as it then is."""

    def correct_items(
        self,
        link_id: int,
        *,
        items: Mapping[str, str],
        reason: str,
        judgement: Mapping[str, object] | None = None,
    ) -> int:
        """Put other items into the link; ``judgement`` as for :meth:`replace_number`."""

    def undo(self, version_id: int, *, reason: str) -> int:
        """Take a change back by a new version, with its reason."""

    def history(self, link_id: int) -> Sequence[LinkVersion]:
        """Every change, oldest first."""
