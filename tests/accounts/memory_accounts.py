"""Accounts kept in memory, for tests of what is decided about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from himozuke.accounts.model import Account, ApiKey, Organisation, Session
from himozuke.errors import ConflictError, InputRejectedError, NotFoundError
from himozuke.ports.actor import Role

MORNING = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


@dataclass
class StoppedClock:
    """A clock that a test moves."""

    moment: datetime = MORNING

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.astimezone(ZoneInfo("Asia/Tokyo")).date()

    def pass_by(self, time: timedelta) -> None:
        self.moment += time


@dataclass
class KeptAudit:
    """Every record, to be looked at."""

    records: list[tuple[str, str, object, Mapping[str, object]]] = field(default_factory=list)

    def record(self, act: str, *, subject: str, subject_id: object, details: Mapping[str, object]) -> None:
        self.records.append((act, subject, subject_id, details))

    @property
    def acts(self) -> list[str]:
        return [record[0] for record in self.records]


class OpenBox:
    """Seals with a key of its own, always the same."""

    def __init__(self) -> None:
        self._cipher = AESGCM(b"himozuke test ke" * 2)

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        return self._cipher.encrypt(b"0" * 12, secret, purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        try:
            return self._cipher.decrypt(b"0" * 12, sealed, purpose.encode())
        except InvalidTag:
            raise InputRejectedError("It was not sealed here.") from None


@dataclass
class MemoryAccounts:
    """Satisfies ``AccountStore``."""

    offices: list[Organisation] = field(default_factory=list)
    people: dict[int, Account] = field(default_factory=dict)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    attempts: list[tuple[str, str, datetime, bool]] = field(default_factory=list)
    api_keys: dict[bytes, ApiKey] = field(default_factory=dict)
    setup_token: bytes | None = None

    def account(self, user_id: int) -> Account | None:
        return self.people.get(user_id)

    def account_by_login(self, login: str) -> Account | None:
        return next((each for each in self.people.values() if each.login.casefold() == login.casefold()), None)

    def account_of_person(self, person_key: str) -> Account | None:
        return next((each for each in self.people.values() if each.person_key == person_key), None)

    def accounts(self) -> Sequence[Account]:
        return list(self.people.values())

    def add_account(
        self, *, login: str, display_name: str, role: Role, organisation_id: int, person_key: str | None
    ) -> int:
        if self.account_by_login(login):
            raise ConflictError(f"The login {login} is taken.")
        user_id = len(self.people) + 1
        organisation = next(each for each in self.offices if each.organisation_id == organisation_id)
        self.people[user_id] = Account(
            user_id, login, display_name, role, organisation, None, None, 0, is_active=True, person_key=person_key
        )
        return user_id

    def change_account(self, user_id: int, *, display_name: str, role: Role, is_active: bool) -> None:
        self.people[user_id] = replace(self.people[user_id], display_name=display_name, role=role, is_active=is_active)

    def set_credentials(self, user_id: int, *, password_hash: str | None, totp_secret_sealed: bytes | None) -> None:
        self.people[user_id] = replace(
            self.people[user_id], password_hash=password_hash, totp_secret_sealed=totp_secret_sealed
        )

    def use_step(self, user_id: int, step: int) -> None:
        self.people[user_id] = replace(self.people[user_id], totp_step=step)

    def organisations(self) -> Sequence[Organisation]:
        return self.offices

    def add_organisation(self, *, code: str, kind: str, name: str) -> int:
        if any(each.code == code for each in self.offices):
            raise ConflictError(f"The code {code} is taken.")
        self.offices.append(Organisation(len(self.offices) + 1, code, kind, name))
        return len(self.offices)

    def add_session(self, *, digest: bytes, user_id: int, now: datetime) -> int:
        self.sessions[digest] = Session(len(self.sessions) + 1, user_id, now, now)
        return len(self.sessions)

    def session_by_digest(self, digest: bytes) -> Session | None:
        return self.sessions.get(digest)

    def touch_session(self, session_id: int, now: datetime) -> None:
        self._change(lambda each: each.session_id == session_id, seen_at=now)

    def end_session(self, session_id: int, now: datetime) -> None:
        self._change(lambda each: each.session_id == session_id, ended_at=now)

    def end_sessions_of(self, user_id: int, now: datetime) -> None:
        self._change(lambda each: each.user_id == user_id, ended_at=now)

    def _change(self, is_meant: Callable[[Session], bool], **changes: Any) -> None:
        for digest, each in list(self.sessions.items()):
            if is_meant(each):
                self.sessions[digest] = replace(each, **changes)

    def note_attempt(self, *, login: str, address: str, now: datetime, is_success: bool) -> None:
        self.attempts.append((login.casefold(), address, now, is_success))

    def failures(self, login: str, *, since: datetime) -> Sequence[datetime]:
        failed: list[datetime] = []
        for name, _, at, is_success in self.attempts:
            if name == login.casefold() and at >= since:
                failed = [] if is_success else [*failed, at]
        return failed

    def failures_of_address(self, address: str, *, since: datetime) -> int:
        return sum(each[1] == address and each[2] >= since and not each[3] for each in self.attempts)

    def add_key(self, *, digest: bytes, prefix: str, name: str, user_id: int, now: datetime) -> int:
        key_id = len(self.api_keys) + 1
        self.api_keys[digest] = ApiKey(key_id, prefix, name, user_id, self.people[user_id].login, now, None, None)
        return key_id

    def key_by_digest(self, digest: bytes) -> ApiKey | None:
        found = self.api_keys.get(digest)
        return found if found and found.revoked_at is None else None

    def use_key(self, key_id: int, now: datetime) -> None:
        self._change_key(key_id, used_at=now)

    def keys(self) -> Sequence[ApiKey]:
        return list(reversed(self.api_keys.values()))

    def revoke_key(self, key_id: int, now: datetime) -> None:
        self._change_key(key_id, revoked_at=now)

    def _change_key(self, key_id: int, **changes: Any) -> None:
        digest = next((digest for digest, each in self.api_keys.items() if each.key_id == key_id), None)
        if digest is None:
            raise NotFoundError(f"There is no key {key_id}.")
        self.api_keys[digest] = replace(self.api_keys[digest], **changes)

    def setup_digest(self) -> bytes | None:
        return self.setup_token

    def set_setup_digest(self, digest: bytes | None, now: datetime) -> None:
        assert now
        self.setup_token = digest
