"""Answering inquiries over HTTP from a register at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec

from himozuke.errors import HimozukeError, UpstreamDownError
from himozuke.gateways.register_http.wire import AnswersBody, InquiriesBody, answer_body, inquiry_of
from himozuke.ports.resident_register import ResidentRegister

_LARGEST_BODY = 64 * 2**20


class _Handler(BaseHTTPRequestHandler):
    """``POST /inquiries`` and ``GET /health``; nothing else, and nothing of a request in the log."""

    register: ResidentRegister
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say that the register is alive."""
        if self.path == "/health":
            self._reply(200, b'{"status": "alive"}')
        else:
            self._reply(404, b"{}")

    def do_POST(self) -> None:
        """Answer a batch of inquiries."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/inquiries" or length > _LARGEST_BODY:
            self.close_connection = True
            self._reply(404 if self.path != "/inquiries" else 413, b"{}")
            return
        try:
            status, body = 200, msgspec.json.encode(self._answers(self.rfile.read(length)))
        except msgspec.MsgspecError as error:
            status, body = 422, msgspec.json.encode({"detail": str(error)})
        except UpstreamDownError as error:
            status, body = 503, msgspec.json.encode({"detail": str(error)})
        except HimozukeError as error:
            status, body = 422, msgspec.json.encode({"detail": str(error)})
        self._reply(status, body)

    def _answers(self, content: bytes) -> AnswersBody:
        asked = msgspec.json.decode(content, type=InquiriesBody)
        inquiries = [inquiry_of(body) for body in asked.inquiries]
        answers = self.register.inquire_batch(inquiries) if inquiries else []
        return AnswersBody(self.register.as_of, [answer_body(answer) for answer in answers])

    def _reply(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked has given up waiting
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name it has there
        """Nothing: a request holds Individual Numbers."""


def http_server(register: ResidentRegister, *, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """A server that answers from a register; port 0 takes a free one."""
    handler = type("_RegisterHandler", (_Handler,), {"register": register})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    return server


@contextmanager
def answering(register: ResidentRegister) -> Iterator[str]:
    """A server on a free port of this machine for as long as the block lasts; gives its address."""
    server = http_server(register)
    thread = Thread(target=server.serve_forever, name="register", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
