"""The pages of notices in a real browser: nothing for axe to find, 320 pixels, the whole story by keyboard, print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import assert_accessible, assert_reflows
from factories import person, table
from register_world import load
from registration_filings import TEXTS

from himozuke.entrypoints.registering import Consignment, take_in
from himozuke.entrypoints.wiring import Office
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import Channel, Filing, NoticeKind

TARO = person(1001)
HANA = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
KEN = person(1015, kanji_name="田中　健", kana_name="タナカ　ケン", birth_date="1988-02-03")
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")


@pytest.fixture
def filled(office: SmallWorld, wired: Office) -> Office:
    """Notices in every state: released, stopped, returned, prepared; a place of work for the employer."""
    load(office, table([TARO, HANA, KEN]), date(2026, 4, 1))
    clerk = office.actor("insurer_clerk")
    with wired.work(clerk) as work:
        texts = {"name": "けいと工業株式会社", "address": TEXTS["establishment_address"], "employer_name": "健保　良一"}
        work.notice_store.enrol(office.insurer, texts, employer_id=office.employer)
    filings = [
        filed(TARO),
        filed(HANA, number="18", birth_date="1962-11-23", kanji_name="佐籐　花"),
        filed(HANA, number="19", address="", has_dependents=""),
        filed(HANA, number="20", on=date(2026, 4, 20)),
    ]
    take_in(wired, clerk, Consignment(filings, office.insurer, Channel.PAPER))
    return wired


def filed(someone: dict[str, str], *, on: date = date(2026, 4, 1), **texts: str) -> Filing:
    items = TEXTS | {"insurer_number": ""} | {name: someone[name] for name in ITEMS} | texts
    return Filing(NoticeKind.ACQUISITION, on, items, IndividualNumber(int(someone["individual_number"])))


CLERKS_PAGES = (
    "/notices",
    "/records",
    "/records/2",
    "/notices/1",
    "/notices/2",
    "/notices/3",
    "/notices/3/slip",
    "/notices/4",
    "/notices/new",
    "/notices/new?kind=loss",
    "/notices/new?kind=dependent_added",
    "/notice-files",
    "/lateness",
    "/overlaps",
    "/establishments",
)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_of_the_clerk_is_accessible_and_reflows(live_desk: Callable[..., Any], language: str) -> None:
    page = live_desk("insurer_clerk")
    page.open(f"/language/{language}?back=/notices")

    for path in CLERKS_PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)
    assert page.complaints == []


@pytest.mark.usefixtures("filled")
def test_every_page_of_the_employer_is_accessible(live_desk: Callable[..., Any]) -> None:
    page = live_desk("employer")

    for path in ("/notices", "/notices/new", "/notice-files"):
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)


@pytest.mark.seed("S53", "S66")
@pytest.mark.usefixtures("filled")
def test_an_employer_files_and_the_clerk_finds_it_released(live_desk: Callable[..., Any]) -> None:
    employer = live_desk("employer")
    employer.open("/notices/new")
    employer.get_by_label("漢字氏名").fill("田中　健")
    employer.get_by_label("カナ氏名").fill("たなか　けん")
    employer.get_by_label("生年月日").fill("昭和63年2月3日")
    employer.get_by_label("男", exact=True).check()
    employer.get_by_label("個人番号").fill(KEN["individual_number"])
    employer.get_by_label("住所", exact=False).first.fill(KEN["address"])
    employer.get_by_label("資格取得年月日").fill("令和8年4月1日")
    employer.get_by_label("取得区分").select_option("1")
    employer.get_by_label("無", exact=True).check()
    employer.get_by_label("報酬月額", exact=False).first.fill("260000")
    employer.keyboard.press("F9")
    employer.wait_for_url("**/notices/5")
    assert "登録済み" in employer.content()
    assert "判定" not in employer.content()

    clerk = live_desk("insurer_clerk")
    clerk.open("/notices/5")

    assert "閲覧可" in clerk.content()


@pytest.mark.usefixtures("filled")
def test_a_faulty_form_names_its_faults_first_and_leads_to_the_field(live_desk: Callable[..., Any]) -> None:
    page = live_desk("insurer_clerk")
    page.open("/notices/new")
    page.get_by_label("生年月日").fill("平成35年1月1日")
    page.get_by_role("button", name="受け付ける").click()

    assert page.title().startswith("エラー")
    assert_accessible(page)
    page.locator("#error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") in {"field-birth_date", "field-event_on"}


@pytest.mark.usefixtures("filled")
def test_the_slip_prints_on_one_page_without_the_menu(live_desk: Callable[..., Any]) -> None:
    page = live_desk("insurer_clerk")
    page.open("/notices/3/slip")
    page.emulate_media(media="print")

    assert page.locator("nav.side").is_hidden()
    assert page.locator("form, button").filter(visible=True).count() == 0
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
