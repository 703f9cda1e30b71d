"""Migration: consents to certificates."""

from himozuke.stores.migrations.run_sql import run_file

revision = "0016_certificates"
down_revision = "0012_income"


def upgrade() -> None:
    """Allow the two items in consents and in the access log."""
    run_file(revision)
