"""Sets a document with Typst from its content and the template of its kind."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from pathlib import Path

import segno
import typst

from himozuke.gateways.letters.fonts import Typecase
from himozuke.identity.calendar import era_notation
from himozuke.ports.letters import (
    ApologyLetter,
    CommissionReport,
    ConfirmationSheet,
    CounterNotice,
    DeclarationForm,
    EligibilityNotice,
    InquiryLetter,
    Letter,
    Printed,
    PublishedTable,
)

_KINDS: Mapping[type, str] = {
    InquiryLetter: "inquiry",
    ApologyLetter: "apology",
    CommissionReport: "commission_report",
    ConfirmationSheet: "confirmation_sheet",
    PublishedTable: "published_table",
    DeclarationForm: "declaration",
    CounterNotice: "counter_notice",
    EligibilityNotice: "eligibility_notice",
}
_TEMPLATES = Path(str(files("himozuke.gateways.letters") / "templates"))
_QUIET_ZONE = 3  # of the QR code, in modules; the paper around it is white


class TypstPrinter:
    """Prints every kind of document; holds the fonts and one prepared typesetter."""

    def __init__(self, fonts: Sequence[Path] = ()) -> None:
        self._typecase = Typecase(fonts)

    def print_letter(self, content: Printed) -> Letter:
        """Print one document; see the port for what it refuses."""
        data = {name: self._set(value) for name, value in _plain(content).items()}
        if isinstance(content, InquiryLetter):
            data["qr"] = _qr_code(content.reply_url)
        pdf = self._compile(_KINDS[type(content)], data, fixed_on=_day_of(content))
        return Letter(kind_of(content), pdf, hashlib.sha256(pdf).hexdigest())

    def _set(self, value: object) -> object:
        """Turn every text into runs of one font each; the body face alone stays plain text."""
        if isinstance(value, str):
            runs = self._typecase.runs(value)
            if all(run.family == self._typecase.families[0] for run in runs):
                return value
            return {"runs": [{"text": run.text, "font": run.family} for run in runs]}
        if isinstance(value, Mapping):
            return {key: self._set(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._set(inner) for inner in value]
        return value

    def _compile(self, kind: str, data: Mapping[str, object], *, fixed_on: date) -> bytes:
        pdf: bytes = typst.compile(
            str(_TEMPLATES / f"{kind}.typ"),
            root=str(_TEMPLATES),
            font_paths=self._typecase.folders,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"content": json.dumps(data, ensure_ascii=False), "body": self._typecase.families[0]},
            pdf_standards=["ua-1"],
            timestamp=int(_noon(fixed_on)),
        )
        return pdf


def kind_of(content: Printed) -> str:
    """The word a document is filed under; a second inquiry is a ``reminder``."""
    if isinstance(content, InquiryLetter) and content.reminder_of is not None:
        return "reminder"
    return _KINDS[type(content)]


def _plain(content: Printed) -> dict[str, object]:
    return {name: _written(value) for name, value in asdict(content).items()}


def _written(value: object) -> object:
    if isinstance(value, date):
        return era_notation(value)
    if isinstance(value, Mapping):
        return {key: _written(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_written(inner) for inner in value]
    return value


def _day_of(content: Printed) -> date:
    match content:
        case InquiryLetter() | ApologyLetter():
            return content.sent_on
        case CommissionReport():
            return content.reported_on
        case ConfirmationSheet() | CounterNotice() | EligibilityNotice():
            return content.printed_on
        case DeclarationForm():
            return content.visited_on
        case PublishedTable():
            return content.as_of


def _noon(day: date) -> float:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86400 + 43200


def _qr_code(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", border=_QUIET_ZONE, xmldecl=False)
    return drawn.getvalue().decode()
