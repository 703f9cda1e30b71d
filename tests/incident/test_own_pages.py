"""What a citizen reads of himself: his links, who looked, a request for a check, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from case_world import add_link, case_office, cases_of, opening
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk, assert_accessible, assert_reflows
from factories import number
from own_world import KEY, MINE, NOT_HIS, enrol, own_link, strangers_link, view

from himozuke.identity.individual_number import IndividualNumber
from himozuke.incident import decide
from himozuke.incident.model import Finding, Reply
from himozuke.ports.actor import Actor

Enter = Callable[..., Desk]
CHECK = {"reason": "not_mine", "note": "加入したことがない", "checked": "1"}


def citizen(office: SmallWorld, key: str = KEY) -> Actor:
    return office.actor("citizen", person_key=key)


def rows(office: SmallWorld, query: str) -> list[dict[str, Any]]:
    with office.system_work() as work:
        return work.connection.execute(query.encode()).fetchall()


@pytest.mark.seed("S76", "S81")
def test_a_citizen_reads_his_links_of_every_scheme_and_nobody_elses(office: SmallWorld, desk: Enter) -> None:
    enrol(office)
    own_link(office)
    other = office.other_insurer
    own_link(
        office, of=other, scheme="elderly_medical", symbol="", number="ベツ8", scheme_number="x", verdict="EXPLAINED"
    )
    add_link(office, body=MINE + 1, symbol="ヨソの人", number="1")

    shown = desk("citizen", person_key=KEY).get("/my/links").text

    for text in (
        "ひもづけ健康保険組合",
        "べつの健康保険組合",
        "アオ12",
        "4567",
        "ベツ8",
        "令和8年4月1日",
        "令和8年3月31日",
    ):
        assert text in shown
    assert "あなたの記録であることを確認しました" in shown
    assert "ヨソの人" not in shown


def test_without_a_link_the_page_says_what_to_do(office: SmallWorld, desk: Enter) -> None:
    enrol(office)
    client = desk("citizen", person_key=KEY)

    assert "登録されている記録はありません" in client.get("/my/links").text
    assert "この期間の閲覧はありません" in client.get("/my/viewings").text
    assert "回答を待っている文書はありません" in client.get("/my/reply").text


@pytest.mark.seed("S73", "S76")
@pytest.mark.parametrize("path", ["/", "/my/links", "/my/viewings", "/my/reply", "/my/links/{link}/check"])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"verdict": "DOUBTFUL", "restriction": "MEDICAL"},
        {"verdict": None, "state": "held"},
        {"verdict": "PROVEN", "state": "released", "restriction": "NONE", "case": True},
    ],
)
def test_a_record_that_may_be_another_persons_shows_nothing_of_it(
    office: SmallWorld, desk: Enter, path: str, how: dict[str, Any]
) -> None:
    enrol(office)
    link_id = strangers_link(office, **{name: value for name, value in how.items() if name != "case"})
    view(office, link_id, "2026-03-20T10:00+09:00", institution_name="佐々木がかよう病院")
    if how.get("case"):
        with office.work("insurer_clerk") as work:
            cases_of(work).open_case(opening(office, link_id, restriction="NONE"))

    answer = desk("citizen", person_key=KEY).get(path.format(link=link_id))

    assert answer.status_code == 200
    assert [text for text in (*NOT_HIS, "がかよう") if text in answer.text] == []
    assert "ひもづけ健康保険組合" in answer.text or path in ("/", "/my/reply", "/my/viewings")


@pytest.mark.seed("S76", "S81")
def test_who_looked_is_told_with_institution_items_consent_and_failure_mode(office: SmallWorld, desk: Enter) -> None:
    enrol(office)
    link_id = own_link(office)
    view(office, link_id, "2026-03-20T10:05+09:00")
    view(
        office,
        link_id,
        "2026-03-25T11:00+09:00",
        institution_name="みなと歯科",
        viewer="outage",
        items=["qualification"],
        consent="",
    )
    view(office, link_id, "2024-01-05T11:00+09:00", institution_name="むかしの医院")
    view(office, add_link(office, body=MINE + 1), "2026-03-21T10:00+09:00", institution_name="ヨソ病院")
    client = desk("citizen", person_key=KEY)

    year = client.get("/my/viewings").text
    january = client.get("/my/viewings?from=R6.1.1&to=2024-01-31").text
    backwards = client.get("/my/viewings?from=2026-03-01&to=2026-02-01")

    assert "令和8年3月20日 10時05分" in year
    assert "こだま薬局" in year
    assert "薬剤師" in year
    assert "薬剤情報" in year
    assert "みなと歯科" in year
    assert "システム障害時" in year
    assert "むかしの医院" not in year
    assert "ヨソ病院" not in year
    assert "むかしの医院" in january
    assert "こだま薬局" not in january
    assert backwards.status_code == 422


@pytest.mark.seed("S76")
def test_asking_for_a_check_opens_a_case_stops_medical_viewing_and_counts_once(office: SmallWorld, desk: Enter) -> None:
    enrol(office)
    link_id = own_link(office)
    client = desk("citizen", person_key=KEY)

    second_look = client.submit(f"/my/links/{link_id}/check", {"reason": "not_mine"})
    assert "医療情報の閲覧を止めます" in second_look.text
    assert rows(office, "SELECT FROM incident_case") == []
    receipt = client.submit(f"/my/links/{link_id}/check", CHECK)
    again = client.submit(f"/my/links/{link_id}/check", CHECK)

    assert "受け付けました" in receipt.text
    assert "確2026-" in receipt.text
    assert again.url == receipt.url
    [case] = rows(office, "SELECT origin, link_id, organisation_id, state FROM incident_case")
    assert case == {"origin": "citizen", "link_id": link_id, "organisation_id": office.insurer, "state": "open"}
    [link] = rows(office, "SELECT state, restriction FROM link")
    assert link == {"state": "stopped", "restriction": "MEDICAL"}
    assert len(rows(office, "SELECT FROM link_check_request")) == 1
    assert_audited_ever(office, "citizen.ask_for_check")
    [act] = rows(office, "SELECT login, role, organisation_id FROM audit_record WHERE act = 'citizen.ask_for_check'")
    assert act == {"login": f"citizen@{office.insurer}", "role": "citizen", "organisation_id": office.insurer}
    shown = client.get("/my/links").text
    assert "確認中" in shown
    assert "アオ12" not in shown
    assert "控えを見る" in shown
    queue = desk("insurer_clerk").get("/cases").text
    assert "4567" in queue


@pytest.mark.seed("S76")
@pytest.mark.parametrize("reason", ["wrong_content", "strange_viewing"])
def test_a_slip_or_a_strange_viewing_hides_nothing_from_the_person(
    office: SmallWorld, desk: Enter, reason: str
) -> None:
    enrol(office)
    link_id = own_link(office)
    client = desk("citizen", person_key=KEY)

    client.submit(f"/my/links/{link_id}/check", {**CHECK, "reason": reason})

    assert "アオ12" in client.get("/my/links").text
    assert rows(office, "SELECT state FROM link") == [{"state": "released"}]


def test_the_outcome_is_told_when_the_record_was_another_persons(office: SmallWorld, desk: Enter) -> None:
    """The number has been put right: the record is no longer his, and nothing but the outcome is left to see."""
    enrol(office)
    link_id = strangers_link(office)
    client = desk("citizen", person_key=KEY)
    client.submit(f"/my/links/{link_id}/check", CHECK)
    with office.system_work() as work:
        other = office.vault.seal(IndividualNumber(int(number(MINE + 2))))
        work.connection.execute("UPDATE link SET individual_number_sealed = %s", [other])
        work.connection.execute(
            "UPDATE incident_case SET state = 'closed', is_wrong = true, closed_at = %s", [office.clock.now()]
        )

    shown = client.get("/my/links").text

    assert "誤りがあったため、訂正しました" in shown
    assert [text for text in NOT_HIS if text in shown] == []
    assert client.get(f"/my/links/{link_id}/check").status_code == 404


def test_nobody_asks_about_a_link_of_somebody_else_or_reads_a_foreign_receipt(office: SmallWorld, desk: Enter) -> None:
    enrol(office)
    enrol(office, key="another", body=MINE + 1)
    mine, his = own_link(office), add_link(office, body=MINE + 1)
    client = desk("citizen", person_key=KEY)
    client.submit(f"/my/links/{mine}/check", CHECK)

    assert client.submit(f"/my/links/{his}/check", CHECK).status_code == 404
    assert len(rows(office, "SELECT FROM link_check_request")) == 1
    office.users.pop((office.insurer, "citizen"))
    other = desk("citizen", of=office.other_insurer, person_key="another")
    [request] = rows(office, "SELECT request_id FROM link_check_request")
    assert other.get(f"/my/requests/{request['request_id']}").status_code == 404
    assert other.get(f"/my/links/{mine}/check").status_code == 404


def test_the_number_changing_hands_between_two_looks_is_seen(office: SmallWorld) -> None:
    """The act itself finds the link under the citizen's number once more; what a page said before is not trusted."""
    from himozuke.citizen.model import Reason
    from himozuke.citizen.service import CheckingService
    from himozuke.errors import NotFoundError
    from himozuke.stores.citizens import PostgresChecks

    enrol(office)
    his = add_link(office, body=MINE + 1)
    actor = citizen(office).reaching(office.insurer)

    with office.database.transaction(actor) as work, pytest.raises(NotFoundError):
        CheckingService(PostgresChecks(work.connection, work.clock), cases_of(work), work.audit, work.clock).ask(
            his, person_key=KEY, reason=Reason.NOT_MINE, note="x"
        )


