"""The words of cases in Japanese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

from himozuke.errors import RuleError

Lang = Literal["ja", "en"]


def label(kind: str, word: str, lang: Lang = "ja") -> str:
    """Name one word, e.g. ``label("case_step", "papers")``; RuleError for a word without a text."""
    try:
        return str(_table("labels")[kind][word][lang])
    except KeyError:
        raise RuleError(f"No text for {kind}/{word}: add it in Japanese and English to words/labels.toml.") from None


def codes(kind: str) -> Sequence[str]:
    """The words of one kind in the order of the file."""
    return tuple(_table("labels")[kind])


def playbook(cause: str | None, lang: Lang = "ja") -> Mapping[str, str]:
    """What to do about a cause: ``papers``, ``together``, ``correct``, ``prevent``; empty without one.

    Source: S94, S95.
    """
    return {step: str(entry[lang]) for step, entry in _table("case_playbook").get(cause or "", {}).items()}


def advice(category: str, lang: Lang = "ja") -> str:
    """What to answer to a question of a category. Source: S56."""
    return str(_table("call_advice")[category][lang])


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("himozuke.incident") / "words" / f"{name}.toml").read_text("utf-8"))
