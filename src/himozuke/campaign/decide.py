"""Pure decisions of a campaign: classes and scope from answers, faults of forms, cases from findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from himozuke.campaign.model import (
    Campaign,
    Citation,
    Fault,
    Finding,
    ReportFigures,
    ReportKind,
    Scope,
    Stage,
    StageDue,
    Survey,
    SurveyDecision,
    SurveyLine,
)
from himozuke.campaign.process_class import ANSWERS, BodyAnswer, class_body
from himozuke.link.acquisition import needs_full_inspection
from himozuke.ports.office import CaseOpening, Origin
from himozuke.rules.model import RuleBook, RuleEntry

METHODS = ("person", "jlis", "other")
WITHOUT_NUMBER = ("return_", "jlis", "register", "ask_person", "other")
FULL_RULE = "inspection.full_if_items_at_most"

# Inspection, mending and the check for leaks have the deadline of the publication that tells of them (S93).
_DUE_RULES = {
    Stage.STATUS_REPORT: "campaign.status_report_by",
    Stage.SURVEY: "campaign.survey_by",
    Stage.RESULT_REPORT: "campaign.result_report_by",
    Stage.INTERIM_REPORT: "campaign.interim_report_by",
    Stage.INSPECTION: "campaign.publication_by",
    Stage.CORRECTION: "campaign.publication_by",
    Stage.LEAK_CHECK: "campaign.publication_by",
    Stage.PUBLICATION: "campaign.publication_by",
}

STAGE_OF_REPORT = {
    ReportKind.STATUS: Stage.STATUS_REPORT,
    ReportKind.INTERIM: Stage.INTERIM_REPORT,
    ReportKind.RESULT: Stage.RESULT_REPORT,
}


def proposed_stages(book: RuleBook, requested_on: date) -> tuple[StageDue, ...]:
    """Propose the due days of a campaign; a rule whose day lies before the request proposes nothing."""
    found = (StageDue(stage, book.day(key, requested_on)) for stage, key in _DUE_RULES.items())
    return tuple(one for one in found if one.due_on >= requested_on)


def check_stages(requested_on: date, stages: tuple[StageDue, ...]) -> tuple[Fault, ...]:
    """Find what is wrong with the due days: none at all, one before the request, a result before its work."""
    if not stages:
        return (Fault("stages", "no_stage"),)
    faults = [Fault(f"stages.{one.stage}", "before_request") for one in stages if one.due_on < requested_on]
    due = {one.stage: one.due_on for one in stages}
    publication = due.get(Stage.PUBLICATION)
    if publication:
        faults += [
            Fault(f"stages.{stage}", "after_publication")
            for stage, day in due.items()
            if stage is not Stage.PUBLICATION and day > publication
        ]
    return tuple(faults)


def stage_state(due_on: date, today: date, *, is_done: bool) -> str:
    """Say where a stage stands: done, late (the due day has passed) or open."""
    if is_done:
        return "done"
    return "late" if today > due_on else "open"


def check_survey(survey: Survey, *, on: date) -> tuple[Fault, ...]:
    """Find what is missing or cannot be in the answers, field by field. Source: S72, S91."""
    return tuple(_survey_faults(survey, on))


def decide_survey(survey: Survey, book: RuleBook, on: date) -> SurveyDecision:
    """Class the body and say how much it must inspect, by the rules of the day of the request.

    All data when the inquiry used too few items or took one of several hits (S92); the data of the
    time concerned in classes ① and ② (S71); nothing in class ③. The survey must be without faults.
    """
    found = class_body(_answers(survey), book, on)
    full = book.entry(FULL_RULE, on)
    at_most = book.count(FULL_RULE, on)
    reasons = tuple(_full_reasons(survey, at_most))
    class_rule = _cite(found.rule, found.row)
    if reasons:
        return SurveyDecision(found.number, Scope.FULL, reasons, class_rule, _cite(full))
    if survey.holds_residents:
        reason = "holds_residents"
    elif found.number == max(_CLASS_REASONS):
        reason = "mended_in_time" if found.is_mended else _CLASS_REASONS[found.number]
    else:
        reason = _CLASS_REASONS[found.number]
    scope = Scope.NONE if found.number == max(_CLASS_REASONS) else Scope.AFFECTED
    return SurveyDecision(found.number, scope, (reason,), class_rule, class_rule)


def check_report(figures: ReportFigures) -> tuple[Fault, ...]:
    """Find figures that cannot be: more inspected than in scope, more corrected or viewed than wrong."""
    return tuple(_report_faults(figures))


def case_opening(finding: Finding, *, summary: str) -> CaseOpening:
    """Say which case a finding opens; links of one cause, batch and run make one group."""
    group = "/".join(("inspection", str(finding.run_id), finding.cause or "-", finding.batch or "-"))
    return CaseOpening(
        organisation_id=finding.organisation_id,
        link_id=finding.link_id,
        origin=Origin.INSPECTION,
        restriction=finding.restriction,
        verdict=finding.verdict,
        reasons=finding.reasons,
        cause=finding.cause,
        group_key=group,
        summary=summary,
        evidence={
            "run_id": finding.run_id,
            "finding_id": finding.finding_id,
            "link": finding.link_key,
            "row": finding.row,
            "evidence_digest": finding.evidence_digest,
        },
    )


def next_month(campaign: Campaign, today: date) -> date:
    """The month a monthly report is due for: the one that has ended last, not before the request."""
    month = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    return max(month, campaign.requested_on.replace(day=1))


_CLASS_REASONS = {1: "class_1", 2: "class_2", 3: "class_3"}


def _answers(survey: Survey) -> tuple[BodyAnswer, ...]:
    """The lines as the class table reads them; a body that holds residents' data needs no line."""
    lines = survey.lines or (SurveyLine(),)
    return tuple(
        BodyAnswer(
            body="",
            name="",
            three_items=line.three_items,
            any_of_several=line.any_of_several,
            other_wrong=line.other_wrong,
            stopped=line.stopped,
            inspected_on=line.inspected_on,
            holds_residents=survey.holds_residents,
        )
        for line in lines
    )