@pytest.mark.seed("S76")
def test_the_database_itself_shows_a_citizen_no_row_of_another_person(office: SmallWorld) -> None:
    """Whatever a page asks: every table of the service, read as the citizen, holds only what is his."""
    enrol(office)
    enrol(office, key="another", body=MINE + 1)
    mine = own_link(office)
    wrong = strangers_link(office, of=office.other_insurer)
    his = add_link(office, body=MINE + 1, symbol="他")
    for link_id in (mine, wrong, his):
        view(office, link_id, "2026-03-20T10:00+09:00")
    with office.work("insurer_clerk") as work:
        cases_of(work).open_case(opening(office, his))

    with office.database.transaction(citizen(office)) as work:
        seen: dict[str, set[object]] = {}
        for table, column in (("link", "link_id"), ("access_log", "link_id"), ("citizen", "person_key")):
            found = work.connection.execute(f"SELECT {column} AS it FROM {table}".encode()).fetchall()  # noqa: S608
            seen[table] = {row["it"] for row in found}
        counted = {
            table: work.connection.execute(f"SELECT FROM {table}".encode()).rowcount
            for table in (
                "incident_case", "case_event", "letter", "link_version", "notice", "user_account", "qualification_period",
                "medical_entry", "visit", "consent", "call_intake", "resident", "audit_record", "link_check_request",
            )
        }  # fmt: skip
        told = {row["link_id"] for row in work.connection.execute("SELECT link_id FROM own_links()")}
        doubted = {
            row["link_id"] for row in work.connection.execute("SELECT link_id FROM own_links_in_doubt(now()::date)")
        }
        viewings = work.connection.execute("SELECT FROM own_viewings('-infinity', 'infinity', 100, 0)").rowcount
        assert work.connection.execute("SELECT acting_scope() AS scope").fetchone() == {"scope": "own"}

    assert (told, doubted, viewings) == ({mine}, {wrong}, 1)
    assert seen == {"link": set(), "access_log": set(), "citizen": {KEY}}
    assert counted == dict.fromkeys(counted, 0)


