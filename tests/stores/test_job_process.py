"""The process beside the desk: begun again when it dies, and gone when the desk is, in whatever way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from database_fixture import DatabaseServer, SmallWorld

from himozuke.entrypoints.jobs.process import JobProcess
from himozuke.entrypoints.jobs.tasks import TASKS
from himozuke.ports.jobs import JobPhase
from himozuke.stores.jobs import PostgresJobs, is_worker_alive

PARENT = """
import sys, time
from himozuke.entrypoints.jobs.process import JobProcess
with JobProcess() as process:
    print(process.pid, flush=True)
    time.sleep(600)
"""


def wait_for(what: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def environment(office: SmallWorld, database_server: DatabaseServer, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HIMOZUKE_DATABASE_URL": database_server.url_of(office.database),
        "HIMOZUKE_DATA": str(tmp_path),
        "HIMOZUKE_KEY_FILE": str(office.vault.ring.path),
    }


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_the_job_process_works_is_begun_again_and_never_left_behind(
    office: SmallWorld, environment: dict[str, str]
) -> None:
    def is_alive() -> bool:
        with office.system_work() as work:
            return is_worker_alive(work.connection)

    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    first = int(parent.stdout.readline())
    wait_for(is_alive)
    with office.work("administrator") as work:
        job_id = PostgresJobs(work).defer("stores.tidy", {})

    def state() -> JobPhase:
        with office.work("administrator") as work:
            return PostgresJobs(work).find(job_id).state

    wait_for(lambda: state() is JobPhase.DONE)

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not is_running(first))
    with office.work("administrator") as work:
        job_id = PostgresJobs(work).defer("stores.tidy", {})
    wait_for(lambda: state() is JobPhase.DONE)
    second = _child_of(parent.pid)
    assert second not in {None, first}

    parent.kill()
    parent.communicate()
    assert second is not None
    wait_for(lambda: not is_running(second))


def test_the_job_process_ends_with_its_block(environment: dict[str, str]) -> None:
    with JobProcess(environment) as process:
        pid = process.pid
        assert pid is not None

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_every_task_can_be_loaded() -> None:
    assert len({task.name for task in TASKS}) == len(TASKS)
    for task in TASKS:
        assert callable(task.load())


def _child_of(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    threads = children.parent.parent
    for thread in threads.iterdir():
        found = (thread / "children").read_text(encoding="ascii").split()
        if found:
            return int(found[-1])
    return None
