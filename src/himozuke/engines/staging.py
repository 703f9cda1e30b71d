"""Reading the links of a file into parts.

The list of parts appears only when all of them are whole, so a killed job never goes on with half of a
file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines import dense, mapped_table
from himozuke.engines.number_table import NumberTable
from himozuke.engines.register import PreparedRegister
from himozuke.engines.staged import BEARERS, LABELS, NUMBERS, READ, TEXTS, StagedLinks, items_path, labels_path
from himozuke.identity.column import hash_rows, utf8_column
from himozuke.in_order import in_order
from himozuke.link.items import ITEMS
from himozuke.link.keys import fingerprint
from himozuke.ports.tables import TableReader, WriteQuarantine
from himozuke.schemes.model import Scheme

_BATCH_ROWS = 250_000
_OF_THE_RUN = {"folder", "settled_by"}
_MOST_NARROW = 2**31 - 1  # bytes of text that a column with narrow offsets can hold


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
    settle_by: PreparedRegister | None = None,
    threads: int = 1,
    advance: Callable[[int], None] = lambda _rows: None,
) -> StagedLinks:
    """Read the links of a file into parts; a folder that is whole already is only opened.

    Items that the scheme's records have no room for are left empty (reason ``not_held``). With
    ``settle_by``, numbers are looked up in that register at once, and what is the same there is not kept
    twice.
    """
    done = folder / "staged.json"
    if done.is_file():
        found = _opened(folder, json.loads(done.read_text("utf-8")), settle_by)
        if found:
            return found
    folder.mkdir(parents=True, exist_ok=True)
    dense.begin(folder, NUMBERS | (BEARERS if settle_by else {}))
    starts: list[int] = []
    rows = 0
    # One thread reads ahead while others fold and write: most of their work is outside the GIL.
    write = partial(_write_part, folder, scheme, settle_by.numbers() if settle_by else None)
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
        settle_by,
    )
    content = {f.name: getattr(staged, f.name) for f in fields(staged) if f.name not in _OF_THE_RUN}
    part = done.with_suffix(".part")
    part.write_text(json.dumps(content | {"is_settled": settle_by is not None}), "utf-8")
    part.replace(done)
    return staged


def _opened(folder: Path, content: dict[str, Any], settle_by: PreparedRegister | None) -> StagedLinks | None:
    """What was read before; None where its items lie in a register that is not given."""
    is_settled = content.pop("is_settled")
    if is_settled and settle_by is None:
        return None
    content["starts"] = tuple(content["starts"])
    content["quarantine_reasons"] = {code: tuple(said) for code, said in content["quarantine_reasons"].items()}
    return StagedLinks(folder=folder, settled_by=settle_by if is_settled else None, **content)


def _parts(reader: TableReader, on: date, threads: int) -> Iterator[_Part]:
    first = 0
    for number, (texts, typed) in enumerate(_batches_or_none(reader, on, threads)):
        yield _Part(number, first, texts, typed)
        first += texts.num_rows


def _write_part(folder: Path, scheme: Scheme, table: NumberTable | None, part: _Part) -> int:
    texts = without_unheld(part.texts, part.typed, scheme)
    numbers = number_columns(texts, part.typed, scheme)
    items = texts.select(ITEMS)
    if table is not None:
        bearers = table.bearers(numbers["number"], numbers["row_hash"], numbers["complete"])
        numbers |= bearers._asdict()
        items = items.filter(pa.array(~bearers.settled))
    dense.write(folder, part.first, numbers)
    _save(texts.select(LABELS), labels_path(folder, part.number))
    _save(items, items_path(folder, part.number))
    return int(texts.num_rows)


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


def without_unheld(texts: pa.RecordBatch, typed: pa.RecordBatch, scheme: Scheme) -> pa.Table:
    """The texts of links, empty in items that the scheme's records have no room for."""
    columns = {name: _text(texts.column(name)) for name in TEXTS}
    unnamed = pc.equal(columns["link_id"], "")
    if pc.any(unnamed).as_py():  # the row number stands for a name that is not there
        columns["link_id"] = pc.if_else(unnamed, typed.column("row").cast(pa.large_string()), columns["link_id"])
    table = pa.table(columns)
    for item in ITEMS:
        if item not in scheme.items_held:
            where = table.column_names.index(item)
            table = table.set_column(where, item, pa.array([""] * table.num_rows, pa.large_string()))
    return table


def _save(texts: pa.Table, path: Path) -> None:
    mapped_table.write(pa.table({name: _narrow(texts.column(name)) for name in texts.column_names}), path)


def _text(column: pa.Array) -> pa.Array:
    """The column as large_string; a dictionary, which takes less, stays one."""
    return column if pa.types.is_dictionary(column.type) else column.cast(pa.large_string())


def _narrow(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with offsets half as wide, where they can hold it."""
    if pa.types.is_dictionary(column.type):
        return column
    return column.cast(pa.string()) if column.nbytes <= _MOST_NARROW else column


def number_columns(texts: pa.Table, typed: pa.RecordBatch, scheme: Scheme) -> dict[str, npt.NDArray[Any]]:
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
