"""Inspections of a campaign: files come in, runs are started, findings are read, cases opened, answers fed back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from himozuke.campaign.decide import case_opening
from himozuke.campaign.model import Fault, Finding, InspectionRun, RunState, Upload
from himozuke.campaign.service import FaultyFormError
from himozuke.errors import ConflictError, NotFoundError, UsageError
from himozuke.ports.actor import Actor
from himozuke.ports.jobs import Jobs
from himozuke.ports.office import AuditLog, CaseDesk, Clock


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A review row on its way into the tables; ``detail`` is the whole row, numbers masked."""

    row: int
    link_key: str
    scheme_number: str
    verdict: str
    action: str
    restriction: str
    cause: str | None
    rank: int | None
    reasons: Sequence[str]
    evidence_digest: str
    batch: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row of the file that could not be understood, and what to do about it; the value is masked."""

    line: int
    row: int
    column: str
    value: str
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class FunnelCount:
    """One step of the funnel of a run, in order; ``parent`` is the step it is a part of."""

    step: str
    name_ja: str
    name_en: str
    count: int
    parent: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished inspection brings into the tables."""

    figures: Mapping[str, int]
    funnel: Sequence[FunnelCount]
    register_digest: str
    findings: Iterable[FoundRow]
    quarantine: Iterable[QuarantinedRow]


@dataclass(frozen=True, slots=True)
class ConfirmedAnswer:
    """What somebody found out about a link: one line of ``--confirmed``."""

    link_key: str
    evidence_digest: str
    answer: str  # right, wrong
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings of a run to list. ``text`` is looked for in link key and scheme number."""

    action: str = ""
    verdict: str = ""
    cause: str = ""
    restriction: str = ""
    answered: str = ""  # open, answered, case
    text: str = ""


class InspectionStore(Protocol):
    """Where uploads, runs, findings and answers are kept."""

    def add_upload(self, upload: Upload) -> int:
        """Keep what is known of a file; returns its id."""

    def find_upload(self, upload_id: int) -> Upload | None:
        """The upload, None when it is not there or somebody else's."""

    def add_run(self, upload: Upload, *, snapshot: date, at: datetime) -> int:
        """Keep a run that waits to be done; returns its id."""

    def find_run(self, run_id: int, *, lock: bool = False) -> InspectionRun | None:
        """The run, None when it is not there or not to be seen."""

    def runs(self, campaign_id: int, organisation_id: int | None, *, limit: int) -> Sequence[InspectionRun]:
        """Runs of a campaign (of one body, or of all that may be seen), the youngest first."""

    def open_run_ids(self) -> Sequence[int]:
        """Runs that wait or stopped on their way, oldest first."""

    def set_state(self, run_id: int, state: RunState, *, at: datetime, message: str = "", phase: str = "") -> None:
        """Move a run on; starting counts an attempt, an end sets the moment."""

    def tell(self, run_id: int, *, phase: str, rows_done: int, rows_total: int | None) -> bool:
        """Write how far a run is; returns whether somebody asked to cancel it."""

    def ask_to_cancel(self, run_id: int) -> None:
        """Ask the worker to stop."""

    def keep_outcome(self, run: InspectionRun, outcome: Outcome) -> None:
        """Put the results of a run in place of what an earlier attempt left."""

    def funnel(self, run_id: int) -> Sequence[FunnelCount]:
        """The steps of a finished run in order."""

    def findings(self, run_id: int, chosen: FindingFilter, *, limit: int, offset: int) -> tuple[Sequence[Finding], int]:
        """A page of findings in order of the review list, and how many match."""

    def waiting(self, run_ids: Sequence[int]) -> int:
        """How many links that some runs would ask about have neither a case nor an answer, each counted once."""

    def find_finding(self, finding_id: int) -> Finding | None:
        """One finding, None when it is not there or somebody else's."""

    def findings_without_case(self, run_id: int) -> Sequence[Finding]:
        """Findings to ask about that have no case and no answer yet, in order."""

    def set_case(self, finding_id: int, case_id: int) -> None:
        """Remember the case of a finding."""

    def counts_by_cause(self, run_id: int) -> Mapping[str, int]:
        """How many findings to ask about each cause has; the empty word for none."""

    def quarantine(self, run_id: int, *, limit: int, offset: int) -> tuple[Sequence[QuarantinedRow], int]:
        """A page of quarantined rows in file order, and how many there are."""

    def keep_answer(self, organisation_id: int, scheme: str, answer: ConfirmedAnswer) -> None:
        """Keep what somebody found out, in place of an earlier answer to the same evidence."""

    def answers(self, organisation_id: int, scheme: str) -> Sequence[ConfirmedAnswer]:
        """Everything found out about links of a body and scheme, by answers and by closed cases."""


