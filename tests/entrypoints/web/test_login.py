"""Logging in at the desk, its cookie, its refusals, and idle time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from database_fixture import SmallWorld
from desk_fixture import FAST, Desk

from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.app import create_app
from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor
from himozuke.settings import Settings

PASSWORD = "山の上の小さな赤い家に住む"  # noqa: S105 -- synthetic
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- synthetic


@pytest.fixture
def clerk(office: SmallWorld, wired: Office) -> Actor:
    """A clerk who has a password and a second factor."""
    actor = office.actor("insurer_clerk")
    with wired.work(Actor.system("test")) as work:
        work.account_store.set_credentials(
            actor.user_id or 0,
            password_hash=FAST.hash(PASSWORD),
            totp_secret_sealed=wired.vault.box.seal(SECRET.encode(), purpose="totp"),
        )
    return actor


def code(office: SmallWorld) -> str:
    return pyotp.TOTP(SECRET).at(office.clock.now())


def fields(office: SmallWorld, clerk: Actor, **others: str) -> dict[str, str]:
    return {"login": clerk.login, "password": PASSWORD, "totp": code(office), **others}


def test_login_password_and_code_lead_to_the_start_page(visitor_desk: Desk, office: SmallWorld, clerk: Actor) -> None:
    page = visitor_desk.post("/login", data=fields(office, clerk))

    assert page.url.path == "/"
    assert "今日の作業</h1>" in page.text
    assert "ひもづけ健康保険組合" in page.text


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    visitor_desk: Desk, office: SmallWorld, clerk: Actor
) -> None:
    answer = visitor_desk.post("/login", data=fields(office, clerk), follow_redirects=False)

    kept = answer.headers["set-cookie"]
    assert kept.startswith("himozuke=")
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept


def test_over_https_the_cookie_is_held_to_this_host(app: object, office: SmallWorld, clerk: Actor) -> None:
    with Desk(app, base_url="https://desk.test") as client:  # type: ignore[arg-type]
        answer = client.post("/login", data=fields(office, clerk), follow_redirects=False)

    assert answer.headers["set-cookie"].startswith("__Host-himozuke=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age=" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("path", "end"),
    [("/help/keys", "/help/keys"), ("//elsewhere.test", "/"), ("https://elsewhere.test/", "/"), ("/\\elsewhere", "/")],
)
def test_the_login_leads_back_to_a_page_of_ours_and_nowhere_else(
    visitor_desk: Desk, office: SmallWorld, clerk: Actor, path: str, end: str
) -> None:
    answer = visitor_desk.post("/login", data=fields(office, clerk, next=path), follow_redirects=False)

    assert answer.headers["location"] == end


def test_a_wrong_password_is_told_without_saying_what_was_wrong(
    visitor_desk: Desk, office: SmallWorld, clerk: Actor
) -> None:
    page = visitor_desk.post("/login", data=fields(office, clerk, password="wrong"))  # noqa: S106 -- it is wrong

    assert page.status_code == 422
    assert "ログイン名、パスワード、認証コードのいずれかが正しくありません" in page.text
    assert f'value="{clerk.login}"' in page.text
    assert "wrong" not in page.text


def test_a_used_code_is_refused_and_says_to_wait(visitor_desk: Desk, office: SmallWorld, clerk: Actor) -> None:
    visitor_desk.post("/login", data=fields(office, clerk))
    visitor_desk.cookies.clear()

    assert "使用済み" in visitor_desk.post("/login", data=fields(office, clerk)).text


def test_a_locked_login_says_until_when(visitor_desk: Desk, office: SmallWorld, clerk: Actor) -> None:
    for _ in range(5):
        page = visitor_desk.post("/login", data=fields(office, clerk, password="wrong"))  # noqa: S106 -- it is wrong

    assert page.status_code == 429
    assert "令和8年4月1日 9時15分まで受け付けません" in page.text


def test_logging_out_ends_the_session_on_the_server(desk: Callable[..., Desk]) -> None:
    client = desk("insurer_clerk")
    token = client.cookies["himozuke"]

    page = client.submit("/logout")

    assert "ログアウトしました" in page.text
    client.cookies.set("himozuke", token, domain="desk.test")
    assert client.get("/", follow_redirects=False).status_code == 303


def test_after_thirty_idle_minutes_a_page_asks_for_the_login_and_leads_back(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    client = desk("administrator")
    office.clock.set(office.clock.now() + timedelta(minutes=30))

    page = client.get("/administration/users?from=x")

    assert page.url.path == "/login"
    assert "30分以上操作がなかったため" in page.text
    assert 'value="/administration/users?from=x"' in page.text


def test_a_form_sent_too_late_is_kept_sealed_and_offered_after_the_login(
    desk: Callable[..., Desk], office: SmallWorld, clerk: Actor
) -> None:
    client = desk("insurer_clerk")
    office.clock.set(office.clock.now() + timedelta(minutes=31))

    asked = client.submit("/logout", {"kanji_name": "紐付 花子", "kinds": ["a", "b"]})

    assert asked.status_code == 401
    assert "送信した内容は失われていません" in asked.text
    assert "紐付 花子" not in asked.text  # the screen may have been left
    kept = asked.text.split('name="kept" value="')[1].split('"')[0]

    offered = client.post("/login", data=fields(office, clerk, kept=kept))

    assert "入力の続き</h1>" in offered.text
    assert 'action="/logout"' in offered.text
    assert 'name="kanji_name" value="紐付 花子"' in offered.text
    assert offered.text.count('name="kinds"') == 2
    assert form_token.token_for(client.cookies["himozuke"]) in offered.text


def test_what_somebody_typed_is_offered_to_nobody_else(
    desk: Callable[..., Desk], office: SmallWorld, clerk: Actor
) -> None:
    client = desk("municipality_clerk")
    office.clock.set(office.clock.now() + timedelta(minutes=31))
    asked = client.submit("/logout", {"kanji_name": "紐付 花子"})
    kept = asked.text.split('name="kept" value="')[1].split('"')[0]

    page = client.post("/login", data=fields(office, clerk, kept=kept))

    assert page.url.path == "/"
    assert "紐付 花子" not in page.text


def test_a_kept_form_that_was_altered_is_dropped(visitor_desk: Desk, office: SmallWorld, clerk: Actor) -> None:
    page = visitor_desk.post("/login", data=fields(office, clerk, kept="AAAA"))

    assert page.url.path == "/"


def test_progress_that_a_page_asks_for_by_itself_reloads_the_page_when_the_session_is_over(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    client = desk("insurer_clerk")
    office.clock.set(office.clock.now() + timedelta(minutes=31))

    answer = client.get("/", headers={"HX-Request": "true"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["hx-refresh"]) == (200, "true")


def test_the_language_is_chosen_on_any_page_and_kept(visitor_desk: Desk) -> None:
    page = visitor_desk.get("/language/en?back=/help/keys")

    assert page.url.path == "/help/keys"
    assert '<html lang="en">' in page.text
    assert visitor_desk.get("/language/xx?back=//elsewhere.test").url.path == "/login"
    assert '<html lang="en">' in visitor_desk.get("/login").text


def test_an_unknown_page_is_a_page_and_an_unknown_operation_a_problem(desk: Callable[..., Desk]) -> None:
    client = desk("insurer_clerk")

    page, problem = client.get("/nothing"), client.get("/api/v1/nothing")

    assert (page.status_code, problem.status_code) == (404, 404)
    assert "ページが見つかりません</h1>" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == 404


def test_the_users_of_a_demo_are_offered_with_a_code_that_holds_again_and_again(
    clerk: Actor, wired: Office, tmp_path: Path
) -> None:
    user = {
        "role": "insurer_clerk",
        "organisation": "ひもづけ健康保険組合",
        "login": clerk.login,
        "password": PASSWORD,
        "totp_secret": SECRET,
    }
    (tmp_path / "demo.json").write_text(json.dumps({"users": [user]}), "utf-8")
    demo = replace(wired, settings=Settings(data=tmp_path))

    with Desk(create_app(demo), base_url="http://desk.test") as client:
        for _ in range(2):
            client.cookies.clear()
            form = client.get("/login").text.split("デモの利用者")[1]
            offered = {name: form.split(f'name="{name}" value="')[1].split('"')[0] for name in ("login", "totp")}
            page = client.post("/login", data={"password": PASSWORD, **offered})

            assert page.url.path == "/"


def test_where_there_is_no_demo_nobody_is_offered(visitor_desk: Desk) -> None:
    assert "デモの利用者" not in visitor_desk.get("/login").text
