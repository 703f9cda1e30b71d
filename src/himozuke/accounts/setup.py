"""The first start: a token printed once lets somebody make the first administrator."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from himozuke.accounts.administration import AdministrationService
from himozuke.accounts.service import digest_of
from himozuke.errors import NotAllowedError
from himozuke.ports.actor import Role

SYSTEM_CODE = "SYSTEM"


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who the first administrator is, and what they come in with."""

    office_name: str
    login: str
    display_name: str
    password: str
    totp_secret: str
    code: str


@dataclass(frozen=True, slots=True)
class SetupService:
    """Sets an installation up. One instance serves one transaction."""

    administration: AdministrationService

    def offer(self) -> str | None:
        """A fresh token while nobody administers this installation, replacing the one before; None afterwards."""
        if self.administration.is_set_up():
            return None
        token = secrets.token_urlsafe(24)
        self._remember(digest_of(token))
        return token

    def holds(self, token: str) -> bool:
        """Tell whether a token may still be used."""
        digest = self.administration.store.setup_digest()
        return digest is not None and hmac.compare_digest(digest, digest_of(token))

    def set_up(self, token: str, first: FirstAdministrator) -> bool:
        """Make the first administrator; False when the code does not come from the second factor shown.

        NotAllowedError when the token does not hold. Of two at once one succeeds.
        """
        if not self.holds(token):
            raise NotAllowedError("This setup token does not hold. Start the program again: it prints a new one.")
        store = self.administration.store
        found = next((each for each in store.organisations() if each.code == SYSTEM_CODE), None)
        organisation_id = (
            found.organisation_id
            if found
            else self.administration.add_organisation(code=SYSTEM_CODE, kind="system", name=first.office_name)
        )
        known = store.account_by_login(first.login)
        user_id = (
            known.user_id
            if known
            else self.administration.add_account(
                login=first.login,
                display_name=first.display_name,
                role=Role.ADMINISTRATOR,
                organisation_id=organisation_id,
            )
        )
        if not self.administration.enrol(
            user_id, password=first.password, totp_secret=first.totp_secret, code=first.code
        ):
            return False
        self._remember(None)
        return True

    def _remember(self, digest: bytes | None) -> None:
        self.administration.store.set_setup_digest(digest, self.administration.clock.now())
