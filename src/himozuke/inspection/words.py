"""The words people read: every code of the contract in Japanese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from himozuke.errors import RuleError
from himozuke.inspection.model import ITEMS, Fact

Lang = Literal["ja", "en"]

_ITEM_SUFFIX = "<item>"


@cache
def label(kind: str, word: str, lang: Lang = "ja") -> str:
    """Name one word of the contract, e.g. ``label("verdict", "PROVEN")``.

    Kinds: item, verdict, action, restriction, state, method, run, entry_status, input. Raises
    RuleError for a word without a text.
    """
    return str(_entry("labels", kind, word)[lang])


def about(kind: str, word: str, lang: Lang = "ja") -> str:
    """Explain one word in a sentence; empty where it needs none."""
    return str(_entry("labels", kind, word).get(f"about_{lang}", ""))


def short(kind: str, word: str, lang: Lang = "ja") -> str:
    """Name one word in the few characters that a narrow column holds."""
    entry = _entry("labels", kind, word)
    return str(entry.get(f"short_{lang}", entry[lang]))


def how(word: str, lang: Lang = "ja") -> str:
    """Name the way an item came to its state, by the lower-case name of ``How``."""
    return str(_entry("hows", word)[lang])


@cache
def reason(code: str, lang: Lang = "ja") -> str:
    """Say a reason code as a phrase; codes such as ``slip_address`` are built from the item's name."""
    known = _table("reasons")
    if code in known:
        return str(known[code][lang])
    for item in ITEMS:
        pattern = code.removesuffix(item) + _ITEM_SUFFIX
        if code.endswith(f"_{item}") and pattern in known:
            return str(known[pattern][lang]).format(item=label("item", item, lang))
    raise _missing("reasons", code)


def reason_codes() -> tuple[str, ...]:
    """List every reason code that has a text, the item codes written out."""
    codes = [
        code.replace(_ITEM_SUFFIX, item)
        for code in _table("reasons")
        for item in (ITEMS if _ITEM_SUFFIX in code else ("",))
    ]
    return tuple(codes)


@cache
def cause(code: str, lang: Lang = "ja") -> str:
    """Name a cause C1…C10."""
    return str(_entry("causes", code)[lang])


def cause_about(code: str, lang: Lang = "ja") -> str:
    """Say in a sentence what went wrong."""
    return str(_entry("causes", code)[f"about_{lang}"])


def playbook(code: str, lang: Lang = "ja") -> str:
    """Say what to do about links with this cause, and against its return. Source: S94, S95."""
    return str(_entry("causes", code)[f"playbook_{lang}"])


def evidence(fact: Fact, lang: Lang = "ja") -> str:
    """Say one piece of evidence as a sentence with its figures.

    Raises RuleError for an unknown code or a figure the sentence needs and the fact lacks.
    """
    return _sentence("evidence", fact, lang)


def next_step(fact: Fact, lang: Lang = "ja") -> str:
    """Say one step of what to do next as a sentence with its figures."""
    return _sentence("next_steps", fact, lang)


def evidence_codes() -> Mapping[str, str]:
    """Map every evidence code to the cause it speaks for."""
    return {code: str(entry["cause"]) for code, entry in _table("evidence").items()}


def funnel_steps() -> Mapping[str, Mapping[str, str]]:
    """Map each funnel step, in order, to its names (``ja``, ``en``) and its ``parent``."""
    return _table("funnel")


@cache
def _table(name: str) -> dict[str, Any]:
    file = resources.files("himozuke.inspection") / "words" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def _entry(table: str, *path: str) -> Mapping[str, Any]:
    entry: Any = _table(table)
    for key in path:
        if key not in entry:
            raise _missing(table, "/".join(path))
        entry = entry[key]
    return entry  # type: ignore[no-any-return]


def _sentence(table: str, fact: Fact, lang: Lang) -> str:
    text = str(_entry(table, fact.code)[lang])
    figures = {name: f"{value:,}" if isinstance(value, int) else value for name, value in fact.values.items()}
    try:
        return text.format(**figures)
    except KeyError as error:
        message = f"Cannot word {fact.code}: the figure {error} is not given; add it to the fact."
        raise RuleError(message) from error


def _missing(table: str, code: str) -> RuleError:
    return RuleError(f"No text for {code}: add it in Japanese and English to words/{table}.toml.")
