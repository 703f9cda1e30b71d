"""Folding one name, letter by letter: the kernels behind keys and comparisons."""

from __future__ import annotations

import numpy as np

from himozuke.identity import name_codes as codes
from himozuke.identity.column import Bytes, Hashes, Offsets, hash_bytes
from himozuke.identity.kernel import kernel
from himozuke.identity.name_tables import FoldTable, Row

_DASH = codes.DASH
_DROP = codes.DROP
_EXPANDED = codes.EXPANDED
_FIRST_KANA = codes.FIRST_KANA
_EXTRA = codes.EXTRA
_FIRST = codes.FIRST
_FIRST_HALF = codes.FIRST_HALF_KANA
_FLAGS = codes.FLAGS
_HALF_VOICED = codes.HALF_VOICED
_HALF_WIDTH = codes.HALF_WIDTH
_KANA_ITEM = codes.KANA_ITEM
_KEY = codes.KEY
_KINDS = codes.KINDS
_KANJI = codes.KANJI
_LAST_HALF = codes.LAST_HALF_KANA
_LENGTH = codes.LENGTH
_LONG = codes.LONG
_MOST_TOKENS = codes.MOST_TOKENS
_ONE = codes.ONE
_PLANES = codes.PLANES
_REPEAT_VOICED = codes.REPEAT_VOICED
_SAME = codes.SAME
_SPACE = codes.SPACE
_STARTS = codes.STARTS
_TOKENS = codes.TOKENS
_TO_HALF_VOICED = codes.TO_HALF_VOICED
_TO_PLAIN = codes.TO_PLAIN
_TO_VOICED = codes.TO_VOICED
_UNKNOWN = codes.UNKNOWN
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
def encode(codepoints: Row, start: int, end: int, out: Bytes) -> int:
    """Write code points as UTF-8; returns the number of bytes."""
    j = 0
    for i in range(start, end):
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
def mark_of(code: int, table: FoldTable) -> int:
    """What a raw code point becomes: a letter (zero or more) or one of the marks of name_codes."""
    if code < _PLANES:
        return int(table[_FIRST, code])
    if 0xE0000 <= code < 0xF0000:
        return _DROP
    return _UNREADABLE if code >= 0xF0000 else code


@kernel
def is_long(raw: Row, i: int, n: int, mark: int, item: int, table: FoldTable) -> bool:
    """Tell whether the dash or 一 at ``raw[i]``, standing after kana, is meant as ー.

    A dash is when kana or nothing follows. 一 is in a kana name; in a kanji name only between two
    kana, for けん一 is a given name.
    """
    if mark == _DASH:
        if i + 1 >= n:
            return True
        following = mark_of(raw[i + 1], table)
        return following == _SPACE or following == _DASH or is_kana(raw[i + 1])
    return item == _KANA_ITEM or (i + 1 < n and is_kana(raw[i + 1]))


@kernel
def kind_of(code: int, table: FoldTable) -> int:
    """The flags of one folded letter: its script, small kana, unreadable; figures have none."""
    return int(table[_KINDS, code]) if code < _PLANES else _KANJI


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
        mark = mark_of(code, table)
        if mark < _SPACE or code == _ONE or mark == _LONG:
            mark = settle(raw, i, n, mark, item, table, out, 0 if parted else m, m)
        if mark == _SPACE or mark == _DROP:
            parted = parted or mark == _SPACE
            continue
        if parted and tokens < _MOST_TOKENS:
            about[_STARTS + tokens] = m
            tokens += 1
        parted = False
        if _FIRST_HALF <= code <= _LAST_HALF:
            flags |= _HALF_WIDTH
        if mark >= 0:
            out[m] = mark
            m += 1
            flags |= kind_of(mark, table)
        else:
            end = expand(_EXPANDED - mark, table, out, m)
            for j in range(m, end):
                flags |= kind_of(out[j], table)
            m = end
    about[_LENGTH] = m
    about[_FLAGS] = flags
    # 山 田 太 郎: a space after every letter parts nothing.
    about[_TOKENS] = 1 if tokens == m and tokens > 2 and flags & _KANJI else tokens
    return m


@kernel
def settle(raw: Row, i: int, n: int, mark: int, item: int, table: FoldTable, out: Row, near: int, m: int) -> int:
    """Find out what a letter that hangs on its neighbours becomes: a letter, SPACE or DROP.

    ``m`` letters are written, ``near`` of them without a space between them and this one (or 0).
    """
    last = out[m - 1] if m > 0 else np.int32(0)
    if mark == _DASH or raw[i] == _ONE:
        after_kana = near > 0 and _FIRST_KANA <= last <= _LONG
        if after_kana and is_long(raw, i, n, mark, item, table):
            return _LONG
        return _SPACE if mark == _DASH else mark
    if mark == _LONG:
        return _SPACE if 0x41 <= last <= 0x5A else mark  # ー is a hyphen between Latin letters
    if mark == _UNREADABLE:
        return _UNKNOWN
    if mark > _VOICED or mark <= _EXPANDED:
        return mark
    if m == 0 or last >= _PLANES:
        return _DROP
    if mark == _VOICED or mark == _HALF_VOICED:
        out[m - 1] = table[_TO_VOICED, last] if mark == _VOICED else table[_TO_HALF_VOICED, last]
        return _DROP
    last = table[_TO_PLAIN, last]
    return int(table[_TO_VOICED, last]) if mark == _REPEAT_VOICED else int(last)


@kernel
def expand(place: int, table: FoldTable, out: Row, m: int) -> int:
    """Write the letters one letter stands for; returns the new length."""
    length = table[_EXTRA, place]
    for j in range(length):
        out[m + j] = table[_EXTRA, place + 1 + j]
    return int(m + length)


@kernel
def key_letters(folded: Row, n: int, table: FoldTable, out: Row) -> None:
    """Lead each folded letter to its representative; 々 repeats the letter before it."""
    for i in range(n):
        code = folded[i]
        if code == _SAME and i > 0:
            out[i] = out[i - 1]
        elif code < _PLANES:
            out[i] = table[_KEY, code]
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
    return hash_bytes(scratch, 0, encode(letters, start, end, scratch))


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
        key_letters(folded, m, table, key)
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
        key_letters(folded, m, table, key)
        if tail == 0:
            out[i] = hash_letters(key, 0, min(1, m), scratch)
        elif m >= tail:
            out[i] = hash_letters(key, m - tail, m, scratch)
    return out
