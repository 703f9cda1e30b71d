"""The questions a help desk answered, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from himozuke.eligibility.help_desk import HelpCall, TakenCall

_CALL = tuple(one.name for one in fields(HelpCall))

# Reads help_call. One row per question.
_READ = f"""
SELECT help_call_id, at, called_on, taken_by, closed_at, closed_by, {", ".join(_CALL)}
FROM help_call
"""  # noqa: S608  # names of our own columns
_ADD = f"""
INSERT INTO help_call (organisation_id, at, called_on, taken_by, {", ".join(_CALL)})
VALUES (%(organisation_id)s, %(at)s, %(on)s, %(by)s, {", ".join(f"%({name})s" for name in _CALL)})
RETURNING help_call_id
"""  # noqa: S608  # names of our own columns
_WAITING = f"""
{_READ}
WHERE outcome = 'follow_up' AND closed_at IS NULL AND follow_up_on <= %s
ORDER BY follow_up_on, help_call_id
"""
# Reads help_call. One row per month and category, in this order.
_BY_MONTH = """
SELECT to_char(called_on, 'YYYY-MM') AS month, category, count(*) AS calls, sum(minutes) AS minutes
FROM help_call
WHERE called_on >= %s
GROUP BY month, category
ORDER BY month, category
"""


class PostgresHelpCalls:
    """Satisfies ``HelpCallStore``."""

    def __init__(self, connection: Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def add(self, organisation_id: int, call: HelpCall, *, at: datetime, on: date, by: str) -> int:
        """Keep a question and return its id."""
        values = {"organisation_id": organisation_id, "at": at, "on": on, "by": by, **asdict(call)}
        row = self._connection.execute(_ADD.encode(), values).fetchone()
        assert row is not None  # noqa: S101  # an insert returns its row
        return int(row["help_call_id"])

    def newest(self, *, limit: int) -> Sequence[TakenCall]:
        """The newest questions first."""
        query = f"{_READ} ORDER BY help_call_id DESC LIMIT %s"
        return [_taken(row) for row in self._connection.execute(query.encode(), [limit])]

    def waiting(self, *, until: date) -> Sequence[TakenCall]:
        """Questions to come back to by a day, the most urgent first."""
        return [_taken(row) for row in self._connection.execute(_WAITING.encode(), [until])]

    def close(self, help_call_id: int, *, at: datetime, by: str) -> bool:
        """Note that what was promised was done; False where nothing waits."""
        query = (
            "UPDATE help_call SET closed_at = %s, closed_by = %s "
            "WHERE help_call_id = %s AND outcome = 'follow_up' AND closed_at IS NULL"
        )
        return self._connection.execute(query, [at, by, help_call_id]).rowcount > 0

    def by_month(self, *, since: date) -> Sequence[tuple[str, str, int, int]]:
        """Month (2026-04), category, how many, minutes in all; by month and category."""
        rows = self._connection.execute(_BY_MONTH, [since])
        return [(row["month"], row["category"], int(row["calls"]), int(row["minutes"])) for row in rows]


def _taken(row: Mapping[str, Any]) -> TakenCall:
    call = HelpCall(**{name: row[name] for name in _CALL})
    return TakenCall(
        row["help_call_id"], row["at"], row["called_on"], row["taken_by"], row["closed_at"], row["closed_by"], call
    )
