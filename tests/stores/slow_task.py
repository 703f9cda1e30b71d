"""Tasks for tests of the worker; a process of its own imports them too."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from himozuke.entrypoints.jobs.process import end_with_parent
from himozuke.entrypoints.jobs.tasks import JobRun, Task
from himozuke.entrypoints.jobs.worker import Pace, Worker
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UpstreamDownError
from himozuke.settings import Settings
from himozuke.stores.clock import SystemClock
from himozuke.stores.database import Database
from himozuke.stores.vault import KeyRing, Vault

QUICK = Pace(seal=0.1, heartbeat=0.3, stalled=1.2, poll=0.2, leave=5.0)


def write(run: JobRun) -> None:
    """Append a line to a file."""
    with Path(run.arguments["file"]).open("a", encoding="utf-8") as file:
        file.write(f"{run.actor.login}\n")


def count_up(run: JobRun) -> None:
    """Go on until stopped."""
    for step in range(10_000):
        run.report("counting", step, 10_000)
        Path(run.arguments["file"]).write_text(str(step), encoding="utf-8")
        time.sleep(0.01)


def die_once(run: JobRun) -> None:
    """Take the whole process down the first time."""
    file = Path(run.arguments["file"])
    if not file.exists():
        file.write_text("died", encoding="utf-8")
        run.report("dying")
        os.kill(os.getpid(), signal.SIGKILL)
    file.write_text("done", encoding="utf-8")


def die_always(_run: JobRun) -> None:
    """Take the whole process down each time."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(run: JobRun) -> None:
    """Fail as told."""
    if run.arguments["how"] == "upstream":
        raise UpstreamDownError("The register does not answer.")
    raise ValueError("001234567894")


TASKS = tuple(
    Task(f"test.{name}", f"slow_task:{name}") for name in ("write", "count_up", "die_once", "die_always", "fail")
)


def main() -> None:
    """A worker as its own process: conninfo, key file, data folder."""
    conninfo, key_file, data = sys.argv[1:]
    with Database(conninfo, clock=SystemClock(), connections=4) as database:
        database.start()
        office = Office(
            database=database, vault=Vault(KeyRing.open_or_make(Path(key_file))), settings=Settings(data=Path(data))
        )
        worker = Worker(office, tasks=TASKS, pace=QUICK)
        end_with_parent(worker.stop)
        worker.run()


if __name__ == "__main__":
    main()
