"""What happens to every form before its handler: the session must hold, and the form must be of that session."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from himozuke.accounts.model import Resumed, SessionState, Visitor
from himozuke.entrypoints.web import kept_form
from himozuke.entrypoints.web.form_token import check_token
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.login import login_page
from himozuke.entrypoints.web.routes import PUBLIC


def is_idle_form(opt: dict[str, Any], auth: object) -> bool:
    """Tell whether this is a form of a session that went idle: it is kept, not refused."""
    return bool(opt.get("is_form")) and isinstance(auth, Resumed) and auth.state is SessionState.IDLE


async def admit_form(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Let a form through (and everything that is none), or answer it with the login that keeps what was typed.

    NotAllowedError for a form without the token of its session.
    """
    opt = request.scope["route_handler"].opt
    if not opt.get("is_form") or opt["roles"] == PUBLIC:
        return None
    if isinstance(request.scope.get("user"), Visitor):
        await check_token(request)
        return None
    desk = request.app.state.make_desk(request)
    resumed: Resumed = request.scope["auth"]
    kept = await kept_form.keep(desk.office, request, resumed.login)
    form = Form.of(login=resumed.login, next="/", kept=kept or None)
    return login_page(desk, form, status=401, is_idle=True)
