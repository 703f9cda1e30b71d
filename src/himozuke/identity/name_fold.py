"""Folding one name, letter by letter: the kernels behind keys and comparisons."""

from __future__ import annotations

import numpy as np

from himozuke.identity import name_codes as codes
from himozuke.identity.column import Bytes, Hashes, Offsets, hash_bytes, kernel
from himozuke.identity.name_tables import FoldTable, Row

_DASH = codes.DASH
_DROP = codes.DROP
_EXPANDED = codes.EXPANDED
_FIRST_KANA = codes.FIRST_KANA
_FLAGS = codes.FLAGS
_HALF_VOICED = codes.HALF_VOICED
_HALF_WIDTH = codes.HALF_WIDTH
_KANA = codes.KANA
_KANA_ITEM = codes.KANA_ITEM
_KANJI = codes.KANJI
_LAST_KANA = codes.LAST_KANA
_LATIN = codes.LATIN
_LENGTH = codes.LENGTH
_LONG = codes.LONG
_MOST_TOKENS = codes.MOST_TOKENS
_ONE = codes.ONE
_OTHER = codes.OTHER
_PLANES = codes.PLANES
_REPEAT = codes.REPEAT
_REPEAT_VOICED = codes.REPEAT_VOICED
_SAME = codes.SAME
_SMALL = codes.SMALL
_SPACE = codes.SPACE
_STARTS = codes.STARTS
_TOKENS = codes.TOKENS
_UNKNOWN = codes.UNKNOWN
_UNREAD = codes.UNREAD
_UNREADABLE = codes.UNREADABLE
_VOICED = codes.VOICED


@kernel
def decode(data: Bytes, start: int, end: int, out: Row) -> int:
    """Write the code points of the UTF-8 bytes ``data[start:end]``; returns how many."""
    n = 0
    i = start
    while i < end:
        byte = np.int32(data[i])
        if byte < 0x80:
            out[n] = byte
            i += 1
        elif byte < 0xE0:
            out[n] = (byte & 0x1F) << 6 | (np.int32(data[i + 1]) & 0x3F)
            i += 2
        elif byte < 0xF0:
            out[n] = (byte & 0x0F) << 12 | (np.int32(data[i + 1]) & 0x3F) << 6 | (np.int32(data[i + 2]) & 0x3F)
            i += 3
        else:
            high = (byte & 0x07) << 18 | (np.int32(data[i + 1]) & 0x3F) << 12
            out[n] = high | (np.int32(data[i + 2]) & 0x3F) << 6 | (np.int32(data[i + 3]) & 0x3F)
            i += 4
        n += 1
    return n


@kernel
def encode(codepoints: Row, n: int, out: Bytes) -> int:
    """Write code points as UTF-8; returns the number of bytes."""
    j = 0
    for i in range(n):
        c = codepoints[i]
        if c < 0x80:
            out[j] = c
            j += 1
        elif c < 0x800:
            out[j] = 0xC0 | c >> 6
            out[j + 1] = 0x80 | c & 0x3F
            j += 2
        elif c < 0x10000:
            out[j] = 0xE0 | c >> 12
            out[j + 1] = 0x80 | c >> 6 & 0x3F
            out[j + 2] = 0x80 | c & 0x3F
            j += 3
        else:
            out[j] = 0xF0 | c >> 18
            out[j + 1] = 0x80 | c >> 12 & 0x3F
            out[j + 2] = 0x80 | c >> 6 & 0x3F
            out[j + 3] = 0x80 | c & 0x3F
            j += 4
    return j


@kernel
def is_kana(code: int) -> bool:
    """Tell whether a raw letter is kana, full or half width."""
    return 0x3041 <= code <= 0x30FE or 0xFF66 <= code <= 0xFF9F


@kernel
def mark_of(code: int, first: Row) -> int:
    """What a raw code point becomes: a letter (zero or more) or one of the marks of name_codes."""
    if code < _PLANES:
        return int(first[code])
    if 0xE0000 <= code < 0xF0000:
        return _DROP
    return _UNREADABLE if code >= 0xF0000 else code


@kernel
def is_long(raw: Row, i: int, n: int, mark: int, item: int, first: Row) -> bool:
    """Tell whether the dash or 一 at ``raw[i]``, standing after kana, is meant as ー.

    A dash is when kana or nothing follows. 一 is in a kana name; in a kanji name only between two
    kana, for けん一 is a given name.
    """
    if mark == _DASH:
        if i + 1 >= n:
            return True
        following = mark_of(raw[i + 1], first)
        return following == _SPACE or following == _DASH or is_kana(raw[i + 1])
    return item == _KANA_ITEM or (i + 1 < n and is_kana(raw[i + 1]))


@kernel
def script_of(code: int) -> int:
    """The script flag of one folded letter; figures and marks have none."""
    if 0x4E00 <= code <= 0x9FFF or code == _SAME:
        return _KANJI
    if 0x30A1 <= code <= 0x30FF:
        return _KANA
    if 0x41 <= code <= 0x5A:
        return _LATIN
    if code < 0x80 or code == _UNKNOWN:
        return 0
    if 0x3400 <= code <= 0x4DBF or code >= 0x20000 or 0xF900 <= code <= 0xFAFF:
        return _KANJI
    return _OTHER


