"""Migration: foundation, on top of the tables of the job queue."""

from procrastinate.schema import SchemaManager

from himozuke.stores.migrations.run_sql import run_file, run_text

revision = "0001_foundation"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    run_text(SchemaManager.get_schema())
    run_file(revision)
