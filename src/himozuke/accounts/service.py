"""Logging in and out, and what a request's token or key leads to."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from himozuke.accounts.decide import (
    POLICY,
    CodeState,
    LoginPolicy,
    is_flooding,
    locked_until,
    read_code,
    session_state,
)
from himozuke.accounts.model import Account, LoginAnswer, LoginResult, Resumed, SessionState, Visitor
from himozuke.accounts.store import AccountStore, SecretBox
from himozuke.ports.office import AuditLog, Clock

TOTP_PURPOSE = "totp"


def digest_of(token: str) -> bytes:
    """What the store keeps of a token or key: its SHA-256, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).digest()


def attempt_name(login: str) -> str:
    """What is kept of a login that was tried: its digest, since people type passwords into the wrong field."""
    return hashlib.sha256(unicodedata.normalize("NFKC", login).casefold().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody gives to come in, and the address it came from."""

    login: str
    password: str
    totp: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class LoginService:
    """The door. One instance serves one transaction."""

    store: AccountStore
    box: SecretBox
    clock: Clock
    audit: AuditLog
    policy: LoginPolicy = POLICY
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def log_in(self, given: Credentials) -> LoginAnswer:
        """Let somebody in with login, password and one-time code.

        A failure is an answer, not an exception, so that the attempt is kept. Whether login, password or
        code was wrong is told to nobody; a code that was used before is refused by name, since its owner
        only has to wait for the next.
        """
        now = self.clock.now()
        if is_flooding(self.store.failures_of_address(given.address, since=now - self.policy.lock), self.policy):
            return LoginAnswer(LoginResult.TOO_MANY, locked_until=now + self.policy.lock)
        closed = self._locked_until(given.login)
        if closed is not None:
            return LoginAnswer(LoginResult.LOCKED, locked_until=closed)
        account = self.store.account_by_login(given.login)
        result = self._judge(account, given)
        self.store.note_attempt(
            login=attempt_name(given.login), address=given.address, now=now, is_success=result is LoginResult.WELCOME
        )
        if account is None or result is not LoginResult.WELCOME:
            return self._refuse(given, account, result)
        return self.let_in(account, by="password")

    def let_in(self, account: Account, *, by: str) -> LoginAnswer:
        """Begin a session for an account whose owner has been recognised (``by``: password, oidc)."""
        token = secrets.token_urlsafe(32)
        session_id = self.store.add_session(digest=digest_of(token), user_id=account.user_id, now=self.clock.now())
        self.audit.record("accounts.log_in", subject="user", subject_id=account.user_id, details={"by": by})
        return LoginAnswer(LoginResult.WELCOME, token=token, visitor=Visitor(account, session_id))

    def let_in_by_login(self, login: str) -> LoginAnswer:
        """Begin a session for somebody an identity provider has recognised; WRONG for an unknown login."""
        account = self.store.account_by_login(login) if login else None
        if account is None or not account.is_active:
            return LoginAnswer(LoginResult.WRONG)
        return self.let_in(account, by="oidc")

    def log_out(self, visitor: Visitor) -> None:
        """End the session of a visitor."""
        if visitor.session_id is not None:
            self.store.end_session(visitor.session_id, self.clock.now())
            self.audit.record("accounts.log_out", subject="user", subject_id=visitor.account.user_id, details={})

    def resume(self, token: str, *, is_activity: bool = True) -> Resumed:
        """Who stands behind the token of a request; asking counts as activity unless said otherwise."""
        session = self.store.session_by_digest(digest_of(token))
        account = self.store.account(session.user_id) if session else None
        if session is None or account is None or not account.is_active:
            return Resumed(SessionState.GONE)
        now = self.clock.now()
        state = session_state(session, now, self.policy)
        if state is not SessionState.LIVE:
            return Resumed(state, login=account.login)
        if is_activity and now - session.seen_at >= self.policy.noted_every:
            self.store.touch_session(session.session_id, now)
        return Resumed(state, Visitor(account, session.session_id), account.login)

    def recognise(self, key: str) -> Visitor | None:
        """Who stands behind the key of a program; None for a key that is unknown or void."""
        found = self.store.key_by_digest(digest_of(key))
        account = self.store.account(found.user_id) if found else None
        if found is None or account is None or not account.is_active:
            return None
        self.store.use_key(found.key_id, self.clock.now())
        return Visitor(account, None)

    def _locked_until(self, login: str) -> datetime | None:
        now = self.clock.now()
        return locked_until(self.store.failures(attempt_name(login), since=now - self.policy.lock), now, self.policy)

    def _judge(self, account: Account | None, given: Credentials) -> LoginResult:
        # The password is hashed for an unknown login as well: the time taken must not tell who exists.
        is_right = self._password_is_right(account, given.password)
        if account is None or not is_right or not account.is_active or account.totp_secret_sealed is None:
            return LoginResult.WRONG
        secret = self.box.open(account.totp_secret_sealed, purpose=TOTP_PURPOSE).decode()
        state, step = read_code(secret, given.totp, now=self.clock.now(), last_step=account.totp_step)
        if state is CodeState.RIGHT:
            self.store.use_step(account.user_id, step)
            return LoginResult.WELCOME
        return LoginResult.REPLAYED if state is CodeState.REPLAYED else LoginResult.WRONG

    def _password_is_right(self, account: Account | None, password: str) -> bool:
        if account is None or account.password_hash is None:
            self.hasher.hash(password)
            return False
        try:
            return self.hasher.verify(account.password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _refuse(self, given: Credentials, account: Account | None, result: LoginResult) -> LoginAnswer:
        subject_id = account.user_id if account else None
        details = {"result": result.value, "address": given.address}
        self.audit.record("accounts.refuse_login", subject="user", subject_id=subject_id, details=details)
        closed = self._locked_until(given.login)
        return LoginAnswer(LoginResult.LOCKED if closed else result, locked_until=closed)
