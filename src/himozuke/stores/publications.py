"""Published versions and the figures behind them in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.campaign.process_class import CLASSES
from himozuke.campaign.publications import Published, Tables
from himozuke.campaign.published import (
    FIGURES,
    Change,
    ClassRow,
    ClassTable,
    Period,
    PeriodTable,
    Publication,
    SchemeFigures,
    add_up,
)

Row = dict[str, Any]

# Reads campaign_survey and organisation. One row per body: its strictest class, null while anything is unanswered.
_CLASSES = """
SELECT body.code,
       CASE WHEN count(survey.answered_at) = count(*) THEN min(survey.process_class) END AS process_class
FROM campaign_survey AS survey
JOIN organisation AS body USING (organisation_id)
WHERE survey.campaign_id = %s
GROUP BY body.code
ORDER BY body.code
"""

# Reads inspection_run. One row per body and scheme: its last finished run.
_LAST_RUNS = """
SELECT DISTINCT ON (scheme, organisation_id) scheme, figures
FROM inspection_run
WHERE campaign_id = %s
  AND state = 'done'
ORDER BY scheme, organisation_id, run_id DESC
"""

_VERSIONS = """
SELECT version, as_of, reason, figures, changes, tables
FROM publication
WHERE campaign_id = %s
ORDER BY version
"""


class PostgresPublications:
    """The store of publications in one transaction."""

    def __init__(self, connection: Connection[Row], scheme_names: Mapping[str, tuple[str, str]]) -> None:
        """Name schemes in Japanese and English."""
        self._connection = connection
        self._names = scheme_names

    def class_table(self, campaign_id: int) -> ClassTable:
        """Bodies by class, by their strictest survey."""
        counts = dict.fromkeys(CLASSES, 0)
        unanswered = []
        for row in self._connection.execute(_CLASSES, (campaign_id,)):
            if row["process_class"] is None:
                unanswered.append(row["code"])
            else:
                counts[row["process_class"]] += 1
        total = sum(counts.values())
        rows = (ClassRow(number, bodies, _percent(bodies, total)) for number, bodies in counts.items())
        return ClassTable(tuple(rows), total, tuple(unanswered))

    def periods(self, campaign_id: int) -> tuple[Sequence[Period], str]:
        """Spans of discovery in order, and the printed sum of uses."""
        rows = self._connection.execute(
            "SELECT first_on, last_on, wrong, viewed, uses, note FROM campaign_period WHERE campaign_id = %s ORDER BY first_on",
            (campaign_id,),
        )
        uses = self._connection.execute(
            "SELECT uses_printed FROM campaign WHERE campaign_id = %s", (campaign_id,)
        ).fetchone()
        return [Period(*row.values()) for row in rows], uses["uses_printed"] if uses else ""

    def keep_periods(self, campaign_id: int, organisation_id: int, periods: Sequence[Period], uses: str) -> None:
        """Put these spans in place of those kept."""
        self._connection.execute("DELETE FROM campaign_period WHERE campaign_id = %s", (campaign_id,))
        self._connection.execute("UPDATE campaign SET uses_printed = %s WHERE campaign_id = %s", (uses, campaign_id))
        with self._connection.cursor() as cursor:
            cursor.executemany(
                """
                INSERT INTO campaign_period (
                    campaign_id, organisation_id, first_on, last_on, wrong, viewed, uses, note
                )
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                """,
                [
                    (campaign_id, organisation_id, one.first, one.last, one.wrong, one.viewed, one.uses, one.note)
                    for one in periods
                ],
            )

    def scheme_figures(self, campaign_id: int) -> Sequence[SchemeFigures]:
        """The last finished inspection of every body and scheme, added up by scheme."""
        rows = self._connection.execute(_LAST_RUNS, (campaign_id,))
        return add_up(
            (row["scheme"], *self._names.get(row["scheme"], (row["scheme"],) * 2), _figures(row["figures"]))
            for row in rows
        )

    def versions(self, campaign_id: int) -> Sequence[Published]:
        """Every version, the oldest first."""
        return [_published(row) for row in self._connection.execute(_VERSIONS, (campaign_id,))]

    def add(self, campaign_id: int, published: Published, *, organisation_id: int, at: datetime, by: str) -> None:
        """Keep a version with its tables."""
        one = published.publication
        self._connection.execute(
            """
            INSERT INTO publication (
                campaign_id, version, organisation_id, as_of, reason, figures, changes, tables, published_at, published_by
            )
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            (
                campaign_id,
                one.version,
                organisation_id,
                one.as_of,
                one.reason,
                Jsonb(dict(one.figures)),
                Jsonb([asdict(change) for change in one.changes]),
                Jsonb(_tables(published.tables)),
                at,
                by,
            ),
        )


def _percent(bodies: int, total: int) -> float:
    return round(100 * bodies / total, 1) if total else 0.0


def _figures(found: Mapping[str, int]) -> Mapping[str, int]:
    return {name: int(found.get(name, 0)) for name in FIGURES}


def _tables(tables: Tables) -> Mapping[str, object]:
    """The tables as JSON can hold them."""
    kept = asdict(tables)
    for period in (kept["periods"] or {}).get("periods", ()):
        period["first"], period["last"] = period["first"].isoformat(), period["last"].isoformat()
    return kept


def _published(row: Row) -> Published:
    kept = row["tables"]
    classes, periods = kept["classes"], kept["periods"]
    return Published(
        Publication(
            version=row["version"],
            as_of=row["as_of"],
            reason=row["reason"],
            figures=row["figures"],
            changes=tuple(Change(**one) for one in row["changes"]),
        ),
        Tables(
            classes=ClassTable(
                tuple(ClassRow(**one) for one in classes["rows"]), classes["total"], tuple(classes["unanswered"])
            )
            if classes
            else None,
            periods=PeriodTable(
                tuple(_period(one) for one in periods["periods"]), periods["wrong"], periods["viewed"], periods["uses"]
            )
            if periods
            else None,
            schemes=tuple(SchemeFigures(**one) for one in kept["schemes"]),
        ),
    )


def _period(found: Mapping[str, Any]) -> Period:
    days = {name: date.fromisoformat(found[name]) for name in ("first", "last")}
    return Period(**{**found, **days})
