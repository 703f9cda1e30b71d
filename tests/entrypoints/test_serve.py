"""``himozuke serve`` as an operator meets it: first start, readiness, a clean end, clear refusals."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

HIMOZUKE = [str(Path(sys.executable).parent / "himozuke")]
SECONDS_TO_START = 240.0
SECONDS_TO_END = 60.0


@dataclass
class Running:
    """A service in a process of its own, and what it said so far."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)
    is_ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        assert self.process.stderr
        with self.process.stderr:
            for line in self.process.stderr:
                self.said.append(line)
                if "Ready." in line:
                    self.is_ready.set()
        self.is_ready.set()

    @property
    def text(self) -> str:
        return "".join(self.said)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HIMOZUKE_")}


@contextmanager
def serving(data: Path) -> Iterator[Running]:
    port = free_port()
    command = [*HIMOZUKE, "serve", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    running = Running(process, f"http://127.0.0.1:{port}")
    listener = threading.Thread(target=running.listen, daemon=True)
    listener.start()
    try:
        assert running.is_ready.wait(SECONDS_TO_START), running.text
        assert process.poll() is None, running.text
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_TO_END)
        listener.join(SECONDS_TO_END)


def test_one_command_starts_everything_offers_the_first_start_and_ends_cleanly(data_folder: Path) -> None:
    with serving(data_folder) as running:
        assert httpx.get(f"{running.url}/health").json() == {"status": "ok"}
        assert httpx.get(f"{running.url}/ready").json()["database"] == "ok"
        assert str(data_folder.resolve()) in running.text
        offered = re.search(r"http://\S+/setup\?token=\S+", running.text)
        assert offered
        assert "初期設定</h1>" in httpx.get(offered[0]).text
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(SECONDS_TO_END) == 0

    assert not (data_folder / "postgres" / "postmaster.pid").exists()
    assert "Traceback" not in running.text


def test_a_second_start_finds_what_the_first_one_left(data_folder: Path) -> None:
    with serving(data_folder) as running:
        first = (data_folder / "keys.json").read_bytes()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(SECONDS_TO_END) == 0
    with serving(data_folder):
        assert (data_folder / "keys.json").read_bytes() == first


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [*HIMOZUKE, "serve", "--data", str(tmp_path / "data"), "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)

    assert ended.returncode == 2
    assert "Choose another with --port" in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, port: str) -> None:
    command = [*HIMOZUKE, "serve", "--data", str(tmp_path / "data"), "--port", port]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
