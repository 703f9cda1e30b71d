"""The jobs of registration: many notices at once, what waits each quarter of an hour, and what a load changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.entrypoints.registering import CHUNK, check_overlaps
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import UpstreamDownError
from himozuke.ports.actor import Actor
from himozuke.stores import changed_links

_REGISTRAR = Actor.system("registration")


def register(job: JobRun) -> None:
    """Register the notices of one receipt, by their ids from first to last; doing it twice does it once."""
    first, last = int(job.arguments["first"]), int(job.arguments["last"])
    for start in range(first, last + 1, CHUNK):
        job.report("register", start - first, last - first + 1)
        with job.office.work(_REGISTRAR) as work:
            work.registering.register_notices(range(start, min(start + CHUNK, last + 1)))
    _check_all(job)


def take_up(job: JobRun) -> None:
    """Take up what was prepared for today, what waited for the register, and what is held unseen.

    UpstreamDownError when the register did not answer for all of it: it is tried again at the next turn. What it does
    not answer stops nothing else.
    """
    while True:
        job.report("take up")
        with job.office.work(_REGISTRAR) as work:
            if not work.receptions.take_up(limit=CHUNK):
                break
    silence = _until_done(job, "register", lambda work: work.registering.register_notices(limit=CHUNK))
    silence = _until_done(job, "compare", lambda work: work.answering.compare_held(limit=CHUNK)) or silence
    _check_all(job)
    if silence is not None:
        raise silence


def _until_done(job: JobRun, what: str, do: Callable[[OfficeWork], Sequence[object]]) -> UpstreamDownError | None:
    """Do a chunk after the other, each in its own transaction; gives why the rest of them must wait, if they must."""
    while True:
        job.report(what)
        try:
            with job.office.work(_REGISTRAR) as work:
                if not do(work):
                    return None
        except UpstreamDownError as error:
            return error


def compare_changed(job: JobRun) -> None:
    """Compare the links of those whose entry in the register changed, chunk by chunk, each kept by itself.

    UpstreamDownError when the register does not answer: what is left is compared at the next turn.
    """
    with job.office.work(_REGISTRAR) as work:
        total = changed_links.count(work.connection)
    done = 0
    while True:
        job.report("compare changed", done, max(total, done))
        with job.office.work(_REGISTRAR) as work:
            compared = work.answering.compare_changed(limit=CHUNK)
        if not compared:
            return
        done += compared


def _check_all(job: JobRun) -> None:
    while True:
        job.report("overlaps")
        with job.office.work(Actor.system("duplicate_check")) as work:
            waiting = len(work.registration_store.unchecked_numbers(limit=1))
        if not waiting:
            return
        check_overlaps(job.office)
