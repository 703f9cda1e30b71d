"""Compiled passes over the bytes of a delimited file: where lines are, and lines as UTF-8."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.gateways.tables.encoding import CP932, decode
from himozuke.gateways.tables.raw import Flags, Positions
from himozuke.identity.column import Bytes
from himozuke.identity.kernel import kernel

_LINE_FEED, _CARRIAGE_RETURN, _QUOTE = 0x0A, 0x0D, 0x22
_INVALID = -1
_LEAD = -2
_BEGIN, _PLAIN, _QUOTED, _CLOSED, _BROKEN = range(5)  # where in a value a byte stands
_UTF8_2, _UTF8_3 = 0x80, 0x800

Table = npt.NDArray[np.int32]


class Lines(NamedTuple):
    """The lines of a piece of a file: line ``i`` is ``data[starts[i]:ends[i]]``, without its end."""

    data: Bytes
    starts: Positions
    ends: Positions
    marks: npt.NDArray[np.int32]  # how many delimiters
    has_quote: Flags
    is_odd: Flags  # holds NUL, or a CR that ends no line

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, place: int) -> bytes:
        """The bytes of one line."""
        return self.data[self.starts[place] : self.ends[place]].tobytes()

    def between(self, first: int, last: int) -> Lines:
        """Some of the lines, without copying."""
        data, starts, ends, marks, has_quote, is_odd = self
        here = slice(first, last)
        return Lines(data, starts[here], ends[here], marks[here], has_quote[here], is_odd[here])


@kernel
def _scan(data: Bytes, mark: int, most: int) -> tuple[Positions, Positions, npt.NDArray[np.int32], Flags, Flags, int]:
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    marks = np.zeros(most, np.int32)
    quotes, nuls = np.zeros(most, np.bool_), np.zeros(most, np.bool_)
    line = 0
    start = 0
    for i in range(len(data)):
        byte = data[i]
        if byte == mark:
            marks[line] += 1
        elif byte == _LINE_FEED or byte == _CARRIAGE_RETURN:  # noqa: PLR1714, SIM109 compiled
            if byte == _LINE_FEED and i > 0 and data[i - 1] == _CARRIAGE_RETURN:
                start = i + 1
                continue
            starts[line], ends[line] = start, i
            line += 1
            start = i + 1
        elif byte == _QUOTE:
            quotes[line] = True
        elif byte == 0:
            nuls[line] = True
    if start < len(data):
        starts[line], ends[line] = start, len(data)
        line += 1
    return starts, ends, marks, quotes, nuls, line


def lines_of(data: bytes, delimiter: str, fields: int) -> Lines:
    """Find all lines of some bytes; CR LF and LF end a line, and so does the end of the bytes.

    CR alone ends a line too where a whole row of so many fields stands beside it; between pieces
    that are no rows it is damage inside one line, as line counters see it.
    """
    array = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    most = data.count(b"\n") + data.count(b"\r") + 2
    starts, ends, marks, has_quote, is_odd, count = _scan(array, ord(delimiter), most)
    lines = Lines(array, starts, ends, marks, has_quote, is_odd).between(0, count)
    cut_by_cr = _ended_by_cr_alone(lines)
    return _mended(lines, cut_by_cr, fields) if cut_by_cr.any() else lines


def _ended_by_cr_alone(lines: Lines) -> Flags:
    size = len(lines.data)
    found = lines.ends < size
    ends = lines.ends[found]
    following = np.minimum(ends + 1, size - 1)
    is_alone = (ends + 1 >= size) | (lines.data[following] != _LINE_FEED)
    found[found] = (lines.data[ends] == _CARRIAGE_RETURN) & is_alone
    return found


def _mended(lines: Lines, cut_by_cr: Flags, fields: int) -> Lines:
    """Put together again what a CR alone has cut, unless a piece is a row."""
    kept = np.ones(len(lines), np.bool_)
    ends, marks = lines.ends.copy(), lines.marks.copy()
    has_quote, is_odd = lines.has_quote.copy(), lines.is_odd.copy()
    first = 0
    for end_of_line in sorted({*np.flatnonzero(~cut_by_cr).tolist(), len(lines) - 1}):
        last = end_of_line
        while last > first and ends[last] == lines.starts[last] and not cut_by_cr[end_of_line]:
            kept[last] = False  # CR CR LF is one line end
            last -= 1
        pieces = slice(first, last + 1)
        if last > first and not (marks[pieces] == fields - 1).any():
            ends[first], marks[first], is_odd[first] = ends[last], marks[pieces].sum(), True
            has_quote[first] = has_quote[pieces].any()
            kept[first + 1 : last + 1] = False
        first = end_of_line + 1
    return Lines(lines.data, lines.starts[kept], ends[kept], marks[kept], has_quote[kept], is_odd[kept])


@kernel
def _whole_rows(data: Bytes, starts: Positions, ends: Positions, mark: int, fields: int) -> Flags:
    out = np.zeros(len(starts), np.bool_)
    for line in range(len(starts)):
        count = 1
        state = _BEGIN
        for i in range(starts[line], ends[line]):
            byte = data[i]
            if byte == _QUOTE:
                if state == _PLAIN:
                    state = _BROKEN
                    break
                state = _CLOSED if state == _QUOTED else _QUOTED  # one more after it: a doubled quote
            elif state == _QUOTED:
                continue
            elif byte == mark:
                count += 1
                state = _BEGIN
            elif state == _CLOSED:
                state = _BROKEN
                break
            else:
                state = _PLAIN
        out[line] = count == fields and state != _BROKEN and state != _QUOTED  # noqa: PLR1714 compiled
    return out


def are_whole_rows(lines: Lines, places: Positions, delimiter: str, fields: int) -> Flags:
    """Tell of some lines whether each is a row by itself, its quotes opened and closed as they should."""
    return _whole_rows(lines.data, lines.starts[places], lines.ends[places], ord(delimiter), fields)


@cache
def _cp932_tables() -> tuple[Table, Table]:
    """Code points by byte and by pair of bytes, as Python's codec has them less what is no CP932."""
    singles = np.full(256, _INVALID, np.int32)
    pairs = np.full(65536, _INVALID, np.int32)
    for byte in range(256):
        text = decode(bytes([byte]), CP932)
        if text is not None:
            singles[byte] = ord(text)
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        singles[lead] = _LEAD
        for trail in range(0x40, 0xFD):
            text = decode(bytes([lead, trail]), CP932)
            if text is not None and len(text) == 1:
                pairs[lead << 8 | trail] = ord(text)
    return singles, pairs


