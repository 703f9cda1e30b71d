"""Pay and income as the insurer knows them, and that every face tells the same share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk, assert_accessible, assert_reflows
from factories import person
from institutions import CODE, Member, add_institution, add_member
from institutions import desk as services
from registration_counter import Counter
from registration_filings import filing

from himozuke.eligibility.model import Finding, InsuredKey, Qualification, Question, Reference, Validity
from himozuke.gateways.fhir.eligibility import write_response
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.xml_text import CharacterCode

Enter = Callable[..., Desk]
TODAY = date(2026, 4, 1)
TARO = person(1001, birth_date="1953-09-01")
INCOME = {"taxable": "1,450,000", "income": "３８３００００", "people": "1"}


def found(office: SmallWorld, key: tuple[str, str, str, str]) -> Qualification:
    with office.system_work() as work:
        bench = services(office, work)
        asked = Question(CODE, TODAY, Reference.INSURED_NUMBER, InsuredKey(*key))
        [one] = bench.service.check(bench.service.institution(CODE), asked).finding.shown
    return one


def depends_on(office: SmallWorld, dependent: Member, insured: Member) -> None:
    with office.system_work() as work:
        work.connection.execute(
            "UPDATE qualification_period SET member_kind = 'dependent', insured_link_id = %s WHERE period_id = %s",
            [insured.link_id, dependent.period_id],
        )


def set_pay(office: SmallWorld, member: Member, yen: int) -> None:
    with office.system_work() as work:
        work.connection.execute(
            "UPDATE qualification_period SET monthly_pay = %s WHERE period_id = %s", [yen, member.period_id]
        )


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("cash", "kind", "percent", "basis"),
    [("２６０，０００円", "10,000", 30, "pay"), ("269999", "", 20, "pay")],
)
def test_the_pay_of_a_notice_tells_the_share_from_70_on(
    office: SmallWorld, cash: str, kind: str, percent: int, basis: str
) -> None:
    add_institution(office)
    counter = Counter.over(office, [TARO], as_of=TODAY)
    items = {name: TARO[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}

    counter.take_in(filing(1001, {"insurer_number": "", **items, "pay_in_cash": cash, "pay_in_kind": kind}))

    link = counter.one("SELECT insurer_number, symbol, number, branch FROM link")
    held = found(office, tuple(map(str, link.values())))  # type: ignore[arg-type]  # the four columns
    assert (held.copay_percent, held.copay_basis) == (percent, basis)


@pytest.mark.parametrize(("born", "percent"), [("1953-09-01", 30), ("1970-01-01", 20)])
def test_a_dependent_follows_the_pay_of_the_one_he_depends_on(office: SmallWorld, born: str, percent: int) -> None:
    add_institution(office)
    insured = add_member(office, 1, birth_date=born)
    wife = add_member(office, 2, key=("06130488", "１２", "5678", "02"), birth_date="1954-01-01")
    depends_on(office, wife, insured)
    set_pay(office, insured, 500_000)

    held = found(office, ("06130488", "１２", "5678", "02"))

    assert (held.copay_percent, held.copay_basis) == (percent, "pay")


@pytest.mark.seed("S82c")
def test_an_insurer_notes_the_income_and_the_share_follows(office: SmallWorld, desk: Enter) -> None:
    add_institution(office)
    member = add_member(office, 1, key=("39131156", "", "00012345", ""), birth_date="1943-10-30")
    clerk = desk("insurer_clerk")
    path = f"/links/{member.link_id}/income"

    assert "年齢（所得は未確認）" in clerk.get(path).text
    assert clerk.submit(path, {**INCOME, "people": "0"}).status_code == 422
    assert clerk.submit(path, {**INCOME, "income": "9" * 11}).status_code == 422
    assert clerk.submit(path, {**INCOME, "taxable": "多い"}).status_code == 422
    page = clerk.submit(path, INCOME)

    assert "3割" in page.text
    assert "令和8年7月31日" in page.text
    held = found(office, ("39131156", "", "00012345", ""))
    assert (held.copay_percent, held.copay_basis) == (30, "income")
    assert_audited_ever(office, "eligibility.note_income")
    with office.system_work() as work:
        [row] = work.connection.execute("SELECT details::text FROM audit_record WHERE act LIKE '%note_income'")
    assert "1450000" not in row["details"]


def test_nobody_notes_the_income_of_another_insurers_person(office: SmallWorld, desk: Enter) -> None:
    member = add_member(office, 1, insurer=office.other_insurer)

    assert desk("insurer_clerk").submit(f"/links/{member.link_id}/income", INCOME).status_code == 404
    assert desk("institution").get(f"/links/{member.link_id}/income").status_code == 403


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("yen", "percent", "is_unsure"), [(300_000, 30, False), (200_000, 20, False), (None, 20, True)]
)
def test_every_face_tells_the_same_share(
    office: SmallWorld, desk: Enter, yen: int | None, percent: int, is_unsure: bool
) -> None:
    add_institution(office)
    member = add_member(office, 1, birth_date="1953-09-01")
    if yen is not None:
        set_pay(office, member, yen)
    clinic = desk("institution")
    asked = {"insurer_number": "06130488", "symbol": "１２", "number": "5678", "branch": "01"}

    told = clinic.post("/api/v1/eligibility", json={**asked, "birth_date": "1953-09-01"}).json()["qualifications"][0]
    page = clinic.submit("/reception/number", {**asked, "birth_date": "昭和28年9月1日"}).text
    held = found(office, ("06130488", "１２", "5678", "01"))

    assert (told["copay_percent"], told["is_copay_by_age"]) == (percent, is_unsure)
    assert f"{percent // 10}割" in page
    assert "令和8年7月31日まで" in page
    assert ("所得は未確認" in page) is is_unsure
    question = Question(CODE, TODAY, Reference.INSURED_NUMBER, held.key)
    finding = Finding(Validity.VALID, [held])
    frame = Frame(Header(CODE, ""), office.clock.now(), CharacterCode.UTF_8, TODAY)
    xml = AnswerWriter(packaged_catalogue()).eligibility(frame, Answered(finding)).decode()
    assert f"<ElderlyRecipientContributionRatio>0{percent}</" in xml
    response = write_response({}, question, finding, at=office.clock.now(), text="")
    [item] = response["insurance"][0]["item"]
    assert item["benefit"][0]["allowedUnsignedInt"] == percent
    assert ("description" in item) is is_unsure


def test_the_page_of_the_income_is_accessible_and_reflows(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    member = add_member(office, 1, birth_date="1953-09-01")
    page = live_desk("insurer_clerk")

    page.open(f"/links/{member.link_id}/income")

    assert_accessible(page)
    assert_reflows(page)
