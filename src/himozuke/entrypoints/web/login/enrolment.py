"""How somebody chooses a password and a second factor: at the first start, and by invitation."""

from __future__ import annotations

import base64
import io
from typing import Any

import pyotp
import segno
from litestar import Response
from markupsafe import Markup

from himozuke.accounts.administration import new_totp_secret
from himozuke.accounts.decide import password_faults
from himozuke.accounts.model import Account
from himozuke.accounts.setup import FirstAdministrator
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import PUBLIC, form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import InputRejectedError
from himozuke.ports.actor import Actor

PURPOSE = "totp_offer"
_ISSUER = "himozuke"
_LOGIN = Said("ログイン名", "login")
_NAME = Said("氏名", "name")
_PASSWORD = Said("パスワード", "password")
_CODE = Said("認証コード", "code")


@page("/setup", roles=PUBLIC)
def show_setup(desk: Desk, token: str = "") -> Response[Any]:
    """The page of the first start; afterwards it only says that the installation is set up."""
    if _is_set_up(desk):
        return desk.render("enrolment/done.html")
    return _setup_page(desk, Form.of(token=token))


@form_post("/setup", roles=PUBLIC)
def set_up(desk: Desk, form: Form) -> Response[Any]:
    """Make the first administrator."""
    if _is_set_up(desk):
        return desk.render("enrolment/done.html")
    secret = _offered(desk, form)
    login, name = form.text("login", label=_LOGIN, most=60), form.text("display_name", label=_NAME, most=60)
    office_name = form.text("office_name", most=100) or desk.say("システム管理", "System administration")
    password = _new_password(form, login)
    form.text("totp", label=_CODE, most=20)
    with desk.office.work(Actor.system("setup")) as work:
        if not form.errors and not work.setup.holds(form.value("token")):
            form.wrong(
                "token",
                "この初期設定コードは使えません。プログラムを起動し直すと、新しいコードが表示されます。",
                "This setup code does not hold. Start the program again: it prints a new one.",
            )
        if not form.errors:
            first = FirstAdministrator(office_name, login, name, password, secret, form.value("totp"))
            if not work.setup.set_up(form.value("token"), first):
                _wrong_code(form)
    return _setup_page(desk, form, secret) if form.errors else desk.redirect("/login", notice="enrolled")


@page("/enrol", roles=PUBLIC)
def show_enrolment(desk: Desk, code: str = "") -> Response[Any]:
    """The page an invitation leads to."""
    account = _invited(desk, code)
    if account is None:
        return desk.render("enrolment/void.html", status=410)
    return _enrol_page(desk, Form.of(code=code), account)


@form_post("/enrol", roles=PUBLIC)
def enrol(desk: Desk, form: Form) -> Response[Any]:
    """Take password and second factor of somebody who was invited."""
    account = _invited(desk, form.value("code"))
    if account is None:
        return desk.render("enrolment/void.html", status=410)
    secret = _offered(desk, form)
    password = _new_password(form, account.login)
    form.text("totp", label=_CODE, most=20)
    if not form.errors:
        with desk.office.work(Actor.system("enrolment")) as work:
            invited = work.administration.invited(form.value("code"))
            if not work.administration.enrol(
                invited.user_id, password=password, totp_secret=secret, code=form.value("totp")
            ):
                _wrong_code(form)
    return _enrol_page(desk, form, account, secret) if form.errors else desk.redirect("/login", notice="enrolled")


def _is_set_up(desk: Desk) -> bool:
    with desk.office.work(Actor.system("setup")) as work:
        return work.administration.is_set_up()


def _invited(desk: Desk, code: str) -> Account | None:
    with desk.office.work(Actor.system("enrolment")) as work:
        try:
            return work.administration.invited(code)
        except InputRejectedError:
            return None


def _setup_page(desk: Desk, form: Form, secret: str = "") -> Response[Any]:
    return desk.render("enrolment/setup.html", form=form, **_second_factor(desk, secret, form.value("login")))


def _enrol_page(desk: Desk, form: Form, account: Account, secret: str = "") -> Response[Any]:
    return desk.render(
        "enrolment/enrol.html", form=form, account=account, **_second_factor(desk, secret, account.login)
    )


def _second_factor(desk: Desk, secret: str, login: str) -> dict[str, Any]:
    """What the page shows of a second factor: the secret, its picture, and the secret sealed for the form."""
    secret = secret or new_totp_secret()
    address = pyotp.TOTP(secret).provisioning_uri(name=login or "himozuke", issuer_name=_ISSUER)
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, xmldecl=False, svgns=True, omitsize=True)
    sealed = desk.office.vault.box.seal(secret.encode(), purpose=PURPOSE)
    return {
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "offered": base64.urlsafe_b64encode(sealed).decode(),
        "picture": Markup(drawn.getvalue().decode()),  # noqa: S704 -- drawn here from our own address
    }


def _offered(desk: Desk, form: Form) -> str:
    """The secret this form was shown with; nobody can send one of their own choice."""
    try:
        sealed = base64.urlsafe_b64decode(form.value("offered"))
        return desk.office.vault.box.open(sealed, purpose=PURPOSE).decode()
    except (ValueError, InputRejectedError):
        form.wrong(
            "totp", "画面が古くなりました。表示し直した内容で登録してください。", "This page was too old. Start again."
        )
        return ""


def _new_password(form: Form, login: str) -> str:
    password = form.value("password")
    if not password:
        form.wrong("password", f"{_PASSWORD.ja}を入力してください。", f"Enter: {_PASSWORD.en}.")
    for fault in password_faults(password, login):
        form.wrong("password", word("password_fault", fault, "ja"), word("password_fault", fault, "en"))
    if password != form.value("password_again"):
        form.wrong("password_again", "2回の入力が一致しません。", "The two are not the same.")
    return password


def _wrong_code(form: Form) -> None:
    form.wrong(
        "totp",
        "認証コードが正しくありません。認証アプリの時刻が合っているか確かめ、表示中のコードを入力してください。",
        "The code is not right. Check the clock of the authenticator and enter the code it shows.",
    )


HANDLERS = (show_setup, set_up, show_enrolment, enrol)
