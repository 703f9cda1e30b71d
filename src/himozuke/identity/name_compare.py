"""Comparing names: one pair in plain Python, columns compiled, both by the same kernels."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity import name_codes as codes
from himozuke.identity.column import Utf8Column
from himozuke.identity.name_decide import ASK_TOKENS, decide, decide_near, decide_rows
from himozuke.identity.name_fold import fold_letters, hash_ends, hash_names, key_letters
from himozuke.identity.name_interpreted import interpreted
from himozuke.identity.name_parts import equal_parts, surname_table
from himozuke.identity.name_tables import fold_table
from himozuke.identity.name_tokens import Folded, compare_tokens, sorted_key, token_parts, token_starts
from himozuke.identity.state import Comparison, How, ItemState, Parts

_fold_letters = interpreted(fold_letters)
_key_letters = interpreted(key_letters)
_decide = interpreted(decide)
_decide_near = interpreted(decide_near)
_equal_parts = interpreted(equal_parts)


class Keys(NamedTuple):
    """Hashes of folded text and key of each row of a column; 0 for empty."""

    folded: npt.NDArray[np.uint64]
    key: npt.NDArray[np.uint64]


class Compared(NamedTuple):
    """What each row came to: ``ItemState``, ``How`` and ``Parts`` as bytes."""

    states: npt.NDArray[np.uint8]
    hows: npt.NDArray[np.uint8]
    parts: npt.NDArray[np.uint8]


@lru_cache(maxsize=4096)
def fold(text: str, item: int) -> Folded:
    """Fold one name."""
    table = fold_table()
    raw = [ord(letter) for letter in text]
    letters = [0] * (codes.LONGEST_EXPANSION * len(raw) + 1)
    about = [0] * codes.ABOUT
    n = _fold_letters(raw, len(raw), item, table, letters, about)
    key = [0] * n
    _key_letters(letters, n, table, key)
    key_text = "".join(map(chr, key))
    tokens = tuple(key_text[i:j] for i, j in pairwise(token_starts(about)))
    return Folded("".join(map(chr, letters[:n])), key_text, about, tokens)


def compare_names(a: str, b: str, item: int) -> Comparison:
    """Compare one pair of names."""
    return _compare(a, b, item)[0]


def _compare(a: str, b: str, item: int) -> tuple[Comparison, Parts]:
    x, y = fold(a, item), fold(b, item)
    blank = not a or a[0] <= " " or a[0] == "\u3000"  # as starts_blank: it may hold nothing else
    if a == b and (x.key or not blank):
        return Comparison(ItemState.EQUAL, How.BYTES), Parts.BOTH
    room = [0] * (len(x.key) + len(y.key) + 1)
    pair = (_letters(x.text), _letters(x.key), x.about, _letters(y.text), _letters(y.key), y.about)
    state, how = _decide(*pair, fold_table(), room, room.copy())
    if how == ASK_TOKENS:
        found = compare_tokens(x, y) or _compare_sorted(x, y)
        if x.flags & y.flags & codes.LATIN:
            whole = found.state.agrees or found.how == How.MIDDLE_NAME
            return found, Parts.BOTH if whole else token_parts(x, y)
    else:
        found = Comparison(ItemState(state), How(how), _detail(x, y, How(how)))
    return found, _parts(found, x, y)


def _parts(found: Comparison, a: Folded, b: Folded) -> Parts:
    if found.state.agrees or found.how == How.MIDDLE_NAME:
        return Parts.BOTH
    return Parts(_equal_parts(_letters(a.key), a.about, _letters(b.key), b.about, surname_table()))


def _compare_sorted(a: Folded, b: Folded) -> Comparison:
    """Look for a slip in the order written, then in alphabetical order of the tokens."""
    state, how = _judge_near(a.key, b.key, a.flags & b.flags)
    if state == ItemState.DIFFERENT and a.flags & b.flags & codes.LATIN:
        state, how = _judge_near(sorted_key(a), sorted_key(b), a.flags & b.flags)
    return Comparison(ItemState(state), How(how), _detail(a, b, How(how)))


def _judge_near(a: str, b: str, scripts: int) -> tuple[int, int]:
    room = [0] * (len(a) + len(b) + 1)
    pair = (_letters(a), len(a), _letters(b), len(b))
    out: tuple[int, int] = _decide_near(*pair, scripts, fold_table(), room, room.copy())
    return out


def _letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def _detail(a: Folded, b: Folded, how: How) -> str:
    """The letters that differ, as ``髙→高``; several are parted by a space."""
    if how in {How.FOLD, How.EMPTY, How.DIFFERENT, How.OTHER_SCRIPT}:
        return ""
    changes = _runs(a.text, b.text) if len(a.text) == len(b.text) else _edits(a.text, b.text)
    return " ".join(f"{left}→{right}" for left, right in changes).replace(chr(codes.UNKNOWN), "●")


def _runs(a: str, b: str) -> Iterator[tuple[str, str]]:
    """The stretches in which two texts of one length differ."""
    for differs, pairs in groupby(zip(a, b, strict=True), key=lambda pair: pair[0] != pair[1]):
        if differs:
            left, right = zip(*pairs, strict=True)
            yield "".join(left), "".join(right)


def _edits(a: str, b: str) -> Iterator[tuple[str, str]]:
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            yield a[i:j], b[k:m]


def name_parts(a: str, b: str, item: int) -> Parts:
    """Which parts of two names agree."""
    return _compare(a, b, item)[1]


def name_keys(column: Utf8Column, item: int) -> Keys:
    """Hash folded text and key of each row."""
    return Keys(*hash_names(column.data, column.offsets, item, fold_table()))


def name_ends(column: Utf8Column, item: int, tail: int) -> npt.NDArray[np.uint64]:
    """Hash the last ``tail`` letters of each key, or its first letter when ``tail`` is 0."""
    out: npt.NDArray[np.uint64] = hash_ends(column.data, column.offsets, item, fold_table(), tail)
    return out


def compare_name_columns(a: Utf8Column, b: Utf8Column, item: int) -> Compared:
    """Compare row ``i`` of ``a`` with row ``i`` of ``b``; rare rows go through Python."""
    if a.rows != b.rows:
        raise ValueError(f"Cannot compare {a.rows} names with {b.rows}: both columns need the same rows.")
    out = Compared(*(np.empty(a.rows, np.uint8) for _ in range(3)))
    decide_rows(a.data, a.offsets, b.data, b.offsets, item, fold_table(), surname_table(), *out)
    for row in np.flatnonzero(out.hows == ASK_TOKENS).tolist():
        found, parts = _compare(a.value(row), b.value(row), item)
        out.states[row], out.hows[row], out.parts[row] = found.state, found.how, parts
    return out
