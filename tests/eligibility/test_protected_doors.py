"""One person under 支援措置, and every door through which an address could leave the service."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pypdf
import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from factories import person, table
from institutions import add_institution
from register_world import load

from himozuke.ports.letters import Sender
from himozuke.stores.letters import PostgresLetters

ADDRESS = "北海道札幌市中央区北一条西二丁目9番"
#: What of it must stand nowhere: the place in any spelling, and the postal code.
TELLING = ("札幌", "北一条", "060-0001", "0600001")
STEPS = ("stop", "papers", "employer", "person", "confirm", "correct", "exposure", "report", "tell", "release")
HIDDEN = person(1001, address=ADDRESS)
NOTICE = {
    "kind": "acquisition",
    "kanji_name": HIDDEN["kanji_name"],
    "kana_name": HIDDEN["kana_name"],
    "birth_date": HIDDEN["birth_date"],
    "sex": HIDDEN["sex"],
    "individual_number": HIDDEN["individual_number"],
    "postal_code": "060-0001",
    "address": "北海道札幌市中央区北１条西２－９",
    "event_on": "2026-04-01",
    "acquisition_kind": "1",
    "category": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "けいと工業株式会社",
    "establishment_address": "東京都千代田区霞が関一丁目２番３号",
    "employer_name": "健保　良一",
    "symbol": "12",
    "number": "5678",
    "branch": "01",
}
Enter = Callable[..., Desk]


def register_holds(office: SmallWorld, *, protected: bool) -> None:
    other = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
    people = [{**HIDDEN, "protected": "1" if protected else "0"}, {**other, "protected": "0"}]
    load(office, table(people), date(2026, 4, 1))


def one(office: SmallWorld, query: str) -> Any:
    with office.system_work() as work:
        row = work.connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def content(answer: Any) -> str:
    """What an answer says, of a PDF its text; a refusal says something too."""
    if answer.headers.get("content-type", "").startswith("application/pdf"):
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    return re.sub(r"</?mark>|</?bdi>", "", answer.content.decode("utf-8-sig"))


def walk(office: SmallWorld, desk: Enter) -> Iterator[tuple[str, str]]:
    """File, register, compare, stop, carry, print, export, and ask at the counter; each door and what it says."""
    clerk, supervisor, clinic = desk("insurer_clerk"), desk("insurer_supervisor"), desk("institution")
    with office.work("insurer_supervisor") as work:
        sender = Sender("健康保険組合", "適用課", "100-0001", "東京都千代田区一丁目1番", "03-0000-0000")
        PostgresLetters(work.connection).set_sender(office.insurer, sender)
    filed = clerk.submit("/notices/new", NOTICE)
    assert filed.status_code == 200
    yield "the filed notice", content(filed)
    with office.system_work() as work:  # the insurer of the small world has no number with a check digit
        work.connection.execute(
            "UPDATE link SET insurer_number = '06130488', "
            "scheme_number = replace(scheme_number, '06139999', '06130488')"
        )
    link = one(office, "SELECT link_id, scheme, insurer_number, symbol, number, branch, birth_date, verdict FROM link")
    assert link["verdict"] in (
        "PROVEN",
        "EXPLAINED",
    )  # the address agrees: hiding the register's side alone hides nothing
    notice_id = one(office, "SELECT notice_id FROM notice")["notice_id"]
    for path in ("/notices", f"/notices/{notice_id}", "/overlaps", f"/api/v1/notices/{notice_id}"):
        yield path, content(clerk.get(path))
    yield "links.csv", content(supervisor.submit("/notices/links.csv", {"scheme": link["scheme"]}))
    yield from counter(clinic, link)
    yield "compared again", content(clerk.submit(f"/notices/{notice_id}/compare"))
    opened = {"category": "own_link", "channel": "telephone", "note": "電話", "opens_case": "1", "restriction": "ALL"}
    category = re.findall(r'name="category"[^>]*value="(\w+)"|<option value="(\w+)"', clerk.get("/calls").text)
    opened["category"] = next(a or b for a, b in category if a or b)
    scheme_number = one(office, "SELECT scheme_number FROM link")["scheme_number"]
    call = clerk.submit("/calls", {**opened, "scheme_number": scheme_number})
    yield "the call", content(call)
    opened_case = one(office, "SELECT case_id FROM incident_case")["case_id"]
    yield "the stopped notice", content(clerk.get(f"/notices/{notice_id}"))
    yield from case_doors(clerk, supervisor, f"/cases/{opened_case}")


def counter(clinic: Desk, link: Any) -> Iterator[tuple[str, str]]:
    key = {name: link[name] for name in ("insurer_number", "symbol", "number", "branch", "birth_date")}
    shown = clinic.submit("/reception/number", key)
    assert shown.status_code == 200
    assert HIDDEN["kanji_name"] in shown.text
    yield "the reception screen", content(shown)
    answer = clinic.post("/api/v1/eligibility", json=key)
    assert answer.status_code == 200
    assert HIDDEN["kanji_name"] in answer.text
    yield "/api/v1/eligibility", content(answer)


def case_doors(clerk: Desk, supervisor: Desk, case: str) -> Iterator[tuple[str, str]]:
    acts: tuple[tuple[str, dict[str, str]], ...] = (
        ("/compare", {}),
        ("/papers", {"finding": "unclear", "note": "届書"}),
        ("/employer/answer", {"finding": "none", "answer_note": "なし"}),
        ("/person/letter", {}),
        (
            "/person/answer",
            {"reply": "own_with_changes", "channel": "paper", "items": "address", "wrong-address": ADDRESS},
        ),
        ("/sheet", {}),
        ("/confirm", {"result": "record", "basis": "person", "reason": "回答", "checked": "1"}),
        ("/correction", {"item-address": ADDRESS, "reason": "回答のとおり", "checked": "1"}),
    )
    for path, fields in acts:
        yield f"after {path}", content(clerk.submit(case + path, fields))
        yield f"the case after {path}", content(clerk.get(case))
    for step in STEPS:
        for who in (clerk, supervisor):
            yield f"step {step}", content(who.get(f"{case}/steps/{step}"))
    yield "/api/v1/cases", content(clerk.get("/api/v1/cases"))
    yield "/cases", content(clerk.get("/cases"))


@pytest.mark.seed("S73", "S77")
def test_where_a_protected_person_lives_leaves_by_no_door(office: SmallWorld, desk: Enter) -> None:
    register_holds(office, protected=True)
    add_institution(office)

    said = dict(walk(office, desk))

    assert len(said) > 30
    assert [(door, word) for door, text in said.items() for word in TELLING if word in text] == []
    assert "支援措置" in said["the case after /compare"]
    assert one(office, "SELECT count(*) AS count FROM letter WHERE kind = 'inquiry'")["count"] == 0


def test_the_same_walk_of_anybody_else_shows_the_address(office: SmallWorld, desk: Enter) -> None:
    """So that the test above can fail: these doors do show addresses."""
    register_holds(office, protected=False)
    add_institution(office)

    said = dict(walk(office, desk))

    shows = {door for door, text in said.items() if any(word in text for word in TELLING)}
    assert shows >= {
        "the filed notice", "links.csv", "the reception screen", "/api/v1/eligibility", "the case after /compare",
        "after /sheet", "step correct", "the case after /person/answer",
    }  # fmt: skip


def test_protection_that_comes_later_hides_what_was_shown_before(office: SmallWorld, desk: Enter) -> None:
    register_holds(office, protected=False)
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", NOTICE)
    notice_id = one(office, "SELECT notice_id FROM notice")["notice_id"]
    assert "札幌" in clerk.get(f"/notices/{notice_id}").text

    office.clock.set("2026-04-02")
    other = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
    load(office, table([{**HIDDEN, "protected": "1"}, {**other, "protected": "0"}]), date(2026, 4, 2))

    shown = desk("insurer_clerk").get(f"/notices/{notice_id}")
    assert [word for word in TELLING if word in content(shown)] == []
    assert "支援措置" in shown.text


def test_the_office_that_keeps_the_measure_sees_the_address(office: SmallWorld, desk: Enter) -> None:
    from case_world import add_link, cases_of, opening

    register_holds(office, protected=True)
    sealed = office.vault.seal(office.vault.open(_sealed_of_hidden(office)))
    link_id = add_link(
        office,
        of=office.municipality,
        individual_number_sealed=sealed,
        address=ADDRESS,
        kanji_name=HIDDEN["kanji_name"],
    )
    with office.work("municipality_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id, organisation_id=office.municipality))
    clerk = desk("municipality_clerk")
    clerk.submit(f"/cases/{case_id}/compare")

    assert "札幌" in content(clerk.get(f"/cases/{case_id}"))


def _sealed_of_hidden(office: SmallWorld) -> bytes:
    with office.system_work() as work:
        rows = work.connection.execute("SELECT individual_number_sealed FROM resident WHERE is_protected").fetchall()
    return bytes(rows[0]["individual_number_sealed"])
