"""Migration: the counter."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0007_counter"
down_revision = "0006_eligibility"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
