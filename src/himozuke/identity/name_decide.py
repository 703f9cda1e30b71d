"""The decision on one pair of folded names, and the compiled loop over columns."""

from __future__ import annotations

from typing import Final

import numpy as np

from himozuke.identity import name_codes as codes
from himozuke.identity.column import Bytes, Offsets, States, same_bytes
from himozuke.identity.kernel import kernel
from himozuke.identity.name_fold import decode, fold_letters, key_letters, kind_of, longest
from himozuke.identity.name_near import (
    EXCHANGED,
    LOOKALIKE,
    NO_SLIP,
    other_writing,
    same_letters,
    same_sound,
    shared_ends,
    slip,
)
from himozuke.identity.name_parts import SurnameTable, equal_parts
from himozuke.identity.name_tables import FoldTable, Row
from himozuke.identity.state import How, ItemState

ASK_TOKENS: Final = 254  # how: the tokens decide, in Python (foreign names, reversed order)

_EQUAL = int(ItemState.EQUAL)
_FOLDED = int(ItemState.FOLDED)
_VARIANT = int(ItemState.VARIANT)
_NEAR = int(ItemState.NEAR)
_UNKNOWN = int(ItemState.UNKNOWN)
_MISSING = int(ItemState.MISSING)
_DIFFERENT = int(ItemState.DIFFERENT)
_BY_BYTES = int(How.BYTES)
_BY_FOLD = int(How.FOLD)
_BY_SMALL_KANA = int(How.SMALL_KANA)
_BY_VARIANT = int(How.KANJI_VARIANT)
_BY_ONE = int(How.ONE_CHARACTER)
_BY_EXCHANGE = int(How.EXCHANGED)
_BY_LOOKALIKE = int(How.LOOKALIKE_KANJI)
_BY_KANA = int(How.NEAR_KANA)
_UNREADABLE = int(How.UNREADABLE)
_OTHER_SCRIPT = int(How.OTHER_SCRIPT)
_EMPTY = int(How.EMPTY)
_NO_WAY = int(How.DIFFERENT)

_ABOUT = codes.ABOUT
_FLAGS = codes.FLAGS
_HALF_WIDTH = codes.HALF_WIDTH
_KANA = codes.KANA
_KANA_FIRST = codes.FIRST_KANA
_KANA_LAST = codes.LAST_KANA
_KANJI = codes.KANJI
_LATIN = codes.LATIN
_LENGTH = codes.LENGTH
_PLANES = codes.PLANES
_SCRIPTS = codes.SCRIPTS
_SMALL = codes.SMALL
_STARTS = codes.STARTS
_TOKENS = codes.TOKENS
_UNKNOWN_LETTER = codes.UNKNOWN
_UNREAD = codes.UNREAD
_BOTH = 3
_NOT: Final = ord("不")
_NOT_YET: Final = ord("未")
_DETAILED: Final = ord("詳")
_CLEAR: Final = ord("明")


@kernel
def decide(
    fa: Row, ka: Row, about_a: Row, fb: Row, kb: Row, about_b: Row, table: FoldTable, x: Row, y: Row
) -> tuple[int, int]:
    """State and how of two folded names that are not byte-equal.

    ``fa`` holds folded letters, ``ka`` key letters, ``about_a`` what folding noted; ``x`` and ``y``
    are room to write in. How ``ASK_TOKENS`` leaves the answer to ``name_tokens``.
    """
    n, m = about_a[_LENGTH], about_b[_LENGTH]
    flags_a, flags_b = about_a[_FLAGS], about_b[_FLAGS]
    if n == 0 or m == 0:
        return _MISSING, _EMPTY
    if (flags_a | flags_b) & _UNREAD:
        return decide_unread(fa, ka, n, fb, kb, m)
    if same_letters(ka, 0, n, kb, 0, m):
        return decide_same_key(fa, fb, n, flags_a, flags_b)
    if is_untold(ka, n) or is_untold(kb, m):
        return _UNKNOWN, _UNREADABLE
    scripts_a, scripts_b = flags_a & _SCRIPTS, flags_b & _SCRIPTS
    if scripts_a != 0 and scripts_b != 0 and scripts_a & scripts_b == 0:
        return _UNKNOWN, _OTHER_SCRIPT
    if scripts_a != scripts_b:
        if slip(ka, n, kb, m, table) == LOOKALIKE:  # 力ネコ
            return _NEAR, _BY_ONE
        if kana_of_kanji(ka, n, scripts_a, kb, m, scripts_b, table):
            return _UNKNOWN, _OTHER_SCRIPT
        parting = scripts_part(ka, n, kb, m, table)
        if parting != 0:
            return (_UNKNOWN, _OTHER_SCRIPT) if parting & _LATIN else (_DIFFERENT, ASK_TOKENS)
    if tokens_matter(ka, about_a, kb, about_b):
        return _DIFFERENT, ASK_TOKENS
    return decide_near(ka, n, kb, m, flags_a & flags_b, table, x, y)


