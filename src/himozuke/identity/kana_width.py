"""Kana in half width, as forms and messages of the one-byte age want it."""

from __future__ import annotations

import unicodedata

_HALF = range(0xFF61, 0xFFA0)
_MARKS = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
_TO_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in _HALF if code < 0xFF9E} | {
    "゛": "ﾞ",
    "゜": "ﾟ",
}  # the two marks
_HIRAGANA = range(0x3041, 0x3097)


def half_width(text: str) -> str:
    """Write katakana, hiragana, signs, digits and letters in half width; anything else stays as it is.

    Voiced kana become two characters, the full-width space one blank.

    >>> half_width("ヒモヅケ　ハナコ"), half_width("ガッパー（１）"), half_width("紐付")
    ('ﾋﾓﾂﾞｹ ﾊﾅｺ', 'ｶﾞｯﾊﾟｰ(1)', '紐付')
    """
    return "".join(_half(c) for c in text)


def _half(c: str) -> str:
    katakana = chr(ord(c) + 0x60) if ord(c) in _HIRAGANA else c
    parts = unicodedata.normalize("NFD", katakana)
    base = _TO_HALF.get(parts[0])
    if base is not None:
        return base + "".join(_MARKS.get(mark, mark) for mark in parts[1:])
    plain = unicodedata.normalize("NFKC", c)
    return plain if plain.isascii() else c
