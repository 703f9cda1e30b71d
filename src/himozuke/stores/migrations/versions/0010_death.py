"""Migration: deaths the register knows of."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0010_death"
down_revision = "0009_protected"


def upgrade() -> None:
    """Make the table and fill it from the register that stands."""
    run_file(revision)
