"""The start page: what waits for this role today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from himozuke.entrypoints.web.areas import Area
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.routes import EVERYBODY, page


def start_page(areas: Sequence[Area]) -> HTTPRouteHandler:
    """The handler of ``/``, which asks every area for its tasks."""

    @page("/", roles=EVERYBODY)
    def start(desk: Desk) -> Response[Any]:
        """Today's tasks, area by area, the pressing ones first."""
        with desk.work() as work:
            groups = [(area.name, list(area.tasks(work))) for area in areas]
        waiting = [(name, sorted(tasks, key=lambda task: not task.is_urgent)) for name, tasks in groups if tasks]
        return desk.render("start.html", groups=waiting)

    return start
