"""The handlers of the application, one by one, for tests that walk all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from himozuke.entrypoints.web.routes import PUBLIC
from himozuke.ports.actor import Role

_BY_TYPE = {"int": "987654321", "str": "x", "date": "2026-04-01", "uuid": "00000000-0000-0000-0000-000000000000"}


@dataclass(frozen=True)
class Entry:
    """One verb on one path. ``address`` is a path of the kind, with ids that nobody has."""

    verb: str
    path: str
    handler: HTTPRouteHandler

    @property
    def opt(self) -> dict[str, Any]:
        return self.handler.opt

    @property
    def roles(self) -> frozenset[Any]:
        return frozenset(self.opt.get("roles", ()))

    @property
    def is_public(self) -> bool:
        return self.roles == PUBLIC

    @property
    def is_page(self) -> bool:
        return self.verb == "GET" and not any(self.opt.get(name) for name in ("is_api", "is_static", "is_idle"))

    @property
    def address(self) -> str:
        return re.sub(r"{\w+:(\w+)}", lambda found: _BY_TYPE.get(found[1], "x"), self.path)

    def admits(self, role: Role) -> bool:
        return self.is_public or role in self.roles


def entries(app: Litestar) -> Iterator[Entry]:
    """Every verb of every path that people or programs can call."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for verb in sorted(handler.http_methods):
                    if verb in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                        yield Entry(str(verb), route.path, handler)
