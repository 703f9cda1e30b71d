"""Puts the eligibility area together for one transaction."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from argon2.exceptions import InvalidHashError, VerifyMismatchError

from himozuke.eligibility.service import EligibilityService
from himozuke.ports.office import Clock
from himozuke.stores.qualifications import PostgresEligibility

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

    def _is_same_pin(self, kept: str, given: str) -> bool:
        try:
            return self._work.office.hasher.verify(kept, given)
        except (VerifyMismatchError, InvalidHashError):
            return False
