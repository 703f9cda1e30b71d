"""The institutions that may ask: registered, changed and suspended by the administrator (S58)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from himozuke.errors import InputRejectedError
from himozuke.ports.office import AuditLog, Clock

#: What an institution is decides what it may be shown: a treatment office sees the qualification only.
INSTITUTION_KINDS = ("hospital", "clinic", "dental_clinic", "pharmacy", "treatment_office")
_PASSWORD = re.compile(r"[\x21-\x7e]{8,64}")  # what the programs of every vendor can keep and send
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Rights:
    """What an institution is and what it may do; ``folder`` is the name of its folder under the gateway's root."""

    kind: str
    treats_at_home: bool
    treats_online: bool
    telephone: str
    folder: str
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class Registered:
    """An institution as the administrator sees it; no personal data."""

    organisation_id: int
    code: str
    name: str
    rights: Rights
    suspended_at: datetime | None
    has_zip_password: bool = False


@dataclass(frozen=True, slots=True)
class EmptyQuestions:
    """Questions of an institution that showed nothing, over HTTP: how many, about how many different people as asked.

    Whoever walks through numbers asks about many people and is shown few.
    """

    questions: int = 0
    people: int = 0


class InstitutionStore(Protocol):
    """Institutions the actor may register."""

    def all(self) -> Sequence[Registered]:
        """Every institution, by code."""

    def find(self, organisation_id: int) -> Registered:
        """One institution; NotFoundError."""

    def add(self, organisation_id: int, code: str, rights: Rights) -> None:
        """Take an institution up; ConflictError when another has the code or the folder."""

    def change(self, organisation_id: int, rights: Rights) -> None:
        """Change what an institution may do; ConflictError when another has the folder."""

    def suspend(self, organisation_id: int, at: datetime | None) -> None:
        """Stop an institution from asking, or with None let it ask again."""

    def keep_zip_password(self, organisation_id: int, sealed: bytes | None) -> None:
        """Keep the password of an institution's ZIP files, sealed; with None there is none any more."""

    def empty_questions(self, *, since: datetime) -> Mapping[str, EmptyQuestions]:
        """By the code of an institution, its questions since a moment that showed nothing."""


class InstitutionRegistry:
    """Registers institutions; one instance serves one transaction."""

    def __init__(self, store: InstitutionStore, audit: AuditLog, clock: Clock, *, seal: Callable[[str], bytes]) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._seal = seal

    def all(self) -> Sequence[Registered]:
        """Every institution, by code."""
        return self._store.all()

    def find(self, organisation_id: int) -> Registered:
        """One institution; NotFoundError."""
        return self._store.find(organisation_id)

    def register(self, organisation_id: int, code: str, rights: Rights) -> None:
        """Let an organisation ask as an institution; ConflictError, InputRejectedError for an impossible folder."""
        _check(rights)
        self._store.add(organisation_id, code, rights)
        self._record("register_institution", organisation_id, {"code": code, **asdict(rights)})

    def change(self, organisation_id: int, rights: Rights) -> None:
        """Change what an institution may do."""
        _check(rights)
        before = self._store.find(organisation_id).rights
        self._store.change(organisation_id, rights)
        self._record("change_institution", organisation_id, {"before": asdict(before), "after": asdict(rights)})

    def suspend(self, organisation_id: int, *, is_suspended: bool) -> None:
        """Stop an institution from asking at once, or let it ask again."""
        self._store.find(organisation_id)
        self._store.suspend(organisation_id, self._clock.now() if is_suspended else None)
        self._record("suspend_institution" if is_suspended else "resume_institution", organisation_id, {})

    def set_zip_password(self, organisation_id: int, password: str) -> None:
        """Set or change the password of an institution's ZIP files; it is sealed and never shown again.

        InputRejectedError for one that is too short or too long, or holds a sign that no keyboard has.
        """
        if not _PASSWORD.fullmatch(password):
            raise InputRejectedError("The password has 8 to 64 signs: letters, figures and marks in half width.")
        had_one = self._store.find(organisation_id).has_zip_password
        self._store.keep_zip_password(organisation_id, self._seal(password))
        self._record("change_zip_password" if had_one else "set_zip_password", organisation_id, {})

    def remove_zip_password(self, organisation_id: int) -> None:
        """Remove the password: from then on a ZIP is refused, plain files are answered. Nothing without one."""
        if self._store.find(organisation_id).has_zip_password:
            self._store.keep_zip_password(organisation_id, None)
            self._record("remove_zip_password", organisation_id, {})

    def empty_questions(self, *, since: datetime) -> Mapping[str, EmptyQuestions]:
        """By the code of an institution, its questions since a moment that showed nothing (found in no log of access)."""
        return self._store.empty_questions(since=since)

    def _record(self, act: str, organisation_id: int, details: dict[str, object]) -> None:
        self._audit.record(f"eligibility.{act}", subject="institution", subject_id=organisation_id, details=details)


def _check(rights: Rights) -> None:
    if not _FOLDER.fullmatch(rights.folder):
        raise InputRejectedError("The folder bears letters, figures, - and _ only: it is a name under the root.")
