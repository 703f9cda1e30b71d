"""Migration: links that are compared again because the register changed."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0014_compared_again"
down_revision = "0010_death"


def upgrade() -> None:
    """Make the table."""
    run_file(revision)
