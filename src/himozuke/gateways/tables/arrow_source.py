"""Parquet and Arrow files, and tables that are in memory already (Arrow, Polars, pandas, DuckDB)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq

from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.tables.arrow_columns import coded, is_numeric, not_utf8, repaired, text_of
from himozuke.gateways.tables.columns import CODED, Kind, headers_of
from himozuke.gateways.tables.quarantine import Quarantined, facts, shown
from himozuke.gateways.tables.raw import Positions, RawBlock

Batches = Callable[[Sequence[str] | None, int], Iterator[pa.RecordBatch]]


@dataclass
class ArrowSource:
    """An opened table that already has typed columns; line = row + 1."""

    name: str
    format: str
    headers: Sequence[str]
    _batches: Batches
    _digest: Callable[[], str]
    encoding: str | None = None
    delimiter: str = ","
    line_end: str = "\r\n"

    def digest(self) -> str:
        """The SHA-256 of the file's bytes, or of the content of a table in memory."""
        return self._digest()

    def blocks(self, place_by_column: Mapping[str, int], rows: int) -> Iterator[RawBlock]:
        """Give all data rows in file order, at most ``rows`` at once."""
        headers = [self.headers[place] for place in place_by_column.values()]
        row = 1
        for batch in self._read(headers, rows):
            at = np.arange(row, row + batch.num_rows, dtype=np.int64)
            row += batch.num_rows
            columns = {column: batch.column(header) for column, header in zip(place_by_column, headers, strict=True)}
            yield self._block(columns, at, dict(zip(place_by_column, headers, strict=True)))

    def original_rows(self, rows: Sequence[int]) -> Iterator[tuple[int, Sequence[str]]]:
        """Give the values of some rows (ascending) as text, all columns in file order."""
        row = 1
        left = list(rows)
        for batch in self._read(None, 1 << 16):
            here = [wanted for wanted in left if wanted < row + batch.num_rows]
            if here:
                taken = batch.take(pa.array([wanted - row for wanted in here]))
                texts = [text_of(column).to_pylist() for column in taken.columns]
                yield from zip(here, map(list, zip(*texts, strict=True)), strict=True)
            left = left[len(here) :]
            row += batch.num_rows
            if not left:
                return

    def _read(self, headers: Sequence[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches(headers, rows):
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputRejectedError(
                f"Cannot read {self.name} to its end: the file is damaged ({_first_line(error)}); export it again."
            ) from error

    def _block(self, columns: Mapping[str, pa.Array], rows: Positions, header_by_column: Mapping[str, str]) -> RawBlock:
        numbers = columns["individual_number"]
        numeric = np.full(len(rows), fill_value=True) if is_numeric(numbers.type) else None
        texts = {column: coded(array) if column in CODED else text_of(array) for column, array in columns.items()}
        broken: dict[int, Quarantined] = {}
        for column, array in texts.items():
            flags = not_utf8(array)
            if flags is not None:
                texts[column] = repaired(array)
                for place in np.flatnonzero(flags).tolist():
                    value = shown(texts[column][place].as_py(), column)
                    row = int(rows[place])
                    said = facts(encoding="UTF-8")
                    broken.setdefault(
                        place, Quarantined(row + 1, row, header_by_column[column], value, "bad_bytes", said)
                    )
        if not broken:
            return RawBlock(texts, rows, rows + 1, [], numeric)
        good = np.ones(len(rows), np.bool_)
        good[list(broken)] = False
        kept = {column: array.filter(pa.array(good)) for column, array in texts.items()}
        set_aside = [broken[place] for place in sorted(broken)]
        return RawBlock(kept, rows[good], rows[good] + 1, set_aside, None if numeric is None else numeric[good])


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:120]


def open_parquet(path: Path, kind: Kind, digest: Callable[[], str]) -> ArrowSource:
    """Open a Parquet file; it is read in pieces, columns of codes as the dictionaries they are."""
    try:
        with pq.ParquetFile(path) as file:
            headers = file.schema_arrow.names
    except (pa.ArrowInvalid, OSError) as error:
        raise InputRejectedError(
            f"Cannot read {path.name} as Parquet: the file is damaged ({_first_line(error)}); export it again."
        ) from error

    coded_headers = headers_of(CODED, headers, kind)

    def batches(chosen: Sequence[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path, read_dictionary=coded_headers) as file:
            yield from file.iter_batches(batch_size=rows, columns=chosen)

    return ArrowSource(path.name, "parquet", headers, batches, digest)


def open_arrow_file(path: Path, digest: Callable[[], str]) -> ArrowSource:
    """Open an Arrow (Feather) file; it is mapped into memory, not loaded."""
    try:
        with pa.memory_map(str(path)) as mapped:
            headers = pa_ipc.open_file(mapped).schema.names
    except (pa.ArrowInvalid, OSError) as error:
        raise InputRejectedError(
            f"Cannot read {path.name} as an Arrow file: it is damaged ({_first_line(error)}); export it again."
        ) from error

    def batches(chosen: Sequence[str] | None, _rows: int) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as mapped:
            file = pa_ipc.open_file(mapped)
            for number in range(file.num_record_batches):
                batch = file.get_batch(number)
                yield batch.select(chosen) if chosen is not None else batch

    return ArrowSource(path.name, "arrow", headers, batches, digest)


def open_in_memory(table: object) -> ArrowSource:
    """Open a table in memory: Arrow, Polars, pandas, a DuckDB relation, any Arrow stream.

    A stream that can be read once only (a RecordBatchReader) is read into memory.
    """
    held = in_memory(table)

    def batches(chosen: Sequence[str] | None, rows: int) -> Iterator[pa.RecordBatch]:
        yield from (held.select(chosen) if chosen is not None else held).to_batches(max_chunksize=rows)

    return ArrowSource("the table", "arrow", held.schema.names, batches, lambda: content_digest(held))


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
