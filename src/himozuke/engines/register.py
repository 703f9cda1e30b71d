"""The prepared register: read once, folded once, reused by every later run.

A prepared register is a folder. ``entries-*.parquet`` has a row per person: numbers and hashes, in file
order; ``residents.records`` what the register holds of each, texts too; ``numbers.table`` finds them by
their Individual Number; ``kana_orders.column`` is the list of all by kana. ``forms-*.arrow`` has the keys
under which each person can be found, ``alternates-*.arrow`` those of former names, 通称 and former
addresses; both are looked through whole in every run. ``meta.json`` says what it was made from and is
written last.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from himozuke.engines import dense, mapped_table, number_table, residents
from himozuke.engines.claim import claim, discard, discard_abandoned
from himozuke.engines.context import groups
from himozuke.engines.number_table import NumberTable
from himozuke.engines.own_file import shared
from himozuke.engines.residents import Residents, ResidentsFile
from himozuke.errors import InputRejectedError, UsageError
from himozuke.identity.column import Hashes
from himozuke.in_order import in_order
from himozuke.link.entries import FORM, KEYS, fold_alternates, fold_entries
from himozuke.ports.tables import TableReader, WriteQuarantine

#: Raised whenever folding or the layout of the parts changes: older folders are made anew.
LAYOUT_VERSION = 5
Longs = npt.NDArray[np.int64]
_BATCH_ROWS = 250_000
_NUMBERS = "numbers.table"
_KANA_ORDERS = "kana_orders"
_UNREAD = "unread_numbers"
_CONTENT = re.compile(
    r"(entries|alternates)-\d+\.parquet|(forms|alternates)-\d+\.arrow|residents\.(records|column)|"
    r"(kana_orders|unread_numbers)\.column|numbers\.table"
)
_BESIDE = {"lock", "meta.json", "register_quarantine.csv"}


@dataclass(frozen=True, slots=True)
class PreparedRegister:
    """A folded register on disk; ``digest`` is that of the file it was made from.

    ``mapping`` is that of the columns, empty where the file's own headers were used.
    """

    folder: Path
    digest: str
    name: str
    rows_read: int
    rows: int
    rows_quarantined: int
    snapshot: str
    encoding: str
    format: str
    mapping: str = ""

    def is_made_from(self, digest: str, on: date, mapping: str) -> bool:
        """Tell whether it was made from this content, read as of this day with these columns."""
        return (self.digest, self.snapshot, self.mapping) == (digest, on.isoformat(), mapping)

    def part(self, kind: str) -> str:
        """The glob of one kind of part, for the SQL engine."""
        return str(self.folder / f"{kind}-*.parquet")

    def forms(self) -> list[Path]:
        """The parts with the keys of today's names and addresses, a row per person."""
        return sorted(self.folder.glob("forms-*.arrow"))

    def alternates(self) -> list[Path]:
        """The parts with the keys of other names and former addresses."""
        return sorted(self.folder.glob("alternates-*.arrow"))

    def residents(self) -> Residents:
        """What the register holds of everybody, by position."""
        return Residents(self.folder)

    def numbers(self) -> NumberTable:
        """Everybody by Individual Number."""
        return NumberTable(self.folder / _NUMBERS)

    def kana_orders(self) -> Hashes:
        """The place of every resident in a list sorted by kana, in rising order."""
        return dense.read(self.folder, _KANA_ORDERS, np.uint64)

    def unread_numbers(self) -> Longs:
        """Individual Numbers that stand in the register on rows that could not be understood, in rising order."""
        if not self.rows_quarantined:
            return np.zeros(0, np.int64)
        return dense.read(self.folder, _UNREAD, np.int64)

    @property
    def quarantine(self) -> Path:
        """The register rows that could not be understood."""
        return self.folder / "register_quarantine.csv"


