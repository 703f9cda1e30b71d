"""The version of the schema: bringing it up to date, and refusing to work with another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import Connection
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from himozuke.errors import SchemaError

_LOCK = 4_810_300  # any number that nobody else locks
_REMEDY = "himozuke database upgrade"
_OLDEST = 170000  # backups are put back with the settings of this version


def migrate(conninfo: str) -> None:
    """Run every migration that is missing, all in one transaction; two at once wait for each other.

    SchemaError on a server older than PostgreSQL 17.
    """
    with psycopg.connect(conninfo, autocommit=True) as waiting:
        if waiting.info.server_version < _OLDEST:
            raise SchemaError(
                f"The server is PostgreSQL {waiting.info.server_version // 10_000}; the program needs "
                f"{_OLDEST // 10_000} or newer. Use a newer server, or the database in the data folder."
            )
        waiting.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=StaticPool)
        try:
            with engine.connect() as connection:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
        finally:
            engine.dispose()


def grant_defaults(connection: Connection[Any]) -> None:
    """Let tables that later migrations make be used by the service; a restored database has forgotten it."""
    connection.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO himozuke_app"
    )
    connection.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO himozuke_app")


def version(connection: Connection[dict[str, Any]]) -> str | None:
    """The version the database is of; None for an empty one."""
    found = connection.execute("SELECT to_regclass('public.alembic_version') AS found").fetchone()
    if found is None or found["found"] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row["version_num"])


def head() -> str:
    """The version this program works with."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise SchemaError("The program carries no migrations; install it again.")
    return found


def check(connection: Connection[dict[str, Any]]) -> None:
    """SchemaError unless the database is of the version this program works with."""
    found, wanted = version(connection), head()
    if found == wanted:
        return
    if found is None:
        raise SchemaError(f"The database is empty. Run: {_REMEDY}")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found in known:
        raise SchemaError(f"The database is of version {found}, the program needs {wanted}. Run: {_REMEDY}")
    raise SchemaError(
        f"The database is of version {found}, which this program ({wanted}) does not know: "
        "it was made by a newer one. Install that version of himozuke."
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
