"""The notice of qualification information: what the paper says, who may print it, and when nothing is printed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pypdf
import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from factories import number
from institutions import Member, add_death, add_member, set_link
from own_world import KEY, enrol
from qualifications import qualification

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.model import ElderlyCertificate, InsuredKey
from himozuke.eligibility.own_notice import LinkOnPaper, eligibility_notice, holding
from himozuke.ports.letters import Sender
from himozuke.rules.loader import load

Enter = Callable[..., Desk]
RULES = load()
ON = date(2026, 11, 23)
NOBODY = Sender("", "", "", "", "")


def said_by(held: Any) -> dict[str, str]:
    notice = eligibility_notice(held, sender=NOBODY, number="", on=ON)
    return {one.label: one.value for one in notice.items}


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]  # A4
    return reader.pages[0].extract_text().replace("\n", "").replace(" ", "").replace("　", "")


def acts(office: SmallWorld) -> list[tuple[str, str, int]]:
    query = "SELECT act, login, organisation_id FROM audit_record WHERE act = 'eligibility.print_notice'"
    with office.system_work() as work:
        return [(row["act"], row["login"], row["organisation_id"]) for row in work.connection.execute(query)]


def own_member(office: SmallWorld, **more: Any) -> Member:
    enrol(office, body=31)
    return add_member(office, 31, **more)


# --- what it says -----------------------------------------------------------------------------------------------


def test_a_younger_person_is_told_no_share_and_the_notice_has_no_end() -> None:
    [held] = by_law([qualification()], ON, rules=RULES)

    notice = eligibility_notice(held, sender=NOBODY, number="*********123", on=ON)

    said = {one.label: one.value for one in notice.items}
    assert said["生年月日"] == "平成元年3月31日"
    assert said["本人・家族の別"] == "本人（被保険者）"
    assert said["個人番号（下3桁のみ表示）"] == "*********123"
    assert "一部負担金の割合" not in said
    assert notice.valid_until is None
    assert notice.sender.office == "ひも健康保険組合"  # nobody stands at the head of its letters: the insurer does
    assert not any("個人番号" in one.label for one in notice.card)


def test_from_70_to_74_the_share_and_its_days_are_told_and_that_age_alone_says_so() -> None:
    certified = qualification(
        birth_date=date(1953, 9, 1), elderly=ElderlyCertificate(None, date(2026, 8, 1), date(2027, 7, 31), 30)
    )
    [by_certificate, by_age] = by_law([certified, qualification(birth_date=date(1953, 9, 1))], ON, rules=RULES)

    first = eligibility_notice(by_certificate, sender=NOBODY, number="", on=ON)
    second = eligibility_notice(by_age, sender=NOBODY, number="", on=ON)

    assert {one.label: one.value for one in first.items}["一部負担金の割合"] == "3割"
    assert (first.valid_until, first.notes) == (date(2027, 7, 31), [])
    assert {one.label: one.value for one in second.items}["有効期限"] == "令和9年7月31日"
    assert second.notes == ["年齢による割合です。所得により変わることがあります。"]


def test_in_elderly_medical_care_there_is_a_share_and_neither_symbol_nor_branch() -> None:
    elderly = qualification(
        key=InsuredKey("39131156", "", "12345678", ""), birth_date=date(1943, 10, 30), elderly_ratio=20
    )

    said = said_by(by_law([elderly], ON, rules=RULES)[0])

    assert said["一部負担金の割合"] == "2割"
    assert {"記号", "枝番", "有効期限"} & said.keys() == set()


@pytest.mark.parametrize(
    ("held", "is_doubted", "why"),
    [
        (qualification(restriction="ALL"), False, "doubted"),
        (qualification(), True, "doubted"),
        (qualification(lost_on=ON), False, "not_on_this_day"),
        (qualification(acquired_on=date(2026, 11, 24)), False, "not_on_this_day"),
        (qualification(died_on=date(2026, 11, 22)), False, "not_on_this_day"),
        (qualification(birth_date=date(1951, 11, 23)), False, "not_on_this_day"),  # 75 on the day
    ],
)
def test_nothing_is_told_through_a_doubted_link_or_on_a_day_without_insurance(
    held: Any, is_doubted: bool, why: str
) -> None:
    assert holding(LinkOnPaper([held], is_doubted, ""), ON, rules=RULES) == why


def test_the_latest_issued_of_several_periods_is_told() -> None:
    past, today = qualification(1, lost_on=date(2025, 4, 1)), qualification(2, acquired_on=date(2025, 4, 1))

    found = holding(LinkOnPaper([past, today], is_doubted=False, number=""), ON, rules=RULES)

    assert not isinstance(found, str)
    assert found.qualification_id == 2


# --- the insurer prints it ----------------------------------------------------------------------------------------


@pytest.mark.seed("S58")
def test_an_insurer_prints_the_notice_with_a_part_to_cut_out(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 7)

    said = words(desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice"))

    assert "花子様" in said
    assert said.count("06130488") == 2  # on the letter and on the part to cut out
    assert said.count("このお知らせだけでは受診できません") == 2
    assert "*********" + number(7)[-3:] in said
    assert number(7) not in said
    assert acts(office) == [("eligibility.print_notice", f"insurer_clerk@{office.insurer}", office.insurer)]


def test_a_link_released_by_an_answer_shows_nothing_of_the_number(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 7, verdict="DOUBTFUL", answer="no_doubt", answer_reason="戸籍で確認")

    said = words(desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice"))

    assert "（確認中）" in said
    assert number(7)[-3:] + "本" not in said


def test_nobody_prints_the_notice_of_another_insurer(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 7, insurer=office.other_insurer)

    assert desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice").status_code == 404
    assert desk("employer").get(f"/links/{member.link_id}/eligibility-notice").status_code == 403
    assert acts(office) == []


@pytest.mark.parametrize(
    "change", [{"restriction": "ALL", "state": "stopped"}, {"verdict": "DOUBTFUL"}, {"state": "held"}]
)
def test_a_doubted_link_is_not_printed_and_the_page_says_so(
    office: SmallWorld, desk: Enter, change: dict[str, Any]
) -> None:
    member = add_member(office, 7)
    set_link(office, member, **change)

    answer = desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice")

    assert answer.status_code == 409
    assert "確認している途中" in answer.text
    assert "紐付" not in answer.text.replace("紐付け", "").replace("himozuke", "")
    assert acts(office) == []


def test_of_the_dead_none_is_printed(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 7)
    add_death(office, member, date(2026, 3, 30))

    answer = desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice")

    assert answer.status_code == 409
    assert "有効な資格がない" in answer.text


@pytest.mark.seed("S76")
def test_the_notice_of_somebody_under_protection_shows_no_address(office: SmallWorld, desk: Enter) -> None:
    plain, hidden = add_member(office, 7), add_member(office, 8, key=("06130488", "１２", "5679", "01"))
    with office.system_work() as work:
        work.connection.execute(
            """UPDATE link SET register_items = '{"is_protected": true}' WHERE link_id = %s""", [hidden.link_id]
        )
    clerk = desk("insurer_clerk")

    assert "霞が関" in words(clerk.get(f"/links/{plain.link_id}/eligibility-notice"))
    assert "霞が関" not in words(clerk.get(f"/links/{hidden.link_id}/eligibility-notice"))


def test_a_sign_no_font_draws_stops_the_print(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 7, kanji_name="紐付　" + chr(0xE0F0))

    answer = desk("insurer_clerk").get(f"/links/{member.link_id}/eligibility-notice")

    assert answer.status_code == 409
    assert "U+E0F0" in answer.text
    assert acts(office) == []


# --- the person reads it ------------------------------------------------------------------------------------------


@pytest.mark.seed("S81")
def test_a_citizen_reads_and_prints_the_notice_of_his_own_link_and_of_no_other(office: SmallWorld, desk: Enter) -> None:
    mine = own_member(office)
    his = add_member(office, 32, key=("06130488", "１２", "9999", "01"))
    client = desk("citizen", person_key=KEY)

    assert f"/my/links/{mine.link_id}/eligibility-notice" in client.get("/my/links").text
    page = client.get(f"/my/links/{mine.link_id}/eligibility-notice").text
    assert "06130488" in page
    assert "平成元年3月31日" in page
    assert number(31) not in page
    assert "5678" in words(client.get(f"/my/links/{mine.link_id}/eligibility-notice/pdf"))
    assert acts(office)[0][1:] == (f"citizen@{office.insurer}", office.insurer)
    for path in ("", "/pdf"):
        assert client.get(f"/my/links/{his.link_id}/eligibility-notice{path}").status_code == 404


@pytest.mark.seed("S73", "S76")
def test_a_record_that_may_be_another_persons_makes_no_notice_for_the_citizen(office: SmallWorld, desk: Enter) -> None:
    wrong = own_member(office, kanji_name="佐々木　小次郎", verdict="REFUTED", state="stopped", restriction="MEDICAL")
    client = desk("citizen", person_key=KEY)

    for path in ("", "/pdf"):
        answer = client.get(f"/my/links/{wrong.link_id}/eligibility-notice{path}")
        assert answer.status_code == 409
        assert "小次郎" not in answer.text
        assert "5678" not in answer.text


def test_the_page_of_the_notice_is_accessible_and_reflows(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    mine = own_member(office, birth_date="1953-09-01")
    page = live_desk("citizen", person_key=KEY)

    page.open(f"/my/links/{mine.link_id}/eligibility-notice")

    assert page.get_by_text("2割", exact=True).is_visible()
    assert_accessible(page)
    assert_reflows(page)
    page.open("/my/links")
    assert_reflows(page)
