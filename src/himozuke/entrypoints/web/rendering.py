"""Templates in two languages: one environment each, so that a macro knows its language without being told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from himozuke.entrypoints.web.said import Language, Said
from himozuke.errors import RuleError
from himozuke.gateways.report.text import marked
from himozuke.identity.calendar import era_notation

TOKYO = ZoneInfo("Asia/Tokyo")
_OUR_MARKS = re.compile(r"\s*\((?:businesslawyers|R-LEAK)[^)]*\)")
_OUR_LIST = re.compile(r"(?:G|M|R-[A-Z]+|S\d+[a-z]?)(?:[ ,]+(?:\(?[GM]\)?|M\d|R-[A-Z]+|S\d+[a-z]?))*")
_ITEM = "<item>"
_MARKED = "different"  # the state in which every differing character is marked


@cache
def environment(language: Language) -> Environment:
    """The templates of the desk in one language."""
    made = Environment(
        loader=PackageLoader("himozuke.entrypoints.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["_"] = lambda ja, en: ja if language == "ja" else en
    made.globals["language"] = language
    made.filters["said"] = lambda said: said.read(language)
    made.filters["word"] = lambda code, kind: word(kind, str(code), language)
    made.filters["words"] = lambda codes, kind: [(code, word(kind, str(code), language)) for code in codes]
    made.filters["option"] = lambda thing, value, text: (getattr(thing, value), getattr(thing, text))
    made.filters["day"] = lambda value: day(value, language)
    made.filters["moment"] = lambda value: moment(value, language)
    made.filters["cited"] = lambda source, source_en="": cited(source, language, source_en=source_en)
    made.filters["figure"] = lambda value: f"{value:,}"
    made.globals["differences"] = differences
    return made


def render(template: str, language: Language, context: Mapping[str, Any]) -> str:
    """Fill a template in."""
    return environment(language).get_template(template).render(**context)


def day(value: date | None, language: Language) -> str:
    """A day as officials write it; in English, ISO. Empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(TOKYO).date()
    return era_notation(value) if language == "ja" else value.isoformat()


def moment(value: datetime | None, language: Language) -> str:
    """A moment in Japan's time, to the minute. Empty for None."""
    if value is None:
        return ""
    there = value.astimezone(TOKYO)
    clock = f"{there.hour}時{there.minute:02}分" if language == "ja" else f"{there:%H:%M}"
    return f"{day(there.date(), language)} {clock}"


def cited(source: str, language: Language, *, source_en: str = "") -> str:
    """Where a rule comes from, as people at a desk read it: without the marks of our own list of sources.

    >>> cited("G: 事業主の回答を待つ期間", "en", source_en="Our own proposal: how long an answer is waited for")
    'Our own proposal: how long an answer is waited for'
    >>> cited("R-LEAK: 同規則第3条第2項、30日以内 (businesslawyers 1433)", "ja")
    '同規則第3条第2項、30日以内'
    >>> cited("G, S76: 補正を全件実施", "ja"), cited("S91: 7月中に確認", "ja")
    ('当システムの目安：補正を全件実施', '7月中に確認')
    >>> cited("G: 事業主の回答を待つ期間", "ja")
    '当システムの目安：事業主の回答を待つ期間'
    """
    if language == "en" and source_en:
        return source_en
    plain = _OUR_MARKS.sub("", source)
    mark, _, rest = plain.partition(": ")
    if not rest or not _OUR_LIST.fullmatch(mark):
        return plain
    if mark.startswith("G"):
        return Said(f"当システムの目安：{rest}", f"our own proposal: {rest}").read(language)
    return rest


def word(kind: str, code: str, language: Language) -> str:
    """The word people read for a code, from the word files of the areas.

    ``kind`` is a table in an area's ``labels.toml`` or the name of another word file. RuleError for a
    code without a word.
    """
    known = _words().get(kind, {})
    if code in known:
        return str(known[code][language])
    for pattern, entry in known.items():
        head = pattern.removesuffix(_ITEM)
        if pattern.endswith(_ITEM) and code.startswith(head) and code.removeprefix(head) in _words()["item"]:
            return str(entry[language]).format(item=word("item", code.removeprefix(head), language))
    raise RuleError(f"No text for {code}: add it in Japanese and English to the words of {kind}.")


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for area in resources.files("himozuke").iterdir():
        folder = area / "words"
        if not folder.is_dir():
            continue
        for file in folder.iterdir():
            content = tomllib.loads(file.read_text("utf-8"))
            stem = file.name.removesuffix(".toml")
            for kind, entries in content.items() if stem == "labels" else [(stem, content)]:
                tables.setdefault(kind, {}).update(entries)
    return tables


def differences(a: str, b: str) -> tuple[Markup, Markup]:
    """Two texts with the characters marked in which they differ, as the report of an inspection marks them."""
    return marked(a, b, state=_MARKED), marked(b, a, state=_MARKED)


def plain(said: Said | str, language: Language) -> str:
    """A sentence in a language, whether it is held in both or already chosen."""
    return said.read(language) if isinstance(said, Said) else said
