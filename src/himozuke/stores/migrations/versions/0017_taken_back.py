"""Migration: surveys given out in error are taken back."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0017_taken_back"
down_revision = "0011_letter_address"


def upgrade() -> None:
    """Let headquarters remove a survey that was never answered."""
    run_file(revision)
