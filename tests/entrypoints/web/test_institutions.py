"""Institutions as the administrator registers them: rights, keys, suspension."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clinic_software import SEARCH, Clinic, message
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import CODE, add_institution, add_member
from institutions import desk as services

from himozuke.errors import NotFoundError
from himozuke.gateways.oqs_files.sealed_zip import open_sealed, seal

NEW = {
    "name": "みほん薬局",
    "code": "1341111111",
    "kind": "pharmacy",
    "telephone": "０３－１２３４－５６７８",
    "requests_per_minute": "120",
    "treats_at_home": "1",
}
QUESTION = {
    "insurer_number": "06130488",
    "symbol": "12",
    "number": "5678",
    "branch": "01",
    "birth_date": "1989-03-31",
}


@pytest.fixture
def administrator(desk: Callable[..., Desk]) -> Desk:
    return desk("administrator")


def id_of(answer: Any) -> int:
    found = re.search(r"/administration/institutions/(\d+)", str(answer.url))
    assert found is not None, answer.text
    return int(found[1])


def acts(office: SmallWorld) -> list[str]:
    with office.system_work() as work:
        return [row["act"] for row in work.connection.execute("SELECT act FROM audit_record ORDER BY at, number")]


def ask(client: Desk, key: str) -> Any:
    return client.post("/api/v1/eligibility", json=QUESTION, headers={"Authorization": f"Bearer {key}"})


@pytest.mark.seed("S58")
def test_an_institution_is_registered_and_asks_with_the_key_that_was_shown_once(
    office: SmallWorld, administrator: Desk, visitor_desk: Desk
) -> None:
    add_member(office)
    number = id_of(administrator.submit("/administration/institutions", NEW))

    issued = administrator.submit(f"/administration/institutions/{number}/keys", {"purpose": "受付システム"})
    found = re.search(r'<code class="secret">([^<]+)</code>', issued.text)
    assert found is not None
    later = administrator.get(f"/administration/institutions/{number}").text
    answer = ask(visitor_desk, found[1])

    assert answer.status_code == 200
    assert answer.json()["validity"] == "1"
    assert found[1] not in later
    assert "03-1234-5678" in later
    assert "/consent/visits/1341111111" in later
    assert {"accounts.add_organisation", "eligibility.register_institution", "accounts.issue_key"} <= set(acts(office))
    with office.system_work() as work:
        kept = work.connection.execute("SELECT key_digest FROM api_key").fetchone()
    assert kept is not None
    assert found[1].encode() not in kept["key_digest"]


def test_a_revoked_key_opens_nothing(administrator: Desk, visitor_desk: Desk) -> None:
    number = id_of(administrator.submit("/administration/institutions", NEW))
    issued = administrator.submit(f"/administration/institutions/{number}/keys", {"purpose": "受付システム"})
    key = re.search(r'<code class="secret">([^<]+)</code>', issued.text)
    revoke = re.search(r'action="(/administration/institutions/\d+/keys/\d+/revocation)"', issued.text)
    assert key is not None
    assert revoke is not None

    administrator.submit(revoke[1])

    assert ask(visitor_desk, key[1]).status_code == 401
    assert "失効" in administrator.get(f"/administration/institutions/{number}").text


def test_a_key_of_another_institution_cannot_be_revoked_from_here(office: SmallWorld, administrator: Desk) -> None:
    first = id_of(administrator.submit("/administration/institutions", NEW))
    issued = administrator.submit(f"/administration/institutions/{first}/keys", {"purpose": "受付"})
    key = re.search(r"/keys/(\d+)/revocation", issued.text)
    assert key is not None
    other = add_institution(office)

    assert administrator.submit(f"/administration/institutions/{other}/keys/{key[1]}/revocation").status_code == 404


def test_a_check_digit_that_does_not_close_warns_and_can_be_confirmed(administrator: Desk) -> None:
    odd = NEW | {"code": "1341111115"}

    warned = administrator.submit("/administration/institutions", odd)
    confirmed = administrator.submit("/administration/institutions", odd | {"code_is_right": "1"})

    assert warned.status_code == 422
    assert "検証番号が合いません" in warned.text
    assert id_of(confirmed) > 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "12345", "10桁"),
        ("code", "4841111115", "10桁"),
        ("folder", "../others", "英数字"),
        ("requests_per_minute", "0", "1から100,000"),
        ("kind", "", "種類を選んで"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_registered(
    office: SmallWorld, administrator: Desk, field: str, value: str, said: str
) -> None:
    answer = administrator.submit("/administration/institutions", NEW | {field: value})

    assert answer.status_code == 422
    assert said in answer.text
    assert "eligibility.register_institution" not in acts(office)
    assert "みほん薬局" not in administrator.get("/administration/organisations").text


def test_a_folder_belongs_to_one_institution(office: SmallWorld, administrator: Desk) -> None:
    add_institution(office)

    answer = administrator.submit("/administration/institutions", NEW | {"folder": CODE})

    assert answer.status_code == 422
    assert "ほかの組織が使っています" in answer.text
    assert "みほん薬局" not in administrator.get("/administration/organisations").text


def test_what_an_institution_may_do_is_changed_and_the_change_is_written_down(
    office: SmallWorld, administrator: Desk
) -> None:
    number = add_institution(office)
    changed = {"kind": "treatment_office", "folder": "share-1", "requests_per_minute": "60", "treats_online": "1"}

    administrator.submit(f"/administration/institutions/{number}", changed)

    with office.system_work() as work:
        institution = services(office, work).store.institution(CODE)
    assert institution is not None
    assert not institution.may_see_medical
    assert institution.treats_online
    assert institution.folder == "share-1"
    assert acts(office)[-1] == "eligibility.change_institution"


def test_a_suspended_institution_is_answered_nothing_by_page_interface_and_folder(
    office: SmallWorld, administrator: Desk, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    add_member(office)
    number = add_institution(office)
    issued = administrator.submit(f"/administration/institutions/{number}/keys", {"purpose": "受付"})
    key = re.search(r'<code class="secret">([^<]+)</code>', issued.text)
    assert key is not None
    counter = desk("institution")
    assert counter.submit("/reception/number", QUESTION).status_code == 200

    administrator.submit(f"/administration/institutions/{number}/suspension", {"act": "suspend"})
    by_page, by_key = counter.submit("/reception/number", QUESTION), ask(visitor_desk, key[1])
    with office.system_work() as work:
        answering = services(office, work)
        by_folder = answering.store.institution_of_folder(CODE)
        with pytest.raises(NotFoundError):
            answering.service.institution(CODE)
    administrator.submit(f"/administration/institutions/{number}/suspension", {"act": "resume"})

    assert by_page.status_code == 403
    assert by_key.status_code in {403, 409}
    assert by_folder is None
    assert counter.submit("/reception/number", QUESTION).status_code == 200
    assert acts(office).count("eligibility.suspend_institution") == 1
    assert acts(office).count("eligibility.resume_institution") == 1


def password_form(first: str, again: str | None = None) -> dict[str, str]:
    return {"password_act": "set", "zip_password": first, "zip_password_again": first if again is None else again}


def test_the_password_of_encrypted_files_is_set_changed_and_removed_and_never_shown(
    office: SmallWorld, administrator: Desk, tmp_path: Path
) -> None:
    add_member(office)
    number = add_institution(office)
    path = f"/administration/institutions/{number}/zip-password"
    clinic = Clinic(office, tmp_path)

    def asked(password: str, name: str) -> bytes:
        content = message(SEARCH.format(number="5678", mark=""))
        clinic.put(f"OQSsiquc01req_{name}.zip", seal(f"OQSsiquc01req_{name}.xml", content, password))
        clinic.run()
        [answer] = (clinic.share / "res").glob(f"OQSsiquc01res_{name}.*")
        return open_sealed(answer.read_bytes(), password) if answer.suffix == ".zip" else answer.read_bytes()

    assert b"HZ-F07" in asked("himitsu-1", "none")
    first = administrator.submit(path, password_form("himitsu-1"))
    assert "紐付　花子".encode("cp932") in asked("himitsu-1", "first")
    second = administrator.submit(path, password_form("himitsu-2"))
    assert "紐付　花子".encode("cp932") in asked("himitsu-2", "second")
    removed = administrator.submit(path, {"password_act": "remove"})
    assert b"HZ-F07" in asked("himitsu-2", "removed")

    for page in (first, second, removed):
        assert page.status_code == 200
        assert "himitsu" not in page.text
    assert [act for act in acts(office) if "zip" in act] == [
        "eligibility.set_zip_password",
        "eligibility.change_zip_password",
        "eligibility.remove_zip_password",
    ]
    with office.system_work() as work:
        told = work.connection.execute("SELECT details::text AS told FROM audit_record WHERE act LIKE '%zip%'")
        assert not [row for row in told if "himitsu" in row["told"]]


@pytest.mark.parametrize(
    "form", [password_form("short"), password_form("ひみつのことば"), password_form("himitsu-1", "other")]
)
def test_a_password_that_cannot_serve_is_refused_at_its_field(
    office: SmallWorld, administrator: Desk, form: dict[str, str]
) -> None:
    number = add_institution(office)

    answer = administrator.submit(f"/administration/institutions/{number}/zip-password", form)

    assert answer.status_code == 422
    assert "is-wrong" in answer.text
    assert form["zip_password"] not in answer.text
    assert not [act for act in acts(office) if "zip" in act]


def test_pages_of_institutions_are_accessible_and_narrow(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    number = add_institution(office)
    page = live_desk("administrator")

    for path in ("/administration/institutions", f"/administration/institutions/{number}"):
        page.open(path)
        assert_accessible(page)
        assert_reflows(page)

    assert page.complaints == []
