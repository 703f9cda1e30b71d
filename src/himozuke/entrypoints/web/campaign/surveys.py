"""Surveys and reports of a body: answered on the page or by CSV, with the rule that decided."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response

from himozuke.campaign import words
from himozuke.campaign.decide import next_month
from himozuke.campaign.model import (
    Campaign,
    Fault,
    HeldSurvey,
    ReportFigures,
    ReportKind,
    Survey,
    SurveyLine,
)
from himozuke.campaign.service import FaultyFormError, SheetFault
from himozuke.entrypoints.web.campaign.campaign_roles import BODY, HEADQUARTERS
from himozuke.entrypoints.web.campaign.campaigns import invite_page
from himozuke.entrypoints.web.campaign.faults import show_faults
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said, refused_file
from himozuke.errors import InputRejectedError, NotFoundError
from himozuke.gateways.results.survey_sheet import HEADERS, read_sheet, write_sheet
from himozuke.ports.actor import Role
from himozuke.rules.kinds import ITEMS

SUBMITTERS = frozenset({Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
_MOST_LINES = 12
_LINE_FIELDS = ("method", "since", "until", "three_items", "any_of_several", "other_wrong", "stopped", "inspected_on")
_FIGURES = ("in_scope", "inspected", "to_ask", "confirmed_wrong", "corrected", "viewed")


@page("/campaigns/{campaign_id:int}/survey/{scheme:str}", roles=BODY)
def show_survey(desk: Desk, campaign_id: int, scheme: str) -> Response[Any]:
    """A survey as it stands, to answer or to change."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        held = work.campaigns.survey(campaign_id, scheme)
    return _survey_page(desk, campaign, held, _as_form(held.survey), lines=max(1, len(held.survey.lines)))


@form_post("/campaigns/{campaign_id:int}/survey/{scheme:str}", roles=BODY)
def answer_survey(desk: Desk, campaign_id: int, scheme: str, form: Form) -> Response[Any]:
    """Keep the answers, or show the page again with one more way, or with what is missing."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        held = work.campaigns.survey(campaign_id, scheme)
    lines = _line_count(form)
    if form.value("act") == "add":
        return _survey_page(desk, campaign, held, form, lines=min(lines + 1, _MOST_LINES))
    survey = _as_survey(form, scheme, lines)
    if form.errors:
        return _survey_page(desk, campaign, held, form, lines=lines)
    try:
        with desk.work() as work:
            work.campaigns.answer(campaign_id, survey)
    except FaultyFormError as error:
        _show_survey_faults(form, error, _filled(form, lines))
        return _survey_page(desk, campaign, held, form, lines=lines)
    return desk.redirect(f"/campaigns/{campaign_id}/survey/{scheme}/decision", notice="saved")


@page("/campaigns/{campaign_id:int}/survey/{scheme:str}/decision", roles=BODY)
def show_decision(desk: Desk, campaign_id: int, scheme: str) -> Response[Any]:
    """The class of the body and how much it must inspect, each with its rule."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        held = work.campaigns.survey(campaign_id, scheme)
    if held.decision is None:
        return desk.redirect(f"/campaigns/{campaign_id}/survey/{scheme}")
    return desk.render("campaign/decision.html", campaign=campaign, held=held, schemes=desk.scheme_names)


@page("/campaigns/{campaign_id:int}/sheet", roles=BODY | HEADQUARTERS)
def show_sheet(desk: Desk, campaign_id: int) -> Response[Any]:
    """Answer surveys by CSV: the template, and where to send it."""
    return _sheet_page(desk, campaign_id, Form())


@page("/campaigns/{campaign_id:int}/sheet.csv", roles=BODY)
def download_sheet(desk: Desk, campaign_id: int) -> Response[Any]:
    """The template, filled with what is known."""
    with desk.work() as work:
        content = write_sheet(work.campaigns.surveys(campaign_id))
    return desk.download(content, name=desk.say("調査票.csv", "survey.csv"), media_type="text/csv; charset=utf-8")


