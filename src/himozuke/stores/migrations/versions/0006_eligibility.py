"""Migration: eligibility."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0006_eligibility"
down_revision = "0005_campaign"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
