"""Parquet and Arrow files, and tables that are in memory already (Arrow, Polars, pandas, DuckDB)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq

from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.tables.arrow_columns import (
    coded,
    is_numeric,
    not_utf8,
    one_text,
    plain_layout,
    repaired,
    text_of,
)
from himozuke.gateways.tables.columns import CODED, Kind, headers_of
from himozuke.gateways.tables.quarantine import Quarantined, facts, shown
from himozuke.gateways.tables.raw import Originals, Positions, RawBlock, ReadBlock

_ORIGINAL_ROWS = 1 << 17
_BYTES_OF_CODES = 6  # a value, with the dictionary's share; plain text takes more


class Piece(NamedTuple):
    """Consecutive rows of a table: how many, and how to read them (once, on any thread)."""

    rows: int
    read: Callable[[], pa.Table]


Pieces = Callable[[Sequence[str] | None, int], Iterator[Piece]]


@dataclass
class ArrowSource:
    """An opened table that already has typed columns; line = row + 1."""

    name: str
    format: str
    headers: Sequence[str]
    _pieces: Pieces
    _pieces_to_look_up: Pieces
    _digest: Callable[[], str]
    encoding: str | None = None
    delimiter: str = ","
    line_end: str = "\r\n"

    def digest(self) -> str:
        """The SHA-256 of the file's bytes, or of the content of a table in memory."""
        return self._digest()

    def blocks(self, place_by_column: Mapping[str, int], rows: int) -> Iterator[ReadBlock]:
        """Give calls that make the blocks in file order, at most ``rows`` rows in each."""
        header_by_column = {column: self.headers[place] for column, place in place_by_column.items()}
        row = 1
        with self._damage_told():
            for piece in self._pieces(list(header_by_column.values()), rows):
                yield partial(self._block, piece, row, header_by_column)
                row += piece.rows

    def original_columns(self, rows: Positions, places: Sequence[int]) -> Iterator[Originals]:
        """Give some rows (ascending) as text, in columns and piece by piece; ``places`` chooses among the headers."""
        chosen = [self.headers[place] for place in places]
        is_clear = len(set(self.headers)) == len(self.headers)
        first = 1
        with self._damage_told():
            for piece in self._pieces_to_look_up(chosen if is_clear else None, _ORIGINAL_ROWS):
                start, end = np.searchsorted(rows, (first, first + piece.rows)).tolist()
                if end > start:
                    found = piece.read().columns
                    columns = found if is_clear else [found[place] for place in places]
                    yield Originals(rows[start:end], [_taken(column, rows[start:end] - first) for column in columns])
                first += piece.rows
                if end == len(rows):
                    return

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowInvalid, OSError) as error:
            raise InputRejectedError(
                f"Cannot read {self.name} to its end: the file is damaged ({_first_line(error)}); export it again."
            ) from error

    def _block(self, piece: Piece, row: int, header_by_column: Mapping[str, str]) -> RawBlock:
        with self._damage_told():
            table = piece.read()
        at = np.arange(row, row + table.num_rows, dtype=np.int64)
        numbers = table.column(header_by_column["individual_number"])
        numeric = np.full(len(at), fill_value=True) if is_numeric(numbers.type) else None
        texts = {
            column: one_text(table.column(header), coded if column in CODED else text_of)
            for column, header in header_by_column.items()
        }
        return _without_bad_bytes(RawBlock(texts, at, at + 1, [], numeric), header_by_column)


def _taken(column: pa.ChunkedArray, places: Positions) -> pa.LargeStringArray:
    """Some values of a column as text; the others are never made into text."""
    texts, first = [], 0
    for chunk in column.chunks:
        start, end = np.searchsorted(places, (first, first + len(chunk))).tolist()
        texts.append(text_of(plain_layout(chunk).take(pa.array(places[start:end] - first))))
        first += len(chunk)
    found = pa.concat_arrays(texts)
    return found if not_utf8(found) is None else repaired(found)


def _without_bad_bytes(block: RawBlock, header_by_column: Mapping[str, str]) -> RawBlock:
    """The block with the rows set aside that hold a value in no UTF-8."""
    rows, texts = block.rows, dict(block.columns)
    broken: dict[int, Quarantined] = {}
    for column, array in block.columns.items():
        flags = not_utf8(array)
        if flags is None:
            continue
        texts[column] = repaired(array)
        for place in np.flatnonzero(flags).tolist():
            value, row = shown(texts[column][place].as_py(), column), int(rows[place])
            said = facts(encoding="UTF-8")
            broken.setdefault(place, Quarantined(row + 1, row, header_by_column[column], value, "bad_bytes", said))
    if not broken:
        return block
    good = np.ones(len(rows), np.bool_)
    good[list(broken)] = False
    kept = {column: array.filter(pa.array(good)) for column, array in texts.items()}
    set_aside = [broken[place] for place in sorted(broken)]
    numeric = None if block.numeric is None else block.numeric[good]
    return RawBlock(kept, rows[good], rows[good] + 1, set_aside, numeric)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:120]


