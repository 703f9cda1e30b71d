"""The worker: does jobs one after the other, seals the evidence, takes up what dead workers left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, TypeVar

import procrastinate
from procrastinate.exceptions import ConnectorException, JobAborted

from himozuke.entrypoints.jobs.tasks import TASKS, JobRun, Task
from himozuke.entrypoints.wiring import Office
from himozuke.errors import HimozukeError, JobCancelledError, UpstreamDownError, WorkerLeavesError
from himozuke.identity.individual_number import mask
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import JobPhase
from himozuke.stores.jobs import (
    MOST_ATTEMPTS,
    QUEUE,
    SECONDS_BETWEEN_HEARTBEATS,
    SECONDS_UNTIL_STALLED,
    JobBook,
    read_actor,
)
from himozuke.stores.sealing import HEAD_FILE, Sealer

logger = logging.getLogger(__name__)

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the worker does what it does by itself, in seconds."""

    seal: float = 2.0  # what is committed is sealed within five seconds
    heartbeat: float = SECONDS_BETWEEN_HEARTBEATS
    stalled: float = SECONDS_UNTIL_STALLED
    poll: float = 5.0  # new jobs are announced; this finds what an announcement missed
    leave: float = 20.0  # how long a running job may go on when the worker stops


class Worker:
    """Works until :meth:`stop`. A database that goes away is waited for."""

    def __init__(self, office: Office, *, tasks: Sequence[Task] = TASKS, pace: Pace = Pace()) -> None:
        self._office = office
        self._tasks = tasks
        self._pace = pace
        self._stopped = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None

    def run(self, *, until_empty: bool = False) -> None:
        """Do jobs until stopped, or until none is left."""
        beside = [
            Thread(target=self._again, args=(self._seal, self._pace.seal), name="sealer", daemon=True),
            Thread(target=self._again, args=(self._take_up, self._pace.stalled / 2), name="stalled", daemon=True),
        ]
        for thread in beside:
            thread.start()
        try:
            while not self._stopped.is_set():
                try:
                    self._work_on_a_thread(wait=not until_empty)
                except (ConnectorException, OSError) as error:
                    logger.warning("The database does not answer; the worker tries again: %s", error)
                    self._stopped.wait(1.0)
                    continue
                if until_empty:
                    break
                self._stopped.wait(0.2)
        finally:
            self._stopped.set()
            for thread in beside:
                thread.join(timeout=10)
        with suppress(UpstreamDownError):
            self._seal()

    def stop(self) -> None:
        """Take no new job; a running one is given some seconds and is else taken up by the next worker."""
        self._stopped.set()
        if self._loop is not None and self._running is not None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._running.cancel)

    def _work_on_a_thread(self, *, wait: bool) -> None:
        """Run the loop on a thread of its own: whoever calls may have one running on theirs."""
        with ThreadPoolExecutor(1, thread_name_prefix="jobs") as thread:
            thread.submit(lambda: asyncio.run(self._work(wait=wait))).result()

    async def _work(self, *, wait: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._running = asyncio.ensure_future(self._do_jobs(wait=wait))
        if self._stopped.is_set():
            self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def _do_jobs(self, *, wait: bool) -> None:
        connector = procrastinate.PsycopgConnector(conninfo=self._office.database.conninfo, min_size=1, max_size=4)
        app = procrastinate.App(connector=connector)
        for task in self._tasks:
            self._register(app, task)
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE],
                wait=wait,
                concurrency=2,
                install_signal_handlers=False,
                update_heartbeat_interval=self._pace.heartbeat,
                stalled_worker_timeout=self._pace.stalled,
                fetch_job_polling_interval=self._pace.poll,
                shutdown_graceful_timeout=self._pace.leave,
            )

    def _register(self, app: procrastinate.App, task: Task) -> None:
        def do(context: procrastinate.JobContext, *, actor: Any, arguments: Any) -> None:  # noqa: ANN401 -- JSON
            job_id = int(context.job.id or 0)
            self._do(task, JobRun(self._office, job_id, read_actor(actor), arguments, self._stopped), context)

        def come(context: procrastinate.JobContext, timestamp: int) -> None:
            arguments = {"timestamp": timestamp}
            task.load()(JobRun(self._office, int(context.job.id or 0), Actor.system("jobs"), arguments, self._stopped))

        retry = _TryAgain()
        app.task(name=task.name, pass_context=True, retry=retry, queue=QUEUE)(do)
        if task.cron:
            timed = app.task(name=f"{task.name}@", pass_context=True, retry=retry, queue=QUEUE)(come)
            app.periodic(cron=task.cron)(timed)

    def _do(self, task: Task, run: JobRun, context: procrastinate.JobContext) -> None:
        if not self._note(lambda book: book.begin(run.job_id)):
            self._note(lambda book: book.end(run.job_id, JobPhase.CANCELLED))
            raise JobAborted
        try:
            task.load()(run)
        except JobCancelledError:
            self._note(lambda book: book.end(run.job_id, JobPhase.CANCELLED))
            raise JobAborted from None
        except Exception as error:
            state = JobPhase.WAITING if _is_tried_again(error, context.job) else JobPhase.FAILED
            said = mask(str(error)) if isinstance(error, HimozukeError) else type(error).__name__
            with suppress(UpstreamDownError):  # then the job is found as stalled
                self._note(lambda book: book.end(run.job_id, state, said))
            raise
        self._note(lambda book: book.end(run.job_id, JobPhase.DONE))

    def _note(self, note: Callable[[JobBook], Said]) -> Said:
        with self._office.database.transaction(Actor.system("jobs")) as work:
            return note(JobBook(work))

    def _seal(self) -> None:
        folder = self._office.settings.data.expanduser()
        head_file = folder / HEAD_FILE if folder.is_dir() else None
        Sealer(self._office.database, self._office.vault.ring, head_file=head_file).seal()

    def _take_up(self) -> None:
        self._note(lambda book: book.take_up_stalled(self._pace.stalled))

    def _again(self, act: Callable[[], None], seconds: float) -> None:
        while not self._stopped.is_set():
            try:
                act()
            except HimozukeError as error:
                logger.warning("%s: %s", act.__name__, error)
            except Exception:
                logger.exception("%s failed; it is tried again", act.__name__)
            self._stopped.wait(seconds)


class _TryAgain(procrastinate.BaseRetryStrategy):
    """A job that something outside stopped is tried again; one that failed by itself is not."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if not _is_tried_again(exception, job):
            return None
        seconds = 0 if isinstance(exception, WorkerLeavesError) else 2**job.attempts
        return procrastinate.RetryDecision(retry_in={"seconds": seconds})


def _is_tried_again(error: BaseException, job: procrastinate.jobs.Job) -> bool:
    return isinstance(error, UpstreamDownError) and job.attempts + 1 < MOST_ATTEMPTS
