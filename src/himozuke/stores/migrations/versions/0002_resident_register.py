"""Migration: resident register."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0002_resident_register"
down_revision = "0001_foundation"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