def open_parquet(path: Path, kind: Kind, digest: Callable[[], str]) -> ArrowSource:
    """Open a Parquet file; it is read in pieces, columns of codes as the dictionaries they are."""
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            headers = schema.names
            repeating = _repeating(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputRejectedError(
            f"Cannot read {path.name} as Parquet: the file is damaged ({_first_line(error)}); export it again."
        ) from error

    nested = {field.name for field in schema if pa.types.is_nested(field.type)}  # these cannot come as codes
    coded_headers = [header for header in headers_of(CODED, headers, kind) if header not in nested]

    def pieces(as_codes: list[str], chosen: Sequence[str] | None, rows: int) -> Iterator[Piece]:
        with pq.ParquetFile(path, read_dictionary=as_codes) as file:
            for groups, size in _runs_of_groups(file.metadata, rows):
                if size <= rows:
                    yield Piece(size, partial(_read_groups, path, file.metadata, as_codes, groups, chosen))
                else:  # one group, larger than a block: it can only be read from its beginning
                    even = -(-size // -(-size // rows))
                    for batch in file.iter_batches(even, groups, chosen, use_threads=False):
                        yield _piece_of(pa.Table.from_batches([batch]))

    to_read, to_look_up = partial(pieces, coded_headers), partial(pieces, [*coded_headers, *repeating])
    return ArrowSource(path.name, "parquet", headers, to_read, to_look_up, digest)


def _repeating(file: pq.ParquetFile) -> list[str]:
    """The columns of text with so few distinct values that reading their codes costs less than their texts."""
    if not file.metadata.num_row_groups:
        return []
    group = file.metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    return [
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY"
        and column.total_uncompressed_size <= _BYTES_OF_CODES * column.num_values
        and column.path_in_schema in file.schema_arrow.names
    ]


def _piece_of(table: pa.Table) -> Piece:
    return Piece(table.num_rows, lambda: table)


def _runs_of_groups(metadata: pq.FileMetaData, rows: int) -> Iterator[tuple[list[int], int]]:
    """Row groups that follow each other and fill a block together, and how many rows they hold."""
    groups: list[int] = []
    held = 0
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).num_rows
        if groups and held + size > rows:
            yield groups, held
            groups, held = [], 0
        groups.append(group)
        held += size
    if held:
        yield groups, held


def _read_groups(
    path: Path, metadata: pq.FileMetaData, coded_headers: list[str], groups: list[int], chosen: Sequence[str] | None
) -> pa.Table:
    with pq.ParquetFile(path, metadata=metadata, read_dictionary=coded_headers) as file:
        return file.read_row_groups(groups, chosen, use_threads=False)


def open_arrow_file(path: Path, digest: Callable[[], str]) -> ArrowSource:
    """Open an Arrow (Feather) file; it is mapped into memory, not loaded."""
    try:
        with pa.memory_map(str(path)) as mapped:
            headers = pa_ipc.open_file(mapped).schema.names
    except (pa.ArrowInvalid, OSError) as error:
        raise InputRejectedError(
            f"Cannot read {path.name} as an Arrow file: it is damaged ({_first_line(error)}); export it again."
        ) from error

    def pieces(chosen: Sequence[str] | None, rows: int) -> Iterator[Piece]:
        with pa.memory_map(str(path)) as mapped:
            file = pa_ipc.open_file(mapped)
            batches = (file.get_batch(number) for number in range(file.num_record_batches))
            for table in _gathered(batches, rows):
                yield from _cut(table, chosen, rows)

    return ArrowSource(path.name, "arrow", headers, pieces, pieces, digest)


def _gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Batches that follow each other and fill a block together, as a table."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if held and sum(one.num_rows for one in held) + batch.num_rows > rows:
            yield pa.Table.from_batches(held)
            held = []
        held.append(batch)
    if held:
        yield pa.Table.from_batches(held)


def _cut(table: pa.Table, chosen: Sequence[str] | None, rows: int) -> Iterator[Piece]:
    wanted = table if chosen is None else table.select(chosen)
    for start in range(0, table.num_rows, rows):
        yield _piece_of(wanted.slice(start, rows))


def open_in_memory(table: object) -> ArrowSource:
    """Open a table in memory: Arrow, Polars, pandas, a DuckDB relation, any Arrow stream.

    A stream that can be read once only (a RecordBatchReader) is read into memory.
    """
    held = in_memory(table)

    def pieces(chosen: Sequence[str] | None, rows: int) -> Iterator[Piece]:
        yield from _cut(held, chosen, rows)

    return ArrowSource("the table", "arrow", held.schema.names, pieces, pieces, lambda: content_digest(held))


def in_memory(table: object) -> pa.Table:
    """The object as an Arrow table, without copying where it is one already."""
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatchReader):
        return table.read_all()
    if hasattr(table, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(table).read_all()
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if hasattr(table, "__dataframe__"):
        return pa.Table.from_pandas(table, preserve_index=False)
    raise UsageError(
        f"Cannot read a {type(table).__name__}: give a path, or a table that speaks Arrow "
        "(pyarrow, Polars, pandas, a DuckDB relation)."
    )


def content_digest(table: pa.Table) -> str:
    """The SHA-256 of headers and texts of a table, however it is cut into pieces."""
    whole = hashlib.sha256()
    for header in table.schema.names:
        lengths, texts = hashlib.sha256(), hashlib.sha256()
        for chunk in table.column(header).chunks:
            array = text_of(chunk)
            lengths.update(pa.compute.binary_length(array).to_numpy(zero_copy_only=False).tobytes())
            _, offsets, data = array.buffers()
            if data is not None and len(array):
                bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
                texts.update(memoryview(data)[int(bounds[0]) : int(bounds[-1])])
        for part in (header.encode(), lengths.digest(), texts.digest()):
            whole.update(len(part).to_bytes(8, "little") + part)
    return whole.hexdigest()
