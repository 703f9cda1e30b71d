"""The system-failure mode: asked for by telephone, called back, open for a time, reported on (S82f)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.model import Qualification
from himozuke.errors import ConflictError, RuleRefusedError
from himozuke.link.compare import EntryItems, LinkItems, compare_entry
from himozuke.ports.office import AuditLog, Clock
from himozuke.rules.model import RuleBook

#: What a search in the mode needs, all of it: name, birth date, sex and address (W-13791/19).
NEEDED = ("kanji_name", "birth_date", "sex", "address")


@dataclass(frozen=True, slots=True)
class Grant:
    """One opening of the mode for one institution."""

    grant_id: int
    organisation_id: int
    institution_name: str
    telephone: str
    asked_by: str
    reason: str
    asked_at: datetime
    called_back_at: datetime | None = None
    called_back_by: str = ""
    opened_until: datetime | None = None
    reported_at: datetime | None = None
    report: str = ""

    def is_open(self, now: datetime) -> bool:
        """Tell whether the mode may be used at a moment."""
        return self.opened_until is not None and now < self.opened_until and self.reported_at is None


class GrantStore(Protocol):
    """Openings of the mode."""

    def ask(self, organisation_id: int, *, by: str, reason: str, at: datetime) -> int:
        """Keep that an institution asked for the mode."""

    def find(self, grant_id: int) -> Grant:
        """An opening, locked; NotFoundError when it is not there."""

    def keep(self, grant: Grant) -> None:
        """Keep what has become of an opening."""

    def of_institution(self, organisation_id: int) -> Sequence[Grant]:
        """The openings of an institution, latest first."""

    def waiting(self) -> Sequence[Grant]:
        """Those that wait for the call back, oldest first."""

    def people_born(self, birth_date: date) -> Sequence[Qualification]:
        """Everybody insured who was born on a day, whose qualification may be shown."""


class OutageService:
    """The mode; made for one transaction."""

    def __init__(self, store: GrantStore, *, by: str, audit: AuditLog, clock: Clock, rules: RuleBook) -> None:
        self._store = store
        self._by = by
        self._audit = audit
        self._clock = clock
        self._rules = rules

    def ask(self, organisation_id: int, reason: str) -> int:
        """Ask for the mode; the centre then calls the number of the registration."""
        grant_id = self._store.ask(organisation_id, by=self._by, reason=reason, at=self._clock.now())
        self._audit.record("eligibility.ask_outage", subject="outage_grant", subject_id=grant_id, details={})
        return grant_id

    def of_institution(self, organisation_id: int) -> Sequence[Grant]:
        """The openings of an institution, latest first."""
        return self._store.of_institution(organisation_id)

    def waiting(self) -> Sequence[Grant]:
        """Those that wait for the call back, oldest first."""
        return self._store.waiting()

    def open(self, grant_id: int) -> Grant:
        """Open the mode after calling back; ConflictError when it was opened before."""
        grant = self._store.find(grant_id)
        if grant.opened_until is not None:
            raise ConflictError("This opening was given before.")
        now = self._clock.now()
        until = now + timedelta(hours=self._rules.count("outage.open_hours", self._clock.today()))
        opened = replace(grant, called_back_at=now, called_back_by=self._by, opened_until=until)
        self._store.keep(opened)
        self._audit.record(
            "eligibility.open_outage", subject="outage_grant", subject_id=grant_id, details={"until": until.isoformat()}
        )
        return opened

    def report(self, grant_id: int, text: str) -> Grant:
        """Report how the mode was used; it closes with the report."""
        grant = self._store.find(grant_id)
        if grant.opened_until is None or grant.reported_at is not None:
            raise ConflictError("There is nothing to report, or it was reported before.")
        reported = replace(grant, reported_at=self._clock.now(), report=text)
        self._store.keep(reported)
        self._audit.record("eligibility.report_outage", subject="outage_grant", subject_id=grant_id, details={})
        return reported

    def search(self, organisation_id: int, items: Mapping[str, str], birth_date: date) -> list[Qualification]:
        """Find a patient by name, birth date, sex and address while the mode is open.

        RuleRefusedError when the mode is not open or an item is missing; several hits are all returned.
        """
        now = self._clock.now()
        if not any(grant.is_open(now) for grant in self._store.of_institution(organisation_id)):
            raise RuleRefusedError(
                "The system-failure mode is not open for this institution. Ask the centre to open it."
            )
        missing = [name for name in NEEDED if not items.get(name, "").strip()]
        if missing:
            raise RuleRefusedError(
                f"The search needs name, birth date, sex and address; missing: {', '.join(missing)}."
            )
        given = LinkItems(**{name: items[name] for name in NEEDED})
        born = by_law(self._store.people_born(birth_date), self._clock.today(), rules=self._rules)
        return [one for one in born if one.restriction != "ALL" and self._fits(given, one)]

    @staticmethod
    def _fits(given: LinkItems, held: Qualification) -> bool:
        born = held.birth_date.isoformat() if held.birth_date else ""
        found = compare_entry(given, EntryItems(held.kanji_name, held.kana_name, born, held.sex, held.address))
        return all(one.state.agrees for one in (found.kanji_name, found.birth_date, found.sex, found.address))

    def report_due(self, grant: Grant) -> date | None:
        """The day by which an opening that was used has to be reported on; None when nothing is due."""
        if grant.opened_until is None or grant.reported_at is not None:
            return None
        return grant.opened_until.date() + timedelta(days=self._rules.count("outage.report_days", self._clock.today()))
