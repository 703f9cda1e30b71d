"""The ways offices write kana, and the characters their code page lacks."""

from __future__ import annotations

import unicodedata

SMALL = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
HALF = {
    unicodedata.normalize("NFKC", mark): mark
    for mark in map(chr, range(0xFF61, 0xFFA0))
    if len(unicodedata.normalize("NFKC", mark)) == 1 and mark not in "ﾞﾟ"
} | {"　": " "}
VOICED = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
KANA_FORMS = ("full", "half", "large", "large_half", "hiragana")


def half_width(text: str) -> str:
    """Write full-width katakana in half width."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(VOICED.get(c) or HALF.get(c, c) for c in parts)


def large(text: str) -> str:
    """Write small kana large, as old resident systems stored them (R-KANA)."""
    return text.translate(SMALL)


def hiragana(text: str) -> str:
    """Write katakana as hiragana, save ヴ, whose hiragana the code page lacks."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ン" else c for c in text)


def kana_form(text: str, form: int) -> str:
    """Write full-width katakana in one of ``KANA_FORMS``."""
    if form in (2, 3):
        text = large(text)
    if form in (1, 3):
        return half_width(text)
    return hiragana(text) if form == KANA_FORMS.index("hiragana") else text


def full_width(text: str) -> str:
    """Write ASCII in full width."""
    return "".join("　" if c == " " else chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def held_by_cp932(text: str) -> bool:
    """Tell whether the insurers' code page can hold the text."""
    return text.encode("cp932", "ignore").decode("cp932") == text
