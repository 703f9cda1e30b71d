"""Migration: campaign."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0005_campaign"
down_revision = "0004_incident"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
