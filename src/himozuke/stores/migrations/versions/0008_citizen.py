"""Migration: citizens."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0008_citizen"
down_revision = "0006_eligibility"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
