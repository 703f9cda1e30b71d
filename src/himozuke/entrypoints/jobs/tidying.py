"""Throwing away what nobody needs any more: old answers to repeated requests, old attempts, ended jobs."""

from __future__ import annotations

from datetime import timedelta

from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.ports.actor import Actor

_REPEATED_REQUESTS = timedelta(days=7)
_ENDED_JOBS = timedelta(days=90)

# Writes procrastinate_jobs. Every job that ended long ago.
_JOBS = """
DELETE FROM procrastinate_jobs AS job
USING job_progress AS progress
WHERE progress.job_id = job.id
    AND progress.ended_at < %(ended)s
    AND job.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
"""

_STATEMENTS = (
    ("idempotency_key", "DELETE FROM idempotency_key WHERE begun_at < %(repeated)s"),
    ("job", _JOBS),
    ("job_progress", "DELETE FROM job_progress WHERE ended_at < %(ended)s"),
)


def tidy(run: JobRun) -> None:
    """Throw away what is too old to be asked for, and write how much that was."""
    with run.office.database.transaction(Actor.system("tidying")) as work:
        now = work.clock.now()
        given = {"repeated": now - _REPEATED_REQUESTS, "ended": now - _ENDED_JOBS}
        gone = {name: work.connection.execute(statement.encode(), given).rowcount for name, statement in _STATEMENTS}
        work.audit.record("stores.tidy", subject="database", subject_id="", details=gone)
