"""Work that outlives a request: asked for in the transaction of an act, done by another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class JobPhase(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is. ``done`` and ``total`` count in whatever the phase counts; total may be unknown."""

    job_id: int
    organisation_id: int | None
    task: str
    subject: str
    state: JobPhase
    phase: str
    done: int
    total: int | None
    message: str
    attempts: int
    is_cancel_requested: bool
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits or runs."""
        return self.state in {JobPhase.WAITING, JobPhase.RUNNING}


class Jobs(Protocol):
    """The jobs of an actor's organisation."""

    def defer(self, task: str, arguments: Mapping[str, object], *, subject: str = "", lock: str | None = None) -> int:
        """Have something done once this transaction is kept; nothing is done when it is taken back.

        ``arguments`` are JSON: ids, never personal data. Jobs of one ``lock`` run one after the other.
        A job may be begun again after its process died, so what it does twice it must do once.
        """

    def find(self, job_id: int) -> JobProgress:
        """How far a job is; NotFoundError when there is none or it is somebody else's."""

    def cancel(self, job_id: int) -> None:
        """Stop a job: at once while it waits, at its next report while it runs.

        ConflictError when it has come to its end.
        """
