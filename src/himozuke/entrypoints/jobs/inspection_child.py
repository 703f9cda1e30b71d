"""The process that inspects one file for the service: the library's own inspection, watched from outside.

It reads one line of JSON (the order) from standard input and writes one line of JSON for each step of
progress. When standard input ends, whoever started it is dead, and it ends too.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, Any

import msgspec

from himozuke.entrypoints.inspecting import Options, inspect_into
from himozuke.entrypoints.places import places_known
from himozuke.errors import HimozukeError, InputRejectedError
from himozuke.inspection.decide import public_items
from himozuke.inspection.model import ReviewRow
from himozuke.settings import load

FINDINGS = "findings.jsonl"
_SECONDS_BETWEEN = 0.25
_ABANDONED = 75


class Order(msgspec.Struct, frozen=True):
    """What to inspect, with what, and where the results go; paths as text."""

    links: str
    register: str
    out: str
    scheme: str
    on: date
    confirmed: str
    cache: str
    memory: str
    threads: int
    insurer_number: str = ""


class Teller:
    """Says how far the work is, not more often than anybody can look."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._phase, self._done, self._total = "start", 0, None
        self._said_at = 0.0

    def phase(self, name: str, total: int | None = None) -> None:
        """A phase of work begins."""
        self._phase, self._done, self._total = name, 0, total  # type: ignore[assignment]
        self._tell()

    def advance(self, rows: int) -> None:
        """So many more rows are done in this phase."""
        self._done += rows
        if time.monotonic() - self._said_at >= _SECONDS_BETWEEN:
            self._tell()

    def _tell(self) -> None:
        self._said_at = time.monotonic()
        self._say({"phase": self._phase, "done": self._done, "total": self._total})


def main() -> None:
    """Do one order; the last line says how it ended: done, refused (with the sentence) or failed."""
    say = _sayer(sys.stdout)
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _inspect(order, Teller(say))
    except InputRejectedError as error:
        say({"end": "refused", "message": str(error)})
    except HimozukeError as error:
        say({"end": "failed", "message": str(error)})
    else:
        say({"end": "done"})


def _inspect(order: Order, teller: Teller) -> None:
    out = Path(order.out)
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f".{FINDINGS}.part"
    with partial.open("wb") as file:
        options = Options(
            memory=order.memory,
            threads=order.threads,
            cache=Path(order.cache),
            confirmed=Path(order.confirmed) if order.confirmed else None,
            gazetteer=places_known(load()),
            insurer_number=order.insurer_number,
            progress=teller,
            reviewed=_writer(file),
        )
        inspect_into(Path(order.links), Path(order.register), out, scheme=order.scheme, on=order.on, options=options)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(out / FINDINGS)


def _writer(file: IO[bytes]) -> Callable[[ReviewRow], None]:
    encoder = msgspec.json.Encoder()

    def write(row: ReviewRow) -> None:
        link, entry, rival = public_items(row)
        file.write(encoder.encode(replace(row, link=link, entry=entry, rival=rival)))
        file.write(b"\n")

    return write


def _sayer(stream: IO[str]) -> Callable[[dict[str, Any]], None]:
    def say(content: dict[str, Any]) -> None:
        stream.write(json.dumps(content, ensure_ascii=False) + "\n")
        stream.flush()

    return say


def _end_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(_ABANDONED)


if __name__ == "__main__":
    main()
