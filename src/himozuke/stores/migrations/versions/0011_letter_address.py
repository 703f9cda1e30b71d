"""Migration: which printed documents say where somebody lives."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0011_letter_address"
down_revision = "0016_certificates"


def upgrade() -> None:
    """Add the column and fill it for the documents that stand."""
    run_file(revision)
