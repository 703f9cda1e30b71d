"""Runs the SQL file of a migration."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from psycopg import Connection

FOLDER = Path(__file__).parent


def run_file(revision: str) -> None:
    """Run ``<revision>.sql`` in the transaction of the migration."""
    run_text((FOLDER / f"{revision}.sql").read_text(encoding="utf-8"))


def run_text(statements: str) -> None:
    """Run several statements as they stand, signs of percent included."""
    connection = op.get_bind().connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError(connection)
    with connection.cursor() as cursor:
        cursor.execute(statements.encode())
