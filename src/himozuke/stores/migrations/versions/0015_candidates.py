"""Migration: candidates of a link in one round trip."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0015_candidates"
down_revision = "0014_compared_again"


def upgrade() -> None:
    """Put one function in the place of another."""
    run_file(revision)
