"""Ten thousand request files at once, two gateways on one folder, and a database that is stopped under them.

Usage: .venv/bin/python bench/flood.py [FILES]   (default 10,000)

Says how many files a second were answered, how much memory a gateway took at most, and whether each request was
answered and logged exactly once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eligibility import CODE, FILL, request
from processes import HIMOZUKE

from himozuke.gateways.oqs_files.folder import put_in_place
from himozuke.settings import Settings
from himozuke.stores.database import Database

FILES = 10_000
PEOPLE = 1_000


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="himozuke-flood-") as name:
        folder = Path(name)
        settings = Settings(data=folder / "data", key_file=folder / "keys.json")
        with Database.open(settings) as database:
            database.migrate()
            with database.maintenance() as connection:
                connection.execute(FILL.format(count=PEOPLE).encode())
            share = folder / "share" / CODE
            (share / "req").mkdir(parents=True)
            for number in range(count):
                name_of = f"OQSsiquc01req_{number}.xml"
                put_in_place(share / "req", name_of, request(number % PEOPLE + 1))
            seconds, peak = answer(settings, share, count)
            with database.maintenance() as connection:
                row = connection.execute("SELECT count(*) AS shown FROM access_log").fetchone()
    shown = row["shown"] if row else 0
    print(f"{count:,} files, two gateways, database stopped once: {seconds:.0f} s, {count / seconds:,.0f} files/s")
    print(f"peak of a gateway {peak / 1024:.0f} MB; access log {shown:,} rows")
    assert shown == count, "a request was answered twice or not at all"  # noqa: S101  # the promise


def answer(settings: Settings, share: Path, count: int) -> tuple[float, int]:
    """Let two gateways answer everything; seconds, and the memory of the larger at its peak in KiB."""
    environment = os.environ | {"HIMOZUKE_KEY_FILE": str(settings.key_file)}
    command = [str(HIMOZUKE), "oqs", str(share.parent), "--data", str(settings.data)]
    began = time.perf_counter()
    gateways = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    is_stopped = False
    peak = 0
    try:
        while (done := sum(1 for _ in os.scandir(share / "res")) if (share / "res").exists() else 0) < count:
            time.sleep(0.2)
            peak = max(peak, *(memory(gateway.pid) for gateway in gateways))
            if not is_stopped and done > count // 3:
                is_stopped = True
                stop_database(settings.data)
        return time.perf_counter() - began, peak
    finally:
        for gateway in gateways:
            gateway.terminate()
        for gateway in gateways:
            gateway.wait(60)


def stop_database(data: Path) -> None:
    """Stop our own server as its administrator would, at once; a gateway starts it again."""
    [file] = data.rglob("postmaster.pid")
    os.kill(int(file.read_text().split()[0]), signal.SIGINT)


def memory(pid: int) -> int:
    """The largest resident size a process has had so far, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2] or (FILES,)))
