"""The resident register of the database as a prepared folder, made once for each load and kept."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from himozuke.engines.register import PreparedRegister, open_prepared
from himozuke.entrypoints.inspecting import Options, prepare_register
from himozuke.entrypoints.wiring import Office
from himozuke.errors import ConflictError
from himozuke.ports.actor import Actor
from himozuke.stores.register_export import export_register, register_version


def prepared_register(office: Office, day: date) -> PreparedRegister:
    """The register of a day, folded; made from the table unless it was made before from the same load.

    ConflictError when the table has moved on to another day and no folder of the asked day is left,
    UpstreamDownError when no register is loaded.
    """
    with office.database.transaction(Actor.system("inspection")) as work:
        version = register_version(work)
    folders = office.settings.data / "registers"
    kept = sorted(folders.glob(f"{day:%Y%m%d}-*"), key=_load_of, reverse=True)
    if version.as_of != day:
        found = open_prepared(kept[0]) if kept else None
        if found is None:
            raise ConflictError(
                f"The register stands at {version.as_of}, no longer at {day}. Inspect the file again on {version.as_of}."
            )
        return found
    folder = folders / f"{day:%Y%m%d}-{version.load_id}"
    return open_prepared(folder) or _make(office, folder, day)


def _make(office: Office, folder: Path, day: date) -> PreparedRegister:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as place:
        path = Path(place) / "register.parquet"
        with office.database.transaction(Actor.system("inspection")) as work:
            export_register(work, office.vault, path)
        options = Options(threads=office.settings.threads, cache=folder.parent)
        return prepare_register(path, on=day, options=options, folder=folder)


def _load_of(folder: Path) -> int:
    return int(folder.name.rpartition("-")[2])
