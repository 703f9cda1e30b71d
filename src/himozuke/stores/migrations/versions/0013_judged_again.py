"""Migration: what was answered is judged again whenever it is shown."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0013_judged_again"
down_revision = "0017_taken_back"


def upgrade() -> None:
    """Drop finished answers, and note when a visit was first opened."""
    run_file(revision)
