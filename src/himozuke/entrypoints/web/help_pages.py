"""Pages about the desk itself: keys, accessibility."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.routes import PUBLIC, page


@page("/help/keys", roles=PUBLIC)
def keys(desk: Desk) -> Response[Any]:
    """What the keyboard does."""
    return desk.render("help/keys.html")


@page("/help/accessibility", roles=PUBLIC)
def accessibility(desk: Desk) -> Response[Any]:
    """How the desk is tested for accessibility, and whom to tell of an obstacle."""
    return desk.render("help/accessibility.html")


HANDLERS = (keys, accessibility)
