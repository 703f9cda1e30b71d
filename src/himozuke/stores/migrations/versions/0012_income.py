"""Migration: pay and income, which tell the share of older people."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0012_income"
down_revision = "0015_candidates"


def upgrade() -> None:
    """Add the columns; the pay of notices that stand is filled in."""
    run_file(revision)