@pytest.mark.parametrize("role", ["insurer_clerk", "administrator", "auditor"])
def test_the_doors_of_citizens_lead_nobody_else_anywhere(office: SmallWorld, role: str) -> None:
    """Also with the key of a citizen in hand."""
    enrol(office)
    own_link(office)
    strangers_link(office, of=office.other_insurer)
    actor = replace(office.actor(role), person_key=KEY)

    with office.database.transaction(actor) as work:
        for door in ("own_links()", "own_links_in_doubt(now()::date)", "own_requests()"):
            assert work.connection.execute(f"SELECT FROM {door}".encode()).rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE link SET state = 'released'",
        "DELETE FROM access_log",
        "UPDATE citizen SET individual_number_sealed = '\\x00'",
        "DELETE FROM citizen",
    ],
)
def test_a_citizen_changes_no_row_himself(office: SmallWorld, statement: str) -> None:
    enrol(office)
    view(office, own_link(office), "2026-03-20T10:00+09:00")

    with office.database.transaction(citizen(office)) as work:
        assert work.connection.execute(statement.encode()).rowcount == 0
    insert = "INSERT INTO citizen VALUES ('me-too', '\\x00', now())"
    with office.database.transaction(citizen(office)) as work, pytest.raises(psycopg.errors.InsufficientPrivilege):
        work.connection.execute(insert)


