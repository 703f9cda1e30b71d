"""Jobs and their progress, in the tables of the queue and our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.errors import ConflictError, NotFoundError
from himozuke.ports.actor import Actor, Role, Scope
from himozuke.ports.jobs import JobPhase, JobProgress
from himozuke.ports.office import AuditLog, Clock

QUEUE = "default"
SECONDS_BETWEEN_HEARTBEATS = 2.0
SECONDS_UNTIL_STALLED = 10.0
MOST_ATTEMPTS = 10  # a job that takes its process down each time is given up

# Writes a job into the queue, in our own transaction. One row: its id.
_DEFER = """
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
    ROW(%(queue)s, %(task)s, 0, %(lock)s, NULL, %(args)s, NULL)::procrastinate_job_to_defer_v1
])) AS job_id
"""

_ADD = """
INSERT INTO job_progress (job_id, organisation_id, user_id, task, subject, asked_at, changed_at)
VALUES (%(job_id)s, %(organisation_id)s, %(user_id)s, %(task)s, %(subject)s, %(now)s, %(now)s)
"""

# Reads job_progress. One row.
_FIND = """
SELECT job_id, organisation_id, task, subject, state, phase, done, total, message, attempts, is_cancel_requested,
       asked_at, began_at, ended_at
FROM job_progress
WHERE job_id = %(job_id)s
"""

_BEGIN = """
UPDATE job_progress
SET state = 'running', attempts = attempts + 1, began_at = COALESCE(began_at, %(now)s), changed_at = %(now)s, message = ''
WHERE job_id = %(job_id)s AND state IN ('waiting', 'running')
RETURNING is_cancel_requested
"""

_REPORT = """
UPDATE job_progress
SET phase = %(phase)s, done = %(done)s, total = %(total)s, message = %(message)s, changed_at = %(now)s
WHERE job_id = %(job_id)s
RETURNING is_cancel_requested
"""

_END = """
UPDATE job_progress
SET state = %(state)s, message = %(message)s, changed_at = %(now)s,
    ended_at = CASE WHEN %(state)s = 'waiting' THEN NULL ELSE %(now)s END
WHERE job_id = %(job_id)s
"""

# Reads procrastinate_workers. One row: whether a worker has said within seconds that it lives.
_ALIVE = """
SELECT EXISTS (
    SELECT FROM procrastinate_workers
    WHERE last_heartbeat > now() - make_interval(secs => %(seconds)s)
) AS is_alive
"""

# Reads procrastinate_jobs and procrastinate_workers. One row per job whose worker died while doing it.
_STALLED = """
SELECT job.id AS job_id, job.attempts
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
    AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
FOR UPDATE OF job SKIP LOCKED
"""


class Work(Protocol):
    """The transaction in which jobs are asked for."""

    @property
    def connection(self) -> Connection[dict[str, Any]]:
        """The connection, with rows as dictionaries."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def clock(self) -> Clock:
        """The one source of now."""

    @property
    def audit(self) -> AuditLog:
        """Where the act is written."""


