"""The ways offices write kana, and the characters their code page lacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from himozuke.identity.kana_width import HALF_BY_FULL

SMALL = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ン") + 1)}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: "　"}
KANA_FORMS = ("full", "half", "large", "large_half", "hiragana")


def half_width(text: str) -> str:
    """Write full-width katakana in half width."""
    return unicodedata.normalize("NFD", text).translate(HALF_BY_FULL)


def large(text: str) -> str:
    """Write small kana large, as old resident systems stored them (R-KANA)."""
    return text.translate(SMALL)


def hiragana(text: str) -> str:
    """Write katakana as hiragana, save ヴ, whose hiragana the code page lacks."""
    return text.translate(HIRAGANA)


def kana_form(text: str, form: int) -> str:
    """Write full-width katakana in one of ``KANA_FORMS``."""
    if form in (2, 3):
        text = large(text)
    if form in (1, 3):
        return half_width(text)
    return hiragana(text) if form == KANA_FORMS.index("hiragana") else text


def full_width(text: str) -> str:
    """Write ASCII in full width."""
    return text.translate(FULL_WIDTH)


def held_by_cp932(text: str) -> bool:
    """Tell whether the insurers' code page can hold the text."""
    return text.encode("cp932", "ignore").decode("cp932") == text


def outside_cp932(texts: Iterable[str]) -> frozenset[str]:
    """The characters of some texts that the insurers' code page cannot hold."""
    return frozenset(c for c in set().union(*texts) if not held_by_cp932(c))
