"""What is published about wrong links, and the questions that came in, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from himozuke.incident.figures import WrongLink
from himozuke.incident.letter_store import Publication
from himozuke.incident.store import SEPARATOR

Row = dict[str, Any]

# Reads incident_case. One row per case confirmed wrong.
_WRONG = """
SELECT case_id, known_on, viewings, corrected_on, cause, origin = 'duplicate_check' AS by_duplicate_check
FROM incident_case
WHERE is_wrong AND known_on IS NOT NULL AND organisation_id = acting_organisation()
ORDER BY known_on, case_id
"""

_VERSION = """
SELECT version, as_of, published_on, published_by, reason, figures, said
FROM case_publication
WHERE organisation_id = acting_organisation()
"""

# Writes case_publication. One row.
_ADD = """
INSERT INTO case_publication (
    organisation_id, version, as_of, published_on, published_at, published_by, reason, figures, said, token
)
VALUES (
    %(organisation_id)s, %(version)s, %(as_of)s, %(published_on)s, %(at)s, %(published_by)s, %(reason)s, %(figures)s,
    %(said)s, %(token)s
)
"""

# Writes call_intake. One row, none when the form was taken already.
_CALL = """
INSERT INTO call_intake (organisation_id, at, channel, category, note, link_id, taken_by, token)
VALUES (%(organisation_id)s, %(at)s, %(channel)s, %(category)s, %(note)s, %(link_id)s, %(taken_by)s, %(token)s)
ON CONFLICT (organisation_id, token) DO NOTHING
RETURNING call_id
"""


class PostgresPublications:
    """Versions of the published figures; satisfies ``PublicationStore``."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def wrong_links(self) -> Sequence[WrongLink]:
        """Every case of the actor's organisation confirmed wrong."""
        return [WrongLink(**row) for row in self._connection.execute(_WRONG)]

    def versions(self) -> Sequence[Publication]:
        """Every version, the newest first; two who publish at once wait for each other."""
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('case_publication'))")
        rows = self._connection.execute((_VERSION + "ORDER BY version DESC").encode())
        return [Publication(**row) for row in rows]

    def taken_as(self, token: str) -> str | None:
        """The token under which this form was taken already, with the digest of its content; None for a new one."""
        return _taken_as(self._connection, "case_publication", token)

    def by_token(self, token: str) -> Publication | None:
        """The version a form made, if it was taken already."""
        row = self._connection.execute((_VERSION + "AND token = %s").encode(), [token]).fetchone()
        return Publication(**row) if row else None

    def add(self, publication: Publication, *, organisation_id: int, at: datetime, token: str | None) -> None:
        """Keep a version."""
        values = {
            "organisation_id": organisation_id,
            "version": publication.version,
            "as_of": publication.as_of,
            "published_on": publication.published_on,
            "at": at,
            "published_by": publication.published_by,
            "reason": publication.reason,
            "figures": Jsonb(dict(publication.figures)),
            "said": Jsonb(dict(publication.said)),
            "token": token,
        }
        self._connection.execute(_ADD, values)


class PostgresCalls:
    """Questions that came in; satisfies ``CallStore``."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def taken_as(self, token: str) -> str | None:
        """The token under which this form was taken already, as for a case; two who send it at once wait."""
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('call_intake'), hashtext(%s))", [_own(token)])
        return _taken_as(self._connection, "call_intake", token)

    def add_call(self, call: Mapping[str, object]) -> tuple[int, Mapping[str, Any] | None]:
        """Write a call down; its id, and the call as it stands when its form was taken already."""
        row = self._connection.execute(_CALL, call).fetchone()
        if row is not None:
            return int(row["call_id"]), None
        query = (
            "SELECT call_id, case_id FROM call_intake WHERE organisation_id = %(organisation_id)s AND token = %(token)s"
        )
        standing = self._connection.execute(query, call).fetchone()
        assert standing is not None  # noqa: S101 - the row the insert met
        return int(standing["call_id"]), standing

    def calls(self, *, limit: int, offset: int) -> tuple[Sequence[Mapping[str, object]], int]:
        """A page of calls, the newest first, and how many there are."""
        query = """
        SELECT call_id, at, channel, category, note, link_id, case_id, taken_by, count(*) OVER () AS total
        FROM call_intake
        ORDER BY call_id DESC
        LIMIT %s OFFSET %s
        """
        rows = self._connection.execute(query, [limit, offset]).fetchall()
        return rows, int(rows[0]["total"]) if rows else 0

    def count_by_category(self, *, since: date) -> Mapping[str, int]:
        """How many calls of each category came in since a day."""
        query = "SELECT category, count(*) AS calls FROM call_intake WHERE at >= %s GROUP BY category"
        return {row["category"]: int(row["calls"]) for row in self._connection.execute(query, [since])}

    def join_case(self, call_id: int, case_id: int) -> None:
        """Note which case a call led to."""
        self._connection.execute("UPDATE call_intake SET case_id = %s WHERE call_id = %s", [case_id, call_id])


def _taken_as(connection: Connection[Row], table: str, token: str) -> str | None:
    query = sql.SQL(
        "SELECT token FROM {} WHERE organisation_id = acting_organisation() AND split_part(token, %s, 1) = %s LIMIT 1"
    ).format(sql.Identifier(table))
    row = connection.execute(query, [SEPARATOR, _own(token)]).fetchone()
    return str(row["token"]) if row else None


def _own(token: str) -> str:
    """The form's own part of a token, without the digest of its content."""
    return token.split(SEPARATOR, maxsplit=1)[0]