@kernel
def _transcode(
    data: Bytes, starts: Positions, ends: Positions, singles: Table, pairs: Table
) -> tuple[Bytes, int, Flags]:
    size = 0
    for line in range(len(starts)):
        size += (ends[line] - starts[line]) * 3 + 1
    out = np.empty(size, np.uint8)
    good = np.ones(len(starts), np.bool_)
    at = 0
    for line in range(len(starts)):
        begin = at
        i, end = starts[line], ends[line]
        while i < end:
            code = singles[data[i]]
            i += 1
            if code == _LEAD:
                code = _INVALID if i >= end else pairs[(np.int64(data[i - 1]) << 8) | np.int64(data[i])]
                i += 1
            if code < 0:
                good[line] = False
                break
            if code < _UTF8_2:
                out[at] = code
                at += 1
            elif code < _UTF8_3:
                out[at] = 0xC0 | (code >> 6)
                out[at + 1] = 0x80 | (code & 0x3F)
                at += 2
            else:
                out[at] = 0xE0 | (code >> 12)
                out[at + 1] = 0x80 | ((code >> 6) & 0x3F)
                out[at + 2] = 0x80 | (code & 0x3F)
                at += 3
        if good[line]:
            out[at] = _LINE_FEED
            at += 1
        else:
            at = begin
    return out, at, good


@kernel
def _copied(data: Bytes, starts: Positions, ends: Positions) -> Bytes:
    size = len(starts)
    for line in range(len(starts)):
        size += ends[line] - starts[line]
    out = np.empty(size, np.uint8)
    at = 0
    for line in range(len(starts)):
        for i in range(starts[line], ends[line]):
            out[at] = data[i]
            at += 1
        out[at] = _LINE_FEED
        at += 1
    return out


def as_utf8(lines: Lines, places: Positions, encoding: str) -> tuple[Bytes, Flags]:
    """Some lines in UTF-8, each with LF after it; lines with bytes of no character are left out.

    The flags tell which of the lines are in.
    """
    starts, ends = lines.starts[places], lines.ends[places]
    if encoding == CP932:
        out, size, good = _transcode(lines.data, starts, ends, *_cp932_tables())
        return out[:size], good
    out = _copied(lines.data, starts, ends)
    if decode(out.tobytes(), encoding) is not None:
        return out, np.ones(len(places), np.bool_)
    good = np.array([decode(lines.line(int(place)), encoding) is not None for place in places], np.bool_)
    return _copied(lines.data, starts[good], ends[good]), good
