"""What a service found wrong with a form of a campaign, at its fields, each named."""

from __future__ import annotations

from himozuke.campaign import words
from himozuke.campaign.service import FaultyFormError
from himozuke.campaign.words import Lang
from himozuke.entrypoints.web.forms import Form

_FIGURES = words.codes("report_figure")
_STAGES = words.codes("campaign_stage")
_FIELDS = words.codes("survey_field")


def show_faults(form: Form, error: FaultyFormError, *, prefix: str = "") -> None:
    """Write what a service found wrong to the fields of a form; each sentence names its field."""
    for fault in error.faults:
        name = prefix + fault.field.replace(".", "-")
        form.wrong(name, _said(fault.field, fault.code, "ja"), _said(fault.field, fault.code, "en"))


def _said(field: str, code: str, lang: Lang) -> str:
    said, name = words.label("campaign_fault", code, lang), _name(field, lang)
    joint = "：" if lang == "ja" else ": "
    return f"{name}{joint}{said}" if name else said


def _name(field: str, lang: Lang) -> str:
    """The name of a field as its page has it; the ways of getting numbers are counted from 1."""
    parts = field.split(".")
    last = parts[-1]
    kinds = {"campaign_stage": _STAGES, "report_figure": _FIGURES, "survey_field": _FIELDS}
    kind = next((kind for kind, known in kinds.items() if last in known), None)
    if kind is None:
        return ""
    name = words.label(kind, last, lang)
    if parts[0] != "lines":
        return name
    number = int(parts[1]) + 1
    return f"取得方法{number} {name}" if lang == "ja" else f"Way {number}, {name}"
