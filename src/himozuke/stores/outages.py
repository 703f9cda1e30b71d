"""Openings of the system-failure mode, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from himozuke.eligibility.model import Qualification
from himozuke.eligibility.outage import Grant
from himozuke.errors import NotFoundError
from himozuke.stores.qualification_rows import qualification
from himozuke.stores.qualification_sql import HELD

# Reads outage_grant. One row per opening.
_READ = """
SELECT grant_id, outage.organisation_id, organisation.name AS institution_name,
       coalesce(institution.telephone, '') AS telephone, asked_by, reason, asked_at, called_back_at, called_back_by,
       opened_until, reported_at, report
FROM outage_grant AS outage
JOIN organisation USING (organisation_id)
LEFT JOIN institution USING (organisation_id)
"""
_KEEP = """
UPDATE outage_grant SET
    called_back_at = %(called_back_at)s, called_back_by = %(called_back_by)s, opened_until = %(opened_until)s,
    reported_at = %(reported_at)s, report = %(report)s
WHERE grant_id = %(grant_id)s
"""

# Reads the links of everybody born on a day, in any of the ways a day is written. One row per period of insurance.
_BORN = f"""
{HELD}
FROM link
JOIN qualification_period AS period USING (link_id)
JOIN organisation ON organisation.organisation_id = link.organisation_id
LEFT JOIN qualification_certificate AS certificate USING (period_id)
LEFT JOIN death USING (individual_number_sealed)
WHERE link.birth_date = ANY(%(written)s) AND link.state IN ('released', 'stopped') AND link.restriction <> 'ALL'
    AND (period.ended_on IS NULL OR period.ended_on > %(today)s)
ORDER BY link.link_id
"""


class PostgresOutages:
    """Openings of the mode the actor may see."""

    def __init__(self, connection: Connection[dict[str, Any]], today: date) -> None:
        self._connection = connection
        self._today = today

    def ask(self, organisation_id: int, *, by: str, reason: str, at: datetime) -> int:
        """Keep that an institution asked for the mode."""
        row = self._connection.execute(
            "INSERT INTO outage_grant (organisation_id, asked_by, reason, asked_at) VALUES (%s, %s, %s, %s) "
            "RETURNING grant_id",
            [organisation_id, by, reason, at],
        ).fetchone()
        assert row is not None  # noqa: S101  # an insert returns its row
        return int(row["grant_id"])

    def find(self, grant_id: int) -> Grant:
        """An opening, locked; NotFoundError when it is not there."""
        statement = f"{_READ} WHERE grant_id = %s FOR UPDATE OF outage".encode()
        row = self._connection.execute(statement, [grant_id]).fetchone()
        if row is None:
            raise NotFoundError(f"There is no opening {grant_id}.")
        return Grant(**row)

    def keep(self, grant: Grant) -> None:
        """Keep what has become of an opening."""
        self._connection.execute(_KEEP, asdict(grant))

    def of_institution(self, organisation_id: int) -> Sequence[Grant]:
        """The openings of an institution, latest first."""
        return self._grants("WHERE outage.organisation_id = %s ORDER BY grant_id DESC LIMIT 50", organisation_id)

    def waiting(self) -> Sequence[Grant]:
        """Those that wait for the call back, oldest first."""
        return self._grants("WHERE opened_until IS NULL ORDER BY grant_id LIMIT 200")

    def people_born(self, birth_date: date) -> Sequence[Qualification]:
        """Everybody insured who was born on a day, whose qualification may be shown."""
        written = [birth_date.isoformat(), f"{birth_date:%Y%m%d}"]
        rows = self._connection.execute(_BORN, {"written": written, "today": self._today}).fetchall()
        return [qualification(row) for row in rows]

    def _grants(self, rest: str, *values: object) -> list[Grant]:
        return [Grant(**row) for row in self._connection.execute(f"{_READ} {rest}".encode(), values)]
