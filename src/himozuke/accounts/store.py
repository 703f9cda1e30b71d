"""What this area needs kept, as a protocol."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from himozuke.accounts.model import Account, ApiKey, Organisation, Session
from himozuke.ports.actor import Role


class AccountStore(Protocol):
    """Accounts, sessions, attempts and keys of one transaction."""

    def account(self, user_id: int) -> Account | None:
        """One account by its id."""

    def account_by_login(self, login: str) -> Account | None:
        """One account by its login, letter case aside; locked until the transaction ends."""

    def account_of_person(self, person_key: str) -> Account | None:
        """The account of a citizen; locked until the transaction ends."""

    def accounts(self) -> Sequence[Account]:
        """Every account, by organisation and login."""

    def add_account(
        self, *, login: str, display_name: str, role: Role, organisation_id: int, person_key: str | None
    ) -> int:
        """A new account without password; ConflictError when the login is taken."""

    def change_account(self, user_id: int, *, display_name: str, role: Role, is_active: bool) -> None:
        """Change what the administrator may change."""

    def set_credentials(self, user_id: int, *, password_hash: str | None, totp_secret_sealed: bytes | None) -> None:
        """Replace password and second factor; None takes them away."""

    def use_step(self, user_id: int, step: int) -> None:
        """Remember the step of the last code that was used."""

    def organisations(self) -> Sequence[Organisation]:
        """Every organisation, by kind and code."""

    def add_organisation(self, *, code: str, kind: str, name: str) -> int:
        """A new organisation; ConflictError when the code is taken."""

    def add_session(self, *, digest: bytes, user_id: int, now: datetime) -> int:
        """Begin a session under the digest of its token."""

    def session_by_digest(self, digest: bytes) -> Session | None:
        """The session of a token."""

    def touch_session(self, session_id: int, now: datetime) -> None:
        """Note that somebody is there."""

    def end_session(self, session_id: int, now: datetime) -> None:
        """End a session."""

    def end_sessions_of(self, user_id: int, now: datetime) -> None:
        """End every session of a user."""

    def note_attempt(self, *, login: str, address: str, now: datetime, is_success: bool) -> None:
        """Remember an attempt to log in."""

    def failures(self, login: str, *, since: datetime) -> Sequence[datetime]:
        """Failures of a login after its last success, not older than ``since``."""

    def failures_of_address(self, address: str, *, since: datetime) -> int:
        """How often an address failed, whatever the login."""

    def add_key(self, *, digest: bytes, prefix: str, name: str, user_id: int, now: datetime) -> int:
        """A new key of a user."""

    def key_by_digest(self, digest: bytes) -> ApiKey | None:
        """A key that is not revoked."""

    def use_key(self, key_id: int, now: datetime) -> None:
        """Note that a key was used."""

    def keys(self) -> Sequence[ApiKey]:
        """Every key, newest first."""

    def revoke_key(self, key_id: int, now: datetime) -> None:
        """Make a key void; NotFoundError when there is none."""

    def setup_digest(self) -> bytes | None:
        """The digest of the token that sets the installation up; locked until the transaction ends."""

    def set_setup_digest(self, digest: bytes | None, now: datetime) -> None:
        """Remember another token, or that none holds any more."""


class SecretBox(Protocol):
    """Seals small secrets under the key of this installation."""

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """Encrypt for one purpose."""

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Decrypt what was sealed for the same purpose; InputRejectedError for anything else."""
