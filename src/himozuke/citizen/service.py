"""A person reads what is held about him, and asks for a check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from himozuke.citizen import decide
from himozuke.citizen.model import CheckRequest, OwnLink, OwnViewing, Reason
from himozuke.errors import NotFoundError
from himozuke.ports.office import AuditLog, CaseDesk, Clock


class OwnStore(Protocol):
    """What the citizen who acts may read."""

    def links(self) -> Sequence[OwnLink]:
        """The links that hold his number, those that are doubted without their content."""

    def viewings(
        self, *, since: datetime, until: datetime, limit: int, offset: int
    ) -> tuple[Sequence[OwnViewing], int]:
        """Viewings of links that are his, in [since, until), the newest first, and how many there are."""

    def requests(self) -> Sequence[CheckRequest]:
        """What he asked to have checked, the newest first."""


class CheckStore(Protocol):
    """Where requests are written; opened with the program's reach in the citizen's name."""

    def lock_link(self, link_id: int, person_key: str) -> int | None:
        """Hold a link that still has the person's number until the transaction ends; its office, or None."""

    def standing_request(self, link_id: int, person_key: str) -> int | None:
        """The person's request whose case about the link is still open."""

    def add_request(
        self, *, organisation_id: int, link_id: int, case_id: int, person_key: str, reason: Reason, note: str
    ) -> int:
        """Write a request down; its id."""


class CheckingService:
    """Takes a request for a check: once per link while its case is open."""

    def __init__(self, store: CheckStore, cases: CaseDesk, audit: AuditLog, clock: Clock) -> None:
        self._store = store
        self._cases = cases
        self._audit = audit
        self._clock = clock

    def ask(self, link_id: int, *, person_key: str, reason: Reason, note: str) -> int:
        """Open a case about a link of the person, or join the open one; the id of the request.

        Asked again while the case is open, it answers with the standing request and changes nothing.
        NotFoundError for a link that does not hold the person's number (any more).
        """
        organisation_id = self._store.lock_link(link_id, person_key)
        if organisation_id is None:
            raise NotFoundError(f"There is no link {link_id} among yours.")
        standing = self._store.standing_request(link_id, person_key)
        if standing is not None:
            return standing
        case_id = self._cases.open_case(
            decide.opening(organisation_id=organisation_id, link_id=link_id, reason=reason, note=note)
        )
        request_id = self._store.add_request(
            organisation_id=organisation_id,
            link_id=link_id,
            case_id=case_id,
            person_key=person_key,
            reason=reason,
            note=note,
        )
        self._audit.record(
            "citizen.ask_for_check",
            subject="link",
            subject_id=link_id,
            details={"reason": reason.value, "case": case_id, "request": request_id},
        )
        return request_id
