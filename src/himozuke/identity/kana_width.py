"""Kana in half width, as forms and messages of the one-byte age want it."""

from __future__ import annotations

import unicodedata

_HIRAGANA = range(0x3041, 0x3097)
_TO_KATAKANA = {code: code + 0x60 for code in _HIRAGANA}

#: Half-width kana, their two marks and the blank by what full-width text holds once its marks are apart (NFD).
HALF_BY_FULL = {ord(unicodedata.normalize("NFKC", half)): half for half in map(chr, range(0xFF61, 0xFFA0))} | {
    ord("　"): " "
}


def katakana(text: str) -> str:
    """Write hiragana as katakana.

    >>> katakana("ひもづけ　はなコ")
    'ヒモヅケ　ハナコ'
    """
    return text.translate(_TO_KATAKANA)


def half_width(text: str) -> str:
    """Write katakana, hiragana, signs, digits and letters in half width; anything else stays as it is.

    Voiced kana become two characters, the full-width space one blank.

    >>> half_width("ヒモヅケ　ハナコ"), half_width("ガッパー（１）"), half_width("紐付")
    ('ﾋﾓﾂﾞｹ ﾊﾅｺ', 'ｶﾞｯﾊﾟｰ(1)', '紐付')
    """
    return "".join(_half(c) for c in text)


def _half(c: str) -> str:
    apart = unicodedata.normalize("NFD", katakana(c))
    if c in _SPACING_MARKS:
        return _SPACING_MARKS[c]
    if ord(apart[0]) in HALF_BY_FULL and not unicodedata.combining(apart[0]):
        return apart.translate(HALF_BY_FULL)
    plain = unicodedata.normalize("NFKC", c)
    return plain if plain.isascii() else c


_SPACING_MARKS = {"゛": "ﾞ", "゜": "ﾟ"}
