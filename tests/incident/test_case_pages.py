"""The pages of cases in a real browser: nothing for axe to find, 320 pixels, the keyboard, print."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from case_world import NAMESAKE, PERSON, SENDER, CaseOffice, add_link, case_office, opening, view
from database_fixture import JAPAN, SmallWorld
from desk_fixture import assert_accessible, assert_reflows
from factories import table
from register_world import load
from test_story import story

from himozuke.incident import decide
from himozuke.incident.calls import Call
from himozuke.incident.model import Finding, Step

SHOTS = os.environ.get("HIMOZUKE_SHOTS")
STEPS = [f"/cases/{{case}}/steps/{step.value}" for step in Step if step is not Step.PUBLISH]


@pytest.fixture(name="filled")
def _filled(office: SmallWorld) -> CaseOffice:
    """One case that is halfway (1), one that is done (2), one just opened (3), a call, a publication."""
    cases = case_office(office)
    load(office, table([PERSON, NAMESAKE]), date(2026, 4, 1))
    with cases.bench("insurer_supervisor") as bench:
        bench.letters.set_sender(office.insurer, SENDER)
    half, done, fresh = (add_link(office, body=22, scheme_number=f"06139999-12-10{place}-00") for place in (1, 2, 3))
    for link_id in (half, done):
        view(office, link_id, datetime(2026, 1, 20, 10, 30, tzinfo=JAPAN), ["qualification", "medicines"])
    for link_id in (half, done, fresh):
        with cases.bench() as bench:
            case_id = bench.cases.open_case(opening(office, link_id))
            bench.correcting.compare(case_id)
    for case_id, acts in ((1, story()[:9]), (2, story())):
        for act in acts:
            office.clock.set(act.on)
            with cases.bench(act.role) as bench:
                act.do(bench, case_id, f"{case_id}-{act.token}")
    with cases.bench() as bench:
        bench.correcting.propose_release(1, reason="訂正済み")
        bench.calls.take(Call("telephone", "name_wrong", "氏名の字が違う"), opens_case=False)
    office.clock.set("2026-04-14")
    return cases


def shoot(page: Any, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_on_any_page_of_cases_and_every_page_fits_a_narrow_screen(
    live_desk: Callable[..., Any], language: str
) -> None:
    page = live_desk("insurer_supervisor")
    page.open(f"/language/{language}?back=/")
    paths = [
        "/cases",
        "/cases?cause=C10",
        "/cases/groups",
        "/cases/groups/1",
        *(f"/cases/{case_id}" for case_id in (1, 2, 3)),
        *(step.format(case=case_id) for case_id in (1, 3) for step in STEPS),
        "/cases/publications",
        "/cases/publications/new",
        "/cases/publications/1",
        "/profile",
        "/calls",
    ]

    faults = []
    for path in paths if language == "ja" else paths[:8]:
        answer = page.open(path)
        assert answer.status == 200, path
        shoot(page, f"{language}{path.replace('/', '_').replace('?', '_')}")
        for judge in (assert_accessible, assert_reflows):
            try:
                judge(page)
            except AssertionError as fault:
                faults.append(str(fault))
        page.set_viewport_size({"width": 1280, "height": 900})
    assert "\n".join(faults) == ""
    assert page.complaints == []


@pytest.mark.usefixtures("filled")
def test_the_fund_and_the_person_find_pages_without_fault(live_desk: Callable[..., Any], filled: CaseOffice) -> None:
    fund = live_desk("fund_operator")
    fund.open("/access-log")
    assert_accessible(fund)
    assert_reflows(fund)
    person = live_desk(None)
    person.open("/r/unknown")
    assert_accessible(person)
    with filled.bench() as bench:
        bench.cases.act(3, partial(decide.check_papers, finding=Finding.UNCLEAR, note_="届書"))
        bench.cases.act(3, partial(decide.employer_answered, finding=Finding.NONE, note_="退職"))
        printed: list[Any] = []
        printer = bench.printer

        class Peephole:
            def print_letter(self, content: Any) -> Any:
                printed.append(content)
                return printer.print_letter(content)

        object.__setattr__(bench.asking._post, "printer", Peephole())
        bench.asking.print_inquiry(3)
    person.open("/r/" + printed[0].reply_url.rsplit("/", 1)[1])
    assert_accessible(person)
    shoot(person, "reply")
    assert_reflows(person)
    person.get_by_label("すべて自分のもので、誤りはない").check()
    person.get_by_role("button", name="内容を確かめる").click()
    assert_accessible(person)
    person.get_by_role("button", name="この内容で回答する").click()
    assert "回答を受け付けました" in person.locator("h1").inner_text()
    assert_accessible(person)


@pytest.mark.usefixtures("filled")
def test_the_next_step_is_opened_and_taken_by_keyboard_alone(live_desk: Callable[..., Any]) -> None:
    page = live_desk("insurer_clerk")
    page.open("/cases/3")

    page.keyboard.press("F9")
    page.wait_for_url("**/steps/papers")
    page.locator("#field-finding input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("届書の番号と一致")
    page.keyboard.press("F9")
    page.wait_for_url("**/cases/3")

    assert "次にすること：正誤の確定" in page.inner_text("main")


@pytest.mark.usefixtures("filled")
def test_an_irreversible_act_is_looked_at_once_more_and_an_error_leads_to_its_field(
    live_desk: Callable[..., Any],
) -> None:
    page = live_desk("insurer_clerk")
    page.open("/cases/1/steps/report")
    page.get_by_role("button", name="内容を確かめる").click()
    assert "報告の区分を選んでください" in page.locator("#error-summary").inner_text()
    assert_accessible(page)
    page.get_by_label("速報（把握している内容）").check()
    page.get_by_role("button", name="内容を確かめる").click()

    assert "取り消せません" in page.inner_text("main")
    assert_accessible(page)
    shoot(page, "check")
    page.get_by_role("button", name="この内容で進める").click()
    page.wait_for_url("**/cases/1")
    assert "速報" in page.inner_text(".timeline")


@pytest.mark.usefixtures("filled")
def test_a_case_prints_with_its_timeline_and_without_the_menu(live_desk: Callable[..., Any], tmp_path: Path) -> None:
    page = live_desk("insurer_clerk")
    page.open("/cases/2")
    page.emulate_media(media="print")

    assert page.locator(".timeline").is_visible()
    assert not page.locator("nav.side").is_visible()
    assert len(page.pdf(path=str(tmp_path / "case.pdf"))) > 1000
