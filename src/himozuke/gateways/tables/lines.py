"""Taking lines of a delimited file apart: plain ones in bulk, all others one by one.

A broken quotation mark must not swallow the rows after it: a quoted value may go on over a few
lines only, and never over a line that is a whole row by itself.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.gateways.tables.encoding import CP932, NOT_CP932, decode

MOST_LINES_OF_A_RECORD = 6
_END_OF_FILE_MARK = b"\x1a"  # Ctrl-Z, which old systems put after the last line


class Broken(NamedTuple):
    """A line that is no row: its place among the lines, why, and the fields found in it."""

    place: int
    code: str
    found: int = 0


class Taken(NamedTuple):
    """What became of a run of lines.

    ``plain``: places of the lines that any CSV reader takes apart alike; ``text``: these lines in
    UTF-8. ``careful``: (place, fields) of rows read one by one. ``starts``: which lines begin a data row. ``used``: how many
    lines were used up; the rest must come again with the lines that follow.
    """

    plain: npt.NDArray[np.int64]
    text: bytes
    careful: list[tuple[int, list[str]]]
    broken: list[Broken]
    starts: npt.NDArray[np.bool_]
    used: int
    has_quotes: bool


class LineReader:
    """Takes lines apart for one file: its encoding, delimiter and number of fields."""

    def __init__(self, encoding: str, delimiter: str, fields: int) -> None:
        self._encoding = encoding
        self._delimiter = delimiter
        self._mark = delimiter.encode()
        self._fields = fields
        mark = re.escape(self._mark)
        value = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"' + mark + rb"]*+)"
        self._whole_row = re.compile(value + rb"(?:" + mark + value + rb"){%d}" % (fields - 1))

    def take(self, lines: Sequence[bytes], *, final: bool) -> Taken:
        """Take lines apart; ``final`` says that no line follows them."""
        others, has_quotes = self._others(lines)
        starts = np.ones(len(lines), np.bool_)
        careful: list[tuple[int, list[str]]] = []
        broken: list[Broken] = []
        used = len(lines)
        place = -1
        for other in others:
            if other <= place:
                continue  # the inside of a value that began further up
            place = other
            if self._is_blank(lines[place], last=final and place == len(lines) - 1):
                starts[place] = False
                continue
            outcome = self._read_one(lines, place, final=final)
            if outcome is None:
                used = place
                break
            if isinstance(outcome, Broken):
                broken.append(outcome)
            else:
                fields, count = outcome
                careful.append((place, fields))
                starts[place + 1 : place + count] = False
                place += count - 1
        is_plain = np.ones(len(lines), np.bool_)
        is_plain[others] = False
        is_plain[used:] = False
        plain, text, undecodable = self._decoded(lines, np.flatnonzero(is_plain))
        broken = sorted(broken + undecodable)
        return Taken(plain, text, careful, broken, starts[:used], used, has_quotes)

    def _others(self, lines: Sequence[bytes]) -> tuple[list[int], bool]:
        """The places of lines that are not plainly a row."""
        mark, wanted, whole_row = self._mark, self._fields - 1, self._whole_row
        joined_has_nul = any(b"\x00" in line for line in lines)
        odd = [
            i
            for i, line in enumerate(lines)
            if line.count(mark) != wanted or b'"' in line or not line or (joined_has_nul and b"\x00" in line)
        ]
        others = [i for i in odd if not whole_row.fullmatch(lines[i]) or not lines[i] or b"\x00" in lines[i]]
        return others, len(others) < len(odd)

    def _is_blank(self, line: bytes, *, last: bool) -> bool:
        if last:
            line = line.removesuffix(_END_OF_FILE_MARK)
        return not line.strip(b" ")

    def _read_one(self, lines: Sequence[bytes], place: int, *, final: bool) -> Broken | tuple[list[str], int] | None:
        """Read the record that begins at one line; ``None`` when the lines after it are needed."""
        line = lines[place]
        if b"\x00" in line:
            return Broken(place, "nul")
        if decode(line, self._encoding) is None:
            return Broken(place, "bad_bytes")
        fields = self._fields_of(line)
        if fields is not None:
            return (fields, 1) if len(fields) == self._fields else Broken(place, "wrong_field_count", len(fields))
        for count in range(2, MOST_LINES_OF_A_RECORD + 1):
            if place + count > len(lines):
                return Broken(place, "unbalanced_quote") if final else None
            if self._whole_row.fullmatch(lines[place + count - 1]):
                break
            fields = self._fields_of(b"\n".join(lines[place : place + count]))
            if fields is not None and len(fields) == self._fields:
                return fields, count
        return Broken(place, "unbalanced_quote")

    def _fields_of(self, record: bytes) -> list[str] | None:
        """The fields of one whole record, or ``None`` where quotes or bytes are broken."""
        text = None if b"\x00" in record else decode(record, self._encoding)
        if text is None:
            return None
        try:
            # one string: a line end outside quotes is an error, inside them it is part of the value
            found = list(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return found[0] if len(found) == 1 else None

    def _decoded(
        self, lines: Sequence[bytes], plain: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], bytes, list[Broken]]:
        """Turn plain lines into UTF-8 at once, or one by one where bytes among them are broken."""
        chosen = lines if len(plain) == len(lines) else [lines[i] for i in plain]
        joined = b"\n".join(chosen)
        text = decode(joined, self._encoding)
        if text is not None:
            return plain, text.encode() if self._encoding == CP932 else joined, []
        texts = [decode(line, self._encoding) for line in chosen]
        broken = [Broken(int(i), "bad_bytes") for i, one in zip(plain, texts, strict=True) if one is None]
        good = np.array([one is not None for one in texts], np.bool_)
        return plain[good], "\n".join(one for one in texts if one is not None).encode(), broken


def excerpt(line: bytes, encoding: str) -> str:
    """The beginning of a broken line as far as it can be shown."""
    text = line[:200].decode("utf-8" if encoding.startswith("utf") else encoding, "replace")
    return NOT_CP932.sub("\ufffd", text) if encoding == CP932 else text


def split(data: bytes) -> list[bytes]:
    """Split at every line end (CR LF, LF or CR); a last line without end counts."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def whole_lines(chunks: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """Cut a stream of bytes at line ends; raises :class:`ValueError` on a line beyond ``longest``."""
    carried = b""
    for chunk in chunks:
        data = carried + chunk
        cut = data.rfind(b"\n") + 1
        if not cut:
            cut = data.rfind(b"\r", 0, len(data) - 1) + 1  # the byte after it is no LF
        carried = data[cut:]
        if len(carried) > longest:
            raise ValueError(len(carried))
        if cut:
            yield data[:cut]
    if carried:
        yield carried
