"""Puts the eligibility area together for one transaction."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from argon2.exceptions import InvalidHashError, VerifyMismatchError

from himozuke.eligibility.help_desk import HelpDesk
from himozuke.eligibility.outage import OutageService
from himozuke.eligibility.registry import InstitutionRegistry
from himozuke.eligibility.service import EligibilityService
from himozuke.eligibility.store import Institution
from himozuke.eligibility.visits import VisitService
from himozuke.errors import ConflictError, SuspendedError
from himozuke.ports.office import Clock
from himozuke.stores.certificates import PostgresCertificates
from himozuke.stores.help_calls import PostgresHelpCalls
from himozuke.stores.institutions import PostgresInstitutions
from himozuke.stores.outages import PostgresOutages
from himozuke.stores.qualifications import PostgresEligibility
from himozuke.stores.visits import PostgresVisits

if TYPE_CHECKING:
    from himozuke.entrypoints.wiring import OfficeWork


class EligibilityBench:
    """The services of the area, each made when it is first asked for."""

    def __init__(self, work: OfficeWork) -> None:
        self._work = work

    @property
    def clock(self) -> Clock:
        """The one source of now."""
        return self._work.clock

    @cached_property
    def store(self) -> PostgresEligibility:
        """Qualifications, consents, requests of institutions."""
        return PostgresEligibility(self._work.connection, self._work.office.vault, self._work.clock)

    @cached_property
    def service(self) -> EligibilityService:
        """What institutions may ask."""
        return EligibilityService(
            self.store,
            self._work.audit,
            self._work.clock,
            rules=self._work.office.rules,
            check_pin=self._is_same_pin,
        )

    @cached_property
    def certificates(self) -> PostgresCertificates:
        """The certificates of an insurer's own links."""
        return PostgresCertificates(self._work.connection)

    def institution(self, organisation_id: int) -> Institution:
        """The institution an organisation is; ConflictError where it is not registered as one."""
        found = self.store.institution_of(organisation_id)
        if found is None:
            self.refuse_suspended(organisation_id)
            raise ConflictError(
                "The organisation is not registered as a medical institution, or is suspended. Ask the administrator."
            )
        return found

    def refuse_suspended(self, organisation_id: int) -> None:
        """SuspendedError while an organisation is registered as an institution and suspended."""
        suspended = (one for one in self.registry.all() if one.organisation_id == organisation_id and one.suspended_at)
        if next(suspended, None) is not None:
            raise SuspendedError("The institution is suspended. Ask the administrator of the service.")

    @cached_property
    def registry(self) -> InstitutionRegistry:
        """The institutions that may ask."""
        return InstitutionRegistry(
            PostgresInstitutions(self._work.connection),
            self._work.audit,
            self._work.clock,
            seal=lambda password: self._work.office.vault.box.seal(password.encode(), purpose="zip_password"),
        )

    @cached_property
    def help_calls(self) -> PostgresHelpCalls:
        """The questions a help desk answered."""
        return PostgresHelpCalls(self._work.connection)

    @cached_property
    def help_desk(self) -> HelpDesk:
        """What to answer, and what was asked."""
        return HelpDesk(self.help_calls, self._work.actor, self._work.audit, self._work.clock)

    @cached_property
    def outages(self) -> OutageService:
        """The system-failure mode."""
        store = PostgresOutages(self._work.connection, self._work.clock.today())
        return OutageService(
            store,
            by=self._work.actor.login,
            audit=self._work.audit,
            clock=self._work.clock,
            rules=self._work.office.rules,
        )

    @cached_property
    def visit_store(self) -> PostgresVisits:
        """Visits at the counters of institutions."""
        return PostgresVisits(self._work.connection, self._work.clock)

    def visits(self, organisation_id: int) -> VisitService:
        """The counter of an institution; ConflictError where the organisation is not registered as one."""
        return VisitService(
            self.visit_store,
            self.service,
            self.institution(organisation_id),
            by=self._work.actor.login,
            audit=self._work.audit,
            clock=self._work.clock,
            rules=self._work.office.rules,
        )

    def _is_same_pin(self, kept: str, given: str) -> bool:
        try:
            return self._work.office.hasher.verify(kept, given)
        except (VerifyMismatchError, InvalidHashError):
            return False
