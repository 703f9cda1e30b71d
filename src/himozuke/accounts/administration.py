"""What the administrator does: organisations, users, invitations, keys. No personal data of insured people."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from argon2 import PasswordHasher

from himozuke.accounts.decide import POLICY, CodeState, LoginPolicy, may_hold, read_code
from himozuke.accounts.model import Account, ApiKey, Organisation
from himozuke.accounts.service import TOTP_PURPOSE, digest_of
from himozuke.accounts.store import AccountStore, SecretBox
from himozuke.errors import ConflictError, InputRejectedError, NotAllowedError, NotFoundError
from himozuke.ports.actor import Role
from himozuke.ports.office import AuditLog, Clock

INVITATION = "invitation"
_KEY_HEAD = "hmz_"


@dataclass(frozen=True, slots=True)
class AdministrationService:
    """Accounts as the administrator sees them. One instance serves one transaction."""

    store: AccountStore
    box: SecretBox
    clock: Clock
    audit: AuditLog
    policy: LoginPolicy = POLICY
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def accounts(self) -> Sequence[Account]:
        """Every account."""
        return self.store.accounts()

    def account(self, user_id: int) -> Account:
        """One account; NotFoundError."""
        account = self.store.account(user_id)
        if account is None:
            raise NotFoundError(f"There is no user {user_id}.")
        return account

    def organisations(self) -> Sequence[Organisation]:
        """Every organisation."""
        return self.store.organisations()

    def is_set_up(self) -> bool:
        """Tell whether an administrator can log in."""
        return any(
            account.role is Role.ADMINISTRATOR and account.is_active and account.is_enrolled
            for account in self.store.accounts()
        )

    def add_organisation(self, *, code: str, kind: str, name: str) -> int:
        """Take up an organisation; ConflictError when the code is taken."""
        organisation_id = self.store.add_organisation(code=code, kind=kind, name=name)
        details = {"code": code, "kind": kind, "name": name}
        self.audit.record(
            "accounts.add_organisation", subject="organisation", subject_id=organisation_id, details=details
        )
        return organisation_id

    def add_account(
        self, *, login: str, display_name: str, role: Role, organisation_id: int, person_key: str | None = None
    ) -> int:
        """Take up a user, who comes in by an invitation; ``person_key`` says whose links a citizen sees.

        ConflictError when the login is taken or nobody of such an organisation may have the role.
        """
        self._check_role(role, organisation_id)
        user_id = self.store.add_account(
            login=login, display_name=display_name, role=role, organisation_id=organisation_id, person_key=person_key
        )
        details = {"login": login, "role": role.value, "organisation": organisation_id}
        self.audit.record("accounts.add_user", subject="user", subject_id=user_id, details=details)
        return user_id

    def account_of_person(self, person_key: str) -> Account | None:
        """The account of a citizen, who has one at the most."""
        return self.store.account_of_person(person_key)

    def change_account(self, user_id: int, *, display_name: str, role: Role, is_active: bool, by: int | None) -> None:
        """Change a user; sessions end when the role or the right to come in changes.

        NotAllowedError for somebody who would take the administration from themselves.
        """
        account = self.account(user_id)
        self._check_role(role, account.organisation.organisation_id)
        if user_id == by and (role is not account.role or not is_active):
            raise NotAllowedError("You cannot take your own role or access away; another administrator must do it.")
        self.store.change_account(user_id, display_name=display_name, role=role, is_active=is_active)
        if role is not account.role or not is_active:
            self.store.end_sessions_of(user_id, self.clock.now())
        details = {"role": role.value, "is_active": is_active, "role_before": account.role.value}
        self.audit.record("accounts.change_user", subject="user", subject_id=user_id, details=details)

    def invite(self, user_id: int) -> str:
        """A code with which the user chooses password and second factor; the old ones are void at once."""
        account = self.account(user_id)
        self.store.set_credentials(user_id, password_hash=None, totp_secret_sealed=None)
        self.store.end_sessions_of(user_id, self.clock.now())
        until = self.clock.now() + self.policy.invitation
        content = json.dumps({"user": user_id, "until": until.isoformat()})
        self.audit.record(
            "accounts.invite", subject="user", subject_id=user_id, details={"was_enrolled": account.is_enrolled}
        )
        return self.box.seal(content.encode(), purpose=INVITATION).hex()

    def invited(self, code: str) -> Account:
        """The user an invitation is for.

        InputRejectedError for a code that was altered, is too old, or was used.
        """
        void = InputRejectedError("This invitation is not valid any more. Ask your administrator for another.")
        try:
            content = json.loads(self.box.open(bytes.fromhex(code), purpose=INVITATION))
        except ValueError:
            raise void from None
        account = self.store.account(content["user"])
        is_late = self.clock.now() >= datetime.fromisoformat(content["until"])
        if account is None or is_late or not account.is_active or account.password_hash is not None:
            raise void
        return account

    def enrol(self, user_id: int, *, password: str, totp_secret: str, code: str) -> bool:
        """Set password and second factor; False when the code does not come from that second factor."""
        state, step = read_code(totp_secret, code, now=self.clock.now(), last_step=0)
        if state is not CodeState.RIGHT:
            return False
        self.store.set_credentials(
            user_id,
            password_hash=self.hasher.hash(password),
            totp_secret_sealed=self.box.seal(totp_secret.encode(), purpose=TOTP_PURPOSE),
        )
        self.store.use_step(user_id, step)
        self.audit.record("accounts.enrol", subject="user", subject_id=user_id, details={})
        return True

    def issue_key(self, user_id: int, *, name: str) -> str:
        """A key for a program that acts as this user; it is told this once."""
        account = self.account(user_id)
        key = _KEY_HEAD + secrets.token_urlsafe(32)
        prefix = key[: len(_KEY_HEAD) + 6]
        key_id = self.store.add_key(
            digest=digest_of(key), prefix=prefix, name=name, user_id=user_id, now=self.clock.now()
        )
        details = {"prefix": prefix, "name": name, "login": account.login}
        self.audit.record("accounts.issue_key", subject="api_key", subject_id=key_id, details=details)
        return key

    def keys(self) -> Sequence[ApiKey]:
        """Every key, newest first."""
        return self.store.keys()

    def revoke_key(self, key_id: int) -> None:
        """Make a key void at once."""
        self.store.revoke_key(key_id, self.clock.now())
        self.audit.record("accounts.revoke_key", subject="api_key", subject_id=key_id, details={})

    def _check_role(self, role: Role, organisation_id: int) -> None:
        kinds = {each.organisation_id: each.kind for each in self.store.organisations()}
        if organisation_id not in kinds:
            raise NotFoundError(f"There is no organisation {organisation_id}.")
        if not may_hold(role, kinds[organisation_id]):
            raise ConflictError(f"Nobody of an organisation of the kind {kinds[organisation_id]} may be {role.value}.")


def new_totp_secret() -> str:
    """A fresh secret for an authenticator, in base 32."""
    return pyotp.random_base32()
