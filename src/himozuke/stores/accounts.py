"""Accounts, sessions, attempts and keys in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from himozuke.accounts.model import Account, ApiKey, Organisation, Session
from himozuke.errors import ConflictError, NotFoundError
from himozuke.ports.actor import Role

# reads: user_account with its organisation; one row per user
_ACCOUNT = """
SELECT
    u.user_id,
    u.login,
    u.display_name,
    u.role,
    u.password_hash,
    u.totp_secret_sealed,
    u.totp_step,
    u.is_active,
    u.person_key,
    o.organisation_id,
    o.code,
    o.kind,
    o.name
FROM user_account AS u
JOIN organisation AS o USING (organisation_id)
"""

# reads: api_key with its user; one row per key
_KEY = """
SELECT
    k.key_id,
    k.prefix,
    k.name,
    k.user_id,
    u.login,
    k.issued_at,
    k.used_at,
    k.revoked_at
FROM api_key AS k
JOIN user_account AS u USING (user_id)
"""

# reads: attempts of a login after its last success; one row per failure, oldest first
_FAILURES = """
SELECT a.at
FROM login_attempt AS a
WHERE lower(a.login) = lower(%(login)s)
    AND a.at >= %(since)s
    AND NOT a.is_success
    AND a.attempt_id > COALESCE((
        SELECT max(s.attempt_id)
        FROM login_attempt AS s
        WHERE lower(s.login) = lower(%(login)s)
            AND s.at >= %(since)s
            AND s.is_success
    ), 0)
