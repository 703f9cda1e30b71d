"""``himozuke database``: the version of the schema, backups, and how things stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from psycopg.conninfo import conninfo_to_dict

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.settings import Settings, environment_with, load
from himozuke.stores import schema
from himozuke.stores.database import Database

database_app = App(name="database", help="The database of the service. / サービスのデータベース。")

Data = Annotated[Path | None, Parameter(help="Folder for the data; HIMOZUKE_DATA by default.")]
_FINDINGS = 3


@database_app.command
def upgrade(*, data: Data = None) -> None:
    """Bring the schema to the version of this program; make database and keys where there are none.

    データベースをこのプログラムの版に更新する。
    """
    from himozuke.stores.key_versions import note_keys
    from himozuke.stores.vault import KeyRing

    settings = load(environment_with(data=data))
    with Database.open(settings) as database:
        with database.maintenance() as connection:
            before = schema.version(connection)
        database.migrate()
        ring = KeyRing.open_or_make(settings.key_file.expanduser())
        with database.maintenance() as connection:
            note_keys(connection, ring, database.clock.now())
    print(f"{before or '(empty)'} → {schema.head()}" if before != schema.head() else f"{before}: nothing to do")


@database_app.command
def status(*, data: Data = None, format: Format = "table") -> int:
    """Show where the database is, its version, its size, whether jobs are done, what is not sealed.

    データベースの状態を表示する。 Exit code 3 when something must be done.
    """
    from himozuke.stores.jobs import is_worker_alive

    settings = load(environment_with(data=data))
    facts: dict[str, object] = {"database": place(settings)}
    with Database.open(settings) as database, database.maintenance() as connection:
        found = schema.version(connection)
        facts |= {"schema": found or "(empty)", "program needs": schema.head()}
        size = connection.execute("SELECT pg_database_size(current_database()) AS bytes").fetchone()
        facts["bytes"] = size["bytes"] if size else 0
        if found == schema.head():
            facts["a worker is alive"] = is_worker_alive(connection)
            facts |= _evidence(database)
    show(("name", "value"), [{"name": name, "value": value} for name, value in facts.items()], format)
    return 0 if found == schema.head() else _FINDINGS


def _evidence(database: Database) -> dict[str, object]:
    from himozuke.ports.actor import Actor
    from himozuke.stores.evidence import heads_of
    from himozuke.stores.evidence_table import last_numbers_of
    from himozuke.stores.sealing import ROLE

    with database.transaction(Actor.system("status"), database_role=ROLE) as work:
        row = work.connection.execute("SELECT seal_id, heads FROM audit_seal ORDER BY seal_id DESC LIMIT 1").fetchone()
        written = sum(last_numbers_of(work.connection).values())
    sealed = sum(heads_of(row["heads"]).values()) if row else 0
    return {"records": written, "seals": row["seal_id"] if row else 0, "records not sealed yet": written - sealed}


@database_app.command
def backup(file: Path, *, data: Data = None) -> None:
    """Write database and files to FILE while the service may be at work; the keys are not in it.

    バックアップを取る（鍵は含まない）。
    """
    from himozuke.stores.backup import as_lines, back_up

    settings = load(environment_with(data=data))
    with Database.open(settings) as database:
        manifest = back_up(database, settings, file)
    for name, value in as_lines(manifest).items():
        print(f"{name}: {value}")
    print(f"Keep a copy of {settings.key_file} elsewhere: without it the backup cannot be read.")


@database_app.command
def restore(
    file: Path,
    *,
    data: Data = None,
    replace: Annotated[bool, Parameter(negative="", help="Put it in the place of the database that is there.")] = False,
) -> None:
    """Put a backup back, into an empty database or, with --replace, in the place of the one there.

    バックアップから復元する。
    """
    from himozuke.stores import backup as backups

    settings = load(environment_with(data=data))
    manifest = backups.restore(settings, file, replace=replace)
    for name, value in backups.as_lines(manifest).items():
        print(f"{name}: {value}")
    print("Restored. Run himozuke audit verify, then himozuke serve.")


def place(settings: Settings) -> str:
    """Where the database is, for people: never a password."""
    if not settings.database_url:
        return str(settings.data.expanduser() / "postgres")
    parts = conninfo_to_dict(settings.database_url)
    return f"{parts.get('dbname', '')} on {parts.get('host', 'localhost')}"
