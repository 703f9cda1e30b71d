"""Logging in and out; the session's cookie; the language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from himozuke.accounts.model import LoginAnswer, LoginResult
from himozuke.accounts.service import Credentials
from himozuke.entrypoints.web import kept_form
from himozuke.entrypoints.web.desk import LANGUAGE_COOKIE, Desk, own_path
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.login.demo_users import demo_users
from himozuke.entrypoints.web.rendering import moment
from himozuke.entrypoints.web.routes import EVERYBODY, PUBLIC, form_post, fragment, page
from himozuke.entrypoints.web.said import LANGUAGES, Said
from himozuke.ports.actor import Actor

ONE_YEAR = 31536000
_STATUS = {LoginResult.LOCKED: 429, LoginResult.TOO_MANY: 429}


@page("/login", roles=PUBLIC)
def show_login(desk: Desk, next: str = "/", idle: int = 0) -> Response[Any]:
    """The login; somebody who is logged in goes on to where they wanted."""
    if desk.visitor:
        return desk.redirect(next)
    return login_page(desk, Form.of(next=own_path(next)), is_idle=bool(idle))


@form_post("/login", roles=PUBLIC, opt={"is_login": True})
def log_in(desk: Desk, form: Form) -> Response[Any]:
    """Let somebody in, and back to where they were; a form that waited for the login is offered again."""
    given = Credentials(
        form.value("login").strip(), form.value("password"), form.value("totp"), address_of(desk.request)
    )
    with desk.office.work(Actor.system("login")) as work:
        answer = work.logins.log_in(given)
    if answer.result is not LoginResult.WELCOME:
        form.errors[""] = _refusal(answer)
        return login_page(desk, form, status=_STATUS.get(answer.result, 422))
    return welcome(desk, answer, next_path=form.value("next"), kept=form.value("kept"))


def welcome(desk: Desk, answer: LoginAnswer, *, next_path: str, kept: str = "") -> Response[Any]:
    """The answer to a login that succeeded, by whatever way: the cookie, and the way on."""
    token, visitor = answer.token or "", answer.visitor
    typed = kept_form.open_kept(desk.office, kept, visitor.account.login) if kept and visitor else None
    if typed is None:
        response: Response[Any] = desk.redirect(next_path or "/")
    else:
        response = kept_form.offer(desk, typed, token)
    response.set_cookie(session_cookie(desk.request, token))
    return response


@form_post("/logout", roles=EVERYBODY)
def log_out(desk: Desk) -> Response[Any]:
    """End the session, on the server as well."""
    visitor = desk.visitor
    with desk.office.work(Actor.system("login")) as work:
        if visitor:
            work.logins.log_out(visitor)
    response = desk.redirect("/login", notice="logged_out")
    response.delete_cookie(cookie_name(desk.request))
    return response


@fragment("/session/go-on", roles=EVERYBODY, opt={"is_idle": False})
def go_on(desk: Desk) -> Response[Any]:
    """Somebody is still there: the button of the warning before logging out."""
    assert desk.visitor  # noqa: S101 -- the guard let nobody else through
    return Response("", status_code=200, media_type="text/plain")


@page("/language/{language:str}", roles=PUBLIC)
def choose_language(desk: Desk, language: str, back: str = "/") -> Response[Any]:
    """Remember the language in a cookie and go back to the page."""
    response = desk.redirect(back)
    if language in LANGUAGES:
        response.set_cookie(
            Cookie(key=LANGUAGE_COOKIE, value=language, max_age=ONE_YEAR, samesite="lax", secure=is_https(desk.request))
        )
    return response


def address_of(request: Request[Any, Any, Any]) -> str:
    """The address a request came from."""
    return request.client.host if request.client else ""


def cookie_name(request: Request[Any, Any, Any]) -> str:
    """``__Host-`` where https lets the browser hold us to it."""
    return "__Host-himozuke" if is_https(request) else "himozuke"


def session_cookie(request: Request[Any, Any, Any], token: str) -> Cookie:
    """The cookie of a session: gone with the browser, never read by scripts, never sent along from elsewhere."""
    return Cookie(key=cookie_name(request), value=token, httponly=True, secure=is_https(request), samesite="lax")


def is_https(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the browser speaks https to us (or to the proxy before us)."""
    return request.url.scheme == "https"


def login_page(desk: Desk, form: Form, *, status: int = 200, is_idle: bool = False) -> Response[str]:
    """The login; ``is_idle`` says why somebody is asked again."""
    settings = desk.office.settings
    oidc = settings.oidc_name if settings.oidc_issuer else ""
    users = demo_users(desk.office)
    return desk.render("login.html", status=status, form=form, is_idle=is_idle, oidc=oidc, demo_users=users)


def _refusal(answer: LoginAnswer) -> Said:
    if answer.locked_until is not None:
        return _locked(answer.locked_until)
    if answer.result is LoginResult.REPLAYED:
        return Said(
            "この認証コードは使用済みです。次のコードが表示されるまで（最長30秒）待って、入力してください。",
            "This code has been used already. Wait for the next one (30 seconds at most) and enter it.",
        )
    return Said(
        "ログイン名、パスワード、認証コードのいずれかが正しくありません。",
        "The login, the password or the code is not right.",
    )


def _locked(until: datetime) -> Said:
    return Said(
        f"ログインの失敗が続いたため、{moment(until, 'ja')}まで受け付けません。時間をおいてもう一度お試しください。"
        "お急ぎの場合は、管理者に連絡してください。",
        f"There were too many failures; this login is closed until {moment(until, 'en')}. "
        "Try again later, or call your administrator.",
    )


HANDLERS = (show_login, log_in, log_out, go_on, choose_language)
