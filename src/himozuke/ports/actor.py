"""Who acts: a person in a role at an organisation, or the program itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """What a user may do; the words stand in every route, in the audit and in the demo (S90, S106)."""

    HEADQUARTERS = "headquarters"
    MINISTRY_VIEWER = "ministry_viewer"
    INSURER_CLERK = "insurer_clerk"
    INSURER_SUPERVISOR = "insurer_supervisor"
    MUNICIPALITY_CLERK = "municipality_clerk"
    EMPLOYER = "employer"
    FUND_OPERATOR = "fund_operator"
    AUDITOR = "auditor"
    CITIZEN = "citizen"
    INSTITUTION = "institution"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """Which rows an actor may touch at all, whatever the role; the database enforces it.

    ``own``: rows of the actor's organisation. ``nation``: also the rows of every organisation, in tables
    that hold no personal data. ``system``: every row; jobs, the sealer and checks across insurers.
    """

    OWN = "own"
    NATION = "nation"
    SYSTEM = "system"


_NATION = frozenset({Role.HEADQUARTERS, Role.MINISTRY_VIEWER})


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name a transaction runs; ``role`` is None for the program itself."""

    user_id: int | None
    login: str
    role: Role | None
    organisation_id: int | None
    scope: Scope
    person_key: str | None = None  # a citizen's own person; None for everybody else

    @classmethod
    def user(
        cls, *, user_id: int, login: str, role: Role, organisation_id: int, person_key: str | None = None
    ) -> Actor:
        """Somebody who logged in, with the scope the role carries."""
        scope = Scope.NATION if role in _NATION else Scope.OWN
        return cls(user_id, login, role, organisation_id, scope, person_key)

    def reaching(self, organisation_id: int | None = None) -> Actor:
        """The same person with the program's reach, for one act whose bounds the service itself checks.

        The evidence names the person; ``organisation_id`` is the office the act concerns, which then sees it.
        """
        return replace(self, scope=Scope.SYSTEM, organisation_id=organisation_id or self.organisation_id)

    @classmethod
    def system(cls, what: str) -> Actor:
        """The program itself, named by the part of it that acts: ``sealer``, ``duplicate_check``."""
        return cls(None, f"system:{what}", None, None, Scope.SYSTEM)
