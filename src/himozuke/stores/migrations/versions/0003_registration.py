"""Migration: registration."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0003_registration"
down_revision = "0002_resident_register"


def upgrade() -> None:
    """Make the tables."""
    run_file(revision)
