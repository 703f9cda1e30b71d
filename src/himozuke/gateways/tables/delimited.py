"""CSV and TSV files in UTF-8 or CP932, read as a stream."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.tables import encoding as encodings
from himozuke.gateways.tables.columns import Kind, count_known
from himozuke.gateways.tables.lines import MOST_LINES_OF_A_RECORD, Broken, LineReader, Taken, Text
from himozuke.gateways.tables.quarantine import Quarantined, facts, shown
from himozuke.gateways.tables.raw import Originals, Positions, RawBlock, ReadBlock, in_row_order, text_array
from himozuke.gateways.tables.scan import lines_of
from himozuke.identity.column import one_array

_CHUNK_BYTES = 1 << 24
_LONGEST_LINE = 1 << 26
_HEAD_BYTES = 1 << 20
_DELIMITERS = (",", "\t")


@dataclass
class Delimited:
    """An opened CSV or TSV file; ``first_byte`` and ``first_line`` are those of the data."""

    path: Path
    detected: encodings.Detected
    delimiter: str
    line_end: str
    headers: Sequence[str]
    first_byte: int
    first_line: int
    _marks: list[tuple[int, int, int]] = field(default_factory=list, repr=False)  # row, byte, line

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    @property
    def format(self) -> str:
        """``csv`` or ``tsv``."""
        return "tsv" if self.delimiter == "\t" else "csv"

    @property
    def encoding(self) -> str | None:
        """``utf-8``, ``utf-8-sig`` or ``cp932``."""
        return self.detected.encoding

    def digest(self) -> str:
        """The SHA-256 of the file's bytes."""
        return file_digest(self.path)

    def blocks(self, place_by_column: Mapping[str, int], rows: int) -> Iterator[ReadBlock]:
        """Give calls that make the blocks in file order, at most ``rows`` rows in each (never fewer than 48)."""
        self._marks.clear()
        for line, row, taken in self._taken(rows):
            yield partial(self._block, line, row, taken, place_by_column)

    def original_columns(self, rows: Positions, places: Sequence[int]) -> Iterator[Originals]:
        """Give some rows (ascending) as they stand in the file; ``places`` chooses among the headers."""
        if not len(rows):
            return
        chosen = {str(place): place for place in places}
        for line, row, taken in self._taken(1 << 16, self._mark_before(int(rows[0]))):
            first, last = np.searchsorted(rows, (row, row + int(taken.starts.sum()))).tolist()
            if last > first:
                block = self._block(line, row, taken, chosen)
                wanted = np.isin(block.rows, rows[first:last], assume_unique=True)
                if wanted.any():
                    columns = [block.columns[name].filter(pa.array(wanted)) for name in chosen]
                    yield Originals(block.rows[wanted], columns)
            if last == len(rows):
                return

    def _mark_before(self, row: int) -> tuple[int, int, int]:
        marks = [mark for mark in self._marks if mark[0] <= row]
        return marks[-1] if marks else (1, self.first_byte, self.first_line)

    def _line_reader(self) -> LineReader:
        return LineReader(self.detected.encoding, self.delimiter, len(self.headers))

    def _taken(self, rows: int, mark: tuple[int, int, int] | None = None) -> Iterator[tuple[int, int, Taken]]:
        """Take the file apart: the number of the first line, its row, and what became of the lines."""
        row, byte, line = mark or (1, self.first_byte, self.first_line)
        reader = self._line_reader()
        rows = max(rows, 8 * MOST_LINES_OF_A_RECORD)  # always enough lines to see where a record ends
        carried = b""  # a record that may go on in the next piece
        for data, final in self._pieces(byte):
            if mark is None:
                self._marks.append((row, byte, line))
            lines = lines_of(carried + data, self.delimiter, len(self.headers))
            used = 0
            while used < len(lines):
                here = lines.between(used, used + rows)
                taken = reader.take(here, final=final and used + rows >= len(lines))
                if not taken.used:
                    break
                yield line, row, taken
                row += int(taken.starts.sum())
                line += taken.used
                used += taken.used
            rest = int(lines.starts[used]) if used < len(lines) else len(lines.data)
            byte += rest
            carried = lines.data[rest:].tobytes()

    def _pieces(self, first_byte: int) -> Iterator[tuple[bytes, bool]]:
        """The file from some byte on in pieces of whole lines, and whether a piece is the last."""
        with self.path.open("rb") as file:
            file.seek(first_byte)
            carried = b""
            while chunk := file.read(_CHUNK_BYTES):
                data = carried + chunk
                cut = data.rfind(b"\n") + 1
                if not cut:
                    cut = data.rfind(b"\r", 0, len(data) - 1) + 1  # the byte after it is no LF
                carried = data[cut:]
                if len(carried) > _LONGEST_LINE:
                    raise InputRejectedError(
                        Sentence(
                            f"{self.name}を読めません。行の終わりがないまま{_LONGEST_LINE >> 20}MBを超えるため、表ではありません。書き出し直してください。",
                            f"Cannot read {self.name}: it holds more than {_LONGEST_LINE >> 20} MB without a line end, "
                            "so it is no table; export it again.",
                        )
                    )
                if cut:
                    yield data[:cut], False
            yield carried, True

    def _block(self, line: int, row: int, taken: Taken, place_by_column: Mapping[str, int]) -> RawBlock:
        row_at = row + np.cumsum(taken.starts, dtype=np.int64) - 1
        text = self._line_reader().text_of(taken)
        block = RawBlock(
            self._plain_columns(text, place_by_column, has_quotes=taken.has_quotes),
            row_at[text.plain],
            line + text.plain,
            [self._quarantined(one, line + one.place, int(row_at[one.place])) for one in text.broken],
        )
        if not taken.careful:
            return block
        places = np.array([place for place, _ in taken.careful], np.int64)
        columns = {
            column: text_array([fields[place] for _, fields in taken.careful])
            for column, place in place_by_column.items()
        }
        return in_row_order(block, RawBlock(columns, row_at[places], line + places, []))

    def _plain_columns(
        self, text: Text, place_by_column: Mapping[str, int], *, has_quotes: bool
    ) -> dict[str, pa.LargeStringArray]:
        if not len(text.plain):
            return {column: text_array([]) for column in place_by_column}
        names = [str(place) for place in range(len(self.headers))]
        chosen = [str(place) for place in place_by_column.values()]
        # Arrow drops a byte order mark at the beginning; in the middle of a file it is part of a value
        before = b"\n" if text.utf8[:3].tobytes() == codecs.BOM_UTF8 else b""
        table = pa_csv.read_csv(
            pa.py_buffer(before + text.utf8.tobytes() if before else text.utf8),
            pa_csv.ReadOptions(
                column_names=names, skip_rows=len(before), use_threads=False, block_size=len(text.utf8) + 3
            ),
            pa_csv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if has_quotes else False,
                ignore_empty_lines=False,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(chosen, pa.large_string()),
                include_columns=chosen,
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        return {column: one_array(table.column(str(place))) for column, place in place_by_column.items()}

    def _quarantined(self, broken: Broken, line: int, row: int) -> Quarantined:
        encoding = "CP932" if self.detected.encoding == encodings.CP932 else "UTF-8"
        said = facts(encoding=encoding, expected=len(self.headers), found=broken.found)
        return Quarantined(line, row, "", shown(broken.excerpt), broken.code, said)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_delimited(path: Path, kind: Kind, mapped_headers: Sequence[str] = ()) -> Delimited:
    """Open a CSV or TSV file: find its encoding, delimiter, line end and header."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise InputRejectedError(
            Sentence(
                f"{path.name}を読めません。ファイルが空です。書き出し直してください。",
                f"Cannot read {path.name}: the file is empty; export it again.",
            )
        )
    encodings.refuse_other_encodings(head, path.name)
    if b"\x00" in head.split(b"\n", 1)[0]:
        raise InputRejectedError(
            Sentence(
                f"{path.name}を読めません。表（CSV、TSV、Parquet、xlsx）ではありません。",
                f"Cannot read {path.name}: it is no table (CSV, TSV, Parquet or xlsx).",
            )
        )
    detected = encodings.detect(path)
    start = 3 if detected.encoding == encodings.UTF_8_BOM else 0
    line, header, data_at = _header_line(head, start)
    text = encodings.decode(header, detected.encoding)
    if text is None:  # few lines, most of them broken: the header itself decides
        other = encodings.UTF_8 if detected.encoding == encodings.CP932 else encodings.CP932
        text = encodings.decode(header, other)
        detected = detected._replace(encoding=other)
    if text is None:
        raise InputRejectedError(
            Sentence(
                f"{path.name}を読めません。見出しがUTF-8でもCP932でもないか、表（CSV、TSV、Parquet、xlsx）ではありません。",
                f"Cannot read {path.name}: its header is neither UTF-8 nor CP932, or it is no table (CSV, TSV, Parquet or xlsx).",
            )
        )
    delimiter, headers = _best_delimiter(text, kind, mapped_headers)
    return Delimited(path, detected, delimiter, _line_end(head[:data_at]), headers, data_at, line + 1)


def _line_end(head: bytes) -> str:
    """The end of the header's line; CR LF where it has none."""
    return next((end.decode() for end in (b"\r\n", b"\n", b"\r") if head.endswith(end)), "\r\n")


def _header_line(head: bytes, start: int) -> tuple[int, bytes, int]:
    """The first line that is not blank: its number, its bytes, and where the line after it begins."""
    number = 1
    while True:
        ends = [end for end in (head.find(b"\n", start), head.find(b"\r", start)) if end >= 0]
        end = min(ends) if ends else len(head)
        after = end + (2 if head[end : end + 2] == b"\r\n" else 1)
        line = head[start:end]
        if line.strip() or end >= len(head):
            return number, line, min(after, len(head))
        start, number = after, number + 1


def _best_delimiter(text: str, kind: Kind, mapped_headers: Sequence[str]) -> tuple[str, list[str]]:
    """The delimiter that makes more of the header known."""

    def fields(delimiter: str) -> list[str]:
        try:
            return [value.strip() for value in next(csv.reader([text], delimiter=delimiter, strict=True))]
        except csv.Error:
            return text.split(delimiter)

    def known(headers: list[str]) -> tuple[int, int]:
        return count_known(headers, kind) + len(set(headers) & set(mapped_headers)), len(headers)

    candidates = [(delimiter, fields(delimiter)) for delimiter in _DELIMITERS]
    return max(candidates, key=lambda one: known(one[1]))
