"""What follows from answers, and which forms cannot stand. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from himozuke.campaign.decide import (
    case_opening,
    check_report,
    check_stages,
    check_survey,
    decide_survey,
    next_month,
    proposed_stages,
    stage_state,
)
from himozuke.campaign.model import (
    Campaign,
    Fault,
    Finding,
    ReportFigures,
    Scope,
    Stage,
    StageDue,
    Survey,
    SurveyLine,
)
from himozuke.rules.loader import load

BOOK = load()
ON = date(2023, 6, 21)
ALL_FIVE = ("kanji_name", "kana_name", "birth_date", "sex", "address")
CLEAN = SurveyLine("jlis", three_items="no", any_of_several="no", other_wrong="no")


def survey(*lines: SurveyLine, items: tuple[str, ...] = ALL_FIVE, holds_residents: bool = False) -> Survey:
    return Survey("health_insurance", "yes", "jlis", items, holds_residents, lines or (CLEAN,))


@pytest.mark.seed("S52", "S93")
def test_the_days_of_2023_are_proposed_for_a_campaign_of_2023_and_for_no_later_one() -> None:
    due = {one.stage: one.due_on for one in proposed_stages(BOOK, date(2023, 5, 23))}

    assert due[Stage.STATUS_REPORT] == date(2023, 6, 30)
    assert due[Stage.RESULT_REPORT] == date(2023, 7, 31)
    assert due[Stage.INTERIM_REPORT] == date(2023, 8, 31)
    assert proposed_stages(BOOK, date(2026, 4, 1)) == ()


def test_a_stage_ends_neither_before_the_request_nor_after_the_publication() -> None:
    stages = (
        StageDue(Stage.SURVEY, date(2023, 6, 1)),
        StageDue(Stage.CORRECTION, date(2024, 1, 1)),
        StageDue(Stage.PUBLICATION, date(2023, 11, 30)),
    )

    faults = check_stages(ON, stages)

    assert set(faults) == {Fault("stages.survey", "before_request"), Fault("stages.correction", "after_publication")}
    assert check_stages(ON, ()) == (Fault("stages", "no_stage"),)


@pytest.mark.parametrize(
    ("is_done", "today", "state"),
    [(True, date(2024, 1, 1), "done"), (False, date(2023, 7, 1), "late"), (False, date(2023, 6, 30), "open")],
)
def test_a_stage_is_late_from_the_day_after_its_last(is_done: bool, today: date, state: str) -> None:
    assert stage_state(date(2023, 6, 30), today, is_done=is_done) == state


@pytest.mark.seed("S92")
@pytest.mark.parametrize(
    ("items", "scope"),
    [
        (("kana_name", "birth_date", "sex"), Scope.FULL),
        (("birth_date",), Scope.FULL),
        (("kanji_name", "birth_date", "sex", "address"), Scope.NONE),
        ((), Scope.NONE),
    ],
)
def test_three_items_or_fewer_call_for_the_inspection_of_all_data(items: tuple[str, ...], scope: Scope) -> None:
    decision = decide_survey(survey(items=items), BOOK, ON)

    assert decision.scope is scope
    if scope is Scope.FULL:
        assert (decision.reasons, decision.scope_rule.key) == (("few_items",), "inspection.full_if_items_at_most")


@pytest.mark.seed("S92")
def test_taking_one_of_several_hits_calls_for_the_inspection_of_all_data() -> None:
    decision = decide_survey(survey(replace(CLEAN, any_of_several="yes")), BOOK, ON)

    assert (decision.process_class, decision.scope) == (1, Scope.FULL)
    assert decision.reasons == ("any_of_several",)


@pytest.mark.seed("S71", "S72")
@pytest.mark.parametrize(
    ("line", "number", "scope", "row", "reason"),
    [
        (replace(CLEAN, three_items="yes"), 1, Scope.AFFECTED, 1, "class_1"),
        (replace(CLEAN, other_wrong="unconfirmed"), 2, Scope.AFFECTED, 6, "class_2"),
        (CLEAN, 3, Scope.NONE, 7, "class_3"),
        (
            replace(CLEAN, three_items="yes", stopped=True, inspected_on=date(2023, 6, 30)),
            3,
            Scope.NONE,
            7,
            "mended_in_time",
        ),
    ],
)
def test_a_decision_cites_the_row_of_the_table_that_made_it(
    line: SurveyLine, number: int, scope: Scope, row: int, reason: str
) -> None:
    decision = decide_survey(survey(line), BOOK, ON)

    assert (decision.process_class, decision.scope, decision.reasons) == (number, scope, (reason,))
    assert (decision.class_rule.key, decision.class_rule.row) == ("process.classes", row)
    assert decision.class_rule.since == date(2023, 5, 23)


@pytest.mark.seed("S72")
def test_a_body_that_holds_the_residents_data_is_class_three_without_answering_further() -> None:
    held = Survey("national_health_insurance", "yes", "register", ALL_FIVE[:2], holds_residents=True)

    decision = decide_survey(replace(held, inquiry_items=()), BOOK, ON)

    assert (decision.process_class, decision.scope, decision.reasons) == (3, Scope.NONE, ("holds_residents",))
    assert decision.class_rule.row is None


@pytest.mark.seed("S91")
def test_the_three_questions_and_every_way_must_be_answered() -> None:
    empty = Survey("health_insurance", "", "jlis", (), lines=(SurveyLine("jlis", since=ON, until=date(2023, 1, 1)),))

    faults = set(check_survey(empty, on=ON))

    assert faults >= {
        Fault("number_required", "choose"),
        Fault("inquiry_items", "items_needed"),
        Fault("lines.0.three_items", "choose"),
        Fault("lines.0.until", "ends_before"),
    }
    assert check_survey(survey(), on=ON) == ()
    assert check_survey(survey(replace(CLEAN, inspected_on=date(2023, 6, 22))), on=ON) == (
        Fault("lines.0.inspected_on", "in_future"),
    )


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        (ReportFigures(1, 2), "inspected"),
        (ReportFigures(5, 5, 0, 6), "confirmed_wrong"),
        (ReportFigures(5, 5, 1, 1, 2), "corrected"),
        (ReportFigures(5, 5, 1, 1, 1, 2), "viewed"),
        (ReportFigures(-1), "in_scope"),
    ],
)
def test_figures_that_contradict_each_other_are_found(figures: ReportFigures, field: str) -> None:
    assert field in {fault.field for fault in check_report(figures)}


def test_figures_that_fit_are_taken() -> None:
    assert check_report(ReportFigures(10, 9, 3, 2, 1, 1)) == ()


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2023, 9, 10), date(2023, 8, 1)),
        (date(2024, 1, 5), date(2023, 12, 1)),
        (date(2023, 6, 25), date(2023, 6, 1)),
    ],
)
def test_a_monthly_report_is_about_the_month_that_has_ended(today: date, month: date) -> None:
    assert next_month(Campaign(1, "点検", "", ON, ()), today) == month


@pytest.mark.seed("S94")
def test_links_of_one_cause_and_batch_come_into_one_group() -> None:
    finding = Finding(7, 3, 1, 12, "L12", "REFUTED", "ask", "ALL", "C5", 1, ("rival_better",), "e", "B4", {})

    opening = case_opening(finding, summary="点検")
    other = case_opening(replace(finding, finding_id=8, cause=None, batch=""), summary="点検")

    assert opening.group_key == "inspection/3/C5/B4"
    assert other.group_key == "inspection/3/-/-"
    assert (opening.restriction, opening.origin, opening.evidence["finding_id"]) == ("ALL", "inspection", 7)
