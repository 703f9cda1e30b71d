"""A sentence in both languages of the desk."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, runtime_checkable

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, Language] = ("ja", "en")


class Said(NamedTuple):
    """The same sentence in Japanese and English."""

    ja: str
    en: str

    def read(self, language: Language) -> str:
        """The sentence in one language."""
        return self.ja if language == "ja" else self.en


@runtime_checkable
class _InBoth(Protocol):
    def read(self, language: Language, /) -> str: ...


def sentence_of(error: Exception) -> Said | None:
    """What an exception says, where it says it in both languages; None for one that speaks English alone."""
    first = error.args[0] if error.args else None
    return Said(first.read("ja"), first.read("en")) if isinstance(first, _InBoth) else None


def refused_file(error: Exception) -> Said:
    """Why a file was not taken; where only English is known, Japanese says at least what to do."""
    return sentence_of(error) or Said("ファイルを読めません。様式と保存の形式を確かめてください。", str(error))
