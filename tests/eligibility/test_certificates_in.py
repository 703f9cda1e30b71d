"""Certificates come in by the insurer: on the page of a link, by file and by program; what a notice says of a loss shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import CODE, Member, add_institution, add_member, desk
from qualifications import qualification

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.certificates import Fault, OnRecord, applied, read
from himozuke.eligibility.model import CardClass, InsuredKey, LossReason, Qualification, Question, Reference
from himozuke.rules.loader import load

KEY = InsuredKey("06130488", "12", "5678", "01")
HEAD = "保険者番号,記号,番号,枝番,種類,区分,適用区分,割合,自己負担限度額,交付日,有効開始日,有効終了日,長期該当日,被保険者氏名,郵便番号"
LIMIT = "06130488,１２,5678,01,限度額,01,A03,,,2026-03-01,2026-03-01,2026-07-31,,,"
CARD = "06130488,12,5678,,証,03,,,,2025-04-01,,,,紐付　太郎,1000013"


def shown(office: SmallWorld, on: date = date(2026, 4, 1), key: InsuredKey = KEY) -> Qualification:
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        question = Question(CODE, on, Reference.INSURED_NUMBER, key, None, wants_limits=True)
        [held] = service.check(service.institution(CODE), question).finding.shown
    return held


@pytest.fixture
def member(office: SmallWorld) -> Member:
    add_institution(office)
    return add_member(office)


def audited(office: SmallWorld) -> list[dict[str, Any]]:
    with office.system_work() as work:
        rows = work.connection.execute(
            "SELECT details FROM audit_record WHERE act = 'eligibility.note_certificate'"
        ).fetchall()
    return [row["details"] for row in rows]


@pytest.mark.seed("S82c")
def test_the_insurer_notes_and_ends_a_limit_certificate_on_the_page(
    office: SmallWorld, member: Member, desk: Callable[..., Desk]
) -> None:
    clerk = desk("insurer_clerk")
    place = f"/links/{member.link_id}/certificates"
    entry = {"kind": "limit", "limit_code": "01", "income_class": "A03", "valid_from": "令和8年3月1日"}

    saved = clerk.submit(place, entry)
    first = shown(office)
    clerk.submit(place, entry | {"valid_until": "2026-03-31"})

    assert saved.status_code == 200
    assert "ウ" in saved.text
    assert [one.income_class for one in first.limits] == ["A03"]
    assert shown(office).limits == ()
    assert [one.valid_until for one in shown(office, date(2026, 3, 31)).limits] == [date(2026, 3, 31)]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    office: SmallWorld, member: Member, desk: Callable[..., Desk]
) -> None:
    clerk = desk("insurer_clerk")
    place = f"/links/{member.link_id}/certificates"

    wrong = clerk.submit(place, {"kind": "limit", "limit_code": "", "income_class": "A03", "valid_from": "いつか"})
    early = clerk.submit(place, {"kind": "disease", "disease_code": "1", "valid_from": "2090-01-01"})
    elsewhere = desk("insurer_clerk", of=office.other_insurer).get(place)

    assert wrong.status_code == 422
    assert "日付として読めません" in wrong.text
    assert "区分が決められた値ではありません" in wrong.text
    assert early.status_code == 200  # a certificate may begin later within the open period
    assert elsewhere.status_code == 404
    assert shown(office).limits == ()


@pytest.mark.usefixtures("member")
def test_a_file_takes_good_lines_and_names_the_others(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    lines = [
        HEAD,
        LIMIT,
        CARD,
        "06130488,12,404,,証,01,,,,2026-01-01,,,,,",
        "06130488,12,5678,01,限度額,01,Z99,,,,2026-03-01,2026-02-01,,,",
        "06130488,12",
    ]
    content = "\r\n".join(lines).encode("cp932")

    answer = clerk.submit("/certificates", {}, files={"file": ("certificates.csv", content, "text/csv")})
    again = clerk.submit("/certificates", {}, files={"file": ("certificates.csv", content, "text/csv")})

    assert "2行を登録し、誤りは4件です" in answer.text
    assert "この記号・番号の資格が、当保険者の登録にありません" in answer.text
    assert "有効終了日が有効開始日より前です" in answer.text
    assert "列の数が見出しと合いません" in answer.text
    assert "2行を登録し" in again.text
    held = shown(office)
    assert (held.card_class, held.issued_on, held.insured_name) == (
        CardClass.SHORT_GENERAL,
        date(2025, 4, 1),
        "紐付　太郎",
    )
    assert held.postal_code == "100-0013"
    assert len(held.limits) == 1


def test_a_file_without_the_headings_is_refused_whole(desk: Callable[..., Desk]) -> None:
    answer = desk("insurer_clerk").submit("/certificates", {}, files={"file": ("a.csv", b"a,b\n1,2\n", "text/csv")})

    assert answer.status_code == 422
    assert "保険者番号" in answer.text


def test_every_taking_leaves_its_row_without_what_it_says(
    office: SmallWorld, member: Member, desk: Callable[..., Desk]
) -> None:
    place = f"/links/{member.link_id}/certificates"

    desk("insurer_clerk").submit(
        place, {"kind": "disease", "disease_code": "3", "self_pay": "10,000", "valid_from": "2026-03-01"}
    )

    [details] = audited(office)
    assert details == {"kind": "disease", "valid_from": "2026-03-01", "valid_until": "", "by": "page"}


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ({"kind": "何か"}, ["kind"]),
        ({"kind": "limit"}, ["missing", "missing", "missing", "code", "code"]),
        (
            {"insurer_number": "1", "number": "1", "kind": "負担割合", "valid_from": "2026-04-01", "ratio": "25"},
            ["ratio"],
        ),
        ({"insurer_number": "1", "number": "1", "kind": "特定疾病", "code": "9", "valid_from": "2026-04-01"}, ["code"]),
        ({"insurer_number": "1", "number": "1", "kind": "証", "postal_code": "12"}, ["postal_code"]),
    ],
)
def test_every_fault_of_a_line_is_named(cells: dict[str, str], codes: list[str]) -> None:
    faults = read(cells)

    assert isinstance(faults, list)
    assert all(isinstance(one, Fault) for one in faults)
    assert [one.code for one in faults] == codes


@pytest.mark.parametrize("ratio", ["2", "20", "20%", "２０"])
def test_a_share_is_read_in_tenths_or_per_cent(ratio: str) -> None:
    entry = read(
        {"insurer_number": "39131156", "number": "1", "kind": "負担割合", "valid_from": "2026-08-01", "ratio": ratio}
    )

    assert not isinstance(entry, list)
    assert applied(entry, OnRecord()).elderly_ratio == 20
    assert applied(entry, OnRecord()).elderly_ratio_from == date(2026, 8, 1)


ELDER = qualification(
    key=InsuredKey("39131156", "", "12345678"), birth_date=date(1940, 5, 5), acquired_on=date(2015, 10, 5)
)


@pytest.mark.parametrize(
    ("on", "since", "until", "percent", "by_age"),
    [
        (date(2022, 9, 30), None, None, 10, True),  # the class of 20 % begins on 2022-10-01
        (date(2022, 10, 1), None, None, 20, False),
        (date(2026, 7, 31), date(2026, 8, 1), date(2027, 7, 31), 10, True),
        (date(2026, 8, 1), date(2026, 8, 1), date(2027, 7, 31), 20, False),
        (date(2027, 8, 1), date(2026, 8, 1), date(2027, 7, 31), 10, True),
    ],
)
def test_a_ratio_holds_on_its_days_and_where_the_class_exists(
    on: date, since: date | None, until: date | None, percent: int, *, by_age: bool
) -> None:
    held = replace(ELDER, elderly_ratio=20, elderly_ratio_from=since, elderly_ratio_until=until)
    [told] = by_law([held], on, rules=load())

    assert (told.copay_percent, told.elderly_ratio, told.is_copay_by_age) == (percent, percent, by_age)


@pytest.mark.parametrize(
    ("word", "reason"), [("4", "99"), ("5", "01"), ("7", "03"), ("9", "03"), ("11", "99"), ("", None)]
)
def test_the_reason_of_the_notice_is_told(office: SmallWorld, word: str, reason: str | None) -> None:
    add_institution(office)
    member = add_member(office, ended_on=date(2026, 3, 1))
    with office.system_work() as work:
        work.connection.execute(
            "UPDATE qualification_period SET end_reason = %s WHERE period_id = %s", [word, member.period_id]
        )

    assert shown(office).loss_reason == (LossReason(reason) if reason else None)


@pytest.mark.parametrize(
    ("ticket", "on", "validity"),
    [
        (None, date(2026, 4, 1), "6"),
        (("2026-04-01", "2026-04-30"), date(2026, 4, 1), "1"),
        (("2026-04-01", "2026-04-30"), date(2026, 4, 30), "1"),
        (("2026-04-01", "2026-04-30"), date(2026, 5, 1), "6"),
        (("2026-05-01", ""), date(2026, 4, 30), "6"),
    ],
)
def test_public_assistance_without_a_ticket_of_the_day_is_valid_and_not_registered(
    office: SmallWorld, ticket: tuple[str, str] | None, on: date, validity: str
) -> None:
    add_institution(office)
    tickets = [{"valid_from": ticket[0], "valid_until": ticket[1] or None}] if ticket else []
    add_member(office, certificate={"card_class": "A1", "tickets": tickets})

    with office.system_work("oqs") as work:
        service = desk(office, work).service
        found = service.check(service.institution(CODE), Question(CODE, on, Reference.INSURED_NUMBER, KEY)).finding

    assert found.validity == validity


def test_a_ticket_comes_in_like_any_certificate() -> None:
    entry = read({"insurer_number": "1", "number": "1", "kind": "医療券", "valid_from": "2026-04-01"})

    assert not isinstance(entry, list)
    assert applied(entry, OnRecord()).tickets == [{"valid_from": "2026-04-01", "valid_until": None}]


@pytest.mark.usefixtures("member")
def test_programs_bring_the_same_file(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    content = f"{HEAD}\n{LIMIT}\n06130488,12,404,,証,01,,,,,,,,,".encode()

    answer = clerk.post("/api/v1/certificates", content=content, headers={"content-type": "text/csv"})

    assert answer.status_code == 200
    told = answer.json()
    assert told["taken"] == 1
    assert [(one["line"], one["column"], one["code"]) for one in told["refused"]] == [(3, "number", "not_found")]
    assert shown(office).limits


def test_the_pages_are_accessible_and_narrow(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    member = add_member(office, certificate={"limits": [], "diseases": []})
    for path in (f"/links/{member.link_id}/certificates", "/certificates"):
        page = live_desk("insurer_clerk")
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)
