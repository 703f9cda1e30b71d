"""Which key versions the database knows, how much stands under each, and sealing everything anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from himozuke.errors import ConflictError, InputRejectedError, SchemaError, UpstreamDownError
from himozuke.stores.audit import PostgresAuditLog
from himozuke.stores.database import Database
from himozuke.stores.vault import KeyRing, fingerprint, reseal

ROTATION = "keys.rotate"  # append-only tables let this act through: it changes no fact
_BLOCKS_AT_ONCE = 64
_SECONDS_OF_PATIENCE = 600.0
_SECONDS_BETWEEN_LOOKS = 0.2

# Reads the catalog. One row per column of sealed values, in whichever table of ours.
_COLUMNS = """
SELECT class.oid AS table_oid, class.relname AS table_name, attribute.attname AS column_name,
       format_type(attribute.atttypid, NULL) AS type
FROM pg_attribute AS attribute
JOIN pg_class AS class ON class.oid = attribute.attrelid
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = 'public'
    AND class.relkind = 'r'
    AND NOT attribute.attisdropped
    AND attribute.attname LIKE '%%\\_sealed'
ORDER BY class.relname, attribute.attnum
"""


# Reads the activity of the server. One row: how many other transactions of this database began before a moment.
_EARLIER = """
SELECT count(*) AS count
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < %(at)s
"""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose values are sealed."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """How many values of a column stand under a key version."""

    table: str
    column: str
    version: int
    values: int


Tell = Callable[[str, int], None]  # the column at work, values sealed anew so far


def sealed_columns(connection: Connection[dict[str, Any]]) -> list[SealedColumn]:
    """Every column named …_sealed, found in the catalog; SchemaError for one that cannot be sealed anew."""
    found = connection.execute(_COLUMNS).fetchall()
    for row in found:
        if row["type"] != "bytea":
            raise SchemaError(
                f"{row['table_name']}.{row['column_name']} is {row['type']}: a sealed column must be bytea, "
                "or rotating keys would pass it over."
            )
    return [SealedColumn(row["table_name"], row["column_name"]) for row in found]


def note_keys(connection: Connection[dict[str, Any]], ring: KeyRing, now: datetime) -> None:
    """Note the versions of the key file; UpstreamDownError when the data were sealed under other keys."""
    known = {
        row["version"]: bytes(row["fingerprint"])
        for row in connection.execute("SELECT version, fingerprint FROM key_version")
    }
    keys = ring.read()
    for version, print_of in known.items():
        if version in keys.keys and fingerprint(keys.keys[version]) != print_of:
            raise UpstreamDownError(
                f"The key file {ring.path} is not the one this database was sealed with: version {version} differs. "
                "Put the right file there, or set HIMOZUKE_KEY_FILE."
            )
        if version not in keys.keys:
            raise UpstreamDownError(
                f"The key file {ring.path} lacks version {version}, under which values of this database may stand. "
                "Put a newer copy of the file there."
            )
    for version in keys.keys.keys() - known.keys():
        connection.execute(
            "INSERT INTO key_version (version, fingerprint, noted_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [version, fingerprint(keys.keys[version]), now],
        )


def count_by_version(connection: Connection[dict[str, Any]]) -> list[ColumnCount]:
    """How many values stand under which version, by column."""
    counts = []
    for each in sealed_columns(connection):
        query = sql.SQL(
            "SELECT get_byte({column}, 0) AS version, count(*) AS count FROM {table} "
            "WHERE length({column}) > 0 GROUP BY 1 ORDER BY 1"
        ).format(column=sql.Identifier(each.column), table=sql.Identifier(each.table))
        counts += [
            ColumnCount(each.table, each.column, row["version"], row["count"]) for row in connection.execute(query)
        ]
    return counts


class Rotation:
    """Seals every value anew under the newest key, a few blocks a transaction, while everybody goes on working.

    Killed in the middle, it is called again and passes over what is done. ``patience``: seconds to wait for
    transactions that began under the older key; when they outlast it, that key goes on being looked up.
    """

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        *,
        tell: Tell = lambda _column, _count: None,
        patience: float = _SECONDS_OF_PATIENCE,
    ) -> None:
        self._database = database
        self._ring = ring
        self._tell = tell
        self._patience = patience
        self._done = 0

    def run(self) -> int:
        """Seal until nothing stands under an older key, then retire the older keys; returns how many values."""
        with self._database.maintenance() as connection:
            connection.execute("SELECT set_config('himozuke.act', %s, false)", [ROTATION])
            connection.execute("SELECT set_config('himozuke.login', 'system:keys', false)")
            note_keys(connection, self._ring, self._database.clock.now())
            self._write(connection, "begin")
            columns = sealed_columns(connection)
            self._seal_all(connection, columns)
            # Whoever began before the key was there may have sealed under the old one and not kept it yet.
            is_over = self._wait_for_earlier(connection)
            self._seal_all(connection, columns)
            if is_over:
                self._check_nothing_is_left(connection)
                self._retire(connection)
            self._write(connection, "end")
        return self._done

    def _seal_all(self, connection: Connection[dict[str, Any]], columns: Sequence[SealedColumn]) -> None:
        while sum(self._seal_column(connection, column) for column in columns):
            pass

    def _wait_for_earlier(self, connection: Connection[dict[str, Any]]) -> bool:
        began = connection.execute("SELECT clock_timestamp() AS at").fetchone()
        until = time.monotonic() + self._patience
        while True:
            row = connection.execute(_EARLIER, began).fetchone()
            if row is None or row["count"] == 0:
                return True
            if time.monotonic() > until:
                return False
            self._tell("(waiting for transactions that began earlier)", self._done)
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _seal_column(self, connection: Connection[dict[str, Any]], column: SealedColumn) -> int:
        size = connection.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::bigint AS blocks", [column.table]
        ).fetchone()
        blocks = int(size["blocks"]) if size else 0
        sealed = 0
        for block in range(0, blocks, _BLOCKS_AT_ONCE):
            with connection.transaction():
                sealed += self._seal_blocks(connection, column, block)
            self._tell(f"{column.table}.{column.column}", self._done)
        return sealed

    def _seal_blocks(self, connection: Connection[dict[str, Any]], column: SealedColumn, block: int) -> int:
        names = {"table": sql.Identifier(column.table), "column": sql.Identifier(column.column)}
        rows = connection.execute(
            sql.SQL(
                "SELECT ctid::text AS place, {column} AS sealed FROM {table} "
                "WHERE ctid >= %(first)s::tid AND ctid < %(after)s::tid "
                "AND length({column}) > 0 AND get_byte({column}, 0) <> %(active)s FOR NO KEY UPDATE"
            ).format(**names),
            {
                "first": f"({block},0)",
                "after": f"({block + _BLOCKS_AT_ONCE},0)",
                "active": self._ring.read().active,
            },
        ).fetchall()
        if not rows:
            return 0
        anew = [(row["place"], self._anew(column, row)) for row in rows]
        changed = connection.execute(
            sql.SQL(
                "UPDATE {table} AS target SET {column} = anew.sealed "
                "FROM unnest(%(places)s::tid[], %(sealed)s::bytea[]) AS anew (place, sealed) "
                "WHERE target.ctid = anew.place"
            ).format(**names),
            {"places": [place for place, _ in anew], "sealed": [sealed for _, sealed in anew]},
        ).rowcount
        self._done += changed
        return changed

    def _anew(self, column: SealedColumn, row: Mapping[str, Any]) -> bytes:
        try:
            return reseal(self._ring, bytes(row["sealed"]))
        except InputRejectedError as error:
            raise ConflictError(
                f"{column.table}.{column.column}, row at {row['place']}: {error} Nothing more is sealed anew until "
                "this row is looked into; what is done stays done."
            ) from None

    def _check_nothing_is_left(self, connection: Connection[dict[str, Any]]) -> None:
        active = self._ring.read().active
        left = [count for count in count_by_version(connection) if count.version != active]
        if left:
            where = ", ".join(f"{count.table}.{count.column} ({count.values})" for count in left)
            raise ConflictError(
                f"Values still stand under an older key and could not be changed: {where}. "
                "The older key stays in use; look at the policies and triggers of these tables."
            )

    def _retire(self, connection: Connection[dict[str, Any]]) -> None:
        keys = self._ring.read()
        older = frozenset(keys.keys.keys() - {keys.active} - keys.retired)
        self._ring.retire(older)
        connection.execute(
            "UPDATE key_version SET retired_at = %s WHERE version = ANY(%s) AND retired_at IS NULL",
            [self._database.clock.now(), list(older)],
        )

    def _write(self, connection: Connection[dict[str, Any]], moment: str) -> None:
        details: Mapping[str, object] = {
            "moment": moment,
            "version": self._ring.read().active,
            "values": self._done,
        }
        with connection.transaction():
            audit = PostgresAuditLog(connection, self._database.clock)
            audit.record(ROTATION, subject="key", subject_id=self._ring.read().active, details=details)


def is_rotation_due(counts: Sequence[ColumnCount], active: int) -> bool:
    """Tell whether some value stands under an older key: a rotation was not finished."""
    return any(count.version != active for count in counts)
