"""Notices taken in, compared with the register, released or stopped: each act in one transaction with its audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke import schemes
from himozuke.errors import NotAllowedError
from himozuke.ports.actor import Actor, Role
from himozuke.ports.office import AuditLog, Clock
from himozuke.registration.decide import Desk, accept
from himozuke.registration.model import (
    Acceptance,
    Channel,
    Filing,
    Insurer,
    NoticeState,
    Problem,
    Received,
)
from himozuke.registration.ports import NewNotice, NoticeStore, ReadFile
from himozuke.rules.model import RuleBook

_STATE_BY_ACCEPTANCE = {
    Acceptance.TAKE: NoticeState.RECEIVED,
    Acceptance.INQUIRE: NoticeState.RECEIVED,
    Acceptance.PREPARE: NoticeState.PREPARED,
    Acceptance.RETURN: NoticeState.RETURNED,
}


@dataclass(slots=True)
class ReceptionService:
    """The counter where notices come in. ``last_file_id`` is the file that was written down last."""

    store: NoticeStore
    rules: RuleBook
    actor: Actor
    clock: Clock
    audit: AuditLog
    last_file_id: int | None = None

    def receive(
        self,
        filings: Sequence[Filing],
        *,
        to: int,
        channel: Channel,
        file: ReadFile | None = None,
        received_on: date | None = None,
        mends: int | None = None,
    ) -> list[Received]:
        """Take in notices addressed to an insurer; one answer for each, in order.

        ``mends`` is the returned notice that a notice takes the place of.
        ``received_on`` is the day a paper notice came, where a clerk types it later; else today. A notice that
        lacks what the rule of its day asks for is kept as returned, with every reason. NotAllowedError for
        an employer that has no place of work under the insurer.
        """
        insurer = self.store.insurer(to)
        employer_id = self._employer(insurer)
        came_on = received_on or self.clock.today()
        desk = Desk(self.rules, schemes.find(insurer.scheme), insurer, came_on, is_by_employer=employer_id is not None)
        file_id = self.last_file_id = self.store.write_file(file, insurer, employer_id) if file else None
        notices = [
            replace(self._notice(filing, desk, channel, employer_id, file_id), mends=mends) for filing in filings
        ]
        ids = self.store.write_notices(notices)
        self.store.write_problems(
            [
                (notice_id, file_id, problem)
                for notice_id, new in zip(ids, notices, strict=True)
                for problem in new.problems
            ],
            insurer,
            employer_id,
        )
        received = []
        for notice_id, new in zip(ids, notices, strict=True):
            act = "registration.return" if new.state is NoticeState.RETURNED else "registration.receive"
            details = {
                "kind": new.filing.kind.value,
                "channel": channel.value,
                "reasons": [p.code for p in new.problems],
            } | ({"mends": new.mends} if new.mends is not None else {})
            self.audit.record(act, subject="notice", subject_id=notice_id, details=details)
            received.append(Received(notice_id, new.state, new.problems, new.filing.row))
        if file and file_id:
            self._write_file_end(file, file_id, insurer, employer_id)
        return received

    def take_up(self, *, limit: int = 1000) -> list[int]:
        """Take in what was prepared for a day that has come; its periods begin on that day (S101)."""
        taken = self.store.take_up(self.clock.today(), limit=limit)
        for notice_id in taken:
            self.audit.record(
                "registration.receive", subject="notice", subject_id=notice_id, details={"prepared": True}
            )
        return taken

    def _write_file_end(self, file: ReadFile, file_id: int, insurer: Insurer, employer_id: int | None) -> None:
        """Rows that never became a notice stand with the file."""
        self.store.write_problems([(None, file_id, problem) for problem in file.problems], insurer, employer_id)
        details = {"name": file.name, "rows": file.rows, "taken": file.rows_taken, "digest": file.digest[:16]}
        self.audit.record("registration.receive_file", subject="notice_file", subject_id=file_id, details=details)

    def _employer(self, insurer: Insurer) -> int | None:
        """The employer who files; None where the insurer itself types what came on paper."""
        if self.actor.role is not Role.EMPLOYER:
            return None
        employer_id = self.actor.organisation_id
        if employer_id is None or insurer.organisation_id not in self.store.insurers_of(employer_id):
            raise NotAllowedError(
                "Your office has no place of work under this insurer. Ask the insurer to enrol it, then file again."
            )
        return employer_id

    def _notice(
        self, filing: Filing, desk: Desk, channel: Channel, employer_id: int | None, file_id: int | None
    ) -> NewNotice:
        filing = filing.with_texts(insurer_number=filing.text("insurer_number") or desk.insurer.insurer_number)
        establishment_id, filing = self.store.place_of_work(filing, desk.insurer, employer_id)
        decision = accept(filing, desk)
        problems = list(decision.problems)
        if filing.text("insurer_number") != desk.insurer.insurer_number:
            problems.append(Problem("another_insurer", "insurer_number"))
        if employer_id is not None and establishment_id is None:
            problems.append(Problem("another_establishment", "establishment_name"))
        problems = [replace(problem, row=filing.row, line=filing.line) for problem in problems]
        state = NoticeState.RETURNED if problems else _STATE_BY_ACCEPTANCE[decision.acceptance]
        return NewNotice(
            filing=filing,
            insurer=desk.insurer,
            employer_id=employer_id,
            establishment_id=establishment_id,
            channel=channel,
            state=state,
            file_id=file_id,
            received_on=None if state is NoticeState.PREPARED else desk.received_on,
            filing_due_on=decision.filing_due_on,
            register_due_on=decision.register_due_on,
            problems=tuple(problems),
            at=self.clock.now(),
            by=self.actor.login,
        )
