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
    """Compare two names."""
    return compare_names(a, b, KANA_ITEM)


def folded(text: str) -> str:
    """The name after folding; equal here is state ``folded``."""
    return fold(text, KANA_ITEM).text


def key(text: str) -> str:
    """The name after folding and variants; equal here is at least ``variant``."""
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
