"""Columns of text turned into columns of numbers; each distinct value is read once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.gateways.tables.arrow_columns import decoded
from himozuke.gateways.tables.raw import Flags
from himozuke.identity import birth_date, date_notation, individual_number, scheme_number, sex
from himozuke.identity.calendar import CodeSystem
from himozuke.identity.column import Bytes, Offsets, Utf8Column, utf8_column
from himozuke.identity.kernel import kernel

Codes = npt.NDArray[np.int32]
Utf8Buffers = tuple[Bytes, Offsets]

NOT_READABLE = birth_date.NOT_PLAIN
NO_END = 99991231
_YEAR_WITHOUT_END = 99990000
_MOST_REMEMBERED = 1 << 18
_ITEM_SEPARATORS = re.compile(r"[|,、・/;+\s]+")
_SPACE, _TILDE, _SMALL_A, _SMALL_Z = 0x20, 0x7E, 0x61, 0x7A
_SEPARATOR = ord(scheme_number.PART_SEPARATOR)
_TILE = 4096  # bytes that are looked over at once
_OPEN_END = re.compile(r"9999|(?:令和|平成|昭和|[RHS令平昭])99")
# five and four items of the notices (S61), and the three that were used against them (R-JLIS)
_ITEMS_BY_NAME = {"5情報": 31, "基本5情報": 31, "4情報": 29, "基本4情報": 29, "3情報": 14}
_ITEM_BITS = _ITEMS_BY_NAME | {
    word: bit
    for bit, words in (
        (1, "KANJI_NAME 漢字氏名 氏名 漢字"),
        (2, "KANA_NAME カナ氏名 氏名カナ カナ フリガナ"),
        (4, "BIRTH_DATE 生年月日"),
        (8, "SEX 性別"),
        (16, "ADDRESS 住所"),
    )
    for word in words.split()
}
_HYPHENS = re.compile(r"[\s\-\u2010-\u2015\u2212\u30fc]")
_ACQUIRED_BY = {"PERSON": 1, "本人提出": 1, "本人": 1, "JLIS": 2, "JLIS照会": 2, "OTHER": 3, "その他": 3}
_OTHER_WAY = 3
_STATUS = {
    "": 0,
    "CURRENT": 0,
    "現存": 0,
    "ABROAD": 1,
    "国外転出": 1,
    "DEAD": 2,
    "死亡": 2,
    "REPLACED": 3,
    "番号変更": 3,
}
_YES = {"1", "TRUE", "YES", "Y", "○", "◯", "有", "T"}
_NO = {"0", "FALSE", "NO", "N", "×", "無", "F"}


class Reader:
    """Turns text columns of one kind into numbers, remembering the values it has read.

    ``quick`` is a compiled pass for the plain ones; it leaves -9 where ``read`` must look.
    """

    def __init__(self, read: Callable[[str], int], quick: Callable[[Utf8Column], Codes] | None = None) -> None:
        self._read = read
        self._quick = quick
        self._known: dict[str, int] = {}

    def column(self, array: pa.LargeStringArray | pa.DictionaryArray) -> Codes:
        """The numbers of a column (int32); safe to call from several threads."""
        if pa.types.is_dictionary(array.type):
            return self._by_code(array)
        return self._distinct(array) if self._quick is None else self._quickly(array, self._quick)

    def _by_code(self, coded: pa.DictionaryArray) -> Codes:
        texts = coded.dictionary
        numbers = self._remembered(texts) if self._quick is None else self._quickly(texts, self._quick)
        found: Codes = numbers[coded.indices.to_numpy(zero_copy_only=False)]
        return found

    def _quickly(self, array: pa.LargeStringArray, quick: Callable[[Utf8Column], Codes]) -> Codes:
        numbers = quick(utf8_column(array))
        left = np.flatnonzero(numbers == NOT_READABLE)
        if len(left):
            numbers[left] = self._distinct(array.take(pa.array(left)))
        return numbers

    def _distinct(self, array: pa.LargeStringArray) -> Codes:
        encoded = array.dictionary_encode()
        found: Codes = self._remembered(encoded.dictionary)[encoded.indices.to_numpy(zero_copy_only=False)]
        return found

    def _remembered(self, texts: pa.LargeStringArray) -> Codes:
        known = self._known
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        numbers = np.empty(len(texts), np.int32)
        for place, text in enumerate(texts.to_pylist()):
            number = known.get(text)
            if number is None:
                number = known[text] = self._read(text)
            numbers[place] = number
        return numbers


def plain(text: str) -> str:
    """The text in one width and case, without spaces at its ends."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def read_birth(dates: CodeSystem | None) -> Callable[[str], int]:
    """A reader of dates of birth: as :func:`birth_date.parse`, -9 when it is no date."""

    def read(text: str) -> int:
        value = birth_date.parse(text, None if ":" in text or "\uff1a" in text else dates)
        return NOT_READABLE if value is None else value

    return read


def read_day(dates: CodeSystem | None) -> Callable[[str], int]:
    """A reader of other days: ``yyyymmdd``, 0 missing or unknown, -9 when it is no date."""
    read_any = read_birth(dates)

    def read(text: str) -> int:
        value = read_any(text)
        return 0 if value == date_notation.UNKNOWN else value

    return read


