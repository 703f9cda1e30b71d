"""How a handler is declared: what it answers, and who may call it.

Every handler carries ``opt["roles"]``: a set of roles, or ``PUBLIC``. The guard of the application
refuses a call by anybody else, and refuses every handler that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial, wraps
from inspect import cleandoc
from typing import Annotated, Any, Literal, get_origin, get_type_hints

from anyio import to_thread
from litestar import MediaType
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.types import AnyCallable

from himozuke.entrypoints.api.problem import refusals
from himozuke.ports.actor import Role

PUBLIC: frozenset[str] = frozenset({"public"})
"""Said by handlers that need no login: the login itself, health, static files."""

EVERYBODY: frozenset[Role] = frozenset(Role)
"""Every role; somebody must have logged in all the same."""

MOST_BYTES_OF_A_FORM = 2 * 1024 * 1024

_OF_EVERYBODY = (400, 503)
_OF_MEMBERS = (400, 401, 403, 404, 503)
_OF_CHANGES = (409, 413, 415, 422)
_GIVEN = frozenset({"desk", "form", "caller"})
_KNOWN_TO_LITESTAR = frozenset({"return", "data", "request", "body", "headers", "cookies", "query", "state", "scope"})

Roles = Collection[Role] | frozenset[str]
Declare = Callable[[AnyCallable], HTTPRouteHandler]
Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def page(path: str, *, roles: Roles, **options: Any) -> Declare:  # noqa: ANN401 -- what Litestar takes
    """A page for people: ``GET``, answered with ``desk.render``."""
    return _declare("GET", path, roles, media_type=MediaType.HTML, include_in_schema=False, **options)


def fragment(path: str, *, roles: Roles, **options: Any) -> Declare:  # noqa: ANN401 -- what Litestar takes
    """A piece of a page that htmx asks for again and again; it does not count as activity of the user."""
    opt = {"is_idle": True, **options.pop("opt", {})}
    return _declare("GET", path, roles, media_type=MediaType.HTML, include_in_schema=False, opt=opt, **options)


def form_post(
    path: str,
    *,
    roles: Roles,
    most_bytes: int = MOST_BYTES_OF_A_FORM,
    **options: Any,  # noqa: ANN401 -- what Litestar takes
) -> Declare:
    """What a form is sent to: ``POST``, answered with ``desk.redirect``, or 422 and the page again.

    The form's token is checked before the handler runs (``form_token.py``).
    """
    opt = {"is_form": True, **options.pop("opt", {})}
    return _declare(
        "POST",
        path,
        roles,
        status_code=200,
        media_type=MediaType.HTML,
        include_in_schema=False,
        opt=opt,
        request_max_body_size=most_bytes,
        **options,
    )


def endpoint(verb: Verb, path: str, *, roles: Roles, **options: Any) -> Declare:  # noqa: ANN401 -- what Litestar takes
    """An operation of the HTTP interface, described in OpenAPI; ``path`` begins with ``/api/v1``.

    The docstring of the handler is its description; the refusals every operation can answer with are
    added to ``responses``.
    """
    opt = {"is_api": True, **options.pop("opt", {})}
    is_open = frozenset(roles) == PUBLIC
    expected = _OF_EVERYBODY if is_open else _OF_MEMBERS
    responses = {**refusals(*expected, *(_OF_CHANGES if verb != "GET" else ())), **options.pop("responses", {})}
    security: list[dict[str, list[str]]] = [{}] if is_open else [{"key": []}, {"session": []}]
    who = "everybody" if is_open else ", ".join(sorted(str(role) for role in roles))

    def declare(handler: AnyCallable) -> HTTPRouteHandler:
        said = {
            "description": f"{cleandoc(handler.__doc__ or '')}\n\nWho: {who}.",
            "response_description": "Done.",
            **options,
        }
        return _declare(verb, path, roles, opt=opt, responses=responses, security=security, **said)(handler)

    return declare


def _declare(verb: Verb, path: str, roles: Roles, **options: Any) -> Declare:  # noqa: ANN401 -- what Litestar takes
    opt = {**options.pop("opt", {}), "roles": frozenset(roles)}

    def declare(handler: AnyCallable) -> HTTPRouteHandler:
        _say_where_from(path, handler)
        return HTTPRouteHandler(path, http_method=HttpMethod(verb), opt=opt, **options)(_on_a_thread(handler))

    return declare


def _on_a_thread(handler: AnyCallable) -> AnyCallable:
    """Run a handler on a thread of its own, since it waits for the database.

    Litestar's ``sync_to_thread`` wraps a handler twice when another verb is registered on its path.
    """

    @wraps(handler)
    async def run(**arguments: object) -> object:
        return await to_thread.run_sync(partial(handler, **arguments))

    return run


def _say_where_from(path: str, handler: AnyCallable) -> None:
    """Spell out for Litestar where each parameter comes from: the path, what the application gives, the query."""
    in_path = set(re.findall(r"{(\w+):", path))
    hints = get_type_hints(handler, include_extras=True)
    for name, hint in hints.items():
        if name in _KNOWN_TO_LITESTAR or get_origin(hint) is Annotated:
            continue
        if name in _GIVEN:
            hints[name] = NamedDependency[hint]  # type: ignore[misc,valid-type]
        elif name in in_path:
            hints[name] = FromPath[hint]  # type: ignore[misc,valid-type]
        else:  # a name that Litestar keeps for itself is written with a stroke behind it: state_
            hints[name] = Annotated[hint, QueryParameter(name=name.removesuffix("_"))]
    handler.__annotations__ = hints
