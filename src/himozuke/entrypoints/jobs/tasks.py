"""Every task there is: its name, what does it, and when it comes by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from threading import Event
from typing import Any

from himozuke.entrypoints.wiring import Office
from himozuke.errors import JobCancelledError, WorkerLeavesError
from himozuke.ports.actor import Actor
from himozuke.stores.jobs import JobBook

_SECONDS_BETWEEN_REPORTS = 0.5


@dataclass(slots=True)
class JobRun:
    """One job while it is done: for whom, with what, and where its progress goes."""

    office: Office
    job_id: int
    actor: Actor
    arguments: Mapping[str, Any]
    leaving: Event = field(default_factory=Event)
    _told: tuple[str, float] = field(default=("", 0.0))

    def report(self, phase: str, done: int = 0, total: int | None = None, message: str = "") -> None:
        """Tell how far it is, as often as one likes: it is written twice a second, and when the phase changes.

        JobCancelledError when somebody wants the job stopped, WorkerLeavesError when the process is to end;
        let them pass, and leave everything so that it can be done again.
        """
        if self.leaving.is_set():
            raise WorkerLeavesError("The worker is being stopped; the job is begun again.")
        now = time.monotonic()
        is_over = total is not None and done >= total
        if phase == self._told[0] and now - self._told[1] < _SECONDS_BETWEEN_REPORTS and not is_over:
            return
        self._told = (phase, now)
        with self.office.database.transaction(Actor.system("jobs")) as work:
            goes_on = JobBook(work).report(self.job_id, phase=phase, done=done, total=total, message=message)
        if not goes_on:
            raise JobCancelledError(f"Job {self.job_id} was stopped on request.")


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of job. ``does`` is ``module:function`` taking a :class:`JobRun`; it may be run twice.

    ``cron`` (minute hour day month weekday, UTC) makes it come by itself, in the name of the program.
    """

    name: str
    does: str
    cron: str | None = None

    def load(self) -> Callable[[JobRun], None]:
        """The function; its module is imported only where jobs are done."""
        module, function = self.does.split(":")
        found: Callable[[JobRun], None] = getattr(import_module(module), function)
        return found


#: Areas add a line each.
TASKS: Sequence[Task] = (
    Task("stores.tidy", "himozuke.entrypoints.jobs.tidying:tidy", cron="17 18 * * *"),  # at night in Japan
    Task("campaign.inspect", "himozuke.entrypoints.jobs.inspection:inspect"),
    Task("incident.escalate", "himozuke.entrypoints.jobs.escalation:escalate", cron="7 * * * *"),
    Task("registration.register", "himozuke.entrypoints.jobs.registration:register"),
    Task("registration.take_up", "himozuke.entrypoints.jobs.registration:take_up", cron="*/15 * * * *"),
    Task(
        "registration.compare_changed",
        "himozuke.entrypoints.jobs.registration:compare_changed",
        cron="*/15 * * * *",
    ),
)
