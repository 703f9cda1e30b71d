"""Links on their way into an engine: whole numbers in dense columns, texts in Arrow files, part by part.

The list of parts appears only when all of them are whole, so a killed job never goes on with half of a
file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines import dense
from himozuke.engines.keys import fingerprint
from himozuke.identity.column import hash_rows, utf8_column
from himozuke.in_order import in_order
from himozuke.link.items import ITEMS
from himozuke.ports import TableReader, WriteQuarantine
from himozuke.schemes.model import Scheme

_BATCH_ROWS = 250_000
TEXTS = ("link_id", "scheme_number", *ITEMS, "operator", "batch")
#: What each link was read as, and how wide that is kept; days are yyyymmdd.
READ: dict[str, type[np.generic]] = {
    "row": np.int64,
    "number": np.int64,
    "check_ok": np.bool_,
    "birth": np.int32,
    "sex": np.int8,
    "acquired_by": np.uint8,
    "acquired_items": np.uint8,
    "acquired_hits": np.int32,
    "acquired_on": np.int32,
    "registered_on": np.int32,
    "valid_from": np.int32,
    "valid_to": np.int32,
}
#: All that is kept of each link as numbers: also the hashes that joins run on.
NUMBERS = READ | {"scheme_hash": np.uint64, "row_hash": np.uint64, "complete": np.bool_}


@dataclass(frozen=True, slots=True)
class StagedLinks:
    """The understood links of one file; ``starts`` has the index of the first link of each part."""

    folder: Path
    starts: tuple[int, ...]
    rows: int
    rows_read: int
    rows_quarantined: int
    quarantine_counts: dict[str, int]
    quarantine_reasons: dict[str, tuple[str, str]]
    glyph_findings: int

    def numbers(self, columns: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
        """Some of the columns NUMBERS of all links, in file order, mapped from disk."""
        return {name: dense.read(self.folder, name, NUMBERS[name]) for name in columns}

    def texts_of_part(self, part: int) -> pa.Table:
        """All texts of one part, mapped from disk."""
        with pa.memory_map(str(_texts_path(self.folder, part))) as source:
            return pa.ipc.open_file(source).read_all()

    def texts(self, indexes: npt.NDArray[np.int64], columns: Sequence[str] = TEXTS) -> pa.Table:
        """The texts of the links with these indexes, in the order asked for."""
        rising = len(indexes) < 2 or bool((indexes[1:] >= indexes[:-1]).all())  # noqa: PLR2004 a pair
        if not rising:
            wanted, back = np.unique(indexes, return_inverse=True)
            return self.texts(wanted, columns).take(pa.array(back)).combine_chunks()
        edges = np.searchsorted(indexes, (*self.starts, self.rows))
        pieces = [
            self.texts_of_part(part).select(columns).take(pa.array(indexes[first:last] - self.starts[part]))
            for part, (first, last) in enumerate(pairwise(edges.tolist()))
            if last > first
        ]
        return pa.concat_tables(pieces or [self.texts_of_part(0).select(columns).slice(0, 0)]).combine_chunks()


def _texts_path(folder: Path, part: int) -> Path:
    return folder / f"texts-{part:05d}.arrow"


class _Part(NamedTuple):
    """Understood rows on their way to disk: number of the part, index of its first link."""

    number: int
    first: int
    texts: pa.RecordBatch
    typed: pa.RecordBatch


def stage(
    reader: TableReader,
    folder: Path,
    *,
    on: date,
    scheme: Scheme,
    write_quarantine: WriteQuarantine,
    threads: int = 1,
    advance: Callable[[int], None] = lambda _rows: None,
) -> StagedLinks:
    """Read the links of a file into parts; a folder that is whole already is only opened.

    Items that the scheme's records have no room for are left empty (reason ``not_held``).
    """
    done = folder / "staged.json"
    if done.is_file():
        content = json.loads(done.read_text("utf-8"))
        content["starts"] = tuple(content["starts"])
        content["quarantine_reasons"] = {code: tuple(said) for code, said in content["quarantine_reasons"].items()}
        return StagedLinks(folder=folder, **content)
    folder.mkdir(parents=True, exist_ok=True)
    dense.begin(folder, NUMBERS)
    starts: list[int] = []
    rows = 0
    # One thread reads ahead while others fold and write: most of their work is outside the GIL.
    write = partial(_write_part, folder, scheme)
    for size in in_order(write, _parts(reader, on, threads), threads=threads):
        starts.append(rows)
        rows += size
        advance(size)
    write_quarantine(folder / "quarantine.csv", reader.quarantine)
    staged = StagedLinks(
        folder,
        tuple(starts),
        rows,
        reader.rows_read,
        reader.rows_quarantined,
        dict(reader.quarantine.count_by_code),
        _reasons(reader),
        reader.glyph_count,
    )
    content = asdict(staged)
    del content["folder"]
    _rename_into(done, lambda path: path.write_text(json.dumps(content), "utf-8"))
    return staged


def _parts(reader: TableReader, on: date, threads: int) -> Iterator[_Part]:
    first = 0
    for number, (texts, typed) in enumerate(_batches_or_none(reader, on, threads)):
        yield _Part(number, first, texts, typed)
        first += texts.num_rows


def _write_part(folder: Path, scheme: Scheme, part: _Part) -> int:
    held = _without_unheld(part.texts, part.typed, scheme)
    _write_texts(held, _texts_path(folder, part.number))
    dense.write(folder, part.first, _numbers(held, part.typed, scheme))
    return int(held.num_rows)


def _batches_or_none(reader: TableReader, on: date, threads: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """The understood rows; one empty batch where there is none, so that every column exists."""
    found = False
    for batch in reader.batches(on=on, batch_rows=_BATCH_ROWS, threads=threads):
        found = True
        yield batch.texts, batch.typed
    if not found:
        texts = {name: pa.array([], pa.large_string()) for name in TEXTS}
        yield pa.record_batch(texts), pa.record_batch({n: pa.array(np.zeros(0, t)) for n, t in READ.items()})


def _reasons(reader: TableReader) -> dict[str, tuple[str, str]]:
    """For each code of the quarantine the sentence of its first row, in Japanese and English."""
    found: dict[str, tuple[str, str]] = {}
    for row in reader.quarantine:
        if row.code not in found:
            found[row.code] = (row.sentence("reason", "ja"), row.sentence("reason", "en"))
        if len(found) == len(reader.quarantine.count_by_code):
            break
    return found


def _rename_into(path: Path, write: Callable[[Path], object]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    write(part)
    part.replace(path)


def _without_unheld(texts: pa.RecordBatch, typed: pa.RecordBatch, scheme: Scheme) -> pa.Table:
    columns = {name: texts.column(name).cast(pa.large_string()) for name in TEXTS}
    unnamed = pc.equal(columns["link_id"], "")
    if pc.any(unnamed).as_py():  # the row number stands for a name that is not there
        columns["link_id"] = pc.if_else(unnamed, typed.column("row").cast(pa.large_string()), columns["link_id"])
    table = pa.table(columns)
    for item in ITEMS:
        if item not in scheme.items_held:
            where = table.column_names.index(item)
            table = table.set_column(where, item, pa.array([""] * table.num_rows, pa.large_string()))
    return table


def _write_texts(texts: pa.Table, path: Path) -> None:
    def write(part: Path) -> None:
        with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, texts.schema) as writer:
            writer.write_table(texts)

    _rename_into(path, write)


def _numbers(texts: pa.Table, typed: pa.RecordBatch, scheme: Scheme) -> dict[str, npt.NDArray[Any]]:
    """What the texts of each link were read as, and the hashes that joins run on."""
    columns: dict[str, Any] = {name: typed.column(name).to_numpy(zero_copy_only=False) for name in READ}
    if "birth_date" not in scheme.items_held:
        columns["birth"] = np.zeros(texts.num_rows, np.int32)
    if "sex" not in scheme.items_held:
        columns["sex"] = np.full(texts.num_rows, -1, np.int8)
    prints = fingerprint(texts, columns["birth"], columns["sex"])
    columns["scheme_hash"] = hash_rows(*utf8_column(texts.column("scheme_number")))
    columns["row_hash"] = prints.row_hash
    columns["complete"] = prints.complete
    return columns