@pytest.mark.seed("S81")
def test_the_citizens_main_story_in_a_browser(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    """By keyboard: read the links, see who looked, ask for a check, read the receipt; narrow, and on paper."""
    enrol(office)
    link_id = own_link(office)
    strangers_link(office, of=office.other_insurer)
    view(office, link_id, "2026-03-20T10:00+09:00")
    page = live_desk("citizen", person_key=KEY)
    page.open("/")
    for path in ("/", "/my/links", "/my/viewings", f"/my/links/{link_id}/check", "/my/reply"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.open("/my/links")
    page.locator("a", has_text="確認を依頼する").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    page.locator("[name=reason][value=not_mine]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("加入したことがありません")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("内容の確認").wait_for()
    assert_accessible(page)
    page.locator("button", has_text="依頼する").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/requests/*")
    assert page.locator("[role=status]").inner_text().endswith("受け付けました。")
    assert_accessible(page)
    page.emulate_media(media="print")
    assert not page.locator(".no-print").first.is_visible()
    assert page.locator("dd", has_text="確2026-").is_visible()
    assert page.complaints == []


@pytest.mark.seed("S73")
def test_a_letter_that_waits_is_answered_by_its_code_and_only_by_whom_it_is_about(
    office: SmallWorld, desk: Enter
) -> None:
    """The letter is opened by what stands on it, never by being logged in alone: it may have gone to somebody else."""
    enrol(office)
    enrol(office, key="another", body=MINE + 1)
    link_id = own_link(office, verdict="DOUBTFUL")
    cases = case_office(office)
    with cases.bench() as bench:
        case_id = bench.cases.open_case(opening(office, link_id))
        bench.cases.act(case_id, lambda state: decide.check_papers(state, finding=Finding.UNCLEAR, note_="届書"))
        bench.cases.act(case_id, lambda state: decide.employer_answered(state, finding=Finding.NONE, note_="退職"))
        bench.asking.print_inquiry(case_id)
    [letter] = rows(office, "SELECT reply_code, document_number FROM letter")
    code = letter["reply_code"]
    client = desk("citizen", person_key=KEY)
    office.users.pop((office.insurer, "citizen"))
    stranger = desk("citizen", of=office.other_insurer, person_key="another")

    assert "回答を待っている文書" in client.get("/").text
    assert letter["document_number"] in client.get("/my/reply").text
    assert stranger.submit("/my/reply", {"code": code}).status_code == 422
    assert client.submit("/my/reply", {"code": "AAAA-2222"}).status_code == 422
    opened = client.submit("/my/reply", {"code": f"{code[:4]}-{code[4:]}".lower()})
    assert "あなたご自身のものですか" in opened.text
    assert "アオ12" not in opened.text
    client.submit("/my/reply", {"code": code, "begun": "1", "reply": "own", "checked": "1"})

    state = cases.state(case_id)
    assert state.person is not None
    assert state.person.reply == Reply.OWN
    assert letter["document_number"] not in client.get("/my/reply").text
    assert client.submit("/my/reply", {"code": code}).status_code == 422
