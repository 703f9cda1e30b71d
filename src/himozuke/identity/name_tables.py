"""The folding tables of names, laid out by code point for kernels and for plain Python alike."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity import name_codes as codes

Row = npt.NDArray[np.int32]

_DASHES = "-‐‑‒–—―−⁃﹘﹣－─━⎯⏤〜～˗"
_PARTING = "・･·•‧∙.,:;/()（），．、。〔〕[]［］「」=＝゠&＋+"
_DROPPED = "'’‘`´ʼʹ′＇\u00ad\ufeff"
_UNREADABLE = "●○◯〇◎〓□■◆◇▲△▼▽★☆◻◼⬛⬜?？�＊*＿_#＃〼※×"
_LATIN_PAIRS = {"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "ı": "I", "Ħ": "H"}
# Blocks in which NFKC changes anything that can stand in a name.
_COMPATIBLE = (
    (0x00A0, 0x0250), (0x02B0, 0x0300), (0x1E00, 0x2100), (0x2100, 0x2500), (0x2C60, 0x2C80),
    (0x2E80, 0x3400), (0xA640, 0xA7FF), (0xF900, 0xFB07), (0xFE30, 0xFFF0), (0x1D400, 0x1D800),
    (0x1F100, 0x1F260), (0x2F800, 0x2FA20),
)  # fmt: skip
_VOICEABLE = "カキクケコサシスセソタチツテトハヒフヘホウワヰヱヲ"
_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴヷヸヹヺ"
_SMALL_TO_LARGE = dict(zip("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", strict=True))
_VOWEL_ROWS = {
    "ア": "アカガサザタダナハバパマヤラワァャヮヵ",
    "イ": "イキギシジチヂニヒビピミリヰィ",
    "ウ": "ウクグスズツヅヌフブプムユルゥュッヴ",
    "エ": "エケゲセゼテデネヘベペメレヱェヶ",
    "オ": "オコゴソゾトドノホボポモヨロヲォョ",
}
_NEAR_KANA = dict(zip("ヂヅヲヱヰ", "ジズオエイ", strict=True))


class FoldTable(NamedTuple):
    """Everything that folding one letter asks, by code point below ``codes.PLANES``.

    ``first`` leads to the folded letter, ``key`` from a folded letter to its representative,
    ``near`` from there over koseki relations between different names, ``alike`` to a group of
    letters that are mistaken for each other; ``voiced`` and ``plain`` add and take a dakuten,
    ``vowel`` gives the vowel kana and ``near_kana`` the kana of the same sound.
    """

    first: Row
    extra_at: Row
    extra: Row
    key: Row
    near: Row
    alike: Row
    voiced: Row
    half_voiced: Row
    plain: Row
    vowel: Row
    near_kana: Row


def read_pairs(name: str) -> list[tuple[str, str]]:
    """Read a packaged table of two columns; lines that start with # are remarks."""
    text = files("himozuke.identity").joinpath("tables", name).read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(row[0], row[1]) for row in rows]


@lru_cache(maxsize=1)
def fold_table() -> FoldTable:
    """Load the folding tables (once a process)."""
    same = np.arange(codes.PLANES, dtype=np.int32)
    first, extra_at, extra = _first(same)
    voiced, half_voiced, plain = _voicing(same)
    return FoldTable(
        first,
        extra_at,
        extra,
        _key(same),
        _near(same),
        _alike(),
        voiced,
        half_voiced,
        plain,
        _vowel(),
        _mapped(same, list(_NEAR_KANA.items())),
    )


def _mapped(same: Row, pairs: list[tuple[str, str]]) -> Row:
    out = same.copy()
    for source, target in pairs:
        out[ord(source)] = ord(target)
    return out


def _first(same: Row) -> tuple[Row, Row, Row]:
    first = same.copy()
    extra_at = [0]
    extra: list[int] = []
    for code, text in _compatible():
        # ¯ and ㈱ bring spaces and brackets along: signs mean nothing in a name.
        letters = text if len(text) == 1 else "".join(filter(str.isalnum, text)) or " "
        if len(letters) == 1:
            first[code] = ord(letters)
        else:
            first[code] = codes.EXPANDED - (len(extra_at) - 1)
            extra.extend(map(ord, letters))
            extra_at.append(len(extra))
    _mark(first)
    # ﹒ is a full stop by NFKC, and that a space: what a letter becomes is read as such.
    for _ in range(2):
        first = np.where(first >= 0, first[np.maximum(first, 0)], first)
    return first, np.array(extra_at, np.int32), np.array(extra or [0], np.int32)


