"""Loading the resident register: rows are staged part by part, and the day appears all at once or not at all.

A load that was killed goes on after the last part that was kept. Source: S60; R-JLIS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple, Protocol

from psycopg import Cursor, sql
from psycopg.errors import LockNotAvailable

from himozuke.errors import ConflictError, InputRejectedError
from himozuke.in_order import in_order
from himozuke.ports.tables import RowBatch, TableReader
from himozuke.stores import register_apply as apply
from himozuke.stores.audit import PostgresAuditLog
from himozuke.stores.database import Database, Rows
from himozuke.stores.register_columns import copied, staged_people
from himozuke.stores.vault import Vault, version_of

_BATCH_ROWS = 100_000
_STAGING = ("resident_staged", "resident_form_staged")
_LOCK = 4_810_302  # any number that nobody else locks
#: Of the people of a register so many may be missing from the next snapshot (1 in so many); more is a cut-off file.
_LEAST_PEOPLE_PER_LOSS = 50
_FREELY_LOST = 10
SNAPSHOT, CHANGES = "snapshot", "changes"

# Writes nothing. The evidence of a load names the program as the one who acted.
_ACT = "SELECT set_config('himozuke.login', 'system:register_load', true)"

# Indexes and joins over a whole register need more room than a request.
_MORE_MEMORY = "SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '256MB'"

# Reads the catalogue. One row per index that a first load makes afterwards.
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename IN ('resident', 'resident_form') AND indexname <> 'resident_pkey'
ORDER BY indexname
"""

# Writes register_load: how far the staging of a file has come.
_MARK = """
UPDATE register_load SET rows_staged = rows_staged + %(rows)s, last_row = %(last_row)s WHERE load_id = %(load_id)s
"""

# Reads register_load. One row: what a file that stands already came to.
_DONE = """
SELECT people, people_added AS added, people_changed AS changed, people_gone AS gone, rows_quarantined AS quarantined
FROM register_load
WHERE file_digest = %(digest)s AND as_of = %(as_of)s AND kind = %(kind)s AND state = 'applied'
"""

# Reads register_load. One row: the day the register stands at.
_LATEST = "SELECT as_of FROM register_load WHERE state = 'applied' ORDER BY as_of DESC LIMIT 1"

# Writes register_load: the file stands. One row: how many people the register holds.
_CLOSE = """
UPDATE register_load
SET state = 'applied', applied_at = %(at)s, people_added = %(added)s, people_changed = %(changed)s,
    people_gone = %(gone)s, rows_quarantined = %(quarantined)s,
    people = %(added)s - %(gone)s + coalesce((
        SELECT before.people FROM register_load AS before
        WHERE before.state = 'applied' ORDER BY before.as_of DESC, before.load_id DESC LIMIT 1
    ), 0)
WHERE load_id = %(load_id)s
RETURNING people
"""


class Progress(Protocol):
    """Where a load says what it is doing."""

    def phase(self, name: str, total: int | None = None) -> None:
        """A phase of work begins."""

    def advance(self, rows: int) -> None:
        """So many more rows are done."""


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file to load: ``kind`` is ``snapshot`` (everybody) or ``changes`` (the new rows of those who changed)."""

    kind: str
    as_of: date
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to; ``is_repeated``: the same file stood already, nothing was done."""

    is_repeated: bool
    people: int
    added: int
    changed: int
    gone: int
    quarantined: int


class _Part(NamedTuple):
    """Folded and sealed rows of one part, ready to be copied: columns and lines of both tables."""

    people: tuple[Sequence[str], bytes]
    forms: tuple[Sequence[str], bytes]
    rows: int
    last_row: int


