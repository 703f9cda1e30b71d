"""The job of inspecting an uploaded file: a child process works, the tables follow, a dead worker's run is taken up."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import msgspec

from himozuke.campaign.inspections import (
    ConfirmedAnswer,
    FoundRow,
    FunnelCount,
    InspectionWork,
    Outcome,
    QuarantinedRow,
)
from himozuke.campaign.model import RunState
from himozuke.entrypoints.jobs.inspection_child import FINDINGS, Order
from himozuke.entrypoints.jobs.register_folder import prepared_register
from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.entrypoints.wiring import Office, OfficeWork
from himozuke.errors import HimozukeError, JobCancelledError, NotFoundError, UpstreamDownError
from himozuke.inspection.words import funnel_steps
from himozuke.ports.actor import Actor

_SECONDS_BETWEEN = 0.5
Report = Callable[[str, int, int | None], None]


def _silence(_phase: str, _done: int, _total: int | None) -> None:
    """Nobody watches the job."""


_FIGURES = ("proven", "explained", "to_correct", "to_ask", "refuted", "doubtful")


def inspect(job: JobRun) -> None:
    """Do the run the job names. Told to stop, it ends the run as cancelled."""
    inspect_run(job.office, int(job.arguments["run_id"]), report=job.report)


def inspect_run(office: Office, run_id: int, *, report: Report = _silence) -> RunState | None:
    """Do one run to its end and return it; None when it had ended already.

    Called again for a run whose worker died, it starts where the half-done results stand.
    """
    actor = Actor.system("inspection")
    with office.work(actor) as work:
        begun = work.inspection_work.begin(run_id)
        answers = work.inspection_work.answers(begun[0]) if begun else ()
        insurer_number = _insurer_number(work, begun[0].organisation_id) if begun else ""
    if begun is None:
        return None
    run, upload = begun
    watched = _Watched(office, actor, run_id, report)
    try:
        folder = office.inspection_folder(run_id)
        watched.tell("register", 0, None)
        register = prepared_register(office, run.snapshot)
        order = Order(
            links=str(office.uploads.path(upload.stored_as)),
            register=str(register.folder),
            out=str(folder),
            scheme=run.scheme,
            on=run.snapshot,
            confirmed=_write_confirmed(folder / "confirmed.csv", answers),
            cache=str(office.settings.cache_dir),
            memory=office.settings.memory,
            threads=office.settings.threads,
            insurer_number=insurer_number,
        )
        end = _Child(order).follow(watched)
        if end["end"] == "done":
            watched.tell("store", 0, None)
            with office.work(actor) as work:
                work.inspection_work.finish(run_id, read_outcome(folder, register.digest))
            return RunState.DONE
        told = str(end.get("message", "")).replace(Path(upload.stored_as).name, upload.file_name)
        state, message = RunState(end["end"]), told
    except JobCancelledError:
        _end(office, run_id, RunState.CANCELLED)
        raise
    except UpstreamDownError:
        raise  # the queue tries again
    except HimozukeError as error:
        state, message = RunState.FAILED, str(error)
    _end(office, run_id, state, message)
    return state


def _insurer_number(work: OfficeWork, organisation_id: int) -> str:
    """The number under which an insurer's own links stand; empty for a body that is none."""
    try:
        return work.notice_store.insurer(organisation_id).insurer_number
    except NotFoundError:
        return ""


def _end(office: Office, run_id: int, state: RunState, message: str = "") -> None:
    with office.work(Actor.system("inspection")) as work:
        work.inspection_work.end(run_id, state, message=message)