@form_post("/campaigns/{campaign_id:int}/sheet", roles=BODY | HEADQUARTERS)
def send_sheet(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Take the lines that can be taken and tell of the others, line and column."""
    upload = form.uploads.get("sheet")
    if upload is None:
        form.wrong("sheet", "ファイルを選んでください。", "Choose a file.")
        return _sheet_page(desk, campaign_id, form)
    try:
        reading = read_sheet(upload.name, upload.file.read())
    except InputRejectedError as error:
        form.errors["sheet"] = refused_file(error)
        return _sheet_page(desk, campaign_id, form)
    with desk.work() as work:
        taken, faults = work.campaigns.answer_by_sheet(campaign_id, reading.answers)
    every_fault = sorted([*reading.faults, *faults], key=lambda fault: (fault.line, fault.column))
    return _sheet_page(desk, campaign_id, form, taken=taken, faults=every_fault)


@page("/campaigns/{campaign_id:int}/report/{scheme:str}/{kind:str}", roles=BODY)
def show_report(desk: Desk, campaign_id: int, scheme: str, kind: str) -> Response[Any]:
    """A report to submit, with the figures the program knows, and the versions submitted before."""
    of_kind = _kind(kind)
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        figures = work.campaigns.propose_report(campaign_id, scheme)
        month = next_month(campaign, work.clock.today())
    values = {name: getattr(figures, name) for name in _FIGURES}
    form = Form.of(month=f"{month:%Y-%m}" if of_kind is ReportKind.MONTH else None, **values)
    return _report_page(desk, campaign_id, scheme, of_kind, form)


@form_post("/campaigns/{campaign_id:int}/report/{scheme:str}/{kind:str}", roles=SUBMITTERS)
def send_report(desk: Desk, campaign_id: int, scheme: str, kind: str, form: Form) -> Response[Any]:
    """Submit a report, or a new version of it."""
    of_kind = _kind(kind)
    month = _month(form) if of_kind is ReportKind.MONTH else None
    figures = ReportFigures(**{name: _count(form, name) for name in _FIGURES})
    note = form.text("note", most=2000)
    if form.errors:
        return _report_page(desk, campaign_id, scheme, of_kind, form)
    try:
        with desk.work() as work:
            work.campaigns.report(campaign_id, scheme=scheme, kind=of_kind, month=month, figures=figures, note=note)
    except FaultyFormError as error:
        show_faults(form, error)
        return _report_page(desk, campaign_id, scheme, of_kind, form)
    return desk.redirect(f"/campaigns/{campaign_id}/report/{scheme}/{kind}", notice="sent")


@form_post("/campaigns/{campaign_id:int}/withdrawal", roles=HEADQUARTERS)
def take_back(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Take back a survey that was given out in error and not answered yet, with the reason."""
    body = form.text("body", label=Said("団体コード", "body code"), most=40)
    scheme = form.choice("scheme", list(desk.scheme_names), label=Said("制度", "scheme"))
    reason = form.text("reason", label=Said("理由", "reason"), most=500)
    if not form.errors:
        try:
            with desk.work() as work:
                work.campaigns.take_back(campaign_id, body=body, scheme=scheme, reason=reason)
        except FaultyFormError as error:
            show_faults(form, error)
    if form.errors:
        return invite_page(desk, campaign_id, form)
    return desk.redirect(f"/campaigns/{campaign_id}/invite", notice="discarded")


def _survey_page(desk: Desk, campaign: Campaign, held: HeldSurvey, form: Form, *, lines: int) -> Response[Any]:
    return desk.render(
        "campaign/survey.html",
        form=form,
        campaign=campaign,
        held=held,
        lines=lines,
        most_lines=_MOST_LINES,
        schemes=desk.scheme_names,
        items=ITEMS,
        choices={
            kind: [(code, words.label(kind, code, desk.language)) for code in words.codes(kind)]
            for kind in ("number_required", "without_number", "survey_method", "survey_answer")
        },
    )


def _sheet_page(
    desk: Desk, campaign_id: int, form: Form, *, taken: int | None = None, faults: Sequence[SheetFault] = ()
) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
    status = 422 if faults else 200
    return desk.render(
        "campaign/sheet.html",
        status=status,
        form=form,
        campaign=campaign,
        taken=taken,
        faults=faults,
        headers=HEADERS,
        has_template=desk.role in BODY,
    )


def _report_page(desk: Desk, campaign_id: int, scheme: str, kind: ReportKind, form: Form) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        held = work.campaigns.survey(campaign_id, scheme)
        former = [one for one in work.campaigns.reports(campaign_id) if (one.scheme, one.kind) == (scheme, kind)]
    return desk.render(
        "campaign/report.html",
        form=form,
        campaign=campaign,
        held=held,
        kind=kind,
        former=former,
        figures=_FIGURES,
        schemes=desk.scheme_names,
        may_submit=desk.role in SUBMITTERS and campaign.is_open,
    )


def _as_form(survey: Survey) -> Form:
    values: dict[str, object] = {
        "number_required": survey.number_required,
        "without_number": survey.without_number,
        "inquiry_items": list(survey.inquiry_items),
        "holds_residents": "1" if survey.holds_residents else None,
    }
    for number, line in enumerate(survey.lines):
        for name in _LINE_FIELDS:
            value = getattr(line, name)
            shown = "1" if value is True else None if value is False else value
            values[f"lines-{number}-{name}"] = shown.isoformat() if isinstance(shown, date) else shown
    return Form.of(**values)


def _as_survey(form: Form, scheme: str, lines: int) -> Survey:
    holds_residents = bool(form.value("holds_residents"))
    return Survey(
        scheme=scheme,
        number_required=form.choice("number_required", words.codes("number_required")),
        without_number=form.choice("without_number", words.codes("without_number")),
        inquiry_items=tuple(item for item in ITEMS if item in form.all("inquiry_items")),
        holds_residents=holds_residents,
        lines=() if holds_residents else tuple(_as_line(form, number) for number in _filled(form, lines)),
    )


def _filled(form: Form, lines: int) -> list[int]:
    """The ways in which something was said; the first always, so that an empty form is told what it lacks."""
    filled = [n for n in range(lines) if any(form.value(f"lines-{n}-{name}") for name in _LINE_FIELDS)]
    return filled or [0]


def _as_line(form: Form, number: int) -> SurveyLine:
    def name(field: str) -> str:
        return f"lines-{number}-{field}"

    return SurveyLine(
        method=form.choice(name("method"), words.codes("survey_method")),
        since=form.day(name("since")),
        until=form.day(name("until")),
        three_items=form.choice(name("three_items"), words.codes("survey_answer")),
        any_of_several=form.choice(name("any_of_several"), words.codes("survey_answer")),
        other_wrong=form.choice(name("other_wrong"), words.codes("survey_answer")),
        stopped=bool(form.value(name("stopped"))),
        inspected_on=form.day(name("inspected_on")),
    )


def _show_survey_faults(form: Form, error: FaultyFormError, filled: Sequence[int]) -> None:
    """Put faults at the fields of the form, whose ways may have gaps between them."""
    placed = []
    for fault in error.faults:
        parts = fault.field.split(".")
        if parts[0] == "lines":
            parts[1] = str(filled[int(parts[1])])
        placed.append(Fault(".".join(parts), fault.code))
    show_faults(form, FaultyFormError(placed))


def _line_count(form: Form) -> int:
    text = form.value("lines")
    return min(_MOST_LINES, max(1, int(text))) if text.isascii() and text.isdecimal() else 1


def _kind(text: str) -> ReportKind:
    if text not in set(ReportKind):
        raise NotFoundError("There is no such report.")
    return ReportKind(text)


def _count(form: Form, name: str) -> int:
    label = Said(words.label("report_figure", name), words.label("report_figure", name, "en"))
    text = unicodedata.normalize("NFKC", form.text(name, label=label)).replace(",", "")
    if text and not text.isdecimal():
        form.wrong(
            name, words.label("campaign_fault", "not_a_count"), words.label("campaign_fault", "not_a_count", "en")
        )
        return 0
    return int(text or 0)


def _month(form: Form) -> date | None:
    text = form.text("month", label=Said("対象の月", "Month"))
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        form.wrong("month", "月として読めません。例：2023-07。", "Not a month. Write it like 2023-07.")
        return None


HANDLERS = (
    show_survey,
    answer_survey,
    show_decision,
    show_sheet,
    download_sheet,
    send_sheet,
    show_report,
    send_report,
    take_back,
)
