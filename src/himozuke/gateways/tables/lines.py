"""Taking lines of a delimited file apart: plain ones in bulk, all others one by one.

A broken quotation mark must not swallow the rows after it: a quoted value may go on over a few
lines only, and never over a line that is a whole row by itself.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np

from himozuke.gateways.tables.encoding import decode, excerpt
from himozuke.gateways.tables.raw import Flags, Positions
from himozuke.gateways.tables.scan import Lines, are_whole_rows, as_utf8
from himozuke.identity.column import Bytes

MOST_LINES_OF_A_RECORD = 6
_END_OF_FILE_MARK = b"\x1a"  # Ctrl-Z, which old systems put after the last line


class Broken(NamedTuple):
    """A line that is no row: its place among the lines, why, how it begins, the fields found in it."""

    place: int
    code: str
    excerpt: str
    found: int = 0


class Taken(NamedTuple):
    """What became of a run of lines.

    ``plain``: places of the lines that any CSV reader takes apart alike; :meth:`LineReader.text_of` has
    their text. ``careful``: (place, fields) of rows read one by one. ``starts``: which lines begin a
    data row. ``used``: how many lines were used up; the rest must come again with those after it.
    """

    lines: Lines
    plain: Positions
    careful: list[tuple[int, list[str]]]
    broken: list[Broken]
    starts: Flags
    used: int
    has_quotes: bool


class Text(NamedTuple):
    """The plain lines in UTF-8, their places, and all lines that are no rows."""

    plain: Positions
    utf8: Bytes
    broken: list[Broken]


class LineReader:
    """Takes lines apart for one file: its encoding, delimiter and number of fields."""

    def __init__(self, encoding: str, delimiter: str, fields: int) -> None:
        self._encoding = encoding
        self._delimiter = delimiter
        self._fields = fields

    def take(self, lines: Lines, *, final: bool) -> Taken:
        """Take lines apart; ``final`` says that no line follows them."""
        is_plain, others, has_quotes = self._sorted_out(lines)
        starts = np.ones(len(lines), np.bool_)
        careful: list[tuple[int, list[str]]] = []
        broken: list[Broken] = []
        used = len(lines)
        last = -1
        for place in others:
            if place <= last:
                continue  # the inside of a value that began further up
            last = place
            if self._is_blank(lines, place, final=final):
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
                last = place + count - 1
                starts[place + 1 : last + 1] = False
        return Taken(lines, np.flatnonzero(is_plain[:used]), careful, broken, starts[:used], used, has_quotes)

    def text_of(self, taken: Taken) -> Text:
        """Turn the plain lines into UTF-8; those with bytes of no character are broken. On any thread."""
        text, readable = as_utf8(taken.lines, taken.plain, self._encoding)
        bad = [self._broken(taken.lines, int(place), "bad_bytes") for place in taken.plain[~readable]]
        return Text(taken.plain[readable], text, sorted([*taken.broken, *bad]))

    def _sorted_out(self, lines: Lines) -> tuple[Flags, list[int], bool]:
        """Which lines are plainly a row, the places of the others, and whether plain ones hold quotes."""
        is_plain = (lines.marks == self._fields - 1) & (lines.ends > lines.starts) & ~lines.is_odd & ~lines.has_quote
        quoted = np.flatnonzero(lines.has_quote & ~lines.is_odd)
        is_whole = are_whole_rows(lines, quoted, self._delimiter, self._fields)
        is_plain[quoted[is_whole]] = True
        return is_plain, np.flatnonzero(~is_plain).tolist(), bool(is_whole.any())

    def _is_blank(self, lines: Lines, place: int, *, final: bool) -> bool:
        line = lines.line(place)
        if final and place == len(lines) - 1:
            line = line.removesuffix(_END_OF_FILE_MARK)
        return not line.strip(b" ")

    def _broken(self, lines: Lines, place: int, code: str, found: int = 0) -> Broken:
        return Broken(place, code, excerpt(lines.line(place), self._encoding), found)

    def _read_one(self, lines: Lines, place: int, *, final: bool) -> Broken | tuple[list[str], int] | None:
        """Read the record that begins at one line; ``None`` when the lines after it are needed."""
        record = lines.line(place)
        code = "nul" if b"\x00" in record else "bad_bytes" if decode(record, self._encoding) is None else ""
        if code:
            return self._broken(lines, place, code)
        fields = self._fields_of(record)
        if fields is not None:
            right = len(fields) == self._fields
            return (fields, 1) if right else self._broken(lines, place, "wrong_field_count", len(fields))
        if b"\r" in record and b'"' not in record:
            return self._broken(lines, place, "line_end_inside")
        return self._read_several(lines, place, record, final=final)

    def _read_several(
        self, lines: Lines, place: int, record: bytes, *, final: bool
    ) -> Broken | tuple[list[str], int] | None:
        """Read a record whose quoted value goes on over the lines after its first."""
        for following in range(place + 1, place + MOST_LINES_OF_A_RECORD):
            if following >= len(lines):
                return self._broken(lines, place, "unbalanced_quote") if final else None
            if are_whole_rows(lines, np.array([following]), self._delimiter, self._fields)[0]:
                break
            record += b"\n" + lines.line(following)
            fields = self._fields_of(record)
            if fields is not None and len(fields) == self._fields:
                return fields, following - place + 1
        return self._broken(lines, place, "unbalanced_quote")

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
