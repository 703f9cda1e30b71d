"""Opening a file of links or a register, and reading it batch by batch with its quarantine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.tables import arrow_source, glyphs
from himozuke.gateways.tables.batches import (
    LinkBatch,
    Read,
    RegisterBatch,
    Understanding,
    read_links,
    read_register,
)
from himozuke.gateways.tables.columns import LINKS, REGISTER, Kind, recognise
from himozuke.gateways.tables.delimited import Delimited, file_digest, open_delimited
from himozuke.gateways.tables.glyphs import GlyphFinding
from himozuke.gateways.tables.mapping import ColumnMapping, load_mapping
from himozuke.gateways.tables.quarantine import Quarantined, QuarantineList, shown
from himozuke.gateways.tables.raw import Originals, Positions, RawBlock, ReadBlock, Source, together
from himozuke.gateways.tables.sheet import open_sheet
from himozuke.gateways.tables.understood import Named
from himozuke.identity.calendar import CodeSystem
from himozuke.in_order import in_order

BatchT = TypeVar("BatchT", LinkBatch, RegisterBatch)

_OTHER_BINARY = {
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"%PDF": "a PDF; export the table itself",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive; unpack it first",
    b"\x89PNG": "a picture; export the table itself",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is laid out, for writing rows back the same way."""

    headers: Sequence[str]
    columns: Mapping[str, str]
    encoding: str | None
    delimiter: str
    line_end: str
    format: str


class _Understood(NamedTuple):
    """What one block came to; ``rows`` are all its rows, the ones set aside too."""

    texts: pa.RecordBatch
    typed: pa.RecordBatch
    quarantined: Sequence[Quarantined]
    unread: Positions  # the numbers in rows set aside, as far as they can be read
    hits: Mapping[str, glyphs.Hits]
    rows: Positions


class TableReader(Generic[BatchT]):
    """An opened table of links or register entries.

    After :meth:`batches` has run to its end, ``quarantine``, ``glyph_findings`` and the three
    figures ``rows_read`` = ``rows_good`` + ``rows_quarantined`` speak of the whole file. ``place_by_column``
    says by canonical name where among the headers a column stands.
    """

    def __init__(
        self,
        source: Source,
        place_by_column: Mapping[str, int],
        read: Callable[[RawBlock, Understanding, date], Read],
        batch: Callable[..., BatchT],
        dates: CodeSystem | None,
    ) -> None:
        self._source = source
        self.place_by_column = place_by_column
        self._read = read
        self._batch: Callable[..., BatchT] = batch
        self._dates = dates
        self._start()

    def _start(self) -> None:
        self.quarantine = QuarantineList()
        self.glyph_findings: list[GlyphFinding] = []
        self.glyph_count = 0
        self.rows_good = 0
        self._unread: list[Positions] = []

    @property
    def name(self) -> str:
        """What to call the table in messages."""
        return self._source.name

    @property
    def format(self) -> str:
        """``csv``, ``tsv``, ``parquet``, ``arrow`` or ``xlsx``."""
        return self._source.format

    @property
    def encoding(self) -> str | None:
        """``utf-8``, ``utf-8-sig`` or ``cp932``; ``None`` for a binary format."""
        return self._source.encoding

    @property
    def encoding_evidence(self) -> str:
        """Why this encoding was chosen, in one English clause; empty for a binary format."""
        detected = getattr(self._source, "detected", None)
        if detected is None:
            return ""
        broken = f"{detected.broken_utf8_lines} lines broken in UTF-8, {detected.broken_cp932_lines} in CP932"
        return "byte order mark" if detected.encoding == "utf-8-sig" else broken

    @property
    def headers(self) -> Sequence[str]:
        """The headers in file order."""
        return self._source.headers

    @property
    def columns(self) -> dict[str, str]:
        """Canonical column name to the header in the file."""
        return {column: self._source.headers[place] for column, place in self.place_by_column.items()}

    @property
    def extra_columns(self) -> list[str]:
        """The headers that are no column of the contract, in file order."""
        known = set(self.place_by_column.values())
        return [header for place, header in enumerate(self._source.headers) if place not in known]

    @property
    def layout(self) -> Layout:
        """How the file is laid out."""
        source = self._source
        return Layout(
            tuple(source.headers), self.columns, source.encoding, source.delimiter, source.line_end, source.format
        )

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes, or of the content of a table in memory."""
        return self._source.digest()

    @property
    def rows_quarantined(self) -> int:
        """How many data rows were set aside so far."""
        return len(self.quarantine)

    @property
    def unread_numbers(self) -> Positions:
        """The Individual Numbers that stand in rows set aside so far and can be read themselves, in rising order."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *self._unread]))

    @property
    def rows_read(self) -> int:
        """How many data rows were read so far."""
        return self.rows_good + len(self.quarantine)

    def batches(self, *, on: date, batch_rows: int = 262_144, threads: int = 1) -> Iterator[BatchT]:
        """Give the good rows in file order; ``on`` is the day of the snapshot or inspection.

        ``threads`` make batches side by side, at most one more than them ahead of the consumer; what is
        given, set aside and found is the same for any number. Raises :class:`InputRejectedError` when
        the file turns out damaged on the way.
        """
        self._start()
        understand = partial(self._understood, Understanding(Named(self.columns), self._dates), on)
        for one in in_order(understand, self._source.blocks(self.place_by_column, batch_rows), threads=threads):
            self.quarantine.extend(one.quarantined)
            if len(one.unread):
                self._unread.append(one.unread)
            self._note_glyphs(one.hits, one.rows)
            self.rows_good += one.typed.num_rows
            if one.typed.num_rows:
                yield self._batch(one.texts, one.typed)

    def _understood(self, understanding: Understanding, on: date, read_block: ReadBlock) -> _Understood:
        block = read_block()
        texts, typed, check, hits = self._read(block, understanding, on)
        return _Understood(texts, typed, check.quarantined(), check.unread_numbers(), hits, block.rows)

    def _note_glyphs(self, hits: Mapping[str, glyphs.Hits], rows: Positions) -> None:
        self.glyph_count += sum(int((one.code_points != glyphs.NUL).sum()) for one in hits.values())
        room = glyphs.MOST_FINDINGS - len(self.glyph_findings)
        if hits and room > 0:
            self.glyph_findings += glyphs.findings(hits, rows)[:room]

    def set_aside(self, rows: Sequence[int], *, column: str, code: str) -> None:
        """Set aside rows (ascending) that were given as good, for what only the whole file shows.

        They come after the others in ``quarantine``; their line counts one line a row.
        """
        header, place = self.columns[column], self.place_by_column[column]
        self.quarantine.extend(
            Quarantined(row + 1, row, header, shown(str(values[place]), column), code)
            for row, values in self.original_rows(rows)
        )
        self.rows_good -= len(rows)

    def original_columns(self, rows: Positions, headers: Sequence[int]) -> Iterator[Originals]:
        """Give some rows (ascending) as they stand in the file, in columns and many rows together.

        ``headers`` says by place of which headers.
        """
        return together(self._source.original_columns(rows, headers))

    def original_rows(self, rows: Sequence[int]) -> Iterator[tuple[int, Sequence[str]]]:
        """Give all values of some rows (ascending) as they stand in the file, row by row."""
        for found in self.original_columns(np.asarray(rows, np.int64), range(len(self.headers))):
            fields = zip(*(column.to_pylist() for column in found.columns), strict=True)
            yield from zip(found.rows.tolist(), map(list, fields), strict=True)


