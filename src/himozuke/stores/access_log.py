"""Who viewed what, and the logs taken over from the payment fund, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from himozuke.incident.exposure import Interval, LogCover, LoggedViewing
from himozuke.incident.log_import import HeldViewing, Imported, MemberKey, ReadViewing, RowProblem

Row = dict[str, Any]
SOURCE = "payment_fund"
_JAPAN = ZoneInfo("Asia/Tokyo")

# Reads access_log of one link. One row per viewing, oldest first.
_VIEWINGS = """
SELECT access_id, at, institution_code, institution_name, viewer, items, consent, source
FROM access_log
WHERE link_id = %(link_id)s AND at >= %(since)s AND at < %(until)s
ORDER BY at, access_id
"""

# Reads access_log_file. One row per file that touches the interval.
_COVERS = """
SELECT covers_from, covers_to
FROM access_log_file
WHERE covers_to >= %(since)s::date AND covers_from <= %(until)s::date
ORDER BY covers_from
"""

# Reads link. One row per link of a member, oldest first.
_LINKS = """
SELECT link.insurer_number, link.symbol, link.number, link.branch, link.link_id, link.organisation_id, link.registered_at
FROM link
JOIN unnest(%(insurers)s::text[], %(symbols)s::text[], %(numbers)s::text[], %(branches)s::text[])
     AS asked (insurer_number, symbol, number, branch) USING (insurer_number, symbol, number, branch)
ORDER BY link.registered_at, link.link_id
"""

# Reads access_log. One row per record that is held already.
_HELD = """
SELECT source_key, at, link_id, institution_code, items, consent
FROM access_log
WHERE source = %(source)s AND source_key = ANY(%(keys)s)
"""

# Writes access_log. One row per viewing that was not held before.
_WRITE = """
INSERT INTO access_log (
    at, link_id, organisation_id, institution_code, institution_name, viewer, items, consent, source, source_key
)
VALUES (
    %(at)s, %(link_id)s, %(organisation_id)s, %(institution_code)s, %(institution_name)s, %(viewer)s, %(items)s,
    %(consent)s, %(source)s, %(source_key)s
)
ON CONFLICT (source, source_key) WHERE source_key IS NOT NULL DO NOTHING
"""

# Writes access_log_file. One row.
_FILE = """
INSERT INTO access_log_file (
    organisation_id, name, digest, covers_from, covers_to, rows_read, rows_taken, rows_held_already, rows_refused,
    imported_at, imported_by
)
VALUES (
    %(organisation_id)s, %(name)s, %(digest)s, %(covers_from)s, %(covers_to)s, %(rows_read)s, %(rows_taken)s,
    %(rows_held_already)s, %(rows_refused)s, %(imported_at)s, %(imported_by)s
)
RETURNING file_id
"""


class PostgresAccessLog:
    """The viewings an actor may see, and the import of the fund's log; satisfies ``AccessLog`` and ``LogImportStore``."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def viewings(self, link_id: int, interval: Interval) -> list[LoggedViewing]:
        """Viewings of a link in an interval, oldest first."""
        values = {"link_id": link_id, "since": interval.since, "until": interval.until}
        return [LoggedViewing(**row) for row in self._connection.execute(_VIEWINGS, values)]

    def covers(self, interval: Interval) -> list[LogCover]:
        """The days the logs taken over from the payment fund speak of, as far as they touch the interval."""
        rows = self._connection.execute(_COVERS, {"since": interval.since, "until": interval.until})
        return [
            LogCover(
                datetime.combine(row["covers_from"], time.min, _JAPAN),
                datetime.combine(row["covers_to"] + timedelta(days=1), time.min, _JAPAN),
            )
            for row in rows
        ]

    def links_of(self, members: Sequence[MemberKey]) -> Mapping[MemberKey, Sequence[tuple[int, int, datetime]]]:
        """Links by member: link id, organisation id, registered at, oldest first."""
        values = {
            "insurers": [member.insurer_number for member in members],
            "symbols": [member.symbol for member in members],
            "numbers": [member.number for member in members],
            "branches": [member.branch for member in members],
        }
        found: dict[MemberKey, list[tuple[int, int, datetime]]] = {}
        for row in self._connection.execute(_LINKS, values):
            key = MemberKey(row["insurer_number"], row["symbol"], row["number"], row["branch"])
            found.setdefault(key, []).append((row["link_id"], row["organisation_id"], row["registered_at"]))
        return found

    def held(self, record_ids: Sequence[str]) -> Mapping[str, HeldViewing]:
        """What is held already of the fund's records, by their number."""
        rows = self._connection.execute(_HELD, {"source": SOURCE, "keys": list(record_ids)})
        return {
            row["source_key"]: (
                row["at"],
                row["link_id"],
                row["institution_code"],
                frozenset(row["items"]),
                row["consent"],
            )
            for row in rows
        }

    def write(self, viewings: Sequence[tuple[ReadViewing, int, int]]) -> int:
        """Write viewings with link id and organisation id; how many were not held before."""
        with self._connection.cursor() as cursor:
            cursor.executemany(
                _WRITE,
                [
                    {
                        "at": viewing.at,
                        "link_id": link_id,
                        "organisation_id": organisation_id,
                        "institution_code": viewing.institution_code,
                        "institution_name": viewing.institution_name,
                        "viewer": viewing.viewer,
                        "items": list(viewing.items),
                        "consent": viewing.consent,
                        "source": SOURCE,
                        "source_key": viewing.record_id,
                    }
                    for viewing, link_id, organisation_id in viewings
                ],
            )
            return max(cursor.rowcount, 0)

    def write_file(self, imported: Mapping[str, object], problems: Sequence[RowProblem]) -> int:
        """Write down the file and its bad rows; its id."""
        row = self._connection.execute(_FILE, imported).fetchone()
        assert row is not None  # noqa: S101 - INSERT … RETURNING gives its row
        file_id = int(row["file_id"])
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO access_log_problem (file_id, organisation_id, line, column_name, code)"
                " VALUES (%s, %s, %s, %s, %s)",
                [(file_id, imported["organisation_id"], one.line, one.column, one.code) for one in problems],
            )
        return file_id

    def files(self, *, limit: int = 50) -> list[Row]:
        """The log files taken over by the actor's organisation, the newest first."""
        query = """
        SELECT file_id, name, covers_from, covers_to, rows_read, rows_taken, rows_held_already, rows_refused,
               imported_at, imported_by
        FROM access_log_file
        ORDER BY file_id DESC
        LIMIT %s
        """
        return self._connection.execute(query, [limit]).fetchall()

    def file(self, file_id: int) -> Imported | None:
        """One file with its bad rows; None when it is not the actor's."""
        query = "SELECT * FROM access_log_file WHERE file_id = %s"
        row = self._connection.execute(query, [file_id]).fetchone()
        if row is None:
            return None
        problems = self._connection.execute(
            "SELECT line, column_name, code FROM access_log_problem WHERE file_id = %s ORDER BY line", [file_id]
        )
        found = [RowProblem(one["line"], one["column_name"], one["code"]) for one in problems]
        counts = (row["rows_read"], row["rows_taken"], row["rows_held_already"])
        return Imported(file_id, row["name"], *counts, found)
