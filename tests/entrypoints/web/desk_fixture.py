"""The desk for tests: a client logged in as a role, and a real browser before a real server.

``desk("insurer_clerk")`` is a client: ``get(path)``, ``submit(path, {...})`` for forms.
``live_desk("insurer_clerk")`` is a page of a real Chromium, logged in, with ``page.open(path)``;
``assert_accessible(page)`` and ``assert_reflows(page)`` judge what it shows.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import axe_playwright_python
import httpx
import pytest
from argon2 import PasswordHasher
from database_fixture import SmallWorld
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from litestar.testing import TestClient

from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.app import create_app
from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NARROW = {"width": 320, "height": 800}
SECONDS_TO_START = 20.0


class Desk(TestClient[Litestar]):
    """A browser without a screen, logged in as somebody; redirects are followed."""

    def log_in(self, office: Office, actor: Actor) -> None:
        """Begin a session for a user as the login does, without its password and code."""
        self.cookies.clear()
        self.cookies.set("himozuke", session_of(office, actor), domain=self.base_url.host)

    def submit(self, path: str, fields: Mapping[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form the way a page of ours does, with the token of this session."""
        token = form_token.token_for(self.cookies.get("himozuke") or "")
        return self.post(path, data={form_token.FIELD: token, **(fields or {})}, **options)


def session_of(office: Office, actor: Actor) -> str:
    """The token of a new session of a user."""
    assert actor.user_id is not None
    with office.work(Actor.system("test")) as work:
        account = work.account_store.account(actor.user_id)
        assert account is not None
        token = work.logins.let_in(account, by="test").token
    assert token is not None
    return token


@pytest.fixture
def wired(office: SmallWorld) -> Office:
    """The services over the small world, as the program wires them."""
    return Office(database=office.database, vault=office.vault, hasher=FAST)


@pytest.fixture
def app(wired: Office) -> Litestar:
    """The whole application over the small world."""
    return create_app(wired)


@pytest.fixture
def visitor_desk(app: Litestar) -> Iterator[Desk]:
    """A client that has not logged in."""
    with Desk(app, base_url="http://desk.test") as client:
        yield client


@pytest.fixture
def desk(wired: Office, office: SmallWorld) -> Iterator[Callable[..., Desk]]:
    """A client logged in as a role, at the role's own office or at ``of``.

    Each has an application of its own, since one application cannot be started twice at the same time.
    """
    with ExitStack() as stack:

        def enter(role: str, *, of: int | None = None, person_key: str | None = None) -> Desk:
            client = stack.enter_context(Desk(create_app(wired), base_url="http://desk.test"))
            client.log_in(wired, office.actor(role, of=of, person_key=person_key))
            return client

        yield enter


@contextmanager
def served(app: Litestar) -> Iterator[str]:
    """The application on a free port of this machine; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    def run() -> None:
        asyncio.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    _wait_for(url)
    yield url
    loops[0].call_soon_threadsafe(server.stop)  # from another thread its loop would sleep on
    thread.join(timeout=SECONDS_TO_START)


def _wait_for(url: str) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            httpx.get(f"{url}/health")
        except httpx.TransportError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def live_url(app: Litestar) -> Iterator[str]:
    """The address of a real server with the whole application."""
    with served(app) as url:
        yield url


@pytest.fixture
def live_desk(browser: Any, live_url: str, wired: Office, office: SmallWorld) -> Iterator[Callable[..., Any]]:
    """A page of a real browser, logged in as a role (``None``: not logged in).

    ``page.open(path)`` opens a page of ours, ``page.press_through(key)`` presses a key that leads to another
    page, whose keys work when it returns; ``page.complaints`` holds what the console said.
    """
    contexts: list[Any] = []

    def enter(role: str | None, *, of: int | None = None, person_key: str | None = None, **options: Any) -> Any:
        wishes = {"locale": "ja-JP", "timezone_id": "Asia/Tokyo", "reduced_motion": "reduce", **options}
        context = browser.new_context(base_url=live_url, **wishes)
        contexts.append(context)
        if role is not None:
            token = session_of(wired, office.actor(role, of=of, person_key=person_key))
            context.add_cookies([{"name": "himozuke", "value": token, "url": live_url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: _note(page.complaints, message))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.open = lambda path: page.goto(live_url + path)
        page.press_through = partial(_press_through, page)
        return page

    yield enter
    for context in contexts:
        context.close()


def _press_through(page: Any, key: str) -> None:
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press(key)


def _note(complaints: list[str], message: Any) -> None:
    """Keep what the console says, and of what; a program's own log lines are no complaint."""
    if message.type not in {"log", "info", "debug"}:
        complaints.append(f"{message.text} {message.location.get('url', '')}")


def assert_accessible(page: Any) -> None:
    """Say that axe finds nothing to complain about in what the page shows."""
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(found => found.violations)", WCAG
    )
    told = [
        {"rule": each["id"], "help": each["help"], "where": [node["html"][:200] for node in each["nodes"]][:5]}
        for each in found
    ]
    assert told == [], f"{page.url}\n{json.dumps(told, ensure_ascii=False, indent=1)}"


def assert_reflows(page: Any) -> None:
    """Say that the page needs no sideways scrolling on a screen 320 pixels wide."""
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], f"{page.url} is {width} pixels wide"