def _full_reasons(survey: Survey, at_most: int) -> Iterator[str]:
    if survey.holds_residents and not survey.inquiry_items:
        return
    items = len(survey.inquiry_items) or None
    if at_most and needs_full_inspection(items, None, at_most=at_most):
        yield "few_items"
    if at_most and any(line.any_of_several == "yes" for line in survey.lines):
        yield "any_of_several"


def _survey_faults(survey: Survey, on: date) -> Iterator[Fault]:
    if survey.number_required not in ANSWERS:
        yield Fault("number_required", "choose")
    if survey.without_number not in WITHOUT_NUMBER:
        yield Fault("without_number", "choose")
    if survey.without_number in ("jlis", "register") and not survey.inquiry_items:
        yield Fault("inquiry_items", "items_needed")
    if survey.holds_residents:
        return
    if not survey.lines:
        yield Fault("lines.0.method", "no_line")
    for number, line in enumerate(survey.lines):
        yield from (Fault(f"lines.{number}.{field}", code) for field, code in _line_faults(line, on))


def _line_faults(line: SurveyLine, on: date) -> Iterator[tuple[str, str]]:
    if line.method not in METHODS:
        yield "method", "choose"
    for question in ("three_items", "any_of_several", "other_wrong"):
        if getattr(line, question) not in ANSWERS:
            yield question, "choose"
    if line.since and line.until and line.until < line.since:
        yield "until", "ends_before"
    if line.inspected_on and line.inspected_on > on:
        yield "inspected_on", "in_future"


def _report_faults(figures: ReportFigures) -> Iterator[Fault]:
    for name in ("in_scope", "inspected", "to_ask", "confirmed_wrong", "corrected", "viewed"):
        if getattr(figures, name) < 0:
            yield Fault(name, "negative")
    if figures.inspected > figures.in_scope:
        yield Fault("inspected", "more_than_scope")
    if figures.confirmed_wrong > figures.inspected:
        yield Fault("confirmed_wrong", "more_than_inspected")
    if figures.corrected > figures.confirmed_wrong:
        yield Fault("corrected", "more_than_wrong")
    if figures.viewed > figures.confirmed_wrong:
        yield Fault("viewed", "more_than_wrong")


def _cite(rule: RuleEntry, row: int | None = None) -> Citation:
    return Citation(rule.key, rule.since, rule.source, rule.title_ja, row)
