"""Migration: those under protection are found without looking through the register."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0009_protected"
down_revision = "0008_citizen"


def upgrade() -> None:
    """Make the index."""
    run_file(revision)
