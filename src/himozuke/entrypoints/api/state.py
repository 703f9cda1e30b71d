"""What watches the program asks: alive, ready, and figures."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar.handlers import HTTPRouteHandler

from himozuke.entrypoints.web.routes import PUBLIC, endpoint


class Alive(msgspec.Struct, frozen=True):
    """The program answers."""

    status: Literal["ok"] = "ok"


@endpoint("GET", "/health", roles=PUBLIC, tags=["state"])
def health() -> Alive:
    """Tell that the program is alive; asks nothing of the database."""
    return Alive()


HANDLERS: tuple[HTTPRouteHandler, ...] = (health,)