def read_outcome(folder: Path, register_digest: str) -> Outcome:
    """Read what an inspection left in its folder."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    figures = manifest["figures"]
    return Outcome(
        figures={
            "rows": int(manifest["rows_in_file"]),
            "verdicted": int(manifest["rows_verdicted"]),
            "quarantined": int(manifest["rows_quarantined"]),
            **{name: int(figures["funnel"].get(name, 0)) for name in _FIGURES},
            "people_to_ask": int(figures["people_to_ask"]),
            "confirmed_wrong": int(figures["confirmed_wrong"]),
            "full_inspection_rows": int(figures["full_inspection_rows"]),
            **{f"restriction_{kind}": int(count) for kind, count in figures["restriction"].items()},
        },
        funnel=tuple(_funnel(folder)),
        register_digest=register_digest,
        findings=_findings(folder / FINDINGS),
        quarantine=_quarantine(folder / "quarantine.csv"),
    )


class _Watched:
    """Writes the progress of one run, and hears when somebody wants it stopped."""

    def __init__(self, office: Office, actor: Actor, run_id: int, report: Report) -> None:
        self._office, self._actor, self._run_id, self._report = office, actor, run_id, report

    def tell(self, phase: str, done: int, total: int | None) -> bool:
        """Tell the run and the job; True when the run shall stop, JobCancelledError when the job shall."""
        self._report(phase, done, total)
        with self._office.work(self._actor) as work:
            desk: InspectionWork = work.inspection_work
            return desk.tell(self._run_id, phase=phase, rows_done=done, rows_total=total)


class _Child:
    """One child process and what it says."""

    def __init__(self, order: Order) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "himozuke.entrypoints.jobs.inspection_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        with suppress(BrokenPipeError):  # a child that is dead already says nothing, which is noticed below
            assert self._process.stdin  # noqa: S101 -- asked for above
            self._process.stdin.write(msgspec.json.encode(order).decode() + "\n")
            self._process.stdin.flush()  # it stays open: its end tells the child that we are dead

    def follow(self, watched: _Watched) -> Mapping[str, Any]:
        """Wait for the end, passing progress on; the last word of the child, or why there is none."""
        try:
            return self._follow(watched)
        finally:
            self._stop()

    def _follow(self, watched: _Watched) -> Mapping[str, Any]:
        phase, done, total, told_at = "start", 0, None, 0.0
        while True:
            with suppress(Empty):
                line = self._lines.get(timeout=_SECONDS_BETWEEN)
                if line is None:
                    code = self._process.wait()
                    raise UpstreamDownError(
                        f"The inspection process ended with {code} and without a result. Start it again."
                    )
                said = json.loads(line)
                if "end" in said:
                    return dict(said)
                phase, done, total = said["phase"], said["done"], said["total"]
            if time.monotonic() - told_at >= _SECONDS_BETWEEN:
                told_at = time.monotonic()
                if watched.tell(phase, done, total):
                    return {"end": RunState.CANCELLED}

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put(None)

    def _stop(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()


def _write_confirmed(path: Path, answers: Sequence[ConfirmedAnswer]) -> str:
    """Write what has been found out so far as the inspection reads it; its path, empty when there is nothing."""
    if not answers:
        return ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("link_id", "evidence_digest", "answer", "reason", "by", "on"))
        writer.writerows(
            (one.link_key, one.evidence_digest, one.answer, one.reason, one.by, one.on.isoformat()) for one in answers
        )
    return str(path)


def _funnel(folder: Path) -> Iterator[FunnelCount]:
    known = funnel_steps()
    for step in json.loads((folder / "funnel.json").read_text("utf-8")):
        words = known[step["step"]]
        yield FunnelCount(step["step"], words["ja"], words["en"], int(step["count"]), words.get("parent"))


def _findings(path: Path) -> Iterator[FoundRow]:
    with path.open("rb") as file:
        for line in file:
            row = msgspec.json.decode(line)
            yield FoundRow(
                row=row["row"],
                link_key=row["link_id"],
                scheme_number=row["scheme_number"],
                verdict=row["verdict"],
                action=row["action"],
                restriction=row["restriction"],
                cause=row["cause"],
                rank=row["rank"],
                reasons=row["reasons"],
                evidence_digest=row["evidence_digest"],
                batch=row["batch"],
                detail=row,
            )


def _quarantine(path: Path) -> Iterator[QuarantinedRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield QuarantinedRow(
                line=int(row["line"]),
                row=int(row["row"]),
                column=row["column"],
                value=row["value"],
                code=row["code"],
                reason=row["reason"],
                remedy=row["remedy"],
            )
