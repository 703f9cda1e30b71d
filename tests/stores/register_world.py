"""A resident register in the database of a test."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
from database_fixture import SmallWorld

from himozuke.gateways.tables import digest, open_register
from himozuke.identity.individual_number import IndividualNumber
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
    loader = RegisterLoader(office.database, office.vault, Silence(), threads=1, batch_rows=3)
    return loader.load(open_register(table), file, accept_losses=accept_losses)


def people_in(office: SmallWorld) -> dict[str, dict[str, object]]:
    """Everybody in the register of today, by number."""
    with office.system_work() as work:
        rows = work.connection.execute("SELECT * FROM resident").fetchall()
    return {office.vault.open(row["individual_number_sealed"]).reveal(): row for row in rows}


def history_of(office: SmallWorld, number: str) -> list[dict[str, object]]:
    """What somebody's row was before, oldest first, found by a number of theirs."""
    with office.system_work() as work:
        return work.connection.execute(
            "SELECT * FROM resident_history WHERE resident_id IN ("
            "SELECT resident_id FROM resident_history WHERE individual_number_sealed = ANY(%s)"
            ") ORDER BY held_until",
            [office.vault.look_up(IndividualNumber(int(number)))],
        ).fetchall()