ORDER BY a.attempt_id
"""


class PostgresAccounts:
    """Satisfies ``AccountStore`` on the connection of one transaction."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def account(self, user_id: int) -> Account | None:
        """One account by its id."""
        row = self._one(_ACCOUNT + "WHERE u.user_id = %(user_id)s", user_id=user_id)
        return _account(row) if row else None

    def account_by_login(self, login: str) -> Account | None:
        """One account by its login, letter case aside; its row is locked until the transaction ends."""
        row = self._one(_ACCOUNT + "WHERE lower(u.login) = lower(%(login)s) FOR UPDATE OF u", login=login)
        return _account(row) if row else None

    def account_of_person(self, person_key: str) -> Account | None:
        """The account of a citizen; its row is locked until the transaction ends."""
        row = self._one(
            _ACCOUNT + "WHERE u.person_key = %(key)s ORDER BY u.user_id LIMIT 1 FOR UPDATE OF u", key=person_key
        )
        return _account(row) if row else None

    def accounts(self) -> Sequence[Account]:
        """Every account, by organisation and login."""
        return [_account(row) for row in self._all(_ACCOUNT + "ORDER BY o.kind, o.code, u.login")]

    def add_account(
        self, *, login: str, display_name: str, role: Role, organisation_id: int, person_key: str | None
    ) -> int:
        """A new account without password; ConflictError when the login is taken."""
        values = {"login": login, "name": display_name, "role": role.value, "person_key": person_key}
        return self._insert(
            "INSERT INTO user_account (organisation_id, login, display_name, role, person_key)"
            " VALUES (%(organisation_id)s, %(login)s, %(name)s, %(role)s, %(person_key)s) RETURNING user_id AS id",
            f"The login {login} is taken; choose another.",
            organisation_id=organisation_id,
            **values,
        )

    def change_account(self, user_id: int, *, display_name: str, role: Role, is_active: bool) -> None:
        """Change what the administrator may change."""
        self._run(
            "UPDATE user_account SET display_name = %(name)s, role = %(role)s, is_active = %(is_active)s"
            " WHERE user_id = %(user_id)s",
            user_id=user_id,
            name=display_name,
            role=role.value,
            is_active=is_active,
        )

    def set_credentials(self, user_id: int, *, password_hash: str | None, totp_secret_sealed: bytes | None) -> None:
        """Replace password and second factor; None takes them away."""
        self._run(
            "UPDATE user_account SET password_hash = %(hash)s, totp_secret_sealed = %(secret)s, totp_step = 0"
            " WHERE user_id = %(user_id)s",
            user_id=user_id,
            hash=password_hash,
            secret=totp_secret_sealed,
        )

    def use_step(self, user_id: int, step: int) -> None:
        """Remember the step of the last code that was used."""
        self._run(
            "UPDATE user_account SET totp_step = %(step)s WHERE user_id = %(user_id)s", user_id=user_id, step=step
        )

    def organisations(self) -> Sequence[Organisation]:
        """Every organisation, by kind and code."""
        rows = self._all("SELECT organisation_id, code, kind, name FROM organisation ORDER BY kind, code")
        return [Organisation(row["organisation_id"], row["code"], row["kind"], row["name"]) for row in rows]

    def add_organisation(self, *, code: str, kind: str, name: str) -> int:
        """A new organisation; ConflictError when the code is taken."""
        return self._insert(
            "INSERT INTO organisation (code, kind, name) VALUES (%(code)s, %(kind)s, %(name)s)"
            " RETURNING organisation_id AS id",
            f"The code {code} is taken by another organisation.",
            code=code,
            kind=kind,
            name=name,
        )

    def add_session(self, *, digest: bytes, user_id: int, now: datetime) -> int:
        """Begin a session under the digest of its token."""
        return self._insert(
            "INSERT INTO session (user_id, organisation_id, token_digest, started_at, seen_at)"
            " SELECT user_id, organisation_id, %(digest)s, %(now)s, %(now)s FROM user_account"
            " WHERE user_id = %(user_id)s RETURNING session_id AS id",
            "This session exists already.",
            digest=digest,
            user_id=user_id,
            now=now,
        )

    def session_by_digest(self, digest: bytes) -> Session | None:
        """The session of a token."""
        row = self._one(
            "SELECT session_id, user_id, started_at, seen_at, ended_at FROM session WHERE token_digest = %(digest)s",
            digest=digest,
        )
        return Session(**row) if row else None

    def touch_session(self, session_id: int, now: datetime) -> None:
        """Note that somebody is there."""
        self._run("UPDATE session SET seen_at = %(now)s WHERE session_id = %(id)s", id=session_id, now=now)

    def end_session(self, session_id: int, now: datetime) -> None:
        """End a session."""
        self._run(
            "UPDATE session SET ended_at = %(now)s WHERE session_id = %(id)s AND ended_at IS NULL",
            id=session_id,
            now=now,
        )

    def end_sessions_of(self, user_id: int, now: datetime) -> None:
        """End every session of a user."""
        self._run(
            "UPDATE session SET ended_at = %(now)s WHERE user_id = %(user_id)s AND ended_at IS NULL",
            user_id=user_id,
            now=now,
        )

    def note_attempt(self, *, login: str, address: str, now: datetime, is_success: bool) -> None:
        """Remember an attempt to log in."""
        self._run(
            "INSERT INTO login_attempt (login, address, at, is_success)"
            " VALUES (%(login)s, %(address)s, %(now)s, %(is_success)s)",
            login=login,
            address=address,
            now=now,
            is_success=is_success,
        )

    def failures(self, login: str, *, since: datetime) -> Sequence[datetime]:
        """Failures of a login after its last success, not older than ``since``."""
        return [row["at"] for row in self._all(_FAILURES, login=login, since=since)]

    def failures_of_address(self, address: str, *, since: datetime) -> int:
        """How often an address failed, whatever the login."""
        row = self._one(
            "SELECT count(*) AS failures FROM login_attempt"
            " WHERE address = %(address)s AND at >= %(since)s AND NOT is_success",
            address=address,
            since=since,
        )
        return int(row["failures"]) if row else 0

    def add_key(self, *, digest: bytes, prefix: str, name: str, user_id: int, now: datetime) -> int:
        """A new key of a user."""
        return self._insert(
            "INSERT INTO api_key (user_id, organisation_id, key_digest, prefix, name, issued_at)"
            " SELECT user_id, organisation_id, %(digest)s, %(prefix)s, %(name)s, %(now)s FROM user_account"
            " WHERE user_id = %(user_id)s RETURNING key_id AS id",
            "This key exists already.",
            digest=digest,
            prefix=prefix,
            name=name,
            user_id=user_id,
            now=now,
        )

    def key_by_digest(self, digest: bytes) -> ApiKey | None:
        """A key that is not revoked."""
        row = self._one(_KEY + "WHERE k.key_digest = %(digest)s AND k.revoked_at IS NULL", digest=digest)
        return ApiKey(**row) if row else None

    def use_key(self, key_id: int, now: datetime) -> None:
        """Note that a key was used."""
        self._run("UPDATE api_key SET used_at = %(now)s WHERE key_id = %(id)s", id=key_id, now=now)

    def keys(self) -> Sequence[ApiKey]:
        """Every key, newest first."""
        return [ApiKey(**row) for row in self._all(_KEY + "ORDER BY k.key_id DESC")]

    def revoke_key(self, key_id: int, now: datetime) -> None:
        """Make a key void; NotFoundError when there is none that holds."""
        done = self._run(
            "UPDATE api_key SET revoked_at = %(now)s WHERE key_id = %(id)s AND revoked_at IS NULL", id=key_id, now=now
        )
        if not done:
            raise NotFoundError(f"There is no key {key_id} that holds.")

    def setup_digest(self) -> bytes | None:
        """The digest of the token that sets the installation up; its row is locked until the transaction ends."""
        row = self._one("SELECT value FROM setting_entry WHERE name = 'setup_token' FOR UPDATE")
        return bytes.fromhex(row["value"]) if row and row["value"] else None

    def set_setup_digest(self, digest: bytes | None, now: datetime) -> None:
        """Remember another token, or that none holds any more."""
        self._run(
            "INSERT INTO setting_entry (name, value, changed_at) VALUES ('setup_token', %(value)s, %(now)s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            value=Jsonb(digest.hex() if digest else None),
            now=now,
        )

    def _one(self, statement: str, **values: object) -> dict[str, Any] | None:
        return self._connection.execute(statement, values).fetchone()

    def _all(self, statement: str, **values: object) -> list[dict[str, Any]]:
        return self._connection.execute(statement, values).fetchall()

    def _run(self, statement: str, **values: object) -> int:
        return self._connection.execute(statement, values).rowcount

    def _insert(self, statement: str, taken: str, **values: object) -> int:
        try:
            row = self._connection.execute(statement, values).fetchone()
        except UniqueViolation:
            raise ConflictError(taken) from None
        if row is None:
            raise NotFoundError("There is no such user.")
        return int(row["id"])


def _account(row: dict[str, Any]) -> Account:
    organisation = Organisation(row["organisation_id"], row["code"], row["kind"], row["name"])
    return Account(
        user_id=row["user_id"],
        login=row["login"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        organisation=organisation,
        password_hash=row["password_hash"],
        totp_secret_sealed=bytes(row["totp_secret_sealed"]) if row["totp_secret_sealed"] else None,
        totp_step=row["totp_step"],
        is_active=row["is_active"],
        person_key=row["person_key"],
    )


def display_names(connection: Connection[dict[str, Any]], logins: Sequence[str]) -> Mapping[str, str]:
    """The names of the people behind logins, as far as the actor sees them."""
    if not logins:
        return {}
    query = "SELECT login, display_name FROM user_account WHERE login = ANY(%s)"
    return {row["login"]: row["display_name"] for row in connection.execute(query, [list(logins)])}
