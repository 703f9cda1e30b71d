"""A citizen gets in: enrolled at the counter by a clerk who checked who it is, with an address for one use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk, assert_accessible, assert_reflows
from own_world import own_link, strangers_link

from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor

PASSWORD = "海辺の町で毎朝パンを焼く人"  # noqa: S105 -- synthetic
BORN = "1985-01-02"


def asked(**changed: Any) -> dict[str, Any]:
    """What a clerk types for the citizen of the test."""
    return {"symbol": "アオ12", "number": "4567", "birth_date": BORN, "documents": ["my_number_card"], **changed}


def born(office: SmallWorld) -> str:
    with office.system_work() as work:
        row = work.connection.execute("SELECT birth_date FROM link ORDER BY link_id LIMIT 1").fetchone()
    assert row is not None
    return str(row["birth_date"])


def address_in(page: Any) -> str:
    found = re.search(r"http://desk\.test(/enrol\?code=[0-9a-f]+)", page.text)
    assert found, page.text
    return found[1]


def come_in(visitor: Desk, office: SmallWorld, address: str) -> tuple[str, str]:
    """Choose password and authenticator, and log in; login and secret."""
    page = visitor.get(address).text
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    offered = re.search(r'name="offered" value="([^"]+)"', page)
    login = re.search(r">\s*(c[0-9]{8})\s*<", page)
    assert shown
    assert offered
    assert login
    secret = shown[1].replace(" ", "")
    code = pyotp.TOTP(secret).at(office.clock.now())
    fields = {"password": PASSWORD, "password_again": PASSWORD, "offered": offered[1], "totp": code}
    ended = visitor.post("/enrol", data={**fields, "code": address.split("code=")[1]})
    assert ended.url.path == "/login"
    office.clock.set(office.clock.now() + timedelta(minutes=2))  # a code is taken once
    code = pyotp.TOTP(secret).at(office.clock.now())
    visitor.post("/login", data={"login": login[1], "password": PASSWORD, "totp": code})
    return login[1], secret


@pytest.mark.seed("S76")
def test_somebody_at_the_counter_is_enrolled_and_reads_the_own_record(
    desk: Callable[..., Desk], visitor_desk: Desk, office: SmallWorld
) -> None:
    own_link(office)
    strangers_link(office)
    clerk = desk("insurer_clerk")

    invited = clerk.submit("/citizens/new", asked(birth_date=born(office)))
    login, _ = come_in(visitor_desk, office, address_in(invited))

    page = visitor_desk.get("/my/links")
    assert page.status_code == 200
    assert "4567" in page.text
    assert "ヨソ77" not in page.text
    assert visitor_desk.get("/notices").status_code == 403
    assert_audited_ever(office, "citizen.check_identity")
    assert_audited_ever(office, "citizen.enrol")
    with office.system_work() as work:
        rows = work.connection.execute(
            "SELECT act, login, details FROM audit_record WHERE act LIKE 'citizen.%' ORDER BY at, act"
        ).fetchall()
        people = work.connection.execute("SELECT display_name FROM user_account WHERE login = %s", [login]).fetchall()
    assert rows[0]["login"] == clerk_login(office)
    assert all(row["details"]["documents"] == ["my_number_card"] for row in rows)
    assert people == [{"display_name": f"本人（{login}）"}]


def clerk_login(office: SmallWorld) -> str:
    return office.actor("insurer_clerk").login


def test_who_comes_again_keeps_the_account_and_gets_a_fresh_address(
    desk: Callable[..., Desk], visitor_desk: Desk, office: SmallWorld
) -> None:
    own_link(office)
    clerk = desk("insurer_clerk")
    first = address_in(clerk.submit("/citizens/new", asked(birth_date=born(office))))
    login, _ = come_in(visitor_desk, office, first)

    again = clerk.submit("/citizens/new", asked(birth_date=born(office)))

    assert login in again.text
    assert visitor_desk.get("/my/links", follow_redirects=False).status_code == 303  # what was chosen before is void
    with office.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS people FROM citizen").fetchone()
    assert row == {"people": 1}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"documents": []}, "顔写真付きの書類を1点"),
        ({"documents": ["eligibility_certificate"]}, "顔写真付きの書類を1点"),
        ({"documents": ["eligibility_certificate", "eligibility_certificate"]}, "顔写真付きの書類を1点"),
        ({"birth_date": "1999-09-09"}, "合う、照合の済んだ有効な記録がありません"),
        ({"number": "4568"}, "合う、照合の済んだ有効な記録がありません"),
        ({"number": ""}, "番号を入力してください"),
    ],
)
def test_nobody_is_enrolled_who_was_not_checked(
    desk: Callable[..., Desk], office: SmallWorld, changed: dict[str, Any], said: str
) -> None:
    own_link(office)

    page = desk("insurer_clerk").submit("/citizens/new", {**asked(birth_date=born(office)), **changed})

    assert page.status_code == 422
    assert said in page.text
    with office.system_work() as work:
        assert work.connection.execute("SELECT count(*) AS people FROM citizen").fetchone() == {"people": 0}


def test_a_doubted_record_or_one_of_another_office_opens_nothing(desk: Callable[..., Desk], office: SmallWorld) -> None:
    own_link(office, verdict="REFUTED", state="stopped", restriction="ALL")
    typed = asked(birth_date=born(office))

    assert desk("insurer_clerk").submit("/citizens/new", typed).status_code == 422
    with office.system_work() as work:
        work.connection.execute("UPDATE link SET verdict = 'PROVEN', state = 'released', restriction = 'NONE'")
    assert desk("insurer_clerk", of=office.other_insurer).submit("/citizens/new", typed).status_code == 422
    assert desk("employer").submit("/citizens/new", typed).status_code == 403
    assert desk("insurer_clerk").submit("/citizens/new", typed).status_code == 200


def test_somebody_of_an_identity_provider_comes_in_by_the_login_given_at_the_counter(
    desk: Callable[..., Desk], office: SmallWorld, wired: Office
) -> None:
    own_link(office)
    papers = ["pension_handbook", "public_notice"]

    page = desk("insurer_clerk").submit(
        "/citizens/new", asked(birth_date=born(office), login="taro@example.jp", documents=papers)
    )

    assert "アドレスを使わずにログインできます" in page.text
    with wired.work(Actor.system("login")) as work:
        answer = work.logins.let_in_by_login("taro@example.jp")
    assert answer.visitor is not None
    assert answer.visitor.account.person_key


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_is_accessible_and_reflows(live_desk: Callable[..., Any], language: str) -> None:
    page = live_desk("insurer_clerk")
    page.open(f"/language/{language}?back=/citizens/new")

    assert_accessible(page)
    assert_reflows(page)
