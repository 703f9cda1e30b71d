"""Jobs: asked for with an act, done once, told how far they are, stopped, and taken up when a process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from database_fixture import SmallWorld, assert_audited
from slow_task import QUICK, TASKS

from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.entrypoints.jobs.tidying import tidy
from himozuke.entrypoints.jobs.worker import Worker
from himozuke.entrypoints.wiring import Office
from himozuke.errors import ConflictError, NotFoundError
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import JobPhase, JobProgress
from himozuke.settings import Settings
from himozuke.stores.jobs import MOST_ATTEMPTS, JobBook, PostgresJobs, is_worker_alive


def ask(office: SmallWorld, task: str, **arguments: object) -> int:
    with office.work("insurer_clerk") as work:
        return PostgresJobs(work).defer(f"test.{task}", arguments, subject="thing:1")


def look(office: SmallWorld, job_id: int) -> JobProgress:
    with office.work("insurer_clerk") as work:
        return PostgresJobs(work).find(job_id)


def wait_for(what: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def worker(office: SmallWorld, tmp_path: Path) -> Worker:
    """A worker that is run in the test itself."""
    settings = Settings(data=tmp_path)
    return Worker(Office(database=office.database, vault=office.vault, settings=settings), tasks=TASKS, pace=QUICK)


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


@contextmanager
def worker_process(office: SmallWorld, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, str(folder / "slow_task.py"), office.database.conninfo, office.vault.ring.path, tmp_path],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait(timeout=30)


def test_a_job_is_done_in_the_name_of_whoever_asked_for_it(office: SmallWorld, worker: Worker, tmp_path: Path) -> None:
    job_id = ask(office, "write", file=str(tmp_path / "out"))

    assert look(office, job_id).state is JobPhase.WAITING
    worker.run(until_empty=True)

    job = look(office, job_id)
    assert (job.state, job.attempts, job.subject) == (JobPhase.DONE, 1, "thing:1")
    assert (tmp_path / "out").read_text("utf-8") == office.actor("insurer_clerk").login + "\n"


def test_a_job_of_an_act_that_was_taken_back_is_never_done(office: SmallWorld, worker: Worker, tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), office.work("insurer_clerk") as work:
        PostgresJobs(work).defer("test.write", {"file": str(tmp_path / "out")})
        _ = 1 / 0

    worker.run(until_empty=True)

    assert not (tmp_path / "out").exists()


def test_a_job_is_seen_by_its_organisation_alone(office: SmallWorld) -> None:
    job_id = ask(office, "write", file="")

    with pytest.raises(NotFoundError), office.work("insurer_clerk", of=office.other_insurer) as work:
        PostgresJobs(work).find(job_id)
    with pytest.raises(NotFoundError), office.work("insurer_clerk", of=office.other_insurer) as work:
        PostgresJobs(work).cancel(job_id)


def test_a_waiting_job_is_stopped_at_once(office: SmallWorld, worker: Worker, tmp_path: Path) -> None:
    job_id = ask(office, "write", file=str(tmp_path / "out"))

    with office.work("insurer_clerk") as work:
        PostgresJobs(work).cancel(job_id)
        assert_audited(work, "jobs.cancel")
    worker.run(until_empty=True)

    assert look(office, job_id).state is JobPhase.CANCELLED
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConflictError), office.work("insurer_clerk") as work:
        PostgresJobs(work).cancel(job_id)


def test_a_running_job_tells_how_far_it_is_and_stops_when_asked(
    office: SmallWorld, worker: Worker, tmp_path: Path
) -> None:
    job_id = ask(office, "count_up", file=str(tmp_path / "out"))

    with working(worker):
        wait_for(lambda: look(office, job_id).done > 0)
        running = look(office, job_id)
        with office.work("insurer_clerk") as work:
            assert is_worker_alive(work.connection)
            PostgresJobs(work).cancel(job_id)
        wait_for(lambda: not look(office, job_id).is_open)

    assert (running.state, running.phase, running.total) == (JobPhase.RUNNING, "counting", 10_000)
    assert look(office, job_id).state is JobPhase.CANCELLED
    assert look(office, job_id).done < 10_000


def test_a_job_that_fails_says_so_without_showing_what_it_held(office: SmallWorld, worker: Worker) -> None:
    job_id = ask(office, "fail", how="badly")

    worker.run(until_empty=True)

    job = look(office, job_id)
    assert (job.state, job.message) == (JobPhase.FAILED, "ValueError")


def test_a_job_whose_upstream_is_down_waits_and_is_tried_again(office: SmallWorld, worker: Worker) -> None:
    job_id = ask(office, "fail", how="upstream")

    with working(worker):
        wait_for(lambda: look(office, job_id).attempts >= 2)

    assert look(office, job_id).message in {"The register does not answer.", ""}


def test_a_job_whose_process_was_killed_is_taken_up(office: SmallWorld, tmp_path: Path) -> None:
    job_id = ask(office, "die_once", file=str(tmp_path / "out"))

    with worker_process(office, tmp_path) as first:
        assert first.wait(timeout=30) == -signal.SIGKILL
    assert look(office, job_id).state is JobPhase.RUNNING
    with worker_process(office, tmp_path):
        wait_for(lambda: not look(office, job_id).is_open)

    job = look(office, job_id)
    assert (job.state, job.attempts) == (JobPhase.DONE, 2)
    assert (tmp_path / "out").read_text("utf-8") == "done"


def test_a_job_of_a_worker_that_ends_is_begun_again_by_the_next(office: SmallWorld, tmp_path: Path) -> None:
    job_id = ask(office, "count_up", file=str(tmp_path / "out"))

    with worker_process(office, tmp_path):
        wait_for(lambda: look(office, job_id).done > 0)
    assert look(office, job_id).state is JobPhase.WAITING
    with worker_process(office, tmp_path):
        wait_for(lambda: look(office, job_id).state is JobPhase.RUNNING)
        with office.work("insurer_clerk") as work:
            PostgresJobs(work).cancel(job_id)
        wait_for(lambda: not look(office, job_id).is_open)


def test_a_job_that_kills_its_process_each_time_is_given_up(office: SmallWorld) -> None:
    job_id = ask(office, "die_always")
    with office.database.maintenance() as connection:
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s", [MOST_ATTEMPTS - 1, job_id]
        )

    with office.system_work() as work:
        assert JobBook(work).take_up_stalled() == 1

    assert look(office, job_id).state is JobPhase.FAILED


def test_a_worker_seals_what_is_committed(office: SmallWorld, worker: Worker, tmp_path: Path) -> None:
    with working(worker):
        with office.work("insurer_clerk") as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
        wait_for((tmp_path / "audit_head.json").exists)


def test_a_worker_outlives_a_database_that_drops_its_connections(
    office: SmallWorld, worker: Worker, tmp_path: Path
) -> None:
    with working(worker):
        wait_for(lambda: _is_alive(office))
        with office.database.maintenance() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        job_id = ask(office, "write", file=str(tmp_path / "out"))
        wait_for(lambda: look(office, job_id).state is JobPhase.DONE)


def test_what_nobody_asks_for_any_more_is_thrown_away(office: SmallWorld, worker: Worker, tmp_path: Path) -> None:
    old = ask(office, "write", file=str(tmp_path / "out"))
    worker.run(until_empty=True)
    office.clock.set("2026-07-15T09:00:00+09:00")
    recent = ask(office, "write", file=str(tmp_path / "out"))

    with office.work("insurer_clerk") as work:
        work.connection.execute(
            "INSERT INTO idempotency_key (organisation_id, key, request_digest, begun_at) "
            "VALUES (%s, 'old', 'x', '2026-04-01'), (%s, 'recent', 'x', '2026-07-14')",
            [office.insurer, office.insurer],
        )
    tidy(JobRun(Office(database=office.database, vault=office.vault), 0, Actor.system("jobs"), {}))

    with pytest.raises(NotFoundError):
        look(office, old)
    assert look(office, recent).is_open
    with office.system_work() as work:
        kept = [row["key"] for row in work.connection.execute("SELECT key FROM idempotency_key")]
        jobs = [row["id"] for row in work.connection.execute("SELECT id FROM procrastinate_jobs")]
    assert (kept, jobs) == (["recent"], [recent])


def _is_alive(office: SmallWorld) -> bool:
    with office.system_work() as work:
        return is_worker_alive(work.connection, seconds=2)
