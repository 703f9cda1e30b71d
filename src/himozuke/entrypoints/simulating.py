"""Putting simulators together with what they speak: a resident register behind HTTP or behind two folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from himozuke.engines.inquiring import InquiringRegister
from himozuke.gateways.jlis_files import answer_folder, load_layout
from himozuke.gateways.register_http.server import http_server
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.ports.resident_register import ResidentRegister
from himozuke.rules.loader import load as load_rules
from himozuke.simulators.population import SNAPSHOT, generate
from himozuke.simulators.register import SimulatedRegister
from himozuke.simulators.resident_register import MemoryRegister

_LOOK_EVERY = 0.5


def simulated_register(
    file: Path | None, *, people: int, as_of: date | None, latency: float, is_out: bool, wrong: float
) -> SimulatedRegister:
    """A register of a file, or of people who do not exist, with the faults that were asked for."""
    source: object = str(file) if file else generate(people, seed=0).register
    memory = MemoryRegister(open_register(source), as_of=as_of or SNAPSHOT)
    answering = InquiringRegister(memory, load_rules(), ClaimReader())
    return SimulatedRegister(answering, latency=latency, is_out=is_out, wrong=wrong)


def serve_http(register: ResidentRegister, *, host: str, port: int, say: Callable[[str], object]) -> None:
    """Answer over HTTP until interrupted; says the address when it is ready."""
    with http_server(register, host=host, port=port) as server:
        say(f"http://{host}:{server.server_port}")
        server.serve_forever()


def serve_folder(register: ResidentRegister, folder: Path, layout: Path | None, say: Callable[[str], object]) -> None:
    """Answer inquiry files in ``FOLDER/out`` with files in ``FOLDER/in`` until interrupted."""
    chosen = load_layout(layout)
    say(str(folder.resolve()))
    while True:
        answer_folder(folder / "out", folder / "in", register, chosen)
        time.sleep(_LOOK_EVERY)
