"""The help desk: an answer and a next step for every reason by day; questions written down and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import add_institution

from himozuke.eligibility.counter import Failure
from himozuke.eligibility.help_desk import answers, categories

CALL = {
    "category": "not_found",
    "caller": "institution",
    "channel": "telephone",
    "institution_code": "1312345676",
    "outcome": "answered",
    "minutes": "7",
    "note": "受付で資格情報なしと表示",
}


@pytest.fixture
def fund(desk: Callable[..., Desk]) -> Desk:
    return desk("fund_operator")


@pytest.mark.seed("S56")
def test_every_reason_has_an_answer_and_a_next_step_in_both_languages_with_its_source() -> None:
    assert list(categories())[: len(Failure)] == [str(one) for one in Failure]
    for category in categories():
        found = answers(category, date(2026, 4, 1))
        assert len(found) == 1, category
        for text in (found[0].question, found[0].answer, found[0].next_step):
            assert text["ja"]
            assert text["en"]
        assert found[0].source


def test_the_answer_is_that_of_the_day() -> None:
    before, after = answers("card_expired", date(2024, 12, 1)), answers("card_expired", date(2024, 12, 2))

    assert [one.holds_until for one in before] == [date(2024, 12, 1)]
    assert "3か月間" in after[0].answer["ja"]
    assert answers("network_down", date(2023, 7, 31)) == []


@pytest.mark.seed("S56")
def test_a_counter_finds_the_answer_and_cannot_write_calls(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    add_institution(office)
    clinic = desk("institution")

    page = clinic.get("/help-desk?category=network_down").text

    assert "システム障害時モードを使えます" in page
    assert "令和5年8月1日から" in page
    assert "問合せを記録する" not in page
    assert clinic.submit("/help-desk", CALL).status_code == 403
    assert clinic.get("/help-desk/months").status_code == 403


@pytest.mark.seed("S56")
def test_questions_are_written_down_listed_and_counted_by_month(office: SmallWorld, fund: Desk) -> None:
    fund.submit("/help-desk", CALL)
    fund.submit("/help-desk", CALL | {"minutes": "5"})
    listed = fund.submit("/help-desk", CALL | {"category": "others_shown", "caller": "citizen", "institution_code": ""})
    months = fund.get("/help-desk/months").text
    file = fund.get("/help-desk/months/csv")

    assert "1312345676" in listed.text
    assert "2件（12分）" in months
    assert "2026-04" in months
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert file.content.decode("utf-8-sig").splitlines() == [
        "月,分類,分類コード,件数,対応時間（分）",
        "2026-04,「資格情報なし」と表示された,not_found,2,12",
        "2026-04,別の人の情報が表示された,others_shown,1,7",
    ]
    with office.system_work() as work:
        rows = work.connection.execute("SELECT act FROM audit_record WHERE act = 'help.take_call'").fetchall()
    assert len(rows) == 3


def test_a_promised_call_back_waits_until_its_day_and_is_closed_once(
    office: SmallWorld, fund: Desk, desk: Callable[..., Desk]
) -> None:
    promised = CALL | {"outcome": "follow_up", "follow_up_on": "令和8年4月3日"}
    early = fund.submit("/help-desk", promised).text
    office.clock.set("2026-04-03T10:00")
    fund = desk("fund_operator")
    due = fund.get("/help-desk").text
    closed = fund.submit("/help-desk/1/close").text

    assert "今日までに折り返す問合せ" not in early
    assert "今日までに折り返す問合せ" in due
    assert "今日までに折り返す問合せ" not in closed
    assert "折り返す（済）" in closed
    assert fund.submit("/help-desk/1/close").status_code == 409


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"note": "番号は 000000010014"}, "12桁の数字"),
        ({"category": ""}, "分類を選んで"),
        ({"outcome": "follow_up"}, "折り返す日を入力"),
        ({"minutes": "601"}, "600分まで"),
        ({"institution_code": "12"}, "10桁"),
        ({"caller": "nobody"}, "一覧にない値"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_written(fund: Desk, changes: dict[str, str], said: str) -> None:
    answer = fund.submit("/help-desk", CALL | changes)

    assert answer.status_code == 422
    assert said in answer.text
    assert "最近の問合せ" not in answer.text


def test_another_organisation_sees_none_of_the_questions(fund: Desk, desk: Callable[..., Desk]) -> None:
    fund.submit("/help-desk", CALL)
    other = desk("insurer_clerk")

    assert "受付で資格情報なし" not in other.get("/help-desk").text
    assert "not_found" not in other.get("/help-desk/months/csv").text
    assert other.submit("/help-desk/1/close").status_code == 409


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_of_the_help_desk_are_accessible_and_narrow(
    fund: Desk, live_desk: Callable[..., Any], language: str
) -> None:
    fund.submit("/help-desk", CALL | {"outcome": "follow_up", "follow_up_on": "2026-04-01"})
    page = live_desk("fund_operator")
    page.open(f"/language/{language}?back=/")

    for path in ("/help-desk", "/help-desk?category=invalid", "/help-desk/months"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)

    assert page.complaints == []
