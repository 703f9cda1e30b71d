"""One leak of several cases: one report, noted in each case, with the persons and the clock of the whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from case_world import CaseOffice, add_link, case_office, opening, view
from database_fixture import JAPAN, SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from test_story import NINE

from himozuke.errors import ConflictError, UsageError
from himozuke.incident import decide
from himozuke.incident.clocks import ClockState, clocks
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import ExposureWords
from himozuke.incident.group_reporting import GroupReport, duty_of_group, group_clocks, leak_of
from himozuke.incident.model import Case, Finding, Result, Step, StepState
from himozuke.incident.steps import standing
from himozuke.rules.loader import load

RULES = load()
FORM = "one.1"
SHIFTED = partial(opening, cause="C5", group_key="inspection/1/C5/B14")


def wrong_case(cases: CaseOffice, *, body: int, known_on: date, viewings: int = 0, is_looked: bool = True) -> int:
    """A case of the shifted rows, confirmed wrong on a day; its id."""
    world = cases.world
    link_id = add_link(world, body=body)
    for place in range(viewings):
        view(world, link_id, datetime(2026, 1, 20, 10, place, tzinfo=JAPAN), ["medicines"])
    world.clock.set(known_on.isoformat())
    wrong = Confirmation(Result.WRONG, "papers", "行のずれ", cause="C5")
    with cases.bench() as bench:
        case_id = bench.cases.open_case(SHIFTED(world, link_id))
        bench.cases.act(case_id, partial(decide.check_papers, finding=Finding.OTHERS, note_="原簿"))
        bench.cases.act(case_id, partial(decide.confirm, given=wrong, today=known_on))
        if is_looked:
            bench.exposing.find(case_id, ExposureWords({}, "当システムの記録は全件"))
    return case_id


def group_of(cases: CaseOffice, case_id: int) -> int:
    with cases.bench() as bench:
        group_id = bench.cases.case(case_id).group_id
    assert group_id is not None
    return group_id


def audit_rows(office: SmallWorld) -> list[tuple[str, int, dict[str, Any]]]:
    with office.system_work() as work:
        query = (
            "SELECT act, subject_id, details FROM audit_record WHERE act = 'incident.report_submitted'"
            " OR (act = 'incident.print_letter' AND details ->> 'kind' = 'commission_report') ORDER BY at, number"
        )
        return [(row["act"], int(row["subject_id"]), row["details"]) for row in work.connection.execute(query)]


@pytest.mark.seed("S75", "S76")
def test_one_report_is_noted_in_every_wrong_case_of_the_group_with_one_number(office: SmallWorld) -> None:
    cases = case_office(office)
    first = wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=2)
    second = wrong_case(cases, body=32, known_on=date(2026, 4, 3), viewings=1)
    third = wrong_case(cases, body=33, known_on=date(2026, 4, 3))
    group_id = group_of(cases, first)

    with cases.bench() as bench:
        bench.group_reporting.submit(group_id, GroupReport("prompt", NINE), token=FORM)
        again = bench.group_reporting.submit(group_id, GroupReport("prompt", NINE), token=FORM)

    assert [case.case_id for case in again] == [first, second, third]
    for case_id in (first, second, third):
        state = cases.state(case_id)
        assert state.prompt_on == date(2026, 4, 3)
        prompt = next(clock for clock in clocks(state, RULES) if clock.name == "prompt")
        assert prompt.state(date(2026, 5, 1)) is ClockState.MET
    with cases.bench() as bench:
        [letter] = {one.letter_id for case_id in (first, second, third) for one in bench.letters.letters(case_id)}
        assert bench.letters.letter(letter).case_id is None
        assert bench.letters.pdf(letter)[:5] == b"%PDF-"
    rows = audit_rows(office)
    assert [row[0] for row in rows] == ["incident.print_letter", *["incident.report_submitted"] * 3]
    assert rows[0][2]["group"] == group_id
    assert [row[1] for row in rows[1:]] == [first, second, third]
    assert all(row[2]["group_id"] == group_id and row[2]["persons"] == 2 and row[2]["cases"] == 3 for row in rows[1:])

    with cases.bench() as bench:
        bench.group_reporting.submit(group_id, GroupReport("final", NINE))

    assert {standing(cases.state(case_id), Step.REPORT) for case_id in (first, second, third)} == {StepState.DONE}


def test_the_clock_of_a_group_counts_from_the_earliest_knowledge(office: SmallWorld) -> None:
    cases = case_office(office)
    late = wrong_case(cases, body=31, known_on=date(2026, 4, 6), viewings=1)
    early = wrong_case(cases, body=32, known_on=date(2026, 4, 8), viewings=1)
    with cases.bench() as bench:
        known = [bench.cases.case(case_id) for case_id in (late, early)]
    leak = leak_of(known, kind="prompt")

    found = group_clocks(leak, RULES)

    assert leak.known_on == date(2026, 4, 6)
    assert {name: clock.since for name, clock in found.items()} == {
        "prompt": date(2026, 4, 6),
        "final": date(2026, 4, 6),
    }
    own = {clock.name: clock.due_on for clock in clocks(known[1].state, RULES)}
    assert found["prompt"].due_on == own["prompt"] - timedelta(2)


def test_persons_of_all_cases_are_added_up_and_somebody_not_seen_is_not_one(office: SmallWorld) -> None:
    cases = case_office(office)
    seen = wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=3)
    unseen = wrong_case(cases, body=32, known_on=date(2026, 4, 1))
    with cases.bench() as bench:
        one, none = (bench.cases.case(case_id) for case_id in (seen, unseen))

    assert leak_of([one, none], kind="final").persons == 1
    assert duty_of_group(leak_of([none], kind="final"), RULES).grounds == ()
    many = [_as_person(one, number) for number in range(1, 102)]
    assert duty_of_group(leak_of(many[:100], kind="final"), RULES).grounds == ("own_system",)
    assert duty_of_group(leak_of(many, kind="final"), RULES).grounds == ("own_system", "other")


def _as_person(case: Case, number: int) -> Case:
    return Case(number, case.organisation_id, number, case.group_id, case.opened_at, case.state, case.events)


def test_a_final_report_waits_until_it_is_known_for_every_case_who_saw_what(office: SmallWorld) -> None:
    cases = case_office(office)
    looked = wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=1)
    unlooked = wrong_case(cases, body=32, known_on=date(2026, 4, 1), is_looked=False)
    group_id = group_of(cases, looked)

    with cases.bench() as bench, pytest.raises(ConflictError, match=f"not found yet for case {unlooked}"):
        bench.group_reporting.submit(group_id, GroupReport("final", NINE))
    with cases.bench() as bench, pytest.raises(UsageError, match="summary"):
        bench.group_reporting.submit(group_id, GroupReport("prompt", {**NINE, "summary": ""}))

    assert [cases.state(case_id).prompt_on for case_id in (looked, unlooked)] == [None, None]
    assert audit_rows(office) == []


def test_a_case_found_later_is_reported_as_a_supplement_and_the_others_are_not_reported_twice(
    office: SmallWorld,
) -> None:
    cases = case_office(office)
    first = wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=1)
    group_id = group_of(cases, first)
    with cases.bench() as bench:
        bench.group_reporting.submit(group_id, GroupReport("prompt", NINE))
    later = wrong_case(cases, body=32, known_on=date(2026, 4, 10), viewings=1)

    with cases.bench() as bench:
        leak = bench.group_reporting.leak(group_id, kind="prompt")
        [told] = bench.group_reporting.submit(group_id, GroupReport("prompt", NINE))

    assert (leak.case_ids, leak.known_on, leak.persons, leak.is_reported) == ([later], date(2026, 4, 10), 2, True)
    assert told.case_id == later
    assert cases.state(first).prompt_on == date(2026, 4, 1)


def said(page: Any) -> str:
    assert page.status_code in {200, 201}, page.text[:3000]
    return str(page.text)


def fields_of(page: Any) -> dict[str, str]:
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    return {name: hidden[name] for name in ("act_token", "act_seen", "covered", "kind")}


@pytest.mark.seed("S76")
def test_a_group_is_reported_on_its_page_and_a_stale_page_reports_nothing(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    cases = case_office(office)
    first = wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=2)
    group_id = group_of(cases, first)
    clerk, path = desk("insurer_clerk"), f"/cases/groups/{group_id}/report"
    contents = {f"content-{name}": text for name, text in NINE.items()}
    stale = fields_of(clerk.get(path))
    second = wrong_case(cases, body=32, known_on=date(2026, 4, 1), viewings=1)

    refused = clerk.submit(path, {**contents, **stale, "checked": "1"})

    assert refused.status_code == 409
    assert "まとまりの案件が変わりました" in refused.text
    assert fields_of(refused)["covered"] == f"{first},{second}"
    form = {**contents, **fields_of(refused)}
    assert "対象の案件すべてに提出済みとして記録し" in said(clerk.submit(path, form))
    said(clerk.submit(path, {**form, "checked": "1"}))
    assert "まとまりの報告（2件、本人2人）" in said(clerk.get(f"/cases/{second}"))
    with cases.bench() as bench:
        [letter] = bench.letters.letters(second)
    assert clerk.get(f"/cases/{first}/letters/{letter.letter_id}").content[:5] == b"%PDF-"
    assert "確報" in said(clerk.get(path))
    other = desk("insurer_clerk", of=office.other_insurer)
    assert other.get(path).status_code == 404
    assert other.submit(path, {**form, "checked": "1"}).status_code == 404


def test_the_pages_of_a_groups_report_are_without_fault_and_fit_a_narrow_screen(
    live_desk: Callable[..., Any], office: SmallWorld
) -> None:
    cases = case_office(office)
    group_id = group_of(cases, wrong_case(cases, body=31, known_on=date(2026, 4, 1), viewings=1))
    page = live_desk("insurer_supervisor")

    for language in ("ja", "en"):
        page.open(f"/language/{language}?back=/")
        for path in (f"/cases/groups/{group_id}/report", f"/cases/groups/{group_id}/report?kind=final"):
            page.open(path)
            assert_accessible(page)
            assert_reflows(page)
            page.set_viewport_size({"width": 1280, "height": 900})
        page.press_through("F9")
        assert_accessible(page)
        assert_reflows(page)
    assert page.complaints == []
