"""Why an act is refused, in both languages: the sentence an exception of this area carries."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Refusal:
    """One sentence by its code, with its figures; as text it is English."""

    code: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        """The English sentence."""
        return self.read("en")

    def read(self, language: Literal["ja", "en"]) -> str:
        """The sentence in one language."""
        return str(_sentences()[self.code][language]).format(**self.values)


def refusal(code: str, **values: object) -> Refusal:
    """The sentence of a code of ``words/case_refusal.toml``."""
    return Refusal(code, values)


@cache
def _sentences() -> Mapping[str, Any]:
    return tomllib.loads((resources.files("himozuke.incident") / "words" / "case_refusal.toml").read_text("utf-8"))
