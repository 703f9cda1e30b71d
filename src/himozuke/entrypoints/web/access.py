"""Who is calling, and whether this handler is open to them."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from himozuke.accounts.model import Resumed, SessionState, Visitor
from himozuke.entrypoints.web.form_gate import is_idle_form
from himozuke.entrypoints.web.form_token import check_origin, session_token
from himozuke.entrypoints.web.routes import PUBLIC
from himozuke.entrypoints.wiring import Office
from himozuke.errors import HimozukeError, NotAllowedError
from himozuke.ports.actor import Actor

AnyConnection = ASGIConnection[Any, Any, Any, Any]
_BEARER = "bearer "


class LoginNeededError(HimozukeError):
    """Nobody is logged in, or the session was idle too long (``is_idle``, then also whose it was)."""

    http_status = 401

    def __init__(self, *, is_idle: bool, login: str = "") -> None:
        super().__init__("Log in first.")
        self.is_idle = is_idle
        self.login = login


class Recognition(AbstractAuthenticationMiddleware):
    """Finds out who stands behind a session cookie or a key, before any handler runs."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        super().__init__(app)
        self.office = office

    async def authenticate_request(self, connection: AnyConnection) -> AuthenticationResult:
        """Name the visitor, or nobody; ``auth`` keeps what became of the session."""
        opt = connection.scope["route_handler"].opt
        if opt.get("is_static"):
            return AuthenticationResult(user=None, auth=None)
        key = connection.headers.get("authorization", "")
        if opt.get("is_api") and key.lower().startswith(_BEARER):
            visitor = await to_thread.run_sync(self._recognise, key[len(_BEARER) :].strip())
            return AuthenticationResult(user=visitor, auth="key")
        token = session_token(connection)
        if not token:
            return AuthenticationResult(user=None, auth=None)
        ask = partial(self._resume, token, is_activity=not opt.get("is_idle"))
        resumed = await to_thread.run_sync(ask)
        return AuthenticationResult(user=resumed.visitor, auth=resumed)

    def _recognise(self, key: str) -> Visitor | None:
        with self.office.work(Actor.system("login")) as work:
            return work.logins.recognise(key)

    def _resume(self, token: str, *, is_activity: bool) -> Resumed:
        with self.office.work(Actor.system("login")) as work:
            return work.logins.resume(token, is_activity=is_activity)


def admit(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Let the visitor through to the handler, or not.

    LoginNeededError when nobody is logged in; NotAllowedError when the visitor's role is not named, when
    the request was sent from somebody else's page, and when the handler names nobody at all.
    """
    roles = handler.opt.get("roles")
    if not roles:
        raise NotAllowedError("This page says of nobody that they may see it.")
    if connection.scope.get("auth") != "key":
        check_origin(connection)
    if roles == PUBLIC:
        return
    visitor = connection.scope.get("user")
    if not isinstance(visitor, Visitor):
        resumed = connection.scope.get("auth")
        if is_idle_form(handler.opt, resumed):
            return  # the gate of forms keeps what was typed and asks for the login
        is_idle = isinstance(resumed, Resumed) and resumed.state is SessionState.IDLE
        raise LoginNeededError(is_idle=is_idle, login=resumed.login if isinstance(resumed, Resumed) else "")
    if visitor.role not in roles:
        raise NotAllowedError(f"The role {visitor.role.value} may not do this.")
