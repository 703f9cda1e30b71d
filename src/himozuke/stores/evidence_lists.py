"""The evidence of acts as an auditor reads it: newest first, filtered, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

PAGE = 50

# reads: audit_record with the organisation; one row per record, newest first; one more than a page
_RECORDS = """
SELECT
    r.writer_id,
    r.number,
    r.at,
    COALESCE(o.name, '') AS organisation,
    r.login,
    r.role,
    r.act,
    r.subject,
    r.subject_id,
    r.details
FROM audit_record AS r
LEFT JOIN organisation AS o USING (organisation_id)
WHERE (%(act)s = '' OR starts_with(r.act, %(act)s))
    AND (%(login)s = '' OR r.login = %(login)s)
    AND (%(subject)s = '' OR r.subject || ':' || r.subject_id = %(subject)s)
    AND (%(since)s::date IS NULL OR r.at >= %(since)s::date)
    AND (%(until)s::date IS NULL OR r.at < %(until)s::date + 1)
ORDER BY r.at DESC, r.writer_id DESC, r.number DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

# reads: audit_seal; one row: when the evidence was sealed last
_SEALED = """
SELECT max(sealed_at) AS sealed_at
FROM audit_seal
"""


@dataclass(frozen=True, slots=True)
class EvidenceFilter:
    """Which records: acts that begin so, of a login, of a subject (``case:17``), from day to day."""

    act: str = ""
    login: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One act of somebody."""

    writer_id: int
    number: int
    at: datetime
    organisation: str
    login: str
    role: str
    act: str
    subject: str
    subject_id: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceLists:
    """Reads as far as the actor may; row-level security shows an auditor every organisation."""

    connection: Connection[dict[str, Any]]

    def page(self, chosen: EvidenceFilter, page: int) -> tuple[Sequence[EvidenceRecord], bool]:
        """One page of records (the first is 1), and whether another follows."""
        rows = self.connection.execute(
            _RECORDS,
            {
                "act": chosen.act,
                "login": chosen.login,
                "subject": chosen.subject,
                "since": chosen.since,
                "until": chosen.until,
                "limit": PAGE + 1,
                "offset": (page - 1) * PAGE,
            },
        ).fetchall()
        return [EvidenceRecord(**row) for row in rows[:PAGE]], len(rows) > PAGE

    def sealed_at(self) -> datetime | None:
        """When the evidence was sealed last; None before the first seal."""
        row = self.connection.execute(_SEALED).fetchone()
        return row["sealed_at"] if row else None