def open_links(
    source: object, mapping: str | os.PathLike[str] | ColumnMapping | None = None, *, insurer_number: str = ""
) -> TableReader[LinkBatch]:
    """Open a table of links: a path, or a table in memory.

    With ``insurer_number`` rows that name another insurer are set aside.
    Raises :class:`UsageError` when the file is not there, :class:`InputRejectedError` when it
    cannot be read as a table of links.
    """
    opened, places, said = _opened(source, LINKS, mapping)
    return TableReader(opened, places, partial(read_links, insurer_number=insurer_number), LinkBatch, said.dates)


def open_register(
    source: object, mapping: str | os.PathLike[str] | ColumnMapping | None = None
) -> TableReader[RegisterBatch]:
    """Open a resident register: a path, or a table in memory; errors as :func:`open_links`."""
    opened, places, said = _opened(source, REGISTER, mapping)
    return TableReader(opened, places, read_register, RegisterBatch, said.dates)


def _opened(
    source: object, kind: Kind, mapping: str | os.PathLike[str] | ColumnMapping | None
) -> tuple[Source, dict[str, int], ColumnMapping]:
    said = load_mapping(Path(mapping)) if isinstance(mapping, (str, os.PathLike)) else mapping or ColumnMapping()
    opened = _source(source, kind, list(said.header_by_column.values()))
    return opened, recognise(opened.headers, kind, said.header_by_column, source=opened.name), said


def _source(source: object, kind: Kind, mapped_headers: Sequence[str]) -> Source:
    if isinstance(source, (str, os.PathLike)):
        return open_path(Path(source), kind, mapped_headers)
    return arrow_source.open_in_memory(source)


def read_headers(source: object, kind: Kind = LINKS) -> list[str]:
    """The headers of a table of any kind, known or not, e.g. for a starter of a mapping."""
    return list(_source(source, kind, ()).headers)


def open_path(path: Path, kind: Kind, mapped_headers: Sequence[str] = ()) -> Source:
    """Open a file by its content (Parquet, Arrow, workbook, else CSV or TSV)."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise UsageError(f"Cannot read {path}: there is no such file.") from None
    except IsADirectoryError:
        raise UsageError(f"Cannot read {path}: it is a directory, not a file.") from None
    except PermissionError:
        raise UsageError(f"Cannot read {path}: you may not read this file.") from None
    digest = partial(file_digest, path)
    if head.startswith(b"PAR1"):
        return arrow_source.open_parquet(path, kind, digest)
    if head.startswith(b"ARROW1"):
        return arrow_source.open_arrow_file(path, digest)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return open_sheet(path, kind, mapped_headers, digest)
    for mark, what in _OTHER_BINARY.items():
        if head.startswith(mark):
            raise InputRejectedError(f"Cannot read {path.name}: it is {what}.")
    opened: Delimited = open_delimited(path, kind, mapped_headers)
    return opened


def digest(source: object) -> str:
    """The SHA-256 of a file's bytes, or of the content of a table in memory.

    The content digest does not depend on how the table is cut into pieces. Raises
    :class:`UsageError` when the file is not there.
    """
    if not isinstance(source, (str, os.PathLike)):
        return arrow_source.content_digest(arrow_source.in_memory(source))
    try:
        return file_digest(Path(source))
    except FileNotFoundError:
        raise UsageError(f"Cannot read {source}: there is no such file.") from None
