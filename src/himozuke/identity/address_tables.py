"""Character tables that both one address and a column of addresses are folded with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint8]

SIZE = 0x32400  # the last CJK extension ends below
OTHER, DIGIT, LETTER, HIRAGANA, KATAKANA, KANJI, SPACE, HYPHEN, UNREADABLE = range(9)

# NFKC changes nothing between these ranges, which keeps the table quick to build.
COMPATIBLE = ((0xA0, 0x3400), (0xA640, 0xAC00), (0xF900, 0x10000), (0x1F100, 0x1F300), (0x2F800, 0x2FA20))
HYPHENS = "-‐‑‒–—―−﹘﹣－─━⎯⏤"
SPACES = " \u3000\t\r\n\v\f\x85\u2028\u2029()（）[]［］〔〕【】「」『』〈〉、。,.，．､｡/／#＃:;：；“”\"'・･"
DROPPED = "〒\u200b\u200c\u200d\u2060\ufeff\u00ad"
UNREADABLES = "●〓□■◆◇▲△▼▽★☆※?？*＊○◯\ufffd"
GETA = 0x3013  # 〓, printed for a character that is not there
LOOKALIKES = {
    "～": "〜",
    "~": "〜",
    "へ": "ヘ",
    "べ": "ベ",
    "ぺ": "ペ",
    "巿": "市",
    "丿": "ノ",
    "ヷ": "ワ",
    "゛": "\u3099",
    "゜": "\u309a",
}
# Kanji that place names exchange although they are different characters elsewhere.
PLACE_PAIRS = ("籠篭", "藪薮", "竈竃", "竈釜", "檮梼", "邇爾", "莵菟", "脊背", "嶌島", "埜野", "舘館")


class Tables(NamedTuple):
    """The tables the folding loops read.

    ``mapped``: code point → code point, 0 for a sign that is dropped, ``-(k + 1)`` for expansion ``k``.
    ``expanded``: expansion ``k`` is the non-zero part of row ``k``. ``classes``: what a character is.
    ``figures``: value of a kanji numeral, -1 for all others. ``variants``: representative of a kanji.
    """

    mapped: Codes
    expanded: Codes
    classes: Classes
    figures: Codes
    variants: Codes


def pairs(table: str) -> Iterator[tuple[str, str]]:
    """Read a packaged table of two columns, one character each."""
    for line in files("himozuke.identity").joinpath("tables", table).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            source, target = line.split("\t")[:2]
            yield source, target


def mapping() -> tuple[Codes, Codes]:
    """Map every code point to its compatible form, signs unified."""
    mapped = np.arange(SIZE, dtype=np.int32)
    rows: list[list[int]] = []
    for first, last in COMPATIBLE:
        for code in range(first, last):
            text = unicodedata.normalize("NFKC", chr(code)).upper()
            if len(text) == 1:
                mapped[code] = ord(text)
            elif len(text) <= 4:
                rows.append([ord(char) for char in text] + [0] * (4 - len(text)))
                mapped[code] = -len(rows)
    mapped[ord("a") : ord("z") + 1] -= 32
    for signs, target in ((HYPHENS, 0x2D), (SPACES, 0x20), (DROPPED, 0), (UNREADABLES, GETA)):
        for sign in signs:
            mapped[ord(sign)] = target
    for sign, like in LOOKALIKES.items():
        mapped[ord(sign)] = ord(like)
    for radical, unified in pairs("radicals.tsv"):
        mapped[ord(radical)] = ord(unified)
    mapped[0:9] = 0
    mapped[0xFE00:0xFE10] = 0  # variation selectors
    mapped[0xE000:0xF900] = GETA  # private use: 外字
    return mapped, np.array(rows, np.int32)


def classification() -> Classes:
    """Tell digits, letters, kana, kanji and signs apart."""
    classes = np.zeros(SIZE, np.uint8)
    classes[0x30:0x3A] = DIGIT
    classes[0x41:0x5B] = LETTER
    classes[0x3041:0x3097] = HIRAGANA
    classes[0x30A1:0x30FF] = KATAKANA
    classes[0x3400:0x4DC0] = KANJI
    classes[0x4E00:0xA000] = KANJI
    classes[0xF900:0xFB00] = KANJI
    classes[0x20000:SIZE] = KANJI
    classes[[0x3005, 0x3006, 0x3007]] = KANJI
    classes[0x20] = SPACE
    classes[0x2D] = HYPHEN
    classes[GETA] = UNREADABLE
    return classes


def numerals() -> Codes:
    """Give the value of each kanji numeral."""
    figures = np.full(SIZE, -1, np.int32)
    for value, signs in enumerate(("〇零", "一壱壹", "二弐貳", "三参參", "四", "五伍", "六", "七", "八", "九")):
        for sign in signs:
            figures[ord(sign)] = value
    for value, signs in ((10, "十拾"), (100, "百"), (1000, "千")):
        for sign in signs:
            figures[ord(sign)] = value
    return figures


def variants() -> Codes:
    """Map each kanji to its representative: the packaged direct fold and the pairs of place names."""
    table = np.arange(SIZE, dtype=np.int32)
    for variant, representative in pairs("kanji_fold.tsv"):
        table[ord(variant)] = ord(representative)
    for pair in PLACE_PAIRS:
        table[table == table[ord(pair[0])]] = table[ord(pair[1])]
    return table


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Build the tables once."""
    mapped, expanded = mapping()
    return Tables(mapped, expanded, classification(), numerals(), variants())
