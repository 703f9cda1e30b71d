"""``himozuke serve``, killed in whatever way, leaves no process behind, and its next start goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes through /proc")


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


def processes_of(data: Path) -> set[int]:
    """Processes of ours whose environment names a data folder, but for the helpers of multiprocessing."""
    found = set()
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdecimal() and f"HIMOZUKE_DATA={data}\0".encode() in (process / "environ").read_bytes():
                words = (process / "cmdline").read_bytes()
                if words and b"resource_tracker" not in words:
                    found.add(int(process.name))
    return found


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def postmaster(data: Path) -> int | None:
    try:
        return int((data / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    except (OSError, IndexError):
        return None


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIMOZUKE_")}
    environment["HIMOZUKE_DATA"] = str(data)
    program = "from himozuke.entrypoints.cli.main import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=120)


def test_a_service_that_is_killed_leaves_no_process_and_the_next_start_goes_on(data_folder: Path) -> None:
    with serving(data_folder) as (service, url):
        wait_for(lambda: is_ready(url))
        killed = postmaster(data_folder)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)  # the database first: the next request starts it again
        wait_for(lambda: is_ready(url))
        assert postmaster(data_folder) != killed

        service.kill()
        service.wait()
        wait_for(lambda: not processes_of(data_folder) - _servers(data_folder))

    with serving(data_folder) as (service, url):
        wait_for(lambda: is_ready(url))
        service.terminate()
        assert service.wait(timeout=120) == 0
    assert postmaster(data_folder) is None
    assert processes_of(data_folder) == set()


def _servers(data: Path) -> set[int]:
    """The database server, which goes on until the next command of the folder has ended."""
    return {
        pid for pid in processes_of(data) if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    }
