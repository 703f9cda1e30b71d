"""Arrow tables on disk as they stand in memory: mapped, never decoded, and taken back by the system when it needs room."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa


def write(table: pa.Table, path: Path) -> None:
    """Write a table; a file of this name that somebody has mapped stays whole for them."""
    part = path.with_suffix(".part")
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    part.replace(path)


def read(path: Path) -> pa.Table:
    """Map a table; the map goes with it and with all that was cut from it."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