class PostgresJobs:
    """The jobs the actor may see."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def defer(self, task: str, arguments: Mapping[str, object], *, subject: str = "", lock: str | None = None) -> int:
        """Have something done once this transaction is kept; it is done in the actor's name."""
        work = self._work
        args = {"actor": _written(work.actor), "arguments": dict(arguments)}
        given = {"queue": QUEUE, "task": task, "lock": lock, "args": Jsonb(args)}
        row = work.connection.execute(_DEFER, given).fetchone()
        assert row is not None  # noqa: S101 - the function gives one row a job
        job_id = int(row["job_id"])
        work.connection.execute(
            _ADD,
            {
                "job_id": job_id,
                "organisation_id": work.actor.organisation_id,
                "user_id": work.actor.user_id,
                "task": task,
                "subject": subject,
                "now": work.clock.now(),
            },
        )
        return job_id

    def find(self, job_id: int) -> JobProgress:
        """How far a job is."""
        row = self._work.connection.execute(_FIND, {"job_id": job_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no job {job_id} among yours.")
        return JobProgress(**{**row, "state": JobPhase(row["state"])})

    def cancel(self, job_id: int) -> None:
        """Stop a job: at once while it waits, at its next report while it runs."""
        connection = self._work.connection
        connection.execute("SELECT FROM job_progress WHERE job_id = %s FOR UPDATE", [job_id])
        job = self.find(job_id)
        if not job.is_open:
            raise ConflictError(f"Job {job_id} has ended ({job.state}); there is nothing to stop.")
        given = {"job_id": job_id, "now": self._work.clock.now(), "state": "cancelled", "message": ""}
        connection.execute("UPDATE job_progress SET is_cancel_requested = true WHERE job_id = %(job_id)s", given)
        # Only a job that still waits is cancelled here; a running one hears it when it next reports.
        stopped = connection.execute("SELECT procrastinate_cancel_job_v1(%s, false, false) AS id", [job_id]).fetchone()
        if stopped is not None and stopped["id"] is not None:
            connection.execute(_END, given)
        self._work.audit.record("jobs.cancel", subject="job", subject_id=job_id, details={"task": job.task})


class JobBook:
    """What the worker writes about the jobs it does, each call in the transaction it is given."""

    def __init__(self, work: Work) -> None:
        self._connection = work.connection
        self._clock = work.clock

    def begin(self, job_id: int) -> bool:
        """Note that a job runs; False when it is not to be done: somebody has stopped it, or it has ended."""
        row = self._connection.execute(_BEGIN, self._given(job_id)).fetchone()
        return row is not None and not row["is_cancel_requested"]

    def report(self, job_id: int, *, phase: str, done: int, total: int | None, message: str) -> bool:
        """Note how far a job is; False when somebody wants it stopped."""
        given = {"phase": phase, "done": done, "total": total, "message": message}
        row = self._connection.execute(_REPORT, self._given(job_id) | given).fetchone()
        return row is None or not row["is_cancel_requested"]

    def end(self, job_id: int, state: JobPhase, message: str = "") -> None:
        """Note how a job ended; WAITING when it will be tried again."""
        self._connection.execute(_END, self._given(job_id) | {"state": state.value, "message": message})

    def take_up_stalled(self, seconds: float = SECONDS_UNTIL_STALLED) -> int:
        """Put jobs of dead workers back into the queue, or give them up after the last attempt."""
        rows = self._connection.execute(_STALLED, {"seconds": seconds}).fetchall()
        for row in rows:
            job_id = row["job_id"]
            if row["attempts"] + 1 < MOST_ATTEMPTS:
                self._connection.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
                self.end(job_id, JobPhase.WAITING, "The process that did it died; it is begun again.")
            else:
                self._connection.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
                self.end(job_id, JobPhase.FAILED, f"Its process died {MOST_ATTEMPTS} times; it is given up.")
        return len(rows)

    def _given(self, job_id: int) -> dict[str, Any]:
        return {"job_id": job_id, "now": self._clock.now()}


def is_worker_alive(connection: Connection[dict[str, Any]], seconds: float = SECONDS_UNTIL_STALLED) -> bool:
    """Tell whether a worker has given a sign of life within some seconds."""
    row = connection.execute(_ALIVE, {"seconds": seconds}).fetchone()
    return row is not None and bool(row["is_alive"])


def read_actor(written: Mapping[str, Any]) -> Actor:
    """The actor a job was asked for by."""
    role = Role(written["role"]) if written["role"] else None
    return Actor(
        user_id=written["user_id"],
        login=written["login"],
        role=role,
        organisation_id=written["organisation_id"],
        scope=Scope(written["scope"]),
        person_key=written["person_key"],
    )


def _written(actor: Actor) -> dict[str, Any]:
    return {
        "user_id": actor.user_id,
        "login": actor.login,
        "role": actor.role.value if actor.role else None,
        "organisation_id": actor.organisation_id,
        "scope": actor.scope.value,
        "person_key": actor.person_key,
    }
