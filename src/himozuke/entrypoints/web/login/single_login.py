"""Logging in through the identity provider of somebody's organisation."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from himozuke.accounts.model import LoginResult
from himozuke.entrypoints.web.desk import Desk, own_path
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.login import is_https, login_page, welcome
from himozuke.entrypoints.web.routes import PUBLIC, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import HimozukeError, InputRejectedError, NotAllowedError, NotFoundError
from himozuke.gateways.identity_provider import IdentityProviderClient, LoginBegun
from himozuke.ports.actor import Actor

_COOKIE = "himozuke-single-login"
_PURPOSE = "single_login"
_TEN_MINUTES = 600


@page("/login/oidc", roles=PUBLIC)
def go_to_provider(desk: Desk, next: str = "/") -> Response[Any]:
    """Send somebody to the provider, remembering where they wanted to go."""
    provider = _provider(desk)
    try:
        begun = provider.begin(_return_to(desk))
    except HimozukeError:
        return _failed(desk, next, _DOWN)
    content = json.dumps({**asdict(begun), "next": own_path(next)}).encode()
    sealed = base64.urlsafe_b64encode(desk.office.vault.box.seal(content, purpose=_PURPOSE)).decode()
    response: Response[Any] = Response(None, status_code=303, media_type="text/plain", headers={"Location": begun.url})
    response.set_cookie(
        Cookie(
            key=_COOKIE,
            value=sealed,
            path="/login",
            max_age=_TEN_MINUTES,
            httponly=True,
            secure=is_https(desk.request),
            samesite="lax",  # the way back is a link from the provider's page
        )
    )
    return response


@page("/login/oidc/return", roles=PUBLIC)
def come_back(desk: Desk, code: str = "", state_: str = "") -> Response[Any]:
    """Let somebody in on the provider's word."""
    provider = _provider(desk)
    try:
        remembered = _remembered(desk)
        begun = LoginBegun(**{name: remembered[name] for name in ("url", "state", "nonce", "verifier")})
        if not hmac.compare_digest(begun.state, state_) or not code:
            return _failed(desk, remembered["next"], _NOT_GOOD)
        login = provider.finish(code, begun=begun, return_to=_return_to(desk), now=desk.office.clock.now())
    except (InputRejectedError, NotAllowedError):
        return _failed(desk, "/", _NOT_GOOD)
    except HimozukeError:
        return _failed(desk, "/", _DOWN)
    with desk.office.work(Actor.system("login")) as work:
        answer = work.logins.let_in_by_login(login)
    if answer.result is not LoginResult.WELCOME:
        return _failed(desk, remembered["next"], _UNKNOWN)
    response = welcome(desk, answer, next_path=remembered["next"])
    response.delete_cookie(_COOKIE, path="/login")
    return response


_DOWN = Said(
    "組織の認証基盤が応答しません。時間をおいてお試しいただくか、パスワードと認証コードでログインしてください。",
    "The login of your organisation does not answer. Try later, or log in with password and code.",
)
_NOT_GOOD = Said(
    "組織の認証基盤でのログインを確認できませんでした。もう一度お試しください。",
    "The login of your organisation could not be confirmed. Please try again.",
)
_UNKNOWN = Said(
    "このシステムの利用者として登録されていません。管理者に登録を依頼してください。",
    "You are not a user of this system. Ask your administrator to take you up.",
)


def _provider(desk: Desk) -> IdentityProviderClient:
    provider = desk.office.identity_provider
    if provider is None:
        raise NotFoundError("No identity provider is set.")
    return provider


def _return_to(desk: Desk) -> str:
    return str(desk.request.base_url).rstrip("/") + "/login/oidc/return"


def _remembered(desk: Desk) -> dict[str, str]:
    try:
        sealed = base64.urlsafe_b64decode(desk.request.cookies.get(_COOKIE, ""))
        content: dict[str, str] = json.loads(desk.office.vault.box.open(sealed, purpose=_PURPOSE))
    except ValueError:
        raise InputRejectedError("The login was begun in another browser, or too long ago.") from None
    return content


def _failed(desk: Desk, next_path: str, said: Said) -> Response[Any]:
    form = Form.of(next=own_path(next_path))
    form.errors[""] = said
    return login_page(desk, form)


HANDLERS = (go_to_provider, come_back)
