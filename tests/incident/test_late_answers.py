"""An answer against what was confirmed: it raises the case, with a last day and a task, or opens another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from case_world import CaseOffice, case_office
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk, assert_accessible, assert_reflows
from test_letters_of_cases import ready_to_write, token_of, write

from himozuke.errors import ConflictError, NotFoundError
from himozuke.incident import decide, decide_after
from himozuke.incident.clocks import clocks
from himozuke.incident.decide import Confirmation
from himozuke.incident.model import Case, EventKind, Finding, Reply, Result, Step, StepState
from himozuke.incident.steps import next_step, standing
from himozuke.rules.loader import load

RULES = load()
FINDINGS = {Result.RIGHT: Finding.OWN, Result.RECORD: Finding.RECORD, Result.WRONG: Finding.OTHERS}


def confirmed(cases: CaseOffice, result: Result = Result.RIGHT) -> tuple[int, str]:
    """A case with a letter out, confirmed from papers; its id and the path of the reply page."""
    case_id = ready_to_write(cases)
    _, content = write(cases, case_id)
    today = cases.world.clock.today()
    with cases.bench() as bench:
        bench.cases.act(case_id, partial(decide.check_papers, finding=FINDINGS[result], note_="届書が見つかった"))
        bench.cases.act(
            case_id, partial(decide.confirm, given=Confirmation(result, "papers", "届書による"), today=today)
        )
    return case_id, f"/r/{token_of(content)}"


def last_kind(cases: CaseOffice, case_id: int) -> EventKind:
    with cases.bench() as bench:
        case: Case = bench.cases.case(case_id)
    return case.events[-1].kind


@pytest.mark.parametrize(
    ("result", "reply", "is_against"),
    [
        (Result.RIGHT, "not_own", True),
        (Result.RIGHT, "own_with_changes", True),
        (Result.RIGHT, "own", False),
        (Result.RECORD, "not_own", True),
        (Result.RECORD, "own_with_changes", False),
        (Result.WRONG, "not_own", False),
        (Result.WRONG, "own", False),
    ],
)
def test_only_an_answer_against_the_conclusion_raises_the_case(
    office: SmallWorld, visitor_desk: Desk, result: Result, reply: str, is_against: bool
) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases, result)

    sent = visitor_desk.submit(path, {"reply": reply, "note": "知らない番号", "checked": "1"})

    assert "回答を受け付けました" in sent.text
    assert last_kind(cases, case_id) is (EventKind.REPLY_CONTRADICTS if is_against else EventKind.NOTED)
    assert (cases.state(case_id).contradicted_on is not None) is is_against


def test_a_raised_case_has_a_last_day_a_task_and_releases_nothing(
    office: SmallWorld, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases)

    visitor_desk.submit(path, {"reply": "not_own", "note": "知らない番号", "checked": "1"})

    state, clerk = cases.state(case_id), desk("insurer_clerk")
    clock = next(one for one in clocks(state, RULES) if one.name == "contradiction")
    assert (clock.since, clock.rule) == (date(2026, 4, 1), "incident.confirm_days")
    assert clock.due_on > clock.since
    assert next_step(state) is Step.CONFIRM
    assert standing(state, Step.RELEASE) is StepState.WAITING
    with pytest.raises(ConflictError):
        decide_after.propose_release(state, reason="書類のとおり")
    assert "結論と違う本人の回答が届いた案件" in clerk.get("/").text
    assert f'href="/cases/{case_id}"' in clerk.get("/cases?step=contradicted").text
    shown = clerk.get(f"/cases/{case_id}/steps/confirm").text
    assert "確定した結論と違う回答が本人から届きました" in shown
    assert_audited_ever(office, "incident.reply_contradicts")


def test_the_conclusion_is_kept_with_a_reason_or_taken_back(
    office: SmallWorld, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases)
    visitor_desk.submit(path, {"reply": "not_own", "note": "知らない番号", "checked": "1"})
    clerk, base = desk("insurer_clerk"), f"/cases/{case_id}"

    without = clerk.submit(f"{base}/confirm/keep", {"keep_reason": ""})
    kept = clerk.submit(f"{base}/confirm/keep", {"keep_reason": "電話で本人に確かめ、思い違いと分かった"})
    again = clerk.submit(f"{base}/confirm/keep", {"keep_reason": "もう一度"})

    assert (without.status_code, kept.status_code, again.status_code) == (422, 200, 409)
    assert cases.state(case_id).contradicted_on is None
    assert standing(cases.state(case_id), Step.RELEASE) is StepState.OPEN
    assert "contradicted" not in clerk.get("/").text
    assert_audited_ever(office, "incident.conclusion_kept")


def test_a_new_confirmation_may_rest_on_the_late_answer(office: SmallWorld, visitor_desk: Desk) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases)
    office.clock.set("2026-04-10")
    visitor_desk.submit(path, {"reply": "not_own", "note": "知らない番号", "checked": "1"})

    with cases.bench() as bench:
        bench.cases.act(case_id, partial(decide.undo_confirmation, reason="本人の回答"))
        confirm = [one for one in clocks(cases.state(case_id), RULES) if one.name == "confirm"]
        wrong = Confirmation(Result.WRONG, "person", "本人のカードの番号と違う")
        bench.cases.act(case_id, partial(decide.confirm, given=wrong, today=date(2026, 4, 10)))

    state = cases.state(case_id)
    assert confirm == [] or confirm[0].since <= date(2026, 4, 10)
    assert (state.result, state.contradicted_on) == (Result.WRONG, None)
    assert state.person is not None
    assert state.person.reply is Reply.NOT_OWN


def test_an_answer_against_a_closed_case_opens_another_that_stops_medical_information(
    office: SmallWorld, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases)
    with cases.bench() as bench:
        bench.correcting.propose_release(case_id, reason="届書による")
    with cases.bench("insurer_supervisor") as bench:
        bench.correcting.approve_release(case_id)
    assert not cases.state(case_id).is_open

    visitor_desk.submit(path, {"reply": "not_own", "note": "知らない番号", "checked": "1"})
    visitor_desk.submit(path, {"reply": "not_own", "note": "もう一度", "checked": "1"})

    assert cases.state(case_id).closed_on is not None
    opened = cases.state(case_id + 1)
    assert (opened.origin, opened.stopped_as, opened.is_open) == ("citizen", "MEDICAL", True)
    with cases.bench() as bench, pytest.raises(NotFoundError):
        bench.cases.case(case_id + 2)
    assert "結論の後に届いた本人の回答：" in desk("insurer_clerk").get("/cases/groups").text


def test_two_answers_that_differ_are_shown_before_the_confirmation(
    office: SmallWorld, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    clerk, base = desk("insurer_clerk"), f"/cases/{case_id}"
    clerk.submit(f"{base}/person/answer", {"reply": "own", "channel": "paper"})
    one = clerk.get(f"{base}/steps/confirm").text
    clerk.submit(f"{base}/person/answer", {"reply": "not_own", "channel": "counter"})

    two = clerk.get(f"{base}/steps/confirm").text

    assert "本人の回答が複数あり" not in one
    assert "本人の回答が複数あり" in two


def test_the_page_of_a_contradiction_is_without_fault(live_desk: Callable[..., Any], office: SmallWorld) -> None:
    cases = case_office(office)
    case_id, path = confirmed(cases)
    with cases.program() as bench:
        token = path.rsplit("/", 1)[1]
        bench.replies.answer(token, came_from="", reply=Reply.NOT_OWN, wrong_items={}, note="知らない番号")
    page = live_desk("insurer_clerk")

    page.open(f"/cases/{case_id}/steps/confirm")

    assert_accessible(page)
    assert_reflows(page)
    assert page.complaints == []