@kernel
def fold_letters(raw: Row, n: int, item: int, table: FoldTable, out: Row, about: Row) -> int:
    """Fold the code points of one name into ``out``; returns the length.

    Spaces are gone, but ``about`` holds length, flags, number of tokens and where each starts.
    """
    m = 0
    flags = 0
    tokens = 0
    parted = True
    for i in range(n):
        code = raw[i]
        mark = mark_of(code, table.first)
        if 0xFF66 <= code <= 0xFF9D:
            flags |= _HALF_WIDTH
        if mark == _DASH or code == _ONE:
            after_kana = m > 0 and not parted and _FIRST_KANA <= out[m - 1] <= _LONG
            if after_kana and is_long(raw, i, n, mark, item, table.first):
                mark = _LONG
            elif mark == _DASH:
                mark = _SPACE
        elif mark == _LONG and m > 0 and 0x41 <= out[m - 1] <= 0x5A:
            mark = _SPACE  # ー is a hyphen between Latin letters
        if mark == _SPACE:
            parted = True
            continue
        if mark == _DROP:
            continue
        if mark == _VOICED or mark == _HALF_VOICED:
            if m > 0 and out[m - 1] < _PLANES:
                last = out[m - 1]
                out[m - 1] = table.voiced[last] if mark == _VOICED else table.half_voiced[last]
            continue
        if mark == _REPEAT or mark == _REPEAT_VOICED:
            if m == 0 or out[m - 1] >= _PLANES:
                continue
            last = table.plain[out[m - 1]]
            mark = table.voiced[last] if mark == _REPEAT_VOICED else last
        if mark == _UNREADABLE:
            mark = _UNKNOWN
            flags |= _UNREAD
        if parted:
            if tokens < _MOST_TOKENS:
                about[_STARTS + tokens] = m
                tokens += 1
            parted = False
        if mark >= 0:
            out[m] = mark
            m += 1
            flags |= letter_flags(mark, table.key)
        else:
            place = _EXPANDED - mark
            for j in range(table.extra_at[place], table.extra_at[place + 1]):
                out[m] = table.extra[j]
                m += 1
                flags |= letter_flags(table.extra[j], table.key)
    about[_LENGTH] = m
    about[_FLAGS] = flags
    about[_TOKENS] = 1 if tokens == m and tokens > 2 and flags & _KANJI else tokens
    return m


@kernel
def letter_flags(code: int, key: Row) -> int:
    """Script of a folded letter, and whether it is a small kana."""
    flags = script_of(code)
    if flags == _KANA and code <= _LAST_KANA and key[code] != code:
        flags |= _SMALL
    return flags


@kernel
def key_letters(folded: Row, n: int, key: Row, out: Row) -> None:
    """Lead each folded letter to its representative; 々 repeats the letter before it."""
    for i in range(n):
        code = folded[i]
        if code == _SAME and i > 0:
            out[i] = out[i - 1]
        elif code < _PLANES:
            out[i] = key[code]
        else:
            out[i] = code


@kernel
def longest(offsets: Offsets) -> int:
    """The bytes of the longest value of a column."""
    most = 0
    for i in range(len(offsets) - 1):
        most = max(most, offsets[i + 1] - offsets[i])
    return most


@kernel
def hash_letters(letters: Row, start: int, end: int, scratch: Bytes) -> np.uint64:
    """Hash letters as their UTF-8 text; none gives 0."""
    if end <= start:
        return np.uint64(0)
    return hash_bytes(scratch, 0, encode(letters[start:end], end - start, scratch))


@kernel
def hash_names(data: Bytes, offsets: Offsets, item: int, table: FoldTable) -> tuple[Hashes, Hashes]:
    """Hash folded text and key of every value of a column."""
    rows = len(offsets) - 1
    size = 2 * longest(offsets) + 8
    raw = np.empty(size, np.int32)
    folded = np.empty(size, np.int32)
    key = np.empty(size, np.int32)
    about = np.empty(_STARTS + _MOST_TOKENS, np.int32)
    scratch = np.empty(4 * size, np.uint8)
    folds = np.empty(rows, np.uint64)
    keys = np.empty(rows, np.uint64)
    for i in range(rows):
        n = decode(data, offsets[i], offsets[i + 1], raw)
        m = fold_letters(raw, n, item, table, folded, about)
        key_letters(folded, m, table.key, key)
        folds[i] = hash_letters(folded, 0, m, scratch)
        keys[i] = hash_letters(key, 0, m, scratch)
    return folds, keys


@kernel
def hash_ends(data: Bytes, offsets: Offsets, item: int, table: FoldTable, tail: int) -> Hashes:
    """Hash the last ``tail`` letters of the key (0 when it is shorter); ``tail`` 0: its first letter."""
    rows = len(offsets) - 1
    size = 2 * longest(offsets) + 8
    raw = np.empty(size, np.int32)
    folded = np.empty(size, np.int32)
    key = np.empty(size, np.int32)
    about = np.empty(_STARTS + _MOST_TOKENS, np.int32)
    scratch = np.empty(4 * size, np.uint8)
    out = np.zeros(rows, np.uint64)
    for i in range(rows):
        n = decode(data, offsets[i], offsets[i + 1], raw)
        m = fold_letters(raw, n, item, table, folded, about)
        key_letters(folded, m, table.key, key)
        if tail == 0:
            out[i] = hash_letters(key, 0, min(1, m), scratch)
        elif m >= tail:
            out[i] = hash_letters(key, m - tail, m, scratch)
    return out
