"""Forms are taken only from our own pages: where the request comes from, and a token in every form.

Browsers say of every form where it was sent from (``Sec-Fetch-Site``, else ``Origin``). A request that
says neither comes from a program, which no foreign page can steer. The token ties a form to its session.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from markupsafe import Markup

from himozuke.errors import NotAllowedError

FIELD = "form_token"
HEADER = "x-form-token"
COOKIES = ("__Host-himozuke", "himozuke")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LABEL = b"himozuke form token"

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def session_token(connection: AnyConnection) -> str:
    """The token of the session, as the browser sent it; empty without one."""
    return next((connection.cookies[name] for name in COOKIES if connection.cookies.get(name)), "")


def issue(connection: AnyConnection) -> str:
    """The token every form of this session carries; empty where nobody is logged in."""
    return token_for(session_token(connection))


def token_for(session: str) -> str:
    """The token that belongs to a session's own token; empty for none."""
    return hmac.new(session.encode(), _LABEL, hashlib.sha256).hexdigest() if session else ""


def field(connection: AnyConnection) -> Markup:
    """The hidden field of a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, issue(connection))


def check_origin(connection: AnyConnection) -> None:
    """Refuse what a page of somebody else sent; NotAllowedError."""
    if connection.scope.get("method", "GET") in _SAFE:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise NotAllowedError("This form was sent from a page of another site, and was not taken.")
        return
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise NotAllowedError("This form was sent from a page of another site, and was not taken.")


async def check_token(request: Request[Any, Any, Any]) -> None:
    """Refuse a form without the token of its session; NotAllowedError."""
    expected = issue(request)
    given = request.headers.get(HEADER) or str((await request.form()).get(FIELD, ""))
    if not hmac.compare_digest(expected, given):
        raise NotAllowedError("This form is not of this session. Open the page again and send it once more.")
