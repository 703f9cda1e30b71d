"""Migration: searching however a name is written, and notices that mend another."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0018_found_again"
down_revision = "0013_judged_again"


def upgrade() -> None:
    """Make the functions and columns."""
    run_file(revision)
