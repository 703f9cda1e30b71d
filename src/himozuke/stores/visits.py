"""The visits at an institution's counter, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.eligibility.visits import Variant, Visit
from himozuke.errors import NotFoundError
from himozuke.ports.office import Clock

_COLUMNS = tuple(one.name for one in fields(Visit))
_WRITTEN = tuple(name for name in _COLUMNS if name != "visit_id")
_KEPT = tuple(name for name in _WRITTEN if name not in {"visited_on", "began_at", "by_login", "channel"})
_JSON = frozenset({"shown", "own_items", "states", "entries"})

# Reads visit. One row per visit.
_READ = f"SELECT {', '.join(_COLUMNS)} FROM visit"  # noqa: S608  # names of our own columns
_ADD = f"""
INSERT INTO visit (organisation_id, {", ".join(_WRITTEN)})
VALUES (%(organisation_id)s, {", ".join(f"%({name})s" for name in _WRITTEN)})
RETURNING visit_id
"""  # noqa: S608  # names of our own columns
_KEEP = f"""
UPDATE visit SET {", ".join(f"{name} = %({name})s" for name in _KEPT)}
WHERE visit_id = %(visit_id)s
"""  # noqa: S608  # names of our own columns
_KEEP_VARIANT = """
INSERT INTO accepted_variant (organisation_id, link_id, item, own_value, answered_value, accepted_at, accepted_by)
VALUES (%(organisation_id)s, %(link_id)s, %(item)s, %(own_value)s, %(answered_value)s, %(at)s, %(by)s)
ON CONFLICT (organisation_id, link_id, item) DO UPDATE SET
    own_value = excluded.own_value, answered_value = excluded.answered_value,
    accepted_at = excluded.accepted_at, accepted_by = excluded.accepted_by
"""


class PostgresVisits:
    """Visits the actor may see."""

    def __init__(self, connection: Connection[dict[str, Any]], clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, organisation_id: int, visit: Visit) -> int:
        """Keep a visit and return its id."""
        row = self._connection.execute(_ADD, _row(visit) | {"organisation_id": organisation_id}).fetchone()
        assert row is not None  # noqa: S101  # an insert returns its row
        return int(row["visit_id"])

    def find(self, visit_id: int, *, of: int | None = None) -> Visit:
        """A visit, locked; NotFoundError when it is not there or belongs to another institution than ``of``."""
        query = (
            f"{_READ} WHERE visit_id = %(visit_id)s AND organisation_id = coalesce(%(of)s, organisation_id) FOR UPDATE"
        )
        row = self._connection.execute(query.encode(), {"visit_id": visit_id, "of": of}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no visit {visit_id}.")
        return Visit(**row)

    def keep(self, visit: Visit) -> None:
        """Keep what has become of a visit."""
        self._connection.execute(_KEEP, _row(visit))

    def of_day(self, organisation_id: int, day: date) -> Sequence[Visit]:
        """The visits of a day, latest first."""
        statement = f"{_READ} WHERE organisation_id = %s AND visited_on = %s ORDER BY visit_id DESC LIMIT 200"
        return [Visit(**row) for row in self._connection.execute(statement.encode(), [organisation_id, day])]

    def variants(self, organisation_id: int, link_id: int) -> Sequence[Variant]:
        """What was accepted for a person before."""
        rows = self._connection.execute(
            "SELECT item, own_value, answered_value FROM accepted_variant WHERE organisation_id = %s AND link_id = %s",
            [organisation_id, link_id],
        )
        return [Variant(**row) for row in rows]

    def keep_variant(self, organisation_id: int, link_id: int, variant: Variant, *, by: str) -> None:
        """Remember a variant."""
        told = {"item": variant.item, "own_value": variant.own_value, "answered_value": variant.answered_value}
        whose = {"organisation_id": organisation_id, "link_id": link_id, "at": self._clock.now(), "by": by}
        self._connection.execute(_KEEP_VARIANT, told | whose)


def _row(visit: Visit) -> dict[str, Any]:
    row = {name: getattr(visit, name) for name in _COLUMNS}
    return {name: _as_json(value) if name in _JSON else _as_list(value) for name, value in row.items()}


def _as_json(value: object) -> Jsonb:
    return Jsonb(dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, Sequence) else value)


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
