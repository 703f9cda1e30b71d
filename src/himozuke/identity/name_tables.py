"""The folding tables of names, laid out by code point for kernels and for plain Python alike."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from himozuke.identity import name_codes as codes

Row = npt.NDArray[np.int32]
# One array, because a kernel pays for every array it is handed.
FoldTable = npt.NDArray[np.int32]

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


def read_pairs(name: str) -> list[tuple[str, str]]:
    """Read a packaged table of two columns; lines that start with # are remarks."""
    text = files("himozuke.identity").joinpath("tables", name).read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(row[0], row[1]) for row in rows]


@lru_cache(maxsize=1)
def fold_table() -> FoldTable:
    """Load the folding table (once a process): rows of ``name_codes``, one column a code point."""
    same = np.arange(codes.PLANES, dtype=np.int32)
    out = np.zeros((codes.ROWS, codes.PLANES), np.int32)
    out[codes.FIRST], out[codes.EXTRA] = _first(same)
    out[codes.KINDS] = _kinds()
    out[codes.KEY] = _key(same)
    out[codes.NEAR] = _mapped(same, read_pairs("kanji_near.tsv"))
    out[codes.ALIKE] = _alike()
    out[codes.TO_VOICED] = _mapped(same, list(zip(_VOICEABLE, _VOICED, strict=True)))
    out[codes.TO_HALF_VOICED] = _mapped(same, list(zip("ハヒフヘホ", "パピプペポ", strict=True)))
    out[codes.TO_PLAIN] = _mapped(same, list(zip(_VOICED, _VOICEABLE, strict=True)))
    out[codes.VOWEL] = _vowel()
    out[codes.SOUND] = _mapped(same, list(_NEAR_KANA.items()))
    return out


def _mapped(same: Row, pairs: list[tuple[str, str]]) -> Row:
    out = same.copy()
    for source, target in pairs:
        out[ord(source)] = ord(target)
    return out


def _first(same: Row) -> tuple[Row, Row]:
    first = same.copy()
    extra: list[int] = []
    for code, text in _compatible():
        # ¯ and ㈱ bring spaces and brackets along: signs mean nothing in a name.
        letters = text if len(text) == 1 else "".join(filter(str.isalnum, text)) or " "
        if len(letters) == 1:
            first[code] = ord(letters)
        else:
            first[code] = codes.EXPANDED - len(extra)
            extra += [len(letters), *map(ord, letters)]
    _mark(first)
    # ﹒ is a full stop by NFKC, and that a space: what a letter becomes is read as such.
    for _ in range(2):
        first = np.where(first >= 0, first[np.maximum(first, 0)], first)
    runs = np.zeros(codes.PLANES, np.int32)
    runs[: len(extra)] = extra
    return first, runs


def _compatible() -> list[tuple[int, str]]:
    out = [(code, chr(code).upper()) for code in range(ord("a"), ord("z") + 1)]
    for start, end in _COMPATIBLE:
        for code in range(start, end):
            text = _plain_text(chr(code))
            if text != chr(code) and 0 < len(text) <= codes.LONGEST_EXPANSION:
                out.append((code, text))
    out += [(code, chr(code).upper()) for code in range(0x0370, 0x0530) if len(chr(code).upper()) == 1]
    out += [(code, _hentaigana(chr(code))) for code in range(0x1B002, 0x1B11F)]
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


def _hentaigana(letter: str) -> str:
    """The katakana of an old kana form, by its Unicode name (HENTAIGANA LETTER KA-2)."""
    sound = unicodedata.name(letter).removeprefix("HENTAIGANA LETTER ").partition("-")[0]
    return unicodedata.lookup(f"KATAKANA LETTER {sound}")


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


def _kinds() -> Row:
    """Script and peculiarity of each folded letter; figures and signs have neither."""
    out = np.full(codes.PLANES, codes.OTHER, np.int32)
    out[:0x80] = 0
    out[ord("A") : ord("Z") + 1] = codes.LATIN
    out[codes.FIRST_KANA : 0x3100] = codes.KANA
    for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, codes.PLANES)):
        out[start:end] = codes.KANJI
    out[codes.SAME] = codes.KANJI
    out[codes.UNKNOWN] = codes.UNREAD
    for letter in _SMALL_TO_LARGE:
        out[ord(letter)] |= codes.SMALL
    return out


def _key(same: Row) -> Row:
    pairs = read_pairs("kanji_fold.tsv") + read_pairs("kanji_simplified.tsv")
    return _mapped(same, pairs + list(_SMALL_TO_LARGE.items()))


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