@kernel
def is_untold(key: Row, n: int) -> bool:
    """Tell whether a name only says that it is not known (不詳, 不明, 未詳)."""
    if n != 2:
        return False
    not_told = key[0] == _NOT and (key[1] == _DETAILED or key[1] == _CLEAR)
    return bool(not_told or (key[0] == _NOT_YET and key[1] == _DETAILED))


@kernel
def kana_of_kanji(ka: Row, n: int, scripts_a: int, kb: Row, m: int, scripts_b: int, table: FoldTable) -> bool:
    """Tell whether one side is all kana and the kana the other keeps beside kanji stand in it in order."""
    if scripts_a == _KANA and scripts_b == _KANA | _KANJI:
        return is_among(kb, m, ka, n, table)
    if scripts_b == _KANA and scripts_a == _KANA | _KANJI:
        return is_among(ka, n, kb, m, table)
    return False


@kernel
def is_among(mixed: Row, n: int, kana: Row, m: int, table: FoldTable) -> bool:
    """Tell whether the kana of ``mixed`` stand in ``kana`` in the same order, with room for its kanji."""
    j = 0
    for i in range(n):
        if kind_of(mixed[i], table) == _KANA:
            while j < m and kana[j] != mixed[i]:
                j += 1
            if j == m:
                return False
        elif j >= m:
            return False
        j += 1
    return True


@kernel
def scripts_part(ka: Row, n: int, kb: Row, m: int, table: FoldTable) -> int:
    """Where two names differ in one stretch of two scripts (さくら, 桜), the scripts; else 0."""
    head, tail = shared_ends(ka, n, kb, m)
    left = scripts_of(ka, head, n - tail, table)
    right = scripts_of(kb, head, m - tail, table)
    if head + tail == 0 or left == 0 or right == 0 or left & right != 0:
        return 0
    return left | right


@kernel
def scripts_of(letters: Row, start: int, end: int, table: FoldTable) -> int:
    """The scripts of a stretch of letters."""
    out = 0
    for i in range(start, end):
        out |= kind_of(letters[i], table) & _SCRIPTS
    return out


@kernel
def decide_unread(fa: Row, ka: Row, n: int, fb: Row, kb: Row, m: int) -> tuple[int, int]:
    """Unreadable letters stand for one letter each, and the rest has to agree.

    A letter beyond the basic plane may have been lost as two marks (𠮷 as ??). Where nothing at
    all can be read nothing can differ.
    """
    if nothing_read(ka, n) or nothing_read(kb, m):
        return _UNKNOWN, _UNREADABLE
    i = 0
    j = 0
    while i < n and j < m:
        if ka[i] != kb[j] and ka[i] != _UNKNOWN_LETTER and kb[j] != _UNKNOWN_LETTER:
            return _DIFFERENT, _NO_WAY
        if n - i > m - j and is_pair_lost(ka, i, n, fb[j]):
            i += 1
        elif m - j > n - i and is_pair_lost(kb, j, m, fa[i]):
            j += 1
        i += 1
        j += 1
    return (_UNKNOWN, _UNREADABLE) if i == n and j == m else (_DIFFERENT, _NO_WAY)


@kernel
def nothing_read(key: Row, n: int) -> bool:
    """Tell whether a name has unreadable letters only."""
    for i in range(n):
        if key[i] != _UNKNOWN_LETTER:
            return False
    return True


@kernel
def is_pair_lost(key: Row, i: int, n: int, other: int) -> bool:
    """Tell whether two unreadable letters at ``i`` may be one letter beyond the basic plane."""
    return other > 0xFFFF and i + 1 < n and key[i] == _UNKNOWN_LETTER and key[i + 1] == _UNKNOWN_LETTER


@kernel
def decide_same_key(fa: Row, fb: Row, n: int, flags_a: int, flags_b: int) -> tuple[int, int]:
    """Name what lies between names of one key: a fold, small kana or a kanji variant.

    Old systems held large kana only, so a side in half width or without any small kana says
    nothing about size; where both sides write small kana, リヨ and リョ are two readings.
    """
    small = False
    variant = False
    for i in range(n):
        if fa[i] != fb[i]:
            if _KANA_FIRST <= fa[i] <= _KANA_LAST and _KANA_FIRST <= fb[i] <= _KANA_LAST:
                small = True
            else:
                variant = True
    if small and flags_a & flags_b & _SMALL and not (flags_a | flags_b) & _HALF_WIDTH:
        return _NEAR, _BY_KANA
    if variant:
        return _VARIANT, _BY_VARIANT
    return (_FOLDED, _BY_SMALL_KANA) if small else (_FOLDED, _BY_FOLD)


