"""Many rows in one statement: as JSON in, as a set of rows inside the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

Rows = Connection[dict[str, Any]]


def insert_rows(
    connection: Rows, table: str, types: Mapping[str, str], rows: Sequence[Mapping[str, object]], *, key: str
) -> list[int]:
    """Insert rows whose columns have these types; their ids (column ``key``), in order.

    Ids are taken beforehand, so that the order is sure. A bytea column is given as bytes.
    """
    if not rows:
        return []
    ids = take_ids(connection, table, key, len(rows))
    names = [key, *types]
    insert = sql.SQL(
        "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM jsonb_to_recordset({rows}) AS given ({columns})"
    ).format(
        table=sql.Identifier(table),
        names=_joined(names),
        values=sql.SQL(", ").join(_value(name, types.get(name, "bigint")) for name in names),
        columns=sql.SQL(", ").join(_column(name, types.get(name, "bigint")) for name in names),
        rows=sql.Placeholder("rows"),
    )
    given = [{key: id_, **{name: _plain(row[name]) for name in types}} for id_, row in zip(ids, rows, strict=True)]
    connection.execute(insert, {"rows": Jsonb(given)})
    return ids


def take_ids(connection: Rows, table: str, key: str, count: int) -> list[int]:
    """The next ids of a table, in rising order."""
    found = connection.execute(
        "SELECT nextval(pg_get_serial_sequence(%(table)s, %(key)s)) AS id FROM generate_series(1, %(count)s)",
        {"table": table, "key": key, "count": count},
    )
    return [int(row["id"]) for row in found]


def _joined(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _value(name: str, kind: str) -> sql.Composed:
    if kind == "bytea":
        return sql.SQL("decode({}, 'hex')").format(sql.Identifier(name))
    if kind == "text[]":
        return sql.SQL("ARRAY(SELECT jsonb_array_elements_text({}))").format(sql.Identifier(name))
    return sql.SQL("{}").format(sql.Identifier(name))


def _column(name: str, kind: str) -> sql.Composed:
    given = {"bytea": "text", "text[]": "jsonb"}.get(kind, kind)
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(given))


def _plain(value: object) -> object:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