def read_end(dates: CodeSystem | None) -> Callable[[str], int]:
    """A reader of days that may have no end: 9999…, and year 99 of an era, are 99991231."""
    read_any = read_day(dates)
    return lambda text: NO_END if _OPEN_END.match(plain(text)) else read_any(text)


def plain_ends(column: Utf8Column) -> Codes:
    """The plain days of a column that may have no end; -9 where :func:`read_end` must look."""
    days = birth_date.parse_plain_column(column)
    days[days >= _YEAR_WITHOUT_END] = NO_END
    return days


def read_sex(text: str) -> int:
    """The code of a sex (see :func:`sex.parse`), -9 outside the known codes."""
    code = sex.parse(text)
    return NOT_READABLE if code is None else code


def read_acquired_by(text: str) -> int:
    """How a number was got: 0 not said, 1 person, 2 jlis, 3 other."""
    word = _HYPHENS.sub("", plain(text))
    return _ACQUIRED_BY.get(word, _OTHER_WAY) if word else 0


def read_acquired_items(text: str) -> int:
    """The items of an inquiry as bits: 1 kanji, 2 kana, 4 birth, 8 sex, 16 address; 0 not said."""
    bits = 0
    for word in _ITEM_SEPARATORS.split(plain(text)):
        bits |= _ITEM_BITS.get(word, 0)
    return bits


def read_count(text: str) -> int:
    """A number of hits, -1 when not said."""
    word = plain(text).removesuffix("件").removesuffix(".0")
    return int(word) if word.isdecimal() and len(word) < 9 else -1  # noqa: PLR2004 fits int32


def read_flag(text: str) -> int:
    """1 yes, 0 no, -1 not said."""
    word = plain(text)
    return 1 if word in _YES else 0 if word in _NO else -1


def read_status(text: str) -> int:
    """The status in the register: 0 current, 1 abroad, 2 dead, 3 replaced; -9 another word."""
    return _STATUS.get("".join(plain(text).split()), NOT_READABLE)


def numbers_of(array: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """A column of Individual Numbers, -1 where there are not twelve digits."""
    return individual_number.parse_column(utf8_column(array))


def is_blank(array: pa.LargeStringArray) -> Flags:
    """Tell which values hold nothing but spaces."""
    found: Flags = pc.equal(pc.utf8_trim_whitespace(array), "").to_numpy(zero_copy_only=False)
    return found


def scheme_numbers(parts: list[pa.LargeStringArray | pa.DictionaryArray]) -> pa.LargeStringArray:
    """The canonical scheme numbers of rows from one whole column or from their parts in order."""
    if len(parts) == 1:
        return _canonical(decoded(parts[0]))
    places = tuple(
        part.indices.to_numpy().astype(np.int32)
        if pa.types.is_dictionary(part.type)
        else np.arange(len(part), dtype=np.int32)
        for part in parts
    )
    texts = [utf8_column(_canonical(part.dictionary if pa.types.is_dictionary(part.type) else part)) for part in parts]
    data, offsets = _joined(tuple(text.data for text in texts), tuple(text.offsets for text in texts), places)
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


@kernel
def _joined(data: tuple[Bytes, ...], offsets: tuple[Offsets, ...], places: tuple[Codes, ...]) -> Utf8Buffers:
    """Join the texts that the places name, row by row, with the separator; nothing where all are empty."""
    rows = len(places[0])
    ends = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        length = np.int64(0)
        for part in range(len(data)):
            place = places[part][row]
            length += offsets[part][place + 1] - offsets[part][place]
        ends[row + 1] = ends[row] + (length + len(data) - 1 if length else 0)
    out = np.empty(ends[rows], np.uint8)
    for row in range(rows):
        at = ends[row]
        if at == ends[row + 1]:
            continue
        for part in range(len(data)):
            if part > 0:
                out[at] = _SEPARATOR
                at += 1
            place = places[part][row]
            begin, end = offsets[part][place], offsets[part][place + 1]
            for k in range(end - begin):
                out[at + k] = data[part][begin + k]
            at += end - begin
    return out, ends


@kernel
def _has_odd(data: Bytes) -> bool:
    """Tell whether any byte is a space, a small letter or no ASCII; without a branch inside, so in wide registers."""
    for start in range(0, len(data), _TILE):
        tile = data[start : start + _TILE]
        odd = False
        for i in range(len(tile)):
            byte = tile[i]
            odd = odd | (byte <= _SPACE) | (byte > _TILDE) | ((byte >= _SMALL_A) & (byte <= _SMALL_Z))
        if odd:
            return True
    return False


def _canonical(array: pa.LargeStringArray) -> pa.LargeStringArray:
    """Fold only the rows that hold anything but plain figures, capitals and hyphens."""
    column = utf8_column(array)
    begin, end = int(column.offsets[0]), int(column.offsets[-1])
    data = column.data[begin:end]
    if not _has_odd(data):
        return array
    odd = (data <= _SPACE) | (data > _TILDE) | ((data >= _SMALL_A) & (data <= _SMALL_Z))
    places = np.unique(np.searchsorted(column.offsets - begin, np.flatnonzero(odd), side="right") - 1)
    mask = np.zeros(len(array), np.bool_)
    mask[places] = True
    encoded = array.take(pa.array(places)).dictionary_encode()
    canonical = pa.array([scheme_number.canonical(text) for text in encoded.dictionary.to_pylist()], pa.large_string())
    return pc.replace_with_mask(array, pa.array(mask), canonical.take(encoded.indices))
