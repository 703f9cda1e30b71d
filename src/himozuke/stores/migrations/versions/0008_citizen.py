"""Migration: citizens."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0008_citizen"
down_revision = "0007_counter"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
