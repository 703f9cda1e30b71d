"""A resident register in the database of a test."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
from database_fixture import SmallWorld

from himozuke.gateways.tables import digest, open_register
from himozuke.stores.register_loading import SNAPSHOT, Loaded, RegisterFile, RegisterLoader


class Silence:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, rows: int) -> None:
        """Say nothing."""


def load(
    office: SmallWorld, table: pa.Table, as_of: date, *, kind: str = SNAPSHOT, accept_losses: bool = False
) -> Loaded:
    """Load a table into the register of the office."""
    file = RegisterFile(kind, as_of, "register.csv", digest(table))
    loader = RegisterLoader(office.database, office.vault, Silence(), threads=1)
    return loader.load(open_register(table), file, accept_losses=accept_losses)
