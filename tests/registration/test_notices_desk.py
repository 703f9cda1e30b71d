"""The desk of notices: employers file, clerks see both clocks, the comparison, and answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from case_world import add_link
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk
from factories import person, table
from register_world import load
from registration_filings import acquisition_row, shfd

from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.register_loading import CHANGES

TARO = person(1001)
FORM = {
    "kind": "acquisition",
    "kanji_name": "山田　太郎",
    "kana_name": "やまだ　たろう",
    "birth_date": "昭和50年4月2日",
    "sex": "1",
    "individual_number": TARO["individual_number"],
    "address": TARO["address"],
    "event_on": "R8.4.1",
    "acquisition_kind": "1",
    "category": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "けいと工業株式会社",
    "establishment_address": "東京都千代田区霞が関一丁目２番３号",
    "employer_name": "健保　良一",
}


@pytest.fixture(name="registered")
def _registered(office: SmallWorld) -> None:
    """The office with a resident register of two people in its database."""
    hana = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
    load(office, table([TARO, hana]), date(2026, 4, 1))


def enrol(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    """Give the employer a place of work under the insurer."""
    page = desk("insurer_clerk").submit(
        "/establishments",
        {
            "name": "けいと工業株式会社",
            "address": "東京都千代田区霞が関一丁目２番３号",
            "employer_name": "健保　良一",
            "employer_id": str(office.employer),
        },
    )
    assert page.status_code == 200


def text_of(page: Any) -> str:
    return re.sub(r"<[^>]+>", " ", page.text)


@pytest.mark.usefixtures("registered")
@pytest.mark.seed("S53", "S66")
def test_a_clerk_types_a_paper_notice_and_sees_it_released(desk: Callable[..., Desk]) -> None:
    page = desk("insurer_clerk").submit("/notices/new", FORM)

    assert page.status_code == 200
    said = text_of(page)
    assert "閲覧可" in said
    assert "登録済み" in said
    assert TARO["individual_number"] not in page.text
    assert "organisation_id" not in page.text


@pytest.mark.usefixtures("registered")
def test_the_notice_of_somebody_elses_number_shows_the_differing_characters(desk: Callable[..., Desk]) -> None:
    page = desk("insurer_clerk").submit("/notices/new", FORM | {"individual_number": person(1008)["individual_number"]})

    assert "閲覧停止" in text_of(page)
    assert "<mark>" in page.text
    assert "佐藤" in page.text


@pytest.mark.usefixtures("registered")
@pytest.mark.seed("S60", "S66")
def test_what_is_missing_comes_back_as_a_returned_notice_with_reasons_and_slip(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    page = clerk.submit("/notices/new", FORM | {"individual_number": "", "address": "", "has_dependents": ""})

    said = text_of(page)
    assert "返戻" in said
    assert "住所が書かれていません" in said
    slip = clerk.get(str(page.url).removeprefix("http://desk.test") + "/slip")
    assert "返戻票" in slip.text
    assert "項目を減らした照会はできません" in slip.text


def test_typing_faults_are_told_at_the_field_and_the_number_is_not_shown_again(desk: Callable[..., Desk]) -> None:
    page = desk("insurer_clerk").submit("/notices/new", FORM | {"event_on": "令和8年2月30日"})

    assert page.status_code == 422
    assert "error-event_on" in page.text
    assert "山田　太郎" in page.text
    assert TARO["individual_number"] not in page.text


@pytest.mark.usefixtures("registered")
@pytest.mark.seed("S65", "S68", "S101")
def test_an_employer_files_for_a_day_to_come_and_it_waits_for_that_day(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    enrol(office, desk)
    employer = desk("employer")
    ahead = FORM | {"event_on": "2026-04-10", "number_asked_on": "2026-03-20", "number_answer": "given"}
    for name in ("establishment_name", "establishment_address", "employer_name"):
        ahead.pop(name)

    page = employer.submit("/notices/new", ahead)

    said = text_of(page)
    assert "事前収集" in said
    assert "提出あり" in said
    assert "判定" not in said


@pytest.mark.usefixtures("registered")
def test_an_employer_sees_nothing_of_the_register_and_nothing_of_others(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    enrol(office, desk)
    page = desk("employer").submit(
        "/notices/new", {name: value for name, value in FORM.items() if "establishment" not in name}
    )
    path = str(page.url).removeprefix("http://desk.test")

    assert "台帳との照合" not in page.text
    assert desk("employer", of=office.other_employer).get(path).status_code == 404
    assert desk("insurer_clerk", of=office.other_insurer).get(path).status_code == 404
    assert desk("insurer_clerk").get(path).status_code == 200


def test_an_employer_without_a_place_of_work_is_told_whom_to_ask(desk: Callable[..., Desk]) -> None:
    page = desk("employer").get("/notices/new")

    assert "保険者に事業所の登録を依頼してください" in page.text


@pytest.mark.usefixtures("registered")
def test_a_file_is_reported_row_by_row_and_its_good_rows_are_registered(desk: Callable[..., Desk]) -> None:
    bad = acquisition_row(i6="18", i8="髙橋　花")
    data = shfd(acquisition_row(i32="東京都千代田区霞が関一丁目２番３号"), bad)
    clerk = desk("insurer_clerk")

    page = clerk.submit("/notice-files", files={"file": ("SHFD0006.CSV", data)})

    said = text_of(page)
    assert "2行のうち1行を受け付け、1行に誤り" in said
    assert "機種依存文字" in said
    listed = clerk.get(str(page.url).removeprefix("http://desk.test") + "/problems.csv")
    assert "氏名（漢字）" in listed.content.decode("utf-8-sig")
    again = clerk.submit("/notice-files", files={"file": ("SHFD0006.CSV", data)})
    assert again.status_code == 422
    assert "受け付け済み" in again.text


@pytest.mark.usefixtures("registered")
def test_a_doubt_is_answered_with_a_correction_and_released(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    page = clerk.submit("/notices/new", FORM | {"birth_date": "1962-11-23"})
    path = str(page.url).removeprefix("http://desk.test")
    assert "閲覧停止" in text_of(page)

    refused = clerk.submit(f"{path}/answer", {"answer": "no_doubt", "reason": ""})
    assert refused.status_code == 422
    page = clerk.submit(f"{path}/answer", {"answer": "corrected", "reason": "転記誤り", "new_birth_date": "1975-04-02"})

    assert "閲覧可" in text_of(page)
    assert "項目の補正" in text_of(page)


@pytest.mark.usefixtures("registered")
def test_doubts_are_answered_in_bulk(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", FORM | {"birth_date": "1962-11-23"})
    listed = clerk.get("/records")
    links = re.findall(r'name="link_id" value="(\d+)"', listed.text)
    assert len(links) == 1

    page = clerk.submit("/records/answer", {"link_id": links, "reason": "窓口で確認"})

    assert "回答を待つ記録はありません" in page.text


@pytest.mark.usefixtures("registered")
@pytest.mark.seed("S65", "S69")
def test_lateness_is_listed_by_place_of_work_and_insurer(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", FORM | {"event_on": "2026-03-02", "received_on": "2026-03-20"})

    page = clerk.get("/lateness?since=2026-03-01&until=2026-04-30")

    said = " ".join(text_of(page).split())
    assert "けいと工業株式会社" in said
    assert "11日" in said  # 2 March + 5 is a Saturday: due on Monday 9 March
    assert "ひもづけ健康保険組合" in said


@pytest.mark.parametrize(
    "path",
    [
        "/notices",
        "/records",
        "/notices/new",
        "/notice-files",
        "/overlaps",
        "/lateness",
        "/establishments",
    ],
)
def test_every_page_has_something_to_say_when_there_is_nothing(desk: Callable[..., Desk], path: str) -> None:
    clerk = desk("insurer_clerk")

    for language in ("ja", "en"):
        clerk.cookies.set("himozuke-language", language)
        assert clerk.get(path).status_code == 200


@pytest.mark.parametrize("role", ["auditor", "fund_operator", "headquarters", "administrator", "citizen"])
def test_nobody_else_comes_near_notices(desk: Callable[..., Desk], role: str) -> None:
    other = desk(role, person_key="x") if role == "citizen" else desk(role)

    assert other.get("/notices").status_code == 403
    assert other.submit("/notices/new", FORM).status_code == 403


def test_templates_can_be_taken(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    assert clerk.get("/notice-files/template.csv").content.startswith(b"\xef\xbb\xbf")
    assert clerk.get("/notice-files/template.xlsx").content.startswith(b"PK")


@pytest.mark.usefixtures("registered")
def test_a_supervisor_takes_the_links_as_a_file_and_the_act_is_audited(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    desk("insurer_clerk").submit("/notices/new", FORM)

    refused = desk("insurer_clerk").submit("/notices/links.csv")
    file = desk("insurer_supervisor").submit("/notices/links.csv")

    assert refused.status_code == 403
    assert TARO["individual_number"] in file.content.decode("utf-8-sig")
    assert_audited_ever(office, "registration.export")


@pytest.mark.usefixtures("registered")
def test_an_employers_form_for_another_place_of_work_goes_back(desk: Callable[..., Desk], office: SmallWorld) -> None:
    enrol(office, desk)

    said = text_of(desk("employer").submit("/notices/new", FORM | {"establishment_name": "株式会社見本工業"}))

    assert "この事業主の事業所として登録されていません" in said
    assert "返戻" in said


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("received_on", ["R1.5.1", "R8.3.19"])
def test_a_receipt_before_the_fact_is_refused_unless_it_was_collected_ahead(
    desk: Callable[..., Desk], office: SmallWorld, received_on: str
) -> None:
    clerk = desk("insurer_clerk")
    early = FORM | {"event_on": "R8.3.20", "received_on": received_on}

    refused = clerk.submit("/notices/new", early)
    declared = clerk.submit("/notices/new", early | {"collected_ahead": "1"})

    assert refused.status_code == 422
    assert "error-received_on" in refused.text
    assert f'value="{received_on}"' in refused.text
    assert declared.status_code == 200
    with office.work("insurer_clerk") as work:
        kept = work.connection.execute("SELECT state, received_on, register_due_on FROM notice").fetchall()
    assert [(row["state"], row["received_on"], row["register_due_on"]) for row in kept] == [
        ("registered", date(2026, 3, 20), date(2026, 3, 25))
    ]


def counted(page: Any, path: str) -> int:
    """The figure of the task that leads to a path on the start page."""
    found = re.search(rf'href="{re.escape(path)}".*?(\d[\d,]*)\s*(?:<[^>]+>\s*)*件', page.text, re.DOTALL)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.usefixtures("registered")
def test_the_start_page_counts_exactly_what_its_lists_hold_with_and_without_a_notice(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", FORM | {"birth_date": "1962-11-23"})  # stopped, came by a notice
    inspected = add_link(office, body=3001, state="stopped", restriction="ALL", verdict="DOUBTFUL")
    to_correct = add_link(office, body=3002, state="released", restriction="NONE", action="correct")
    ended = add_link(office, body=3003, state="stopped", restriction="ALL", valid_to=date(2026, 3, 1))
    add_link(office, body=3004, of=office.other_insurer, state="stopped", restriction="ALL")

    start = clerk.get("/")

    stopped, released = clerk.get("/records?seen=stopped"), clerk.get("/records?seen=released")
    assert counted(start, "/records?seen=stopped") == 2
    assert counted(start, "/records?seen=released") == 1
    assert len(re.findall(r'name="link_id"', stopped.text)) == 2
    assert f'href="/records/{inspected}"' in stopped.text
    assert f'href="/records/{ended}"' not in stopped.text
    assert re.findall(r'name="link_id" value="(\d+)"', released.text) == [str(to_correct)]


@pytest.mark.usefixtures("registered")
def test_a_record_without_a_notice_is_compared_and_answered_for_on_its_own_page(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    items: dict[str, Any] = {name: TARO[name] for name in ("kanji_name", "kana_name", "sex", "address")}
    number = office.vault.seal(IndividualNumber(int(TARO["individual_number"])))
    link = add_link(
        office,
        individual_number_sealed=number,
        state="stopped",
        restriction="ALL",
        verdict="DOUBTFUL",
        birth_date="1962-11-23",
        **items,
    )
    clerk = desk("insurer_clerk")

    compared = clerk.submit(f"/records/{link}/compare")
    empty = clerk.submit(f"/records/{link}/answer", {"answer": "corrected", "reason": "転記誤り"})
    page = clerk.submit(
        f"/records/{link}/answer", {"answer": "corrected", "reason": "転記誤り", "new_birth_date": "1975-04-02"}
    )

    assert "住民基本台帳（令和8年4月1日時点）と照合" in text_of(compared)
    assert "compared with the register" not in compared.text
    assert empty.status_code == 422
    assert "閲覧可" in text_of(page)
    assert TARO["individual_number"] not in page.text
    assert desk("insurer_clerk", of=office.other_insurer).get(f"/records/{link}").status_code == 404


@pytest.mark.usefixtures("registered")
def test_our_own_record_that_is_right_is_taken_off_the_list_of_corrections(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", FORM | {"kana_name": "やまだ　たいろう"})  # another reading: seen, but to be corrected
    [link] = re.findall(r'name="link_id" value="(\d+)"', clerk.get("/records?seen=released").text)

    page = clerk.submit("/records/answer", {"link_id": link, "reason": "戸籍で確認"})

    assert "回答を待つ記録はありません" in page.text


@pytest.mark.usefixtures("registered")
def test_an_answer_to_what_the_register_no_longer_says_is_not_taken(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    clerk = desk("insurer_clerk")
    path = str(clerk.submit("/notices/new", FORM | {"birth_date": "1962-11-23"}).url).removeprefix("http://desk.test")
    [link] = re.findall(r'name="link_id" value="(\d+)"', clerk.get("/records").text)
    for day, address in ((2, "大阪府大阪市北区梅田一丁目1番1号"), (3, "大阪府大阪市北区梅田一丁目2番2号")):
        load(office, table([TARO | {"address": address}]), date(2026, 4, day), kind=CHANGES)
        if day == 2:
            single = clerk.submit(f"{path}/answer", {"answer": "no_doubt", "reason": "戸籍で確認"})
    many = clerk.submit("/records/answer", {"link_id": link, "reason": "戸籍で確認"})

    assert single.status_code == many.status_code == 422
    assert "照合し直しました" in single.text
    assert "大阪市" in single.text  # what the register says today stands beside the record at once
    assert "1件のうち1件は、台帳の内容が変わっていたため照合し直しました" in many.text
    assert "回答を待つ記録はありません" in clerk.submit("/records/answer", {"link_id": link, "reason": "確認"}).text
