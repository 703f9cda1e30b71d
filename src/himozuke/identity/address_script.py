"""Addresses written in katakana beside addresses in kanji: another script, which nobody can compare."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from himozuke.identity.address_text import interpreted
from himozuke.identity.column import Bytes, Offsets
from himozuke.identity.kernel import kernel
from himozuke.identity.state import Comparison, How, ItemState

OTHER_SCRIPT = Comparison(ItemState.UNKNOWN, How.OTHER_SCRIPT, "片仮名の住所")
#: Shorter katakana may be the whole name of a town or a building.
_LEAST_LETTERS = 6
_KATAKANA = re.compile(r"[\u30A1-\u30FA]")
_OTHER_LETTER = re.compile(r"[^\W\d_\u30A1-\u30FE]")
_KANJI = re.compile(r"[\u3400-\u9FFF]")
_FIGURES = re.compile(r"\d+")

Rows = npt.NDArray[np.int64]


def in_other_scripts(a: str, b: str) -> bool:
    """Tell whether one address is in katakana alone, the other in kanji, and their figures agree.

    >>> in_other_scripts("ﾄｳｷﾖｳﾄﾁﾖﾀﾞｸｶｽﾐｶﾞｾｷ1-2-3", "東京都千代田区霞が関一丁目2番3号")
    True
    """
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
    """Tell by first signs which of some pairs may be katakana beside kanji: one begins with U+3000–U+30FF or half width."""
    out = np.zeros(len(rows), np.bool_)
    for i in range(len(rows)):
        at, other = offsets[rows[i]], other_offsets[rows[i]]
        if at < offsets[rows[i] + 1] and other < other_offsets[rows[i] + 1]:
            one, two = data[at], other_data[other]
            out[i] = one != two and (one == 0xE3 or one == 0xEF or two == 0xE3 or two == 0xEF)
    return out
