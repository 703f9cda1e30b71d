"""Reading a date out of text, in every notation that Japanese files use.

Nothing is guessed: seven digits with an era digit are read only with a declared code system, and
two figures for a year only behind an era.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from himozuke.identity.calendar import (
    ERA_BY_WORD,
    CodeSystem,
    Era,
    era_by_digit,
    exists,
    year_of_era,
)

EMPTY = 0
UNKNOWN = -1
EARLIEST_YEAR = 1800  # nobody in a register is older; a smaller figure is a slip, not a year
_NOT_KNOWN = "?"


class Written(NamedTuple):
    """A date as it is written; parts are ``None`` where the text says that they are not known."""

    era: Era | None
    year: int | None
    month: int | None
    day: int | None


class Reading(NamedTuple):
    """What a text says of a date: readable parts (0 = not), and whether such a day exists."""

    year: int
    month: int
    day: int
    is_date: bool

    @property
    def value(self) -> int | None:
        """The date as ``yyyymmdd``; -1 when nothing is known; ``None`` when it does not exist."""
        if not self.is_date:
            return None
        return self.year * 10000 + self.month * 100 + self.day or UNKNOWN


NOTHING = Reading(0, 0, 0, is_date=False)

_KANJI_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {
    "零": 0, "○": 0, "壱": 1, "壹": 1, "弐": 2, "貳": 2, "参": 3, "參": 3, "元": 1,
}  # fmt: skip
_KANJI_TENS = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_ABBREVIATED_TENS = {"廿": "二十", "卅": "三十"}

_PREFIX = re.compile(r"^(レセ|届書)\s*[::]")
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_HYPHENS = re.compile(r"[\u2010-\u2015\u2212\u30fc\uff70\u2043]")
_UNKNOWN_WORDS = re.compile(r"(?:不詳|不明|未詳|不祥|[●〓■□*?\ufffd\ue000-\uf8ff])+")
_ERA = r"(?:(?P<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHR])\.?)"
_FIGURE = r"[0-9〇○零一二三四五六七八九十百千拾廿卅壱壹弐貳参參元?]+"
_SPELT = re.compile(
    rf"{_ERA}?(?P<year>{_FIGURE})(?:年|[-/.])(?P<month>{_FIGURE})(?:月|[-/.])(?P<day>{_FIGURE})日?$",
)
_COMPACT = re.compile(r"(?P<year>[0-9?]{4})(?P<month>[0-9?]{2})(?P<day>[0-9?]{2})$")
_COMPACT_ERA = re.compile(rf"{_ERA}(?P<year>[0-9?]{{2}})(?P<month>[0-9?]{{2}})(?P<day>[0-9?]{{2}})$")
_CODED = re.compile(
    r"(?P<code>\d)-?(?P<year>[0-9?]{2})-?(?P<month>[0-9?]{2})-?(?P<day>[0-9?]{2})$",
)
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")  # 1975年(昭和50年)1月1日, 昭和50年1月1日(水)
_ZEROS = re.compile(r"(?:0|00000(?:0|00|000)|0{2,4}[-/.]0{1,2}[-/.]0{1,2})$")
_REST_NOT_KNOWN = (  # 昭和20年月日不詳, 昭和20年4月日不詳, 昭和20年4月, 1945-04: the parts left out
    (re.compile(r"年(?:月日\?|月\?日\?|\?)?$"), "年?月?日"),
    (re.compile(r"月(?:日\?|\?)?$"), "月?日"),
    (re.compile(r"^(\d{4}[-/]\d{1,2})$"), r"\1-?"),
)


def folded(text: str) -> str:
    """The text with one spelling of width, era ligatures, hyphens and words for not known."""
    text = unicodedata.normalize("NFKC", _CLOCK.sub("", text.strip()))
    text = _HYPHENS.sub("-", _CLOCK.sub("", text)).replace("・", ".")
    text = "".join(text.split()).upper()
    text = text.removeprefix("西暦").removesuffix("まれ").removesuffix("生")
    return _UNKNOWN_WORDS.sub(_NOT_KNOWN, text)


def split_source(text: str) -> tuple[str, CodeSystem | None]:
    """Part a date from the code system that stands before it (``レセ:``, ``届書:``)."""
    match = _PREFIX.match(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return text, None
    colon = min(i for i in (text.find(":"), text.find("\uff1a")) if i >= 0)
    return text[colon + 1 :], CodeSystem(match[1])


def figure(token: str | None) -> int | None:
    """The number a token of digits, kanji numerals or 元 stands for; ``None`` when not known."""
    if not token or _NOT_KNOWN in token:
        return None
    if token.isdecimal():
        return int(token)
    for short, spelt in _ABBREVIATED_TENS.items():
        token = token.replace(short, spelt)
    total = unit = 0
    for character in token:
        if character in _KANJI_TENS:
            total += (unit or 1) * _KANJI_TENS[character]
            unit = 0
        else:
            digit = _KANJI_DIGITS.get(character)
            unit = unit * 10 + (int(character) if digit is None else digit)
    return total + unit


def _written(text: str, source: CodeSystem | None) -> Written | None:
    """Take a folded text apart; ``None`` when it has none of the known shapes."""
    for pattern, spelt in _REST_NOT_KNOWN:
        text = pattern.sub(spelt, text, count=1)
    era: Era | None = None
    for pattern in (_COMPACT, _COMPACT_ERA, _SPELT, _CODED):
        match = pattern.match(text)
        if match is None:
            continue
        groups = match.groupdict()
        if pattern is _CODED:
            era = era_by_digit(groups["code"], source) if source else None
            if era is None:
                return None
        elif groups.get("era"):
            era = ERA_BY_WORD[groups["era"]]
        return Written(era, figure(groups["year"]), figure(groups["month"]), figure(groups["day"]))
    return None


def _reading(written: Written) -> Reading:
    year, month, day = written.year or 0, written.month or 0, written.day or 0
    if not 0 <= month <= 12:
        return Reading(0 if written.era else year, 0, 0, is_date=False)
    if written.era and year:
        of_calendar = year_of_era(written.era, year, month, day)
        if of_calendar is None:
            return Reading(0, month, day, is_date=False)
        year = of_calendar
    elif year and not EARLIEST_YEAR <= year <= 9999:
        return Reading(0, month, day, is_date=False)
    if not exists(year, month, day):
        return Reading(year, month, 0, is_date=False)
    return Reading(year, month, day, is_date=True)


def _beside(note: str, reading: Reading) -> Reading:
    """Hold a reading against what stands in brackets beside it: the same year, or a day of the week."""
    if note[0] in "日月火水木金土":
        return reading
    year = read(note.removesuffix("年") + "年").year
    return reading if year == reading.year else NOTHING


@lru_cache(maxsize=65536)
def read(text: str, source: CodeSystem | None = None) -> Reading:
    """Read a date; a text that is no date keeps the parts that can be read all the same."""
    if source is None:
        text, source = split_source(text)
    plain = folded(text)
    if plain in {_NOT_KNOWN, "年月日?", "生年月日?"} or _ZEROS.match(plain):
        return Reading(0, 0, 0, is_date=True)
    note = _IN_BRACKETS.search(plain)
    if note is not None:
        return _beside(note[1], read(_IN_BRACKETS.sub("", plain, count=1), source))
    written = _written(plain, source)
    return NOTHING if written is None else _reading(written)
