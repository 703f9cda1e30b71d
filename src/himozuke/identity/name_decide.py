"""The decision on one pair of folded names, and the compiled loop over columns."""

from __future__ import annotations

from typing import Final

import numpy as np

from himozuke.identity import name_codes as codes
from himozuke.identity.column import Bytes, Offsets, States, kernel
from himozuke.identity.name_fold import decode, fold_letters, key_letters, longest
from himozuke.identity.name_near import EXCHANGED, LOOKALIKE, NO_SLIP, other_writing, same_letters, same_sound, slip
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
_LATIN = codes.LATIN
_LENGTH = codes.LENGTH
_PLANES = codes.PLANES
_SCRIPTS = codes.SCRIPTS
_SMALL = codes.SMALL
_TOKENS = codes.TOKENS
_UNKNOWN_LETTER = codes.UNKNOWN
_UNREAD = codes.UNREAD
_BOTH = 3


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
        return decide_unread(ka, n, kb, m)
    if same_letters(ka, 0, n, kb, 0, m):
        return decide_same_key(fa, fb, n, flags_a, flags_b, table.key)
    scripts_a, scripts_b = flags_a & _SCRIPTS, flags_b & _SCRIPTS
    if scripts_a != 0 and scripts_b != 0 and scripts_a & scripts_b == 0:
        return _UNKNOWN, _OTHER_SCRIPT
    if tokens_matter(ka, about_a, kb, about_b):
        return _DIFFERENT, ASK_TOKENS
    return decide_near(ka, n, kb, m, table, x, y)


@kernel
def decide_unread(ka: Row, n: int, kb: Row, m: int) -> tuple[int, int]:
    """Unreadable letters stand for exactly one letter each; the rest has to agree."""
    if n != m:
        return _DIFFERENT, _NO_WAY
    for i in range(n):
        if ka[i] != kb[i] and ka[i] != _UNKNOWN_LETTER and kb[i] != _UNKNOWN_LETTER:
            return _DIFFERENT, _NO_WAY
    return _UNKNOWN, _UNREADABLE


@kernel
def decide_same_key(fa: Row, fb: Row, n: int, flags_a: int, flags_b: int, key: Row) -> tuple[int, int]:
    """Names of one key: what lies between them, a fold, small kana or a kanji variant?

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


_KANA_FIRST = codes.FIRST_KANA
_KANA_LAST = codes.LAST_KANA


@kernel
def tokens_matter(ka: Row, about_a: Row, kb: Row, about_b: Row) -> bool:
    """Tell whether order or number of tokens could make two different keys one name."""
    tokens_a, tokens_b = about_a[_TOKENS], about_b[_TOKENS]
    if about_a[_FLAGS] & about_b[_FLAGS] & _LATIN:
        return True
    if max(tokens_a, tokens_b) < 2:
        return False
    if about_a[_LENGTH] == about_b[_LENGTH]:
        total = 0
        for i in range(about_a[_LENGTH]):
            a, b = np.int64(ka[i]), np.int64(kb[i])
            total += a * a - b * b
        return total == 0
    return bool(about_a[_FLAGS] & _KANA) and max(tokens_a, tokens_b) > 2 and min(tokens_a, tokens_b) > 1


@kernel
def decide_near(ka: Row, n: int, kb: Row, m: int, table: FoldTable, x: Row, y: Row) -> tuple[int, int]:
    """Near by look-alikes, by sound or by one slip; else different."""
    if other_writing(ka, n, kb, m, table.near):
        return _NEAR, _BY_LOOKALIKE
    if same_sound(ka, n, kb, m, table, x, y):
        return _NEAR, _BY_KANA
    kind = slip(ka, n, kb, m, table.alike)
    if kind == NO_SLIP:
        return _DIFFERENT, _NO_WAY
    if kind == LOOKALIKE:
        return _NEAR, _BY_LOOKALIKE
    return _NEAR, _BY_EXCHANGE if kind == EXCHANGED else _BY_ONE


@kernel
def same_bytes(a: Bytes, a_start: int, a_end: int, b: Bytes, b_start: int, b_end: int) -> bool:
    """Tell whether two values hold the same bytes."""
    if a_end - a_start != b_end - b_start:
        return False
    for i in range(a_end - a_start):
        if a[a_start + i] != b[b_start + i]:
            return False
    return True


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
        if same_bytes(a, a_start, a_end, b, b_start, b_end) and a_end > a_start:
            states[i], hows[i], parts[i] = _EQUAL, _BY_BYTES, _BOTH
            continue
        n = fold_letters(raw, decode(a, a_start, a_end, raw), item, table, fa, about_a)
        key_letters(fa, n, table.key, ka)
        m = fold_letters(raw, decode(b, b_start, b_end, raw), item, table, fb, about_b)
        key_letters(fb, m, table.key, kb)
        state, how = decide(fa, ka, about_a, fb, kb, about_b, table, x, y)
        states[i], hows[i] = state, how
        parts[i] = _BOTH if state <= _VARIANT else equal_parts(ka, about_a, kb, about_b, surnames)
