"""Addresses written in katakana beside addresses in kanji: another script, which nobody can compare."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from himozuke.identity.address_text import interpreted
from himozuke.identity.column import Bytes, Offsets
from himozuke.identity.kernel import kernel, usable_in_kernels
from himozuke.identity.state import Comparison, How, ItemState

OTHER_SCRIPT = Comparison(ItemState.UNKNOWN, How.OTHER_SCRIPT, "片仮名の住所")
#: Shorter katakana may be the whole name of a town or a building.
_LEAST_LETTERS = 6
_SIGN = 3  # bytes of a kana
_BEGINS_IN_KATAKANA = re.compile(r"[\u30A0-\u30FF\uFF66-\uFF9F]")
_KATAKANA = re.compile(r"[\u30A1-\u30FA]")
_OTHER_LETTER = re.compile(r"[^\W\d_\u30A1-\u30FE]")
_KANJI = re.compile(r"[\u3400-\u9FFF]")
_FIGURES = re.compile(r"\d+")

Rows = npt.NDArray[np.int64]


def in_other_scripts(a: str, b: str) -> bool:
    """Tell whether one address is in katakana alone, the other in kanji, and their figures agree.

    An address that begins in katakana and goes on in kanji is no other script.

    >>> in_other_scripts("ﾄｳｷﾖｳﾄﾁﾖﾀﾞｸｶｽﾐｶﾞｾｷ1-2-3", "東京都千代田区霞が関一丁目2番3号")
    True
    """
    if bool(_BEGINS_IN_KATAKANA.match(a)) == bool(_BEGINS_IN_KATAKANA.match(b)):
        return False
    one, other = (interpreted()(text).folded for text in (a, b))
    if _is_katakana(other):
        one, other = other, one
    return _is_katakana(one) and _KANJI.search(other) is not None and _FIGURES.findall(one) == _FIGURES.findall(other)


def _is_katakana(text: str) -> bool:
    return len(_KATAKANA.findall(text)) >= _LEAST_LETTERS and _OTHER_LETTER.search(text) is None


@kernel
def may_be_in_other_scripts(
    data: Bytes, offsets: Offsets, other_data: Bytes, other_offsets: Offsets, rows: Rows
) -> npt.NDArray[np.bool_]:
    """Tell by first signs which of some pairs may be katakana beside kanji: one alone begins in katakana."""
    out = np.zeros(len(rows), np.bool_)
    for i in range(len(rows)):
        row = rows[i]
        one = _begins_in_katakana(data, offsets[row], offsets[row + 1])
        out[i] = one != _begins_in_katakana(other_data, other_offsets[row], other_offsets[row + 1])
    return out


@usable_in_kernels
def _begins_in_katakana(data: Bytes, at: int, end: int) -> bool:
    """Tell whether a UTF-8 text begins with a sign from U+30A0 to U+30FF or from U+FF66 to U+FF9F."""
    if end - at < _SIGN:
        return False
    first, second, third = data[at], data[at + 1], data[at + 2]
    if first == 0xE3:
        return bool(second == 0x83 or (second == 0x82 and third >= 0xA0))
    return bool(first == 0xEF and ((second == 0xBD and third >= 0xA6) or (second == 0xBE and third <= 0x9F)))
