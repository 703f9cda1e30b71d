"""The system-failure mode, appointments in bulk, and consent from afar, on the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from argon2 import PasswordHasher
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from factories import number
from institutions import CODE, accesses, add_card, add_death, add_institution, add_member, set_link

HANAKO = {"kanji_name": "紐付花子", "birth_date": "H1.3.31", "sex": "2", "address": "東京都千代田区霞が関1-2-3"}
HEADERS = "予約日,氏名,生年月日,保険者番号,記号,番号,枝番\n"


@pytest.fixture
def clinic(office: SmallWorld, desk: Callable[..., Desk]) -> Desk:
    add_institution(office, telephone="03-0000-0000", treats_at_home=True)
    return desk("institution")


def opened(clinic: Desk, desk: Callable[..., Desk]) -> Desk:
    clinic.submit("/reception/outage", {"reason": "県内全域の通信障害"})
    fund = desk("fund_operator")
    fund.submit("/outages/1/open", {"called_back": "1"})
    return fund


@pytest.mark.seed("S82f")
def test_the_mode_is_opened_only_after_the_registered_number_was_called(
    clinic: Desk, desk: Callable[..., Desk]
) -> None:
    clinic.submit("/reception/outage", {"reason": "県内全域の通信障害"})
    fund = desk("fund_operator")

    listed = fund.get("/outages").text
    too_soon = fund.submit("/outages/1/open")
    before = clinic.submit("/reception/outage/search", HANAKO)
    fund.submit("/outages/1/open", {"called_back": "1"})

    assert "03-0000-0000" in listed
    assert too_soon.status_code == 422
    assert "開いていません" in before.text
    assert "システム障害時モードが開いています" in clinic.get("/reception/outage").text
    assert fund.submit("/outages/1/open", {"called_back": "1"}).status_code == 409


def test_the_dead_are_not_shown_as_valid_in_the_mode(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    add_death(office, add_member(office), date(2026, 3, 1))
    opened(clinic, desk)

    clinic.submit("/reception/outage/search", HANAKO)

    with office.system_work() as work:
        visits = work.connection.execute("SELECT validity, copay_percent FROM visit").fetchall()
    assert [tuple(row.values()) for row in visits] == [("2", None)]


@pytest.mark.seed("S82f")
def test_a_patient_is_found_by_all_four_items_and_the_showing_is_logged(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    member = add_member(office)
    opened(clinic, desk)

    found = clinic.submit("/reception/outage/search", HANAKO)
    other = clinic.submit("/reception/outage/search", HANAKO | {"address": "大阪府大阪市北区梅田1-1-1"})

    assert "/reception/visits/" in str(found.url)
    assert "有効" in found.text
    assert "該当する資格はありませんでした" in other.text
    assert accesses(office) == [(member.link_id, "outage", ["qualification"])]


def test_several_hits_are_all_shown_and_none_is_picked(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    add_member(office)
    add_member(office, 2, insurer=office.other_insurer, key=("06132013", "7", "88", "00"))
    opened(clinic, desk)

    found = clinic.submit("/reception/outage/search", HANAKO)

    assert "選ばずに、本人に確認してください" in found.text
    assert found.text.count("この資格で受け付ける") == 2


def test_a_stopped_link_is_not_found_in_the_mode_either(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    set_link(office, add_member(office), state="stopped", restriction="ALL", verdict="REFUTED")
    opened(clinic, desk)

    assert "該当する資格はありませんでした" in clinic.submit("/reception/outage/search", HANAKO).text


@pytest.mark.seed("S82f")
def test_the_mode_closes_by_time_and_by_its_report(office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]) -> None:
    opened(clinic, desk)
    office.clock.set("2026-04-02T09:00:01+09:00")
    clinic = desk("institution")

    late = clinic.submit("/reception/outage/search", HANAKO)
    reported = clinic.submit("/reception/outage/1/report", {"report": "10件、4月1日、通信障害のため"})

    assert "開いていません" in late.text
    assert "報告済み" in reported.text
    assert clinic.submit("/reception/outage/1/report", {"report": "再度"}).status_code == 409


def test_another_institution_cannot_use_an_opening(office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]) -> None:
    add_member(office)
    opened(clinic, desk)
    stranger = desk("institution", of=add_institution(office, "1398765432"))

    assert "開いていません" in stranger.submit("/reception/outage/search", HANAKO).text
    assert stranger.submit("/reception/outage/1/report", {"report": "x"}).status_code == 404
    assert accesses(office) == []


def test_appointments_are_coloured_by_what_has_to_be_done(office: SmallWorld, clinic: Desk) -> None:
    add_member(office)
    lines = (
        "2026-04-02,紐付　花子,1989-03-31,06130488,12,5678,01\n"
        "2026-04-02,別人　太郎,1989-03-31,06130488,12,5678,01\n"
        "2026-04-02,無資格　一郎,1970-01-01,06130488,12,9999,01\n"
        "2026-04-02,日付　不明,1989-02-30,06130488,12,5678,01\n"
    )

    answer = clinic.submit(
        "/reception/appointments", files={"list": ("予約.csv", (HEADERS + lines).encode("cp932"), "text/csv")}
    )

    assert answer.status_code == 200
    for word in ("有効", "情報不一致", "資格情報なし", "エラー"):
        assert word in answer.text
    assert answer.text.index("エラー") < answer.text.index("情報不一致")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-04-02,紐付　花子,1989-03-31,xx,12,5678,01", "保険者番号「xx」は誤りです"),
        ("2026-04-02,紐付　花子,1989-03-31,06130489,12,5678,01", "検証番号が合うもの"),
        ("2026-04-02,紐付　花子,1989-03-31,,12,5678,01", "保険者番号がありません"),
        ("2026-04-02,紐付　花子,1989-03-31,06130488,12,,01", "番号がありません"),
        ("2026-04-02,紐付　花子", "列が足りません（見出し7列に対して2列）"),
        ("2026-04-02,紐付　花子,1989-03-31,06130488,12,5678,01,余り", "列が多すぎます"),
        ("2026-13-02,紐付　花子,1989-03-31,06130488,12,5678,01", "日付として読めません"),
    ],
)
def test_a_line_that_cannot_be_asked_about_says_why_and_the_others_go_on(
    office: SmallWorld, clinic: Desk, line: str, told: str
) -> None:
    add_member(office)
    good = "2026-04-02,紐付　花子,1989-03-31,06130488,12,5678,01"

    answer = clinic.submit(
        "/reception/appointments", files={"list": ("a.csv", f"{HEADERS}{good}\n{line}\n".encode(), "text/csv")}
    )

    assert told in answer.text
    assert "エラー" in answer.text
    assert "<td>3</td><td>紐付　花子</td>" in answer.text  # the line of the file, and who it is about
    assert "資格情報なし" not in answer.text
    assert "有効" in answer.text


def test_a_number_of_twelve_digits_in_the_list_is_not_shown_again(clinic: Desk) -> None:
    line = f"2026-04-02,紐付　花子,1989-03-31,{number(7)},12,5678,01"

    answer = clinic.submit(
        "/reception/appointments", files={"list": ("a.csv", f"{HEADERS}{line}\n".encode(), "text/csv")}
    )

    assert "*********" + number(7)[-3:] in answer.text
    assert number(7) not in answer.text


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00"], ids=["empty", "other headers", "no text"])
def test_a_list_that_cannot_be_read_says_what_to_do(clinic: Desk, content: bytes) -> None:
    answer = clinic.submit("/reception/appointments", files={"list": ("a.csv", content, "text/csv")})

    assert answer.status_code == 422


@pytest.mark.seed("S58", "S81")
def test_a_patient_consents_from_home_without_a_login(office: SmallWorld, clinic: Desk, visitor_desk: Desk) -> None:
    add_card(office, "card-1", add_member(office), pin_hash=PasswordHasher(1, 8, 1).hash("1234"))
    form = {"card": "card-1", "pin": "1234", "consents": ["medicines"]}

    wrong = visitor_desk.submit(f"/consent/visits/{CODE}", form | {"pin": "0000"})
    given = visitor_desk.submit(f"/consent/visits/{CODE}", form)

    assert "あと2回" in wrong.text
    assert "同意を受け付けました" in given.text
    assert visitor_desk.get(f"/consent/online/{CODE}").status_code == 404
    assert clinic.get("/reception").status_code == 200


@pytest.mark.parametrize("path", ["/reception/outage", "/reception/appointments"])
def test_pages_of_failure_and_appointments_are_accessible(
    clinic: Desk, live_desk: Callable[..., Any], desk: Callable[..., Desk], path: str
) -> None:
    opened(clinic, desk)
    page = live_desk("institution")
    page.open(path)

    assert_accessible(page)
    assert_reflows(page)


def test_the_page_of_the_fund_and_of_the_patient_are_accessible(clinic: Desk, live_desk: Callable[..., Any]) -> None:
    clinic.submit("/reception/outage", {"reason": "停電"})
    fund = live_desk("fund_operator")
    fund.open("/outages")
    assert_accessible(fund)
    patient = live_desk(None)
    patient.open(f"/consent/visits/{CODE}")
    assert_accessible(patient)
    assert_reflows(patient)


def test_the_day_of_a_report_is_shown(clinic: Desk, desk: Callable[..., Desk]) -> None:
    opened(clinic, desk)

    assert "報告期限：令和8年4月7日" in clinic.get("/reception/outage").text
