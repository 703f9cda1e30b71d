"""Migration: incident."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0004_incident"
down_revision = "0003_registration"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
