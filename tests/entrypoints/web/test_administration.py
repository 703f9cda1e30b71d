"""The first start, and what the administrator does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk

from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor

PASSWORD = "山の上の小さな赤い家に住む"  # noqa: S105 -- synthetic


def chosen(page: str, office: SmallWorld) -> dict[str, str]:
    """Password and second factor as somebody before this page would fill them in."""
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    offered = re.search(r'name="offered" value="([^"]+)"', page)
    assert secret
    assert offered
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(office.clock.now())
    return {"password": PASSWORD, "password_again": PASSWORD, "offered": offered[1], "totp": code}


def offer(wired: Office) -> str:
    with wired.work(Actor.system("setup")) as work:
        return work.setup.offer() or ""


def test_the_first_start_makes_an_administrator_who_can_log_in_after_the_code_has_changed(
    visitor_desk: Desk, office: SmallWorld, wired: Office
) -> None:
    token = offer(wired)
    page = visitor_desk.get(f"/setup?token={token}").text
    fields = chosen(page, office)

    ended = visitor_desk.post("/setup", data={**fields, "token": token, "login": "kanri", "display_name": "管理 太郎"})

    assert ended.url.path == "/login"
    assert "登録が終わりました" in ended.text
    assert "初期設定は済んでいます" in visitor_desk.get("/setup").text
    assert_audited_ever(office, "accounts.enrol")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"token": "wrong"}, "この初期設定コードは使えません"),
        ({"password": "short", "password_again": "short"}, "12文字以上"),
        ({"password_again": "another"}, "2回の入力が一致しません"),
        ({"totp": "000000"}, "認証コードが正しくありません"),
        ({"offered": "AAAA"}, "画面が古くなりました"),
        ({"login": ""}, "ログイン名を入力してください"),
    ],
)
def test_what_is_wrong_at_the_first_start_is_told_and_nothing_is_made(
    visitor_desk: Desk, office: SmallWorld, wired: Office, changed: dict[str, str], said: str
) -> None:
    token = offer(wired)
    fields = chosen(visitor_desk.get("/setup").text, office)
    whole = {**fields, "token": token, "login": "kanri", "display_name": "管理 太郎", **changed}

    page = visitor_desk.post("/setup", data=whole)

    assert page.status_code == 422
    assert said in page.text
    assert PASSWORD not in page.text
    assert offer(wired)


def test_an_invited_user_chooses_password_and_second_factor_and_comes_in(
    desk: Callable[..., Desk], visitor_desk: Desk, office: SmallWorld
) -> None:
    administrator = desk("administrator")
    invitation = administrator.submit(
        "/administration/users/new",
        {"login": "hanaoka", "display_name": "花岡", "role": "insurer_clerk", "organisation": str(office.insurer)},
    ).text
    address = re.search(r"http://desk\.test(/enrol\?code=[0-9a-f]+)", invitation)
    assert address
    page = visitor_desk.get(address[1]).text
    assert "ひもづけ健康保険組合" in page

    ended = visitor_desk.post("/enrol", data={**chosen(page, office), "code": address[1].split("code=")[1]})

    assert ended.url.path == "/login"
    assert visitor_desk.get(address[1]).status_code == 410
    assert "利用中" in administrator.get("/administration/users").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"login": "taken"}, "このログイン名は使われています"),
        ({"role": "employer"}, "この種類の組織の利用者は、この役割を持てません"),
        ({"role": "citizen"}, "一覧にない値です"),
        ({"organisation": ""}, "組織を選んでください"),
    ],
)
def test_a_user_who_cannot_be_taken_up_is_told_why(
    desk: Callable[..., Desk], office: SmallWorld, changed: dict[str, str], said: str
) -> None:
    administrator = desk("administrator")
    fields = {"login": "taken", "display_name": "花岡", "role": "insurer_clerk", "organisation": str(office.insurer)}
    administrator.submit("/administration/users/new", fields)

    page = administrator.submit("/administration/users/new", {**fields, "login": "new", **changed})

    assert page.status_code == 422
    assert said in page.text


def test_stopping_a_user_ends_the_sessions_at_once(desk: Callable[..., Desk], office: SmallWorld) -> None:
    clerk, administrator = desk("insurer_clerk"), desk("administrator")
    user_id = office.actor("insurer_clerk").user_id

    administrator.submit(
        f"/administration/users/{user_id}", {"display_name": "花岡", "role": "insurer_clerk", "is_active": "0"}
    )

    assert clerk.get("/", follow_redirects=False).status_code == 303
    assert_audited_ever(office, "accounts.change_user")


def test_administrators_do_not_change_themselves(desk: Callable[..., Desk], office: SmallWorld) -> None:
    administrator = desk("administrator")
    path = f"/administration/users/{office.actor('administrator').user_id}"

    page = administrator.submit(path, {"display_name": "管理", "role": "administrator", "is_active": "0"})

    assert page.status_code == 422
    assert "ご自分の役割や利用は変更できません" in page.text


def test_a_key_is_shown_once_and_works_until_it_is_made_void(
    desk: Callable[..., Desk], visitor_desk: Desk, office: SmallWorld
) -> None:
    administrator = desk("administrator")
    clerk = office.actor("insurer_clerk").user_id
    page = administrator.submit("/administration/keys", {"name": "健保システム", "user": str(clerk)}).text
    found = re.search(r'<code class="secret">(hmz_[\w-]+)</code>', page)
    assert found
    assert found[1] not in administrator.get("/administration/keys").text

    def ask() -> int:
        return visitor_desk.get("/api/v1/cases", headers={"Authorization": f"Bearer {found[1]}"}).status_code

    assert ask() == 200
    administrator.submit("/administration/keys/1/revocation")
    assert ask() == 401


def test_an_organisation_is_taken_up_once_under_its_code(desk: Callable[..., Desk]) -> None:
    administrator = desk("administrator")
    fields = {"code": "06130012", "name": "あたらしい健康保険組合", "kind": "insurer"}

    assert "あたらしい健康保険組合" in administrator.submit("/administration/organisations", fields).text
    assert "ほかの組織が使っています" in administrator.submit("/administration/organisations", fields).text


def test_a_user_nobody_has_is_not_found(desk: Callable[..., Desk]) -> None:
    administrator = desk("administrator")

    assert administrator.get("/administration/users/999999").status_code == 404
    assert administrator.submit("/administration/users/999999/invitation").status_code == 404
    assert administrator.submit("/administration/keys/999999/revocation").status_code == 404


def test_the_form_of_the_styleguide_reads_like_a_real_one(desk: Callable[..., Desk]) -> None:
    administrator = desk("administrator")
    whole: dict[str, Any] = {
        "kanji_name": "紐付 花子",
        "kana_name": "ひもづけ はなこ",
        "birth_date": "S50.1.12",
        "sex": "2",
        "address": "紐付市一番町1",
        "scheme": "health_insurance",
    }

    assert "受け付けました" in administrator.submit("/styleguide", whole).text
    page = administrator.submit("/styleguide", {**whole, "birth_date": "昭和65年1月1日"})
    assert page.status_code == 422
    assert '<a href="#field-birth_date">' in page.text
    assert 'value="昭和65年1月1日"' in page.text
    assert "<title>エラー：" in page.text
