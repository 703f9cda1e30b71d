"""What somebody typed into a form, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO
from urllib.parse import urlencode

from himozuke.entrypoints.web.said import Said
from himozuke.identity import date_notation
from himozuke.identity.kana_width import katakana

_KANA_NAME = re.compile(r"[ァ-ヿA-Z ・.'-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form; ``file`` is open for reading from its beginning."""

    name: str
    content_type: str
    file: IO[bytes]


@dataclass(slots=True)
class Form:
    """The fields of a form as they were typed. Readers write what is wrong into ``errors``.

    ``errors`` maps a field's name to a sentence; a page that shows the form again shows them on top and
    at the field.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    errors: dict[str, Said] = field(default_factory=dict)

    @classmethod
    def of(cls, **values: object) -> Form:
        """A form that shows these values; None shows nothing, a list several."""
        shown = {
            name: [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]
            for name, value in values.items()
            if value is not None
        }
        return cls(shown)

    def value(self, name: str) -> str:
        """A field exactly as it was typed; empty when it was not."""
        given = self.values.get(name, ())
        return given[0] if given else ""

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field that may be given several times (checkboxes)."""
        return self.values.get(name, ())

    def wrong(self, name: str, ja: str, en: str) -> None:
        """Say what is wrong with a field; the first sentence about a field stands."""
        self.errors.setdefault(name, Said(ja, en))

    def text(self, name: str, *, label: Said | None = None, most: int = 500) -> str:
        """A field without spaces around it. With a label it must not be empty.

        Control characters never pass; ``most`` bounds the length in characters.
        """
        text = self.value(name).strip()
        if label and not text:
            self.wrong(name, f"{label.ja}を入力してください。", f"Enter: {label.en}.")
        if len(text) > most:
            self.wrong(name, f"{most}文字までで入力してください。", f"Write at most {most} characters.")
        if any(unicodedata.category(sign) == "Cc" and sign not in "\r\n\t" for sign in text):
            self.wrong(name, "使えない文字（制御文字）が入っています。", "It holds control characters.")
        return text

    def choice(self, name: str, among: Collection[str], *, label: Said | None = None) -> str:
        """One of some values. With a label something must be chosen."""
        chosen = self.value(name)
        if chosen and chosen not in among:
            self.wrong(name, "一覧にない値です。選び直してください。", "This is not on the list. Choose again.")
            return ""
        if label and not chosen:
            self.wrong(name, f"{label.ja}を選んでください。", f"Choose: {label.en}.")
        return chosen

    def day(self, name: str, *, label: Said | None = None) -> date | None:
        """A day in any notation: 令和6年4月1日, R6.4.1, 2024-04-01, 20240401, in any width."""
        text = self.text(name, label=label)
        if not text:
            return None
        reading = date_notation.read(text)
        if reading.is_date and reading.year and reading.month and reading.day:
            return date(reading.year, reading.month, reading.day)
        self.wrong(
            name,
            "日付として読めません。「令和6年4月1日」「R6.4.1」「2024-04-01」のように入力してください。",
            "This is no date. Write it like 2024-04-01, R6.4.1 or 令和6年4月1日.",
        )
        return None

    def kana(self, name: str, *, label: Said | None = None) -> str:
        """A name in kana of any width, hiragana too, as full-width katakana."""
        text = unicodedata.normalize("NFKC", self.text(name, label=label, most=100))
        written = " ".join(katakana(text).upper().split())
        if written and not _KANA_NAME.fullmatch(written):
            self.wrong(
                name,
                "カナで入力してください（全角・半角・ひらがなのどれでも構いません）。",
                "Write it in kana, of any width.",
            )
        return written

    def digits(self, name: str, *, label: Said | None = None) -> str:
        """Figures in any width, without spaces and hyphens."""
        folded = unicodedata.normalize("NFKC", self.text(name, label=label, most=50))
        figures = re.sub(r"[\s\-‐-―−ー]", "", folded)
        if figures and not (figures.isascii() and figures.isdecimal()):
            self.wrong(name, "数字で入力してください。", "Write figures only.")
        return figures


def address_of(path: str, given: Mapping[str, object]) -> str:
    """The address of a list with its filters."""
    chosen = {name: value for name, value in given.items() if value not in ("", None)}
    return f"{path}?{urlencode(chosen)}" if chosen else path
