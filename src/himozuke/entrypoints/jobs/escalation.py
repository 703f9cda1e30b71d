"""Raising overdue cases to the supervisor, every hour."""

from __future__ import annotations

from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.ports.actor import Actor

_AT_ONCE = 100


def escalate(run: JobRun) -> None:
    """Raise every overdue clock once; a few cases a transaction, so that nobody at the desk waits for it."""
    actor = Actor.system("escalation")
    with run.office.work(actor) as work:
        overdue = work.cases.cases.overdue()
    for first in range(0, len(overdue), _AT_ONCE):
        with run.office.work(actor) as work:
            for case_id in overdue[first : first + _AT_ONCE]:
                work.cases.cases.escalate(case_id)
