"""Characters that stand for something else: 外字 of a private area, and marks of what was lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.gateways.tables.raw import Positions
from himozuke.identity.column import Bytes, utf8_column
from himozuke.identity.kernel import kernel

MOST_FINDINGS = 100_000
COLUMNS = frozenset(
    {"kanji_name", "kana_name", "address", "former_kanji_names", "former_kana_names", "former_addresses"}
    | {"alias", "alias_kana", "parallel_kanji_name"}
)
NUL = 0
_BULLET = 0x25CF  # ● stands for what another system could not hold
_GETA = 0x3013  # 〓 likewise
_REPLACEMENT = 0xFFFD
_PRIVATE_FROM, _PRIVATE_TO = 0xE000, 0xF8FF
_PRIVATE_PLANES_FROM = 0xF0000
# first bytes in UTF-8: nothing below E2 and nothing from E4 to ED begins any of these
_FIRST_OF_BULLET, _KANJI_FROM, _FIRST_OF_PRIVATE, _FOUR_BYTES = 0xE2, 0xE4, 0xEE, 0xF0
_TILE = 256  # bytes that are looked over at once; without a branch inside, so in wide registers


class GlyphFinding(NamedTuple):
    """One character that cannot be read: where it stands, and what it is."""

    row: int
    column: str
    character: str
    code_point: str
    what: str  # gaiji (private use area), replacement (U+FFFD), mark (● or 〓)


def what_is(code_point: int) -> str:
    """What kind of unreadable character a code point is."""
    if code_point == _REPLACEMENT:
        return "replacement"
    return "mark" if code_point in {_BULLET, _GETA} else "gaiji"


@kernel
def _is_suspect(data: Bytes, at: int) -> bool:
    """Tell whether any of the characters may begin in one tile; reads two bytes beyond it."""
    first, second, third = data[at : at + _TILE], data[at + 1 : at + 1 + _TILE], data[at + 2 : at + 2 + _TILE]
    suspect = False
    for i in range(_TILE):
        a, b, c = first[i], second[i], third[i]
        suspect = suspect | (
            (a == 0)
            | (a == 0xEE)
            | (a >= 0xF3)  # planes of private use
            | ((a == 0xEF) & ((b <= 0xA3) | ((b == 0xBF) & (c == 0xBD))))  # U+F800 to F8FF, U+FFFD
            | ((a == 0xE3) & (b == 0x80) & (c == 0x93))  # 〓
            | ((a == 0xE2) & (b == 0x97) & (c == 0x8F))  # ●
        )
    return suspect


@kernel
def _code_at(data: Bytes, at: int, end: int) -> int | np.int64:
    """The code point at a place where it is one of NUL, ●, 〓, U+FFFD and private use; else -1."""
    first = data[at]
    if first == 0:
        return 0
    if first < _FIRST_OF_BULLET or _KANJI_FROM <= first < _FIRST_OF_PRIVATE:
        return -1
    if first < _FOUR_BYTES and at + 2 < end:
        point = (np.int64(first & 0xF) << 12) | (np.int64(data[at + 1] & 0x3F) << 6) | np.int64(data[at + 2] & 0x3F)
        if _PRIVATE_FROM <= point <= _PRIVATE_TO or point == _BULLET or point == _GETA or point == _REPLACEMENT:  # noqa: PLR1714, SIM109 compiled
            return point
    elif first >= _FOUR_BYTES and at + 3 < end:
        high = (np.int64(first & 0x7) << 18) | (np.int64(data[at + 1] & 0x3F) << 12)
        point = high | (np.int64(data[at + 2] & 0x3F) << 6) | np.int64(data[at + 3] & 0x3F)
        if point >= _PRIVATE_PLANES_FROM:
            return point
    return -1


@kernel
def _find(data: Bytes, begin: int, end: int) -> npt.NDArray[np.int64]:
    """Find NUL, ●, 〓, U+FFFD and private-use characters: pairs of position and code point."""
    found = np.empty(64, np.int64)
    count = 0
    for tile in range(begin, end, _TILE):
        if tile + _TILE + 2 <= end and not _is_suspect(data, tile):
            continue
        for i in range(tile, min(tile + _TILE, end)):
            code = _code_at(data, i, end)
            if code < 0:
                continue
            if count + 2 > len(found):
                larger = np.empty(len(found) * 4, np.int64)
                larger[:count] = found[:count]
                found = larger
            found[count] = i
            found[count + 1] = code
            count += 2
    return found[:count]


class Hits(NamedTuple):
    """Where the characters stand in one column: place in the block, and code point."""

    places: Positions
    code_points: Positions


NO_HITS = Hits(np.zeros(0, np.int64), np.zeros(0, np.int64))


def hits(array: pa.LargeStringArray, *, only_nul: bool = False) -> Hits:
    """Find the characters, or only NUL, in one text column."""
    if pa.types.is_dictionary(array.type):
        if not len(hits(array.dictionary, only_nul=only_nul).places):
            return NO_HITS
        array = array.dictionary_decode()
    column = utf8_column(array)
    begin, end = int(column.offsets[0]), int(column.offsets[-1])
    if only_nul and (begin == end or column.data[begin:end].min()):
        return NO_HITS
    pairs = _find(column.data, begin, end).reshape(-1, 2)
    if only_nul:
        pairs = pairs[pairs[:, 1] == NUL]
    return Hits(np.searchsorted(column.offsets, pairs[:, 0], side="right") - 1, pairs[:, 1])


def findings(hits_by_column: Mapping[str, Hits], rows: Positions) -> list[GlyphFinding]:
    """Say of each character (NUL left out) in which row and column it stands, by row."""
    found = [
        GlyphFinding(int(rows[place]), column, chr(code), f"U+{code:04X}", what_is(code))
        for column, (places, codes) in hits_by_column.items()
        for place, code in zip(places.tolist(), codes.tolist(), strict=True)
        if code != NUL
    ]
    return sorted(found, key=lambda one: one.row)
