"""What a campaign publishes: tables from surveys, periods and inspections, each change a version with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from himozuke.campaign.published import (
    ClassTable,
    Period,
    PeriodTable,
    Publication,
    SchemeFigures,
    period_table,
    published_figures,
    revise,
)
from himozuke.errors import ConflictError, NotFoundError
from himozuke.ports.actor import Actor
from himozuke.ports.office import AuditLog, Clock


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one publication as they stood on its day."""

    classes: ClassTable | None
    periods: PeriodTable | None
    schemes: tuple[SchemeFigures, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """One version with its tables."""

    publication: Publication
    tables: Tables


class PublicationStore(Protocol):
    """Where published versions and the figures behind them are kept."""

    def class_table(self, campaign_id: int) -> ClassTable:
        """Bodies by class, by their strictest survey; a body with an unanswered survey is listed."""

    def periods(self, campaign_id: int) -> tuple[Sequence[Period], str]:
        """Spans of discovery in order, and the printed sum of uses."""

    def keep_periods(self, campaign_id: int, organisation_id: int, periods: Sequence[Period], uses: str) -> None:
        """Put these spans in place of those kept."""

    def scheme_figures(self, campaign_id: int) -> Sequence[SchemeFigures]:
        """The last finished inspection of every body and scheme, added up by scheme."""

    def versions(self, campaign_id: int) -> Sequence[Published]:
        """Every version, the oldest first."""

    def add(self, campaign_id: int, published: Published, *, organisation_id: int, at: datetime, by: str) -> None:
        """Keep a version."""


class Publications:
    """The publication desk of one actor within one transaction."""

    def __init__(self, store: PublicationStore, *, actor: Actor, clock: Clock, audit: AuditLog) -> None:
        self._store = store
        self._actor = actor
        self._clock = clock
        self._audit = audit

    def tables(self, campaign_id: int) -> Tables:
        """The tables as they would be published at this moment."""
        periods, uses = self._store.periods(campaign_id)
        found = period_table(periods) if periods else None
        return Tables(
            classes=self._store.class_table(campaign_id),
            periods=PeriodTable(found.periods, found.wrong, found.viewed, uses) if found else None,
            schemes=tuple(self._store.scheme_figures(campaign_id)),
        )

    def set_periods(self, campaign_id: int, periods: Sequence[Period], printed_sum: Period | None) -> PeriodTable:
        """Replace the spans of discovery; InputRejectedError when they overlap or do not add up. Source: S73, S84."""
        table = period_table(periods, printed_sum)
        if self._actor.organisation_id is None:
            raise ConflictError("Only an office keeps periods.")
        self._store.keep_periods(campaign_id, self._actor.organisation_id, table.periods, table.uses)
        self._audit.record(
            "campaign.set_periods",
            subject="campaign",
            subject_id=campaign_id,
            details={"periods": len(table.periods), "wrong": table.wrong, "viewed": table.viewed},
        )
        return table

    def publish(self, campaign_id: int, *, as_of: date, reason: str) -> Publication:
        """Publish the tables as they stand, as a new version.

        UsageError when published figures change and no reason is given, or the day goes back;
        ConflictError when nothing would change. Source: S71, S73, S77.
        """
        tables = self.tables(campaign_id)
        former = [one.publication for one in self._store.versions(campaign_id)]
        figures = published_figures(tables.classes, tables.periods, tables.schemes)
        history = revise(former, figures, as_of=as_of, reason=reason)
        if len(history) == len(former) or self._actor.organisation_id is None:
            raise ConflictError("No figure has changed since the last version of the same day.")
        current = history[-1]
        self._store.add(
            campaign_id,
            Published(current, tables),
            organisation_id=self._actor.organisation_id,
            at=self._clock.now(),
            by=self._actor.login,
        )
        self._audit.record(
            "campaign.publish",
            subject="campaign",
            subject_id=campaign_id,
            details={"version": current.version, "as_of": str(as_of), "changes": len(current.changes)},
        )
        return current

    def versions(self, campaign_id: int) -> Sequence[Published]:
        """Every version, the oldest first."""
        return self._store.versions(campaign_id)

    def version(self, campaign_id: int, version: int) -> tuple[Published, Sequence[Publication]]:
        """One version and the history up to it; NotFoundError when there is none."""
        versions = [one for one in self._store.versions(campaign_id) if one.publication.version <= version]
        if not versions or versions[-1].publication.version != version:
            raise NotFoundError(f"There is no version {version}.")
        return versions[-1], [one.publication for one in versions]
