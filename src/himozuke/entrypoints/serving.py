"""The running service: processes that answer, one that does jobs, and what the operator is told."""

from __future__ import annotations

import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import httpx
from granian import Granian
from granian.constants import Interfaces
from granian.errors import ConfigurationError
from granian.log import LogLevels
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar.types import ASGIApp

from himozuke.entrypoints.jobs.process import JobProcess
from himozuke.entrypoints.logging import set_up
from himozuke.entrypoints.parent import leave_with_parent
from himozuke.entrypoints.web.app import create_app
from himozuke.entrypoints.wiring import open_office
from himozuke.errors import UpstreamDownError, UsageError
from himozuke.ports.actor import Actor
from himozuke.settings import Settings
from himozuke.stores import schema
from himozuke.stores.database import Database
from himozuke.stores.embedded import EmbeddedServer

_SECONDS_TO_LEAVE = 25
_SECONDS_TO_START = 120.0
_PORTS = 65536


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service answers, with how many processes."""

    host: str = "127.0.0.1"
    port: int = 8080
    processes: int = 1

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 -- compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def serve_until_stopped(
    settings: Settings,
    place: Place,
    *,
    environment: Mapping[str, str],
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Answer until Ctrl-C or SIGTERM; then requests and jobs under way come to their end.

    ``environment`` is what the process of the jobs is started with. ``on_ready`` is called once, with the
    address, as soon as pages are answered. UsageError when the port is taken; SchemaError when the
    database is of another version.
    """
    _refuse_taken_port(place)
    if multiprocessing.get_start_method(allow_none=True) != "spawn":
        multiprocessing.set_start_method("spawn", force=True)  # a fork would share our database server's lock
    with ExitStack() as stack:
        stack.enter_context(held_server(settings))
        token = prepare(settings)
        tell(settings, place, token)
        stack.enter_context(JobProcess(environment))
        server = Granian(
            "himozuke",
            address=place.host,
            port=place.port,
            interface=Interfaces.ASGI,
            workers=place.processes,
            respawn_failed_workers=True,
            workers_kill_timeout=_SECONDS_TO_LEAVE,
            log_level=LogLevels.warning,
            websockets=False,
        )
        threading.Thread(target=_announce, args=(place, on_ready), name="ready", daemon=True).start()
        try:
            server.serve(target_loader=partial(load_application, settings))
        except ConfigurationError as error:
            raise UsageError(f"The server cannot be started like this: {error}") from error


@contextmanager
def held_server(settings: Settings) -> Iterator[None]:
    """Keep our own database server running from here to the end of the block; nothing for somebody else's."""
    if settings.database_url:
        yield
        return
    server = EmbeddedServer(settings.data)
    server.open()
    try:
        yield
    finally:
        server.close()


def prepare(settings: Settings) -> str | None:
    """Make an empty database ours, and give out the token of the first start while nobody administers it."""
    with Database.open(settings) as database:
        with database.maintenance() as connection:
            is_empty = schema.version(connection) is None
        if is_empty:
            database.migrate()
    with open_office(settings) as office:
        create_app(office)  # a fault in a handler stops the start here, not every process again and again
        with office.work(Actor.system("setup")) as work:
            return work.setup.offer()


def tell(settings: Settings, place: Place, token: str | None) -> None:
    """Tell the operator where the data lies, where the desk is, and how to begin."""
    where = "HIMOZUKE_DATABASE_URL" if settings.database_url else str(settings.data.expanduser().resolve())
    lines = [f"データ / data: {where}", f"画面 / desk: {place.url}/"]
    if token:
        lines += [
            "システム管理者がまだいません。次のアドレスを開いて登録してください（起動ごとに変わります）。",
            "There is no administrator yet. Open this address (it changes with every start):",
            f"  {place.url}/setup?token={token}",
        ]
    print("\n".join(lines), file=sys.stderr, flush=True)


def load_application(settings: Settings, _target: object = None) -> ASGIApp:
    """The application of one answering process, with connections of its own."""
    set_up(settings)
    leave_with_parent()
    stack = ExitStack()
    office = stack.enter_context(open_office(settings))
    app = create_app(office, on_shutdown=[stack.close])
    if not settings.proxy:
        return app
    # Whoever else says who they are for is not believed: failures are counted by the address.
    believed: ASGIApp = wrap_asgi_with_proxy_headers(app, settings.proxy.split(","))
    return believed


def _refuse_taken_port(place: Place) -> None:
    if not 0 < place.port < _PORTS:
        raise UsageError(f"--port {place.port}: a port is a number from 1 to {_PORTS - 1}.")
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(found[4])
    except OSError as error:
        raise UsageError(
            f"Nothing can be served on {place.host}:{place.port} ({error}). "
            "Choose another with --port, or stop what uses it."
        ) from error


def _announce(place: Place, on_ready: Callable[[str], None] | None) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end:
        try:
            answer = httpx.get(f"{place.url}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.is_success:
            print("準備ができました。止めるには Ctrl-C。/ Ready. Ctrl-C stops.", file=sys.stderr, flush=True)
            if on_ready:
                on_ready(place.url)
            return
    raise UpstreamDownError(f"Nothing answers at {place.url}; see the log above.")
