"""What watches the program asks: alive, ready, and figures."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from himozuke.entrypoints.web.figures import Figures
from himozuke.entrypoints.web.routes import PUBLIC, endpoint
from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor
from himozuke.stores.service_state import count_jobs, count_workers

T = TypeVar("T")
Part = Literal["ok", "down"]
_LOG = logging.getLogger(__name__)
_SECONDS_A_WORKER_MAY_BE_SILENT = 60.0
_WATCH = Actor.system("watch")


class Alive(msgspec.Struct, frozen=True):
    """The program answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """What the service stands on, part by part."""

    status: Literal["ready", "not_ready"]
    database: Part
    migrations: Part
    jobs: Part


@endpoint("GET", "/health", roles=PUBLIC, tags=["state"], operation_id="health")
def health() -> Alive:
    """Tell that the program is alive; asks nothing of the database."""
    return Alive()


@endpoint(
    "GET",
    "/ready",
    roles=PUBLIC,
    tags=["state"],
    operation_id="ready",
    responses={
        503: ResponseSpec(Readiness, description="A part the service stands on is down.", generate_examples=False)
    },
)
def ready(request: Request[Any, Any, Any]) -> Response[Readiness]:
    """Tell whether database, schema and jobs are there; 503 when one of them is not."""
    office: Office = request.app.state.office
    workers = _asked(lambda: _workers(office))
    has_schema = workers is not None and _asked(lambda: _has_schema(office)) is not None
    has_jobs = has_schema and bool(workers)
    found = Readiness(
        status="ready" if has_jobs else "not_ready",
        database=_part(workers is not None),
        migrations=_part(has_schema),
        jobs=_part(has_jobs),
    )
    return Response(found, status_code=200 if has_jobs else 503)


@endpoint("GET", "/metrics", roles=PUBLIC, tags=["state"], operation_id="metrics", media_type="text/plain")
def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Figures for Prometheus: requests and their duration by handler, jobs by state. No personal data."""
    figures: Figures = request.app.state.figures
    office: Office = request.app.state.office
    _asked(lambda: figures.note_jobs(_jobs(office)))
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)


def _workers(office: Office) -> int:
    with office.database.transaction(_WATCH) as work:
        return count_workers(work.connection, seen_within=_SECONDS_A_WORKER_MAY_BE_SILENT)


def _has_schema(office: Office) -> bool:
    office.database.check_schema()
    return True


def _jobs(office: Office) -> dict[str, int]:
    with office.database.transaction(_WATCH) as work:
        return dict(count_jobs(work.connection))


def _asked(ask: Callable[[], T]) -> T | None:
    """What something says, None when it does not answer."""
    try:
        return ask()
    except Exception:  # noqa: BLE001 -- whatever it is: who watches must be told, and not by an error of the watch
        _LOG.warning("not ready", exc_info=True)
        return None


def _part(is_there: bool) -> Part:  # noqa: FBT001 -- one truth, one word
    return "ok" if is_there else "down"


HANDLERS: tuple[HTTPRouteHandler, ...] = (health, ready, metrics)
