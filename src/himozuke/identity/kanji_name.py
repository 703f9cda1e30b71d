"""Kanji names: folding, keys and comparison.

The item holds what the register holds as name: kanji with kana among them, or the Latin name of a
foreign resident.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.identity.column import Utf8Column
from himozuke.identity.name_codes import KANJI_ITEM
from himozuke.identity.name_compare import (
    Compared,
    Keys,
    compare_name_columns,
    compare_names,
    fold,
    name_ends,
    name_keys,
    name_parts,
)
from himozuke.identity.state import Comparison, Parts

__all__ = ["Compared", "Keys", "compare", "compare_columns", "folded", "head_hash", "key", "keys", "parts", "tail_hash"]


def compare(a: str, b: str) -> Comparison:
    """Compare two names.

    Near is one letter wrong, missing, doubled or exchanged with its neighbour in the key without
    spaces, kanji of the 園/薗 kind, kana of one sound, and a missing middle name. A given name of one
    letter replaced by another is near too (佐藤 花, 佐藤 化): the comparison knows letters, not people.
    Where two letters are all there is and one differs (林 武, 林 剛), the names are different, unless
    the two letters are mistaken for each other by eye (坂本, 阪本). Unreadable letters stand for one
    letter each.
    """
    return compare_names(a, b, KANJI_ITEM)


def folded(text: str) -> str:
    """The name after folding width, spaces, kana, case, radicals and selectors; equal is ``folded``.

    An unreadable letter is U+FFFD; a text that holds one proves nothing by being equal.
    """
    return fold(text, KANJI_ITEM).text


def key(text: str) -> str:
    """The folded name with kanji variants led to one form; equal is ``variant`` or better.

    Small kana are large here: only where both sides write small kana and disagree is it ``near``.
    """
    return fold(text, KANJI_ITEM).key


def keys(column: Utf8Column) -> Keys:
    """Hash :func:`folded` and :func:`key` of each row; 0 for empty."""
    return name_keys(column, KANJI_ITEM)


def compare_columns(a: Utf8Column, b: Utf8Column) -> Compared:
    """Compare row ``i`` of ``a`` with row ``i`` of ``b``, with the same result as :func:`compare`."""
    return compare_name_columns(a, b, KANJI_ITEM)


def parts(a: str, b: str) -> Parts:
    """Which parts of two names agree, surname or given name."""
    return name_parts(a, b, KANJI_ITEM)


def tail_hash(column: Utf8Column) -> npt.NDArray[np.uint64]:
    """Hash the last two letters of each key, a blocking key that outlives a surname; 0 when shorter."""
    return name_ends(column, KANJI_ITEM, 2)


def head_hash(column: Utf8Column) -> npt.NDArray[np.uint64]:
    """Hash the first letter of each key; 0 when empty."""
    return name_ends(column, KANJI_ITEM, 0)
