"""Figures for Prometheus: requests and their duration, jobs by state. Never a person, never a number."""

from __future__ import annotations

import time
from collections.abc import Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

_UNKNOWN = "unknown"


class Figures:
    """The counters of one answering process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = ("method", "path", "status")
        self._requests = Counter("himozuke_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "himozuke_request_seconds", "Time to answer a request.", ("method", "path"), registry=self._registry
        )
        self._jobs = Gauge("himozuke_jobs", "Jobs by state.", ("state",), registry=self._registry)

    def note_request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer; ``path`` is the handler's, without the ids in it."""
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)

    def note_jobs(self, jobs: Mapping[str, int]) -> None:
        """Take over how many jobs there are by state."""
        self._jobs.clear()
        for state, count in jobs.items():
            self._jobs.labels(state).set(count)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class CountRequests:
    """Middleware around everything that counts what was answered."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self.app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            path = str(scope.get("path_template") or _UNKNOWN)
            self._figures.note_request(str(scope["method"]), path, status, time.perf_counter() - began)