def open_prepared(folder: Path) -> PreparedRegister | None:
    """Open a prepared register if it is whole and of this layout."""
    meta = folder / "meta.json"
    if not meta.is_file():
        return None
    content = json.loads(meta.read_text("utf-8"))
    sizes = content.pop("sizes", None)
    if content.pop("layout", None) != LAYOUT_VERSION or sizes != _sizes(folder):
        return None
    return PreparedRegister(folder=folder, **content)


def _sizes(folder: Path) -> dict[str, int]:
    """The size of every part: a part that was cut or lost is noticed before it is used."""
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if _CONTENT.fullmatch(path.name)}


def folder_of(cache: Path, digest: str, on: date, mapping: str = "") -> Path:
    """Where the register with this digest is kept, as read on a day with a mapping of its columns."""
    return cache / "-".join(filter(None, ("register", digest[:24], f"{on:%Y%m%d}", mapping[:8])))


def prepare(  # noqa: PLR0913 -- what it is made from, and how
    reader: TableReader,
    folder: Path,
    *,
    digest: str,
    name: str,
    on: date,
    write_quarantine: WriteQuarantine,
    mapping: str = "",
    threads: int = 1,
    advance: Callable[[int], None] = lambda _rows: None,
) -> PreparedRegister:
    """Fold a register into a folder, which appears whole or not at all.

    ``on`` is the day of the snapshot: later dates in the file are refused. UsageError when the folder holds
    anything but a prepared register.
    """
    _refuse_other_files(folder)
    with _part_of(folder) as work:
        rows = _write_parts(reader, work, on=on, threads=threads, advance=advance)
        write_quarantine(work / "register_quarantine.csv", reader.quarantine)
        found = PreparedRegister(
            folder=folder,
            digest=digest,
            name=name,
            rows_read=reader.rows_read,
            rows=rows,
            rows_quarantined=reader.rows_quarantined,
            snapshot=on.isoformat(),
            encoding=reader.encoding or "",
            format=reader.format,
            mapping=mapping,
        )
        content: dict[str, Any] = asdict(found) | {"layout": LAYOUT_VERSION, "sizes": _sizes(work)}
        del content["folder"]
        (work / "meta.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
        return _put_in_place(work, found)


@contextmanager
def _part_of(folder: Path) -> Iterator[Path]:
    """A folder beside the one to be made, gone in the end; what dead processes left there goes first."""
    left = (folder.parent.glob(f".{folder.name}.*.{end}") for end in ("part", "gone"))
    discard_abandoned(chain.from_iterable(left))
    handle = None
    while handle is None:  # another process may have taken it for abandoned before it was locked
        work = folder.with_name(f".{folder.name}.{uuid4().hex[:12]}.part")
        handle = claim(work)
    try:
        yield work
    finally:
        discard(work)
        os.close(handle)


def _refuse_other_files(folder: Path) -> None:
    """A folder that is to be replaced may hold nothing but a prepared register."""
    if folder.is_dir() and not all(_is_ours(path.name) for path in folder.iterdir()):
        raise UsageError(f"{folder} holds other files, which would be lost. Name a folder of its own for the register.")


def _is_ours(name: str) -> bool:
    """Tell whether a prepared register, also one of an older layout, has a file of this name."""
    return name in _BESIDE or bool(_CONTENT.fullmatch(name))


def _put_in_place(work: Path, made: PreparedRegister) -> PreparedRegister:
    """Give the folder its name, unless another process has just made the same, which others may be reading."""
    try:
        work.rename(made.folder)
    except OSError:
        standing = open_prepared(made.folder)
        if standing and standing.is_made_from(made.digest, date.fromisoformat(made.snapshot), made.mapping):
            return standing
        discard(made.folder)
        work.rename(made.folder)
    return made


def _write_parts(reader: TableReader, work: Path, *, on: date, threads: int, advance: Callable[[int], None]) -> int:
    rows = 0
    write = partial(_write_part, work, ResidentsFile(work))
    for size in in_order(write, _parts(reader, on, threads), threads=threads):
        rows += size
        advance(size)
    rows -= _drop_repeated_numbers(reader, work)
    if rows:
        _keep_unread(reader, work)
        _list_by_kana(work)
        number_table.build(work / _NUMBERS, rows, _bearers(work))
    if not rows:
        raise InputRejectedError(
            "The register holds no row that can be understood. Check the file, or say which column is which (--register-mapping)."
        )
    return rows


class _Part(NamedTuple):
    """Understood rows of the register: number of the part and position of its first person."""

    number: int
    first: int
    texts: pa.RecordBatch
    typed: pa.RecordBatch


def _parts(reader: TableReader, on: date, threads: int) -> Iterator[_Part]:
    first = 0
    for number, batch in enumerate(reader.batches(on=on, batch_rows=_BATCH_ROWS, threads=threads)):
        yield _Part(number, first, batch.texts, batch.typed)
        first += batch.texts.num_rows


def _write_part(work: Path, file: ResidentsFile, part: _Part) -> int:
    entries = fold_entries(part.texts, part.typed, first=part.first)
    _save(entries.drop_columns([*residents.TEXTS, *KEYS]), work / f"entries-{part.number:05d}.parquet")
    _save(entries.select(FORM), work / f"forms-{part.number:05d}.arrow")
    _save(fold_alternates(entries), work / f"alternates-{part.number:05d}.arrow")
    numbers = {name: entries.column(name).to_numpy() for name in residents.NUMBERS.names or ()}
    file.write(part.first, part.texts, numbers)
    return len(entries)


def _keep_unread(reader: TableReader, work: Path) -> None:
    """Keep the numbers of rows set aside: who bears one is not known, but the register holds it."""
    if reader.rows_quarantined:
        dense.begin(work, (_UNREAD,))
        dense.write(work, 0, {_UNREAD: reader.unread_numbers})


def _list_by_kana(work: Path) -> None:
    orders = pq.read_table(sorted(work.glob("entries-*.parquet")), columns=["kana_order"])
    dense.begin(work, (_KANA_ORDERS,))
    dense.write(work, 0, {_KANA_ORDERS: np.sort(orders.column("kana_order").to_numpy())})


def _bearers(work: Path) -> Iterator[number_table.Entries]:
    """Everybody who bears a number, part by part."""
    for path in sorted(work.glob("entries-*.parquet")):
        table = pq.read_table(path, columns=list(number_table.Entries._fields))
        yield number_table.Entries(*(table.column(name).to_numpy() for name in number_table.Entries._fields))


def _drop_repeated_numbers(reader: TableReader, work: Path) -> int:
    """Set aside every row whose number an earlier row bears: no number belongs to two people."""
    paths = sorted(work.glob("entries-*.parquet"))
    if not paths:
        return 0
    known = pq.read_table(paths, columns=["pos", "register_row", "number"])
    numbers = known.column("number").to_numpy()
    repeated = [rows[1:] for rows in groups(numbers, shared(numbers.view(np.uint64)))]
    if not repeated:
        return 0
    dropped = np.sort(np.concatenate(repeated))
    reader.set_aside(
        known.column("register_row").to_numpy()[dropped].tolist(), column="individual_number", code="number_twice"
    )
    positions = pa.array(known.column("pos").to_numpy()[dropped])
    for path in [*paths, *sorted(work.glob("*.arrow"))]:
        table = _read(path)
        kept = table.filter(pc.invert(pc.is_in(table.column("pos"), positions)))
        if len(kept) < len(table):
            _save(kept, path)
    return len(dropped)


def _save(table: pa.Table, path: Path) -> None:
    if path.suffix == ".arrow":
        mapped_table.write(table, path)
    else:
        pq.write_table(table, path, compression="lz4", use_dictionary=False, row_group_size=122_880)


def _read(path: Path) -> pa.Table:
    return mapped_table.read(path) if path.suffix == ".arrow" else pq.read_table(path)
