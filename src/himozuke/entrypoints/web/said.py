"""A sentence in both languages of the desk."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, Language] = ("ja", "en")


class Said(NamedTuple):
    """The same sentence in Japanese and English."""

    ja: str
    en: str

    def read(self, language: Language) -> str:
        """The sentence in one language."""
        return self.ja if language == "ja" else self.en
