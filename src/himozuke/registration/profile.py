"""How an insurer takes in notices: what it asks for, and which restriction stands (S66 item 9, R-JLIS)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol

from himozuke.ports.office import AuditLog


@dataclass(frozen=True, slots=True)
class IntakeProfile:
    """What an insurer has chosen; the defaults stand where it has chosen nothing.

    ``asks_address``: a society may do without the address. ``confirms_items``: the association receives the items
    the register network keeps. ``follows_table``: the stricter of our restriction and the ministry's table stands.
    """

    asks_address: bool = True
    confirms_items: bool = False
    follows_table: bool = True


class ProfileStore(Protocol):
    """Where the choice is kept."""

    def profile(self, organisation_id: int) -> IntakeProfile | None:
        """What an insurer has chosen; None where it has chosen nothing."""

    def set_profile(self, organisation_id: int, profile: IntakeProfile) -> None:
        """Keep what it chooses."""


class ProfileService:
    """Reads and changes the choice of one insurer."""

    def __init__(self, store: ProfileStore, audit: AuditLog) -> None:
        self._store = store
        self._audit = audit

    def of(self, organisation_id: int) -> IntakeProfile:
        """What stands for an insurer."""
        return self._store.profile(organisation_id) or IntakeProfile()

    def change(self, organisation_id: int, profile: IntakeProfile) -> bool:
        """Change what stands from the next notice on; False where nothing is different. Links already judged stay."""
        before = self.of(organisation_id)
        if before == profile:
            return False
        self._store.set_profile(organisation_id, profile)
        details = {"before": asdict(before), "after": asdict(profile)}
        self._audit.record(
            "registration.set_profile", subject="organisation", subject_id=organisation_id, details=details
        )
        return True
