"""Accounts, sessions and keys as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from himozuke.ports.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Organisation:
    """An office whose people use the desk. ``kind`` is one of the words of ``KINDS_BY_ROLE``."""

    organisation_id: int
    code: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """One user as the store holds it. ``totp_step`` is the last 30-second step whose code was used."""

    user_id: int
    login: str
    display_name: str
    role: Role
    organisation: Organisation
    password_hash: str | None
    totp_secret_sealed: bytes | None
    totp_step: int
    is_active: bool
    person_key: str | None = None

    @property
    def is_enrolled(self) -> bool:
        """Tell whether the user has chosen a password and a second factor."""
        return self.password_hash is not None and self.totp_secret_sealed is not None


@dataclass(frozen=True, slots=True)
class Session:
    """One login of one user, from one browser, until it ends or is idle too long."""

    session_id: int
    user_id: int
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, by session or by key (then ``session_id`` is None)."""

    account: Account
    session_id: int | None

    @property
    def role(self) -> Role:
        """The role, as every route names it."""
        return self.account.role

    @property
    def actor(self) -> Actor:
        """The one in whose name the transactions of this request run."""
        account = self.account
        return Actor.user(
            user_id=account.user_id,
            login=account.login,
            role=account.role,
            organisation_id=account.organisation.organisation_id,
            person_key=account.person_key,
        )


class LoginResult(StrEnum):
    """How an attempt to log in ended."""

    WELCOME = "welcome"
    WRONG = "wrong"  # login, password or code; which of them is not told
    REPLAYED = "replayed"  # the code was right and has been used before
    LOCKED = "locked"
    TOO_MANY = "too_many"  # from one address, whatever the login


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """The result of an attempt; ``token`` is what the browser keeps, told this once."""

    result: LoginResult
    token: str | None = None
    visitor: Visitor | None = None
    locked_until: datetime | None = None


class SessionState(StrEnum):
    """What a browser's token still stands for."""

    LIVE = "live"
    IDLE = "idle"  # nobody has touched it for too long
    GONE = "gone"  # logged out, replaced, unknown


@dataclass(frozen=True, slots=True)
class Resumed:
    """What the token of a request leads to. ``login`` is known also of an idle session."""

    state: SessionState
    visitor: Visitor | None = None
    login: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key for a program. The key itself is shown once; ``prefix`` tells keys apart."""

    key_id: int
    prefix: str
    name: str
    user_id: int
    login: str
    issued_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


#: The kinds of organisation whose people may hold a role (S90, S106).
KINDS_BY_ROLE: dict[Role, frozenset[str]] = {
    Role.HEADQUARTERS: frozenset({"headquarters"}),
    Role.MINISTRY_VIEWER: frozenset({"ministry"}),
    Role.INSURER_CLERK: frozenset({"insurer"}),
    Role.INSURER_SUPERVISOR: frozenset({"insurer"}),
    Role.MUNICIPALITY_CLERK: frozenset({"municipality"}),
    Role.EMPLOYER: frozenset({"employer"}),
    Role.FUND_OPERATOR: frozenset({"review_body"}),
    Role.AUDITOR: frozenset({"auditor_office"}),
    Role.CITIZEN: frozenset({"insurer", "municipality"}),
    Role.INSTITUTION: frozenset({"institution"}),
    Role.ADMINISTRATOR: frozenset({"system"}),
}
ORGANISATION_KINDS = tuple(sorted({kind for kinds in KINDS_BY_ROLE.values() for kind in kinds}))
