"""Loading a file into the resident register: open, load, write down what could not be understood."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from himozuke.errors import UsageError
from himozuke.gateways.tables import open_register, write_quarantine
from himozuke.settings import Settings
from himozuke.stores.clock import SystemClock
from himozuke.stores.database import Database
from himozuke.stores.key_versions import note_keys
from himozuke.stores.register_loading import Loaded, Progress, RegisterFile, RegisterLoader
from himozuke.stores.vault import KeyRing, Vault


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What to load, and how.

    ``quarantine`` is where rows that cannot be understood are listed; nothing is written where all can.
    """

    path: Path
    kind: str
    as_of: date
    quarantine: Path
    mapping: Path | None = None
    accept_losses: bool = False
    threads: int = 2


def load_register(order: LoadOrder, settings: Settings, progress: Progress) -> Loaded:
    """Load one file into the register of an installation.

    UsageError when there is no such file, InputRejectedError when it is no register; further errors as
    :meth:`himozuke.stores.register_loading.RegisterLoader.load`.
    """
    today = SystemClock().today()
    if order.as_of > today:
        raise UsageError(
            f"{order.path.name} cannot be of {order.as_of}: that day has not come (today is {today}), and every real "
            "day would be refused after it. Look at the year of --as-of."
        )
    reader = open_register(str(order.path), order.mapping)
    progress.phase("register_digest")
    columns = order.mapping.read_bytes() if order.mapping else b""
    digest = reader.digest if not columns else f"{reader.digest}-{hashlib.sha256(columns).hexdigest()[:16]}"
    file = RegisterFile(order.kind, order.as_of, order.path.name, digest)
    with Database.open(settings) as database:
        database.check_schema()
        ring = KeyRing.open_or_make(settings.key_file.expanduser())
        with database.maintenance() as connection:
            note_keys(connection, ring, database.clock.now())
        loader = RegisterLoader(database, Vault(ring), progress, threads=order.threads)
        found = loader.load(reader, file, accept_losses=order.accept_losses)
    if len(reader.quarantine):
        write_quarantine(order.quarantine, reader.quarantine)
    return found