def _compatible() -> list[tuple[int, str]]:
    out = [(code, chr(code).upper()) for code in range(ord("a"), ord("z") + 1)]
    for start, end in _COMPATIBLE:
        for code in range(start, end):
            text = _plain_text(chr(code))
            if text != chr(code) and 0 < len(text) <= codes.LONGEST_EXPANSION:
                out.append((code, text))
    out += [(code, chr(code).upper()) for code in range(0x0370, 0x0530) if len(chr(code).upper()) == 1]
    # Radicals come after NFKC: it knows the Kangxi radicals but not the CJK ones.
    out += [(ord(radical), kanji) for radical, kanji in read_pairs("radicals.tsv")]
    return out


def _plain_text(letter: str) -> str:
    """One letter after NFKC; Latin also without accents and in upper case; kana as katakana."""
    code = ord(letter)
    text = unicodedata.normalize("NFKC", letter)
    if code < 0x0250 or 0x1E00 <= code < 0x1F00 or letter.isascii() or text.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
        return "".join(_LATIN_PAIRS.get(c, c) for c in bare.upper())
    return "".join(_katakana(c) for c in text)


def _katakana(letter: str) -> str:
    code = ord(letter)
    if 0x3041 <= code <= 0x3096:
        letter = chr(code + 0x60)
    return {"ヶ": "ケ", "ヵ": "カ"}.get(letter, letter)


def _mark(first: Row) -> None:
    for letters, mark in (
        (_PARTING, codes.SPACE),
        (_DROPPED, codes.DROP),
        (_UNREADABLE, codes.UNREADABLE),
        (_DASHES, codes.DASH),
        ("゛ﾞ\u3099", codes.VOICED),
        ("゜ﾟ\u309a", codes.HALF_VOICED),
        ("ゝヽ", codes.REPEAT),
        ("ゞヾ", codes.REPEAT_VOICED),
    ):
        for letter in letters:
            first[ord(letter)] = mark
    first[0x0300:0x0370] = codes.DROP
    first[0x180B:0x180E] = codes.DROP
    first[0xFE00:0xFE10] = codes.DROP
    first[0x200B:0x2010] = codes.DROP
    first[0x2060:0x2065] = codes.DROP
    first[0xE000:0xF900] = codes.UNREADABLE
    first[: ord("!")] = codes.SPACE
    for code in (0x7F, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x3164):
        first[code] = codes.SPACE
    first[ord("〻")] = codes.SAME


def _voicing(same: Row) -> tuple[Row, Row, Row]:
    voiced = _mapped(same, list(zip(_VOICEABLE, _VOICED, strict=True)))
    half_voiced = _mapped(same, list(zip("ハヒフヘホ", "パピプペポ", strict=True)))
    plain = _mapped(same, list(zip(_VOICED, _VOICEABLE, strict=True)))
    return voiced, half_voiced, plain


def _key(same: Row) -> Row:
    pairs = read_pairs("kanji_fold.tsv") + read_pairs("kanji_simplified.tsv")
    return _mapped(same, pairs + list(_SMALL_TO_LARGE.items()))


def _near(same: Row) -> Row:
    return _mapped(same, read_pairs("kanji_near.tsv"))


def _alike() -> Row:
    """Groups of letters taken for each other: 0 is no group."""
    out = np.zeros(codes.PLANES, np.int32)
    for group, (letters, _) in enumerate(read_pairs("kanji_alike.tsv"), start=1):
        for letter in letters:
            out[ord(letter)] = group
    return out


def _vowel() -> Row:
    out = np.zeros(codes.PLANES, np.int32)
    for vowel, row in _VOWEL_ROWS.items():
        for letter in row:
            out[ord(letter)] = ord(vowel)
    return out
