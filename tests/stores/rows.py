"""Makes a row of any table of ours for an organisation, out of the catalog: nobody has to remember a new table."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

_NUMBERS = itertools.count(1)
_WORD = re.compile(r"'((?:[^']|'')*)'::text")

# Reads the catalog. One row per column, in order.
_COLUMNS = """
SELECT attribute.attname AS name, format_type(attribute.atttypid, NULL) AS type, attribute.attnotnull AS is_needed,
       attribute.atthasdef AS has_default, attribute.attidentity <> '' AS is_identity,
       attribute.attgenerated <> '' AS is_generated
FROM pg_attribute AS attribute
WHERE attribute.attrelid = %s::regclass AND attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY attribute.attnum
"""
# Reads the catalog. One row per foreign key of one column.
_PARENTS = """
SELECT attribute.attname AS name, parent.relname AS parent, other.attname AS parent_column
FROM pg_constraint AS constraints
JOIN pg_attribute AS attribute ON attribute.attrelid = constraints.conrelid AND attribute.attnum = ANY(constraints.conkey)
JOIN pg_class AS parent ON parent.oid = constraints.confrelid
JOIN pg_attribute AS other ON other.attrelid = constraints.confrelid
    AND other.attnum = constraints.confkey[array_position(constraints.conkey, attribute.attnum)]
WHERE constraints.conrelid = %s::regclass AND constraints.contype = 'f'
"""
_CHECKS = """
SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'
"""

_COUNTS = ("rows_", "in_scope", "inspected", "confirmed_", "corrected", "viewed", "wrong", "to_ask")

#: What the catalog cannot tell: values that a condition over several columns asks for.
HINTS: dict[str, dict[str, Any]] = {
    "help_call": {"outcome": "answered", "minutes": 5},
    "organisation": {"kind": "insurer"},
    "user_account": {"role": "insurer_clerk"},
}


@dataclass(slots=True)
class RowMaker:
    """Makes rows as the owner of the tables, together with the rows they point to."""

    connection: Connection[dict[str, Any]]
    made: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def row(self, table: str, organisation_id: int) -> dict[str, Any]:
        """A row of a table that belongs to an organisation, made once."""
        key = (table, organisation_id)
        if key not in self.made:
            self.made[key] = self._insert(table, organisation_id)
        return self.made[key]

    def _insert(self, table: str, organisation_id: int) -> dict[str, Any]:
        values = self._values(table, organisation_id)
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(map(sql.Placeholder, values))
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING *").format(sql.Identifier(table), names, places)
        try:
            row = self.connection.execute(query, values).fetchone()
        except psycopg.Error as error:
            raise AssertionError(f"No row of {table} could be made; give it a hint in rows.py: {error}") from error
        assert row is not None
        return row

    def _values(self, table: str, organisation_id: int) -> dict[str, Any]:
        parents = {row["name"]: row for row in self.connection.execute(_PARENTS, [table])}
        checks = [row["text"] for row in self.connection.execute(_CHECKS, [table])]
        values: dict[str, Any] = {}
        for column in self.connection.execute(_COLUMNS, [table]).fetchall():
            name = column["name"]
            hint = HINTS.get(table, {})
            if name in hint:
                values[name] = hint[name]
            elif name == "organisation_id" and table != "organisation":
                values[name] = organisation_id
            elif column["is_identity"] or column["is_generated"] or column["has_default"] or not column["is_needed"]:
                continue
            elif name in parents:
                parent = parents[name]
                values[name] = self.row(parent["parent"], organisation_id)[parent["parent_column"]]
            else:
                values[name] = _value(column["type"], name, checks)
        return values


def _value(kind: str, name: str, checks: list[str]) -> object:
    for check in checks if kind == "text" else ():
        if re.search(rf"\b{name}\b", check) and (words := _WORD.findall(check)):
            return words[0]
    number = next(_NUMBERS)
    plain: dict[str, object] = {
        "text": f"{name} {number}",
        "bigint": 0 if name.startswith(_COUNTS) else number,
        "integer": 0 if name.startswith(_COUNTS) else number,
        "smallint": 1,
        "boolean": False,
        "bytea": number.to_bytes(8),
        "jsonb": Jsonb({}),
        "date": "2026-04-01",
        "timestamp with time zone": "2026-04-01T09:00:00+09:00",
        "text[]": [],
        "uuid": f"00000000-0000-0000-0000-{number:012d}",
    }
    return plain[kind]
