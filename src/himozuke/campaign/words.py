"""The words of a campaign in Japanese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from himozuke.errors import RuleError

Lang = Literal["ja", "en"]


def label(kind: str, word: str, lang: Lang = "ja") -> str:
    """Name one word, e.g. ``label("campaign_stage", "survey")``; RuleError for a word without a text."""
    try:
        return str(_table()[kind][word][lang])
    except KeyError:
        raise RuleError(f"No text for {kind}/{word}: add it in Japanese and English to words/labels.toml.") from None


def short(kind: str, word: str, lang: Lang = "ja") -> str:
    """Name one word in the few characters that a narrow column holds."""
    found = _table().get(kind, {}).get(word, {})
    return str(found.get(f"short_{lang}") or label(kind, word, lang))


def codes(kind: str) -> tuple[str, ...]:
    """The words of one kind in the order of the file."""
    return tuple(_table()[kind])


@cache
def _table() -> dict[str, Any]:
    file = resources.files("himozuke.campaign") / "words" / "labels.toml"
    return tomllib.loads(file.read_text("utf-8"))
