"""Kana names: folding, keys and comparison."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.identity.column import Utf8Column
from himozuke.identity.name_codes import KANA_ITEM
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

    Old resident systems held large kana only (シヨウ): small and large agree unless both sides are full
    width and write small kana (リヨ, リョ: near). Near is also kana of one sound (ヅ/ズ, ヲ/オ, ユウ/ユー,
    オオ/オウ, ヴ/ブ), one kana wrong, missing, doubled or exchanged, and a missing middle name. The order
    of tokens is free. Source: S07, R-KANA.
    """
    return compare_names(a, b, KANA_ITEM)


def folded(text: str) -> str:
    """The name in full-width katakana without spaces; equal is ``folded``."""
    return fold(text, KANA_ITEM).text


def key(text: str) -> str:
    """The folded name with small kana made large; equal is ``folded``, or ``near`` (see compare)."""
    return fold(text, KANA_ITEM).key


def keys(column: Utf8Column) -> Keys:
    """Hash :func:`folded` and :func:`key` of each row; 0 for empty."""
    return name_keys(column, KANA_ITEM)


def compare_columns(a: Utf8Column, b: Utf8Column) -> Compared:
    """Compare row ``i`` of ``a`` with row ``i`` of ``b``, with the same result as :func:`compare`."""
    return compare_name_columns(a, b, KANA_ITEM)


def parts(a: str, b: str) -> Parts:
    """Which parts of two names agree, surname or given name."""
    return name_parts(a, b, KANA_ITEM)


def tail_hash(column: Utf8Column) -> npt.NDArray[np.uint64]:
    """Hash the last two letters of each key, a blocking key that outlives a surname; 0 when shorter."""
    return name_ends(column, KANA_ITEM, 2)


def head_hash(column: Utf8Column) -> npt.NDArray[np.uint64]:
    """Hash the first letter of each key; 0 when empty."""
    return name_ends(column, KANA_ITEM, 0)