class RegisterLoader:
    """Loads files into the register, one at a time."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        progress: Progress,
        *,
        threads: int = 2,
        batch_rows: int = _BATCH_ROWS,
        wait: str = "10s",
    ) -> None:
        """Load into a database, sealing with a vault.

        ``batch_rows`` are kept at a time while staging; ``wait`` is how long another load is waited for.
        """
        self._wait = wait
        self._batch_rows = batch_rows
        self._database = database
        self._vault = vault
        self._progress = progress
        self._threads = threads

    def load(self, reader: TableReader, file: RegisterFile, *, accept_losses: bool = False) -> Loaded:
        """Load one file; the same file twice does nothing.

        ConflictError when another load runs, when the file is older than the register, when changes come
        before any snapshot, while keys are being rotated, and when a snapshot lacks more people than leave
        in a day, unless losses are accepted. InputRejectedError when no row can be understood.
        """
        with self._alone() as connection:
            standing = _standing(connection, file)
            if standing:
                return standing
            self._refuse_during_rotation(connection)
            load_id, last_row = self._begun(connection, file)
            self._stage(connection, reader, file, load_id=load_id, after=last_row)
            found = self._apply(connection, reader, file, load_id=load_id, accept_losses=accept_losses)
            self._tidy(connection)
            return found

    @contextmanager
    def _alone(self) -> Iterator[Rows]:
        """One load at a time; the session of one that was killed gives its lock back within moments."""
        with self._database.maintenance() as connection:
            connection.execute(sql.SQL("SET lock_timeout = {}").format(self._wait))
            try:
                connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            except LockNotAvailable:
                raise ConflictError(
                    "Another load of the register is running. Wait until it is done, then load again."
                ) from None
            connection.execute("RESET lock_timeout")
            try:
                yield connection
            finally:
                if not connection.closed:
                    connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

    def _refuse_during_rotation(self, connection: Rows) -> None:
        """A number is found by its seal: all of the register must stand under the key of today."""
        active = self._vault.ring.read().active
        for order in ("ASC", "DESC"):
            row = connection.execute(
                sql.SQL(
                    "SELECT individual_number_sealed AS sealed FROM resident ORDER BY individual_number_sealed {} LIMIT 1"
                ).format(sql.SQL(order))
            ).fetchone()
            if row and version_of(row["sealed"]) != active:
                raise ConflictError(
                    "The register is sealed under more than one key. Finish `himozuke keys rotate`, then load again."
                )

    def _begun(self, connection: Rows, file: RegisterFile) -> tuple[int, int]:
        """The load of this file and the last row it has staged; what other loads left half done goes."""
        with connection.transaction():
            row = connection.execute(
                "SELECT load_id, rows_staged, last_row FROM register_load "
                "WHERE file_digest = %s AND as_of = %s AND kind = %s AND state = 'staging'",
                [file.digest, file.as_of, file.kind],
            ).fetchone()
            if row and _staged_rows(connection, row["load_id"]) == row["rows_staged"]:
                return row["load_id"], row["last_row"]
            connection.execute("TRUNCATE resident_staged, resident_form_staged")
            connection.execute("DELETE FROM register_load WHERE state = 'staging'")
            begun = connection.execute(
                "INSERT INTO register_load (kind, as_of, file_name, file_digest, begun_at) "
                "VALUES (%s, %s, %s, %s, %s) RETURNING load_id",
                [file.kind, file.as_of, file.name, file.digest, self._database.clock.now()],
            ).fetchone()
        return _first(begun, "load_id"), 0

    def _stage(self, connection: Rows, reader: TableReader, file: RegisterFile, *, load_id: int, after: int) -> None:
        """Fold, seal and copy the rows; each part is kept together with the mark of how far it goes."""
        self._progress.phase("register_stage")
        fold = partial(_folded, self._vault, load_id, after)
        batches = reader.batches(on=file.as_of, batch_rows=self._batch_rows)
        for part in in_order(fold, batches, threads=self._threads):
            if part is None:
                continue
            with connection.transaction(), connection.cursor() as cursor, _copied_into(cursor):
                _copy(cursor, "resident_staged", *part.people)
                _copy(cursor, "resident_form_staged", *part.forms)
                cursor.execute(_MARK, {"rows": part.rows, "last_row": part.last_row, "load_id": load_id})
            self._progress.advance(part.rows)

    def _apply(
        self, connection: Rows, reader: TableReader, file: RegisterFile, *, load_id: int, accept_losses: bool
    ) -> Loaded:
        """Make the day, with its history and its evidence, in one transaction."""
        given = {"load_id": load_id, "as_of": file.as_of}
        with connection.transaction():
            connection.execute(_ACT)
            connection.execute(_MORE_MEMORY)
            connection.execute("ANALYZE resident_staged, resident_form_staged")  # else whole files meet row by row
            _set_aside_repeated(connection, reader, file, given)
            if not _staged_rows(connection, load_id):
                raise InputRejectedError(
                    f"{file.name} holds no row that can be understood; the register stays as it is. "
                    "Check the file, or say which column is which (--mapping)."
                )
            if connection.execute("SELECT resident_id FROM resident LIMIT 1").fetchone():
                figures = self._merge(connection, file, given, accept_losses=accept_losses)
            else:
                figures = self._fill(connection, given)
            connection.execute(apply.FORGET_DEATHS)
            connection.execute(apply.KEEP_DEATHS)
            quarantined = reader.rows_quarantined
            closing = given | figures | {"quarantined": quarantined, "at": self._database.clock.now()}
            people = _first(connection.execute(_CLOSE, closing).fetchone(), "people")
            PostgresAuditLog(connection, self._database.clock).record(
                "register.load",
                subject="register_load",
                subject_id=load_id,
                details={"kind": file.kind, "as_of": file.as_of.isoformat(), "people": people, **figures},
            )
        return Loaded(
            is_repeated=False,
            people=people,
            added=figures["added"],
            changed=figures["changed"],
            gone=figures["gone"],
            quarantined=quarantined,
        )

    def _fill(self, connection: Rows, given: Mapping[str, object]) -> dict[str, int]:
        """The first register: rows first, indexes afterwards."""
        self._progress.phase("register_apply")
        connection.execute("LOCK TABLE resident, resident_form IN ACCESS EXCLUSIVE MODE")
        indexes = connection.execute(_INDEXES).fetchall()
        for index in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index["indexname"])))
        added = connection.execute(apply.FILL, given).rowcount
        connection.execute(apply.FILL_FORMS, given)
        connection.execute(apply.NEXT_ID)
        self._progress.phase("register_index", total=len(indexes))
        for index in indexes:
            connection.execute(index["indexdef"].encode())
            self._progress.advance(1)
        connection.execute(apply.NOTE_EVERY_LINK, given)
        return {"added": added, "changed": 0, "gone": 0}

    def _merge(
        self, connection: Rows, file: RegisterFile, given: Mapping[str, object], *, accept_losses: bool
    ) -> dict[str, int]:
        """A later day: what changed, who is new, and, with a snapshot, who is gone."""
        self._progress.phase("register_apply")
        connection.execute(apply.MATCH, given)
        connection.execute("CREATE INDEX ON matched (resident_id); ANALYZE matched")
        connection.execute(apply.MATCH_GONE if file.kind == SNAPSHOT else apply.NOBODY_GONE)
        row = connection.execute(apply.COUNT).fetchone() or {}
        if file.kind == SNAPSHOT and not accept_losses:
            _refuse_losses(row["gone"], row["before"])
        for statement in (
            apply.NOTE_LINKS,
            apply.REMEMBER,
            apply.FORGET_FORMS,
            apply.FORGET,
            apply.CHANGE,
            apply.ADD,
            apply.ADD_FORMS,
        ):
            connection.execute(statement, given)
        return {name: int(row[name]) for name in ("added", "changed", "gone")}

    def _tidy(self, connection: Rows) -> None:
        """Room back, figures for the planner, and pages that index-only look-ups can trust."""
        self._progress.phase("register_tidy")
        connection.execute("TRUNCATE resident_staged, resident_form_staged")
        connection.execute("VACUUM (ANALYZE) resident, resident_form")


def _folded(vault: Vault, load_id: int, after: int, batch: RowBatch) -> _Part | None:
    last_row = batch.typed.column("row")[-1].as_py()
    if last_row <= after:
        return None
    people, forms = staged_people(batch, vault, load_id=load_id)
    return _Part((people.column_names, copied(people)), (forms.column_names, copied(forms)), people.num_rows, last_row)


@contextmanager
def _copied_into(cursor: Cursor[dict[str, Any]]) -> Iterator[None]:
    """Let the owner copy into the staging tables, in one transaction that nobody else sees.

    PostgreSQL copies into no table whose row-level security holds for the one who copies; an owner who is no
    superuser would have to insert row by row. For the service's own role it holds all the time.
    """
    for table in _STAGING:
        cursor.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    yield
    for table in _STAGING:
        cursor.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(sql.Identifier(table)))


def _copy(cursor: Cursor[dict[str, Any]], table: str, columns: Sequence[str], lines: bytes) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)
    with cursor.copy(statement) as copy:
        copy.write(lines)


def _standing(connection: Rows, file: RegisterFile) -> Loaded | None:
    """What this very file came to, if it stands already. ConflictError when a later day, or none, stands."""
    given = {"digest": file.digest, "as_of": file.as_of, "kind": file.kind}
    row = connection.execute(_DONE, given).fetchone()
    if row:
        return Loaded(is_repeated=True, **row)
    latest = connection.execute(_LATEST).fetchone()
    if latest is None and file.kind == CHANGES:
        raise ConflictError(
            f"{file.name} holds changes, but there is no register they could change. "
            "Load a snapshot first: himozuke register load FILE --snapshot --as-of DATE"
        )
    if latest and latest["as_of"] > file.as_of:
        raise ConflictError(
            f"{file.name} is of {file.as_of}, but the register stands at {latest['as_of']} already. "
            "An older day is not put over a newer one; load the files in the order of their days."
        )
    return None


def _staged_rows(connection: Rows, load_id: int) -> int:
    row = connection.execute("SELECT count(*) AS rows FROM resident_staged WHERE load_id = %s", [load_id]).fetchone()
    return _first(row, "rows")


def _set_aside_repeated(connection: Rows, reader: TableReader, file: RegisterFile, given: Mapping[str, object]) -> None:
    """No number belongs to two people of one day; of several changes of one person the last one holds."""
    if file.kind == CHANGES:
        connection.execute(apply.DROP_OVERTAKEN, given)
        taken = sorted(row["row"] for row in connection.execute(apply.DROP_TAKEN, given))
        if taken:
            reader.set_aside(taken, column="individual_number", code="number_held")
    else:
        repeated = sorted(row["row"] for row in connection.execute(apply.DROP_REPEATED, given))
        if repeated:
            reader.set_aside(repeated, column="individual_number", code="number_twice")
    connection.execute(apply.DROP_FORMS, given)


def _refuse_losses(gone: int, before: int) -> None:
    if gone > max(_FREELY_LOST, before // _LEAST_PEOPLE_PER_LOSS):
        raise ConflictError(
            f"Of {before:,} people in the register {gone:,} are missing from this snapshot, more than leave in a day; "
            "every link of theirs would be refuted. Check that the file is whole. If it is, load it with "
            "--accept-losses."
        )


def _first(row: dict[str, Any] | None, column: str) -> int:
    if row is None:
        raise LookupError(column)
    return int(row[column])