@kernel
def tokens_matter(ka: Row, about_a: Row, kb: Row, about_b: Row) -> bool:
    """Tell whether order or number of tokens could make two different keys one name."""
    tokens_a, tokens_b = about_a[_TOKENS], about_b[_TOKENS]
    fewer, more = min(tokens_a, tokens_b), max(tokens_a, tokens_b)
    if more > 2 and fewer == 1:
        return True
    if more > 1 and about_a[_LENGTH] == about_b[_LENGTH] and same_bag(ka, kb, about_a[_LENGTH]):
        return True
    if more > 2 or about_a[_FLAGS] & about_b[_FLAGS] & _LATIN:
        return shares_token(ka, about_a, kb, about_b)
    return False


@kernel
def same_bag(a: Row, b: Row, n: int) -> bool:
    """Tell whether two keys of one length may hold the same letters in another order."""
    total = np.int64(0)
    for i in range(n):
        x, y = np.int64(a[i]), np.int64(b[i])
        total += x * x - y * y
    return bool(total == 0)


@kernel
def shares_token(ka: Row, about_a: Row, kb: Row, about_b: Row) -> bool:
    """Tell whether two names have a token in common."""
    tokens_a, tokens_b = about_a[_TOKENS], about_b[_TOKENS]
    for i in range(tokens_a):
        start = about_a[_STARTS + i]
        end = about_a[_STARTS + i + 1] if i + 1 < tokens_a else about_a[_LENGTH]
        for j in range(tokens_b):
            b_start = about_b[_STARTS + j]
            b_end = about_b[_STARTS + j + 1] if j + 1 < tokens_b else about_b[_LENGTH]
            if same_letters(ka, start, end, kb, b_start, b_end):
                return True
    return False


@kernel
def decide_near(ka: Row, n: int, kb: Row, m: int, scripts: int, table: FoldTable, x: Row, y: Row) -> tuple[int, int]:
    """Near by look-alikes, by sound or by one slip; else different. ``scripts``: what both use."""
    if other_writing(ka, n, kb, m, table):
        return _NEAR, _BY_LOOKALIKE
    if scripts & _KANA and same_sound(ka, n, kb, m, table, x, y):
        return _NEAR, _BY_KANA
    kind = slip(ka, n, kb, m, table)
    if kind == NO_SLIP:
        return _DIFFERENT, _NO_WAY
    return _NEAR, _BY_EXCHANGE if kind == EXCHANGED else _BY_ONE


@kernel
def starts_blank(data: Bytes, start: int, end: int) -> bool:
    """Tell whether a value is empty or starts with a space: it may hold nothing else."""
    if end <= start or data[start] <= 0x20:
        return True
    return end - start > 2 and data[start] == 0xE3 and data[start + 1] == 0x80 and data[start + 2] == 0x80


@kernel
def decide_rows(
    a: Bytes,
    a_offsets: Offsets,
    b: Bytes,
    b_offsets: Offsets,
    item: int,
    table: FoldTable,
    surnames: SurnameTable,
    states: States,
    hows: States,
    parts: States,
) -> None:
    """Compare row by row into ``states``, ``hows`` and ``parts``."""
    size = 2 * max(longest(a_offsets), longest(b_offsets)) + 8
    room = np.empty((7, size), np.int32)
    raw, fa, ka, fb, kb, x, y = room[0], room[1], room[2], room[3], room[4], room[5], room[6]
    about_a = np.empty(_ABOUT, np.int32)
    about_b = np.empty(_ABOUT, np.int32)
    for i in range(len(a_offsets) - 1):
        a_start, a_end, b_start, b_end = a_offsets[i], a_offsets[i + 1], b_offsets[i], b_offsets[i + 1]
        same = same_bytes(a, a_start, a_end, b, b_start, b_end)
        if same and not starts_blank(a, a_start, a_end):
            states[i], hows[i], parts[i] = _EQUAL, _BY_BYTES, _BOTH
            continue
        n = fold_letters(raw, decode(a, a_start, a_end, raw), item, table, fa, about_a)
        key_letters(fa, n, table, ka)
        m = fold_letters(raw, decode(b, b_start, b_end, raw), item, table, fb, about_b)
        key_letters(fb, m, table, kb)
        if same and n > 0:
            states[i], hows[i], parts[i] = _EQUAL, _BY_BYTES, _BOTH
            continue
        state, how = decide(fa, ka, about_a, fb, kb, about_b, table, x, y)
        states[i], hows[i] = state, how
        parts[i] = _BOTH if state <= _VARIANT else equal_parts(ka, about_a, kb, about_b, surnames)