#: The task of the workers that does a run; its one argument is ``run_id``.
TASK = "campaign.inspect"


class Inspections:
    """The inspection desk of one actor within one transaction."""

    def __init__(
        self,
        store: InspectionStore,
        *,
        jobs: Jobs,
        cases: CaseDesk,
        actor: Actor,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._cases = cases
        self._actor = actor
        self._clock = clock
        self._audit = audit

    def receive(
        self, campaign_id: int, *, scheme: str, file_name: str, stored_as: str, byte_count: int, sha256: str
    ) -> Upload:
        """Take a file of links of the actor's body that has been put into the data folder."""
        body = self._actor.organisation_id
        if body is None:
            raise UsageError("Only a body sends up files.")
        if not byte_count:
            raise FaultyFormError([Fault("links", "empty_file")])
        upload = Upload(0, body, campaign_id, scheme, file_name, stored_as, byte_count, sha256, self._clock.now())
        upload_id = self._store.add_upload(upload)
        self._audit.record(
            "campaign.receive_file",
            subject="upload",
            subject_id=upload_id,
            details={"campaign": campaign_id, "scheme": scheme, "bytes": byte_count, "sha256": sha256[:16]},
        )
        return replace(upload, upload_id=upload_id)

    def start(self, upload_id: int, *, snapshot: date) -> int:
        """Have an upload inspected against the register of a day; returns the run."""
        upload = self._store.find_upload(upload_id)
        if upload is None:
            raise NotFoundError("There is no such file.")
        run_id = self._store.add_run(upload, snapshot=snapshot, at=self._clock.now())
        self._jobs.defer(TASK, {"run_id": run_id}, subject=f"inspection_run:{run_id}", lock=TASK)
        self._audit.record(
            "campaign.inspect",
            subject="inspection_run",
            subject_id=run_id,
            details={"upload": upload_id, "snapshot": str(snapshot)},
        )
        return run_id

    def cancel(self, run_id: int) -> None:
        """Stop a run; ConflictError when it has come to its end."""
        run = self.run(run_id)
        if not run.is_open:
            raise ConflictError(f"The inspection {run_id} has ended; there is nothing to stop.")
        if run.state is RunState.WAITING:
            self._store.set_state(run_id, RunState.CANCELLED, at=self._clock.now())
        else:
            self._store.ask_to_cancel(run_id)
        self._audit.record("campaign.cancel_inspection", subject="inspection_run", subject_id=run_id, details={})

    def again(self, run_id: int) -> int:
        """Inspect the same file again, with what has been found out since; returns the new run. Source: S93."""
        run = self.run(run_id)
        if run.is_open:
            raise ConflictError(f"The inspection {run_id} is still on its way; wait for its end or stop it.")
        return self.start(run.upload_id, snapshot=run.snapshot)

    def run(self, run_id: int) -> InspectionRun:
        """One run; NotFoundError when it is not there or not to be seen."""
        found = self._store.find_run(run_id)
        if found is None:
            raise NotFoundError(f"There is no inspection {run_id}.")
        return found

    def upload(self, run: InspectionRun) -> Upload:
        """The file a run inspects; only its own body sees it."""
        found = self._store.find_upload(run.upload_id)
        if found is None:
            raise NotFoundError("There is no such file.")
        return found

    def runs(self, campaign_id: int, *, of_all: bool = False, limit: int = 50) -> Sequence[InspectionRun]:
        """The runs of the actor's body, or of every body that may be seen; the youngest first."""
        return self._store.runs(campaign_id, None if of_all else self._actor.organisation_id, limit=limit)

    def funnel(self, run_id: int) -> Sequence[FunnelCount]:
        """The steps from all rows to the people to ask."""
        return self._store.funnel(run_id)

    def findings(
        self, run_id: int, chosen: FindingFilter, *, limit: int = 25, offset: int = 0
    ) -> tuple[Sequence[Finding], int]:
        """A page of the review list and how many rows match."""
        return self._store.findings(run_id, chosen, limit=limit, offset=offset)

    def waiting(self, runs: Sequence[InspectionRun]) -> int:
        """How many links to ask about have neither a case nor an answer, by the last run of each file."""
        latest: dict[tuple[str, str], int] = {}
        for one in runs:
            if one.figures:
                key = (one.scheme, one.file_name)
                latest[key] = max(latest.get(key, 0), one.run_id)
        return self._store.waiting(list(latest.values())) if latest else 0

    def finding(self, finding_id: int) -> Finding:
        """One row of the review list."""
        found = self._store.find_finding(finding_id)
        if found is None:
            raise NotFoundError("There is no such finding.")
        return found

    def quarantine(self, run_id: int, *, limit: int = 50, offset: int = 0) -> tuple[Sequence[QuarantinedRow], int]:
        """A page of the rows that could not be understood."""
        return self._store.quarantine(run_id, limit=limit, offset=offset)

    def counts_by_cause(self, run_id: int) -> Mapping[str, int]:
        """How many findings to ask about each cause has."""
        return self._store.counts_by_cause(run_id)

    def open_cases(self, run_id: int, *, summary: str) -> int:
        """Open a case for every finding to ask about that has none; returns how many. Source: S76, S93.

        Links of one cause and batch of a run come into one group. Doing it twice opens nothing twice.
        """
        run = self.run(run_id)
        if run.state is not RunState.DONE:
            raise ConflictError(f"The inspection {run_id} has no results yet; cases are opened from results.")
        findings = self._store.findings_without_case(run_id)
        for finding in findings:
            is_told = finding.link_id is None and finding.case_id is not None  # by another run of the file
            case_id = finding.case_id if is_told else None
            if case_id is None:
                case_id = self._cases.open_case(case_opening(finding, summary=summary))
            self._store.set_case(finding.finding_id, case_id)
        self._audit.record(
            "campaign.open_cases", subject="inspection_run", subject_id=run_id, details={"cases": len(findings)}
        )
        return len(findings)

    def confirm(self, finding_id: int, *, answer: str, reason: str) -> None:
        """Keep what was found out about a link: it is not asked again until its evidence changes. Source: S93."""
        finding = self.finding(finding_id)
        faults = []
        if answer not in ("right", "wrong"):
            faults.append(Fault("answer", "choose"))
        if not reason.strip():
            faults.append(Fault("reason", "needed"))
        if faults:
            raise FaultyFormError(faults)
        run = self.run(finding.run_id)
        confirmed = ConfirmedAnswer(
            finding.link_key,
            finding.evidence_digest,
            answer,
            reason.strip(),
            self._actor.login,
            self._clock.today(),
        )
        self._store.keep_answer(finding.organisation_id, run.scheme, confirmed)
        self._audit.record(
            "campaign.confirm", subject="inspection_finding", subject_id=finding_id, details={"answer": answer}
        )
        if finding.link_id is not None and answer == "right":
            self._cases.settle_by_answer(finding.link_id, answer="no_doubt", reason=reason.strip())


class InspectionWork:
    """What the worker does with a run, in short transactions of its own."""

    def __init__(self, store: InspectionStore, *, clock: Clock, audit: AuditLog) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def begin(self, run_id: int) -> tuple[InspectionRun, Upload] | None:
        """Take a run up, also one that a dead worker left; None when it has come to its end already."""
        run = self._store.find_run(run_id, lock=True)
        upload = self._store.find_upload(run.upload_id) if run else None
        if run is None or upload is None or not run.is_open:
            return None
        if run.is_cancel_asked:
            self.end(run_id, RunState.CANCELLED)
            return None
        self._store.set_state(run_id, RunState.RUNNING, at=self._clock.now(), phase="start")
        return replace(run, state=RunState.RUNNING, attempt=run.attempt + 1), upload

    def tell(self, run_id: int, *, phase: str, rows_done: int, rows_total: int | None) -> bool:
        """Write how far a run is; returns whether it shall stop."""
        return self._store.tell(run_id, phase=phase, rows_done=rows_done, rows_total=rows_total)

    def answers(self, run: InspectionRun) -> Sequence[ConfirmedAnswer]:
        """What has been found out about links of this body and scheme."""
        return self._store.answers(run.organisation_id, run.scheme)

    def finish(self, run_id: int, outcome: Outcome) -> None:
        """Put the results into the tables; all of them or none."""
        run = self._store.find_run(run_id, lock=True)
        if run is None or not run.is_open:
            raise ConflictError(f"The inspection {run_id} has ended already.")
        self._store.keep_outcome(run, outcome)
        self.end(run_id, RunState.DONE, figures=outcome.figures)

    def end(self, run_id: int, state: RunState, *, message: str = "", figures: Mapping[str, int] | None = None) -> None:
        """End a run without or with results; ``message`` is for people and holds no personal data."""
        self._store.set_state(run_id, state, at=self._clock.now(), message=message)
        self._audit.record(
            "campaign.end_inspection",
            subject="inspection_run",
            subject_id=run_id,
            details={"state": state, **(figures or {})},
        )
