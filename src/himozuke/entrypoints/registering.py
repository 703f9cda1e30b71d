"""Notices taken in and registered: the receipt stands at once, whatever the register does afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke.entrypoints.wiring import Office, OfficeWork
from himozuke.errors import UpstreamDownError
from himozuke.ports.actor import Actor, Role
from himozuke.registration.model import Channel, Filing, NoticeState, Outcome, Received, Registered
from himozuke.registration.ports import ReadFile

AT_ONCE = 200  # more notices than this are registered by a job, so that nobody waits before a page
CHUNK = 500
TASK = "registration.register"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of notices: the receipts, in order, and what was registered at once."""

    received: Sequence[Received]
    registered: Sequence[Registered]
    job_id: int | None = None
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class Consignment:
    """Notices on their way in: to whom, how they came, with which file, on which day, instead of which returned one."""

    filings: Sequence[Filing]
    to: int
    channel: Channel
    file: ReadFile | None = None
    received_on: date | None = None
    mends: int | None = None


def take_in(office: Office, actor: Actor, consignment: Consignment) -> TakenIn:
    """Receive notices in one transaction, then register them in another, or by a job where they are many.

    When the register does not answer, the receipts stand and the notices wait for the next turn.
    """
    with office.work(actor) as work:
        receipt = receive(work, consignment)
    return finish(office, actor, receipt)


def receive(work: OfficeWork, consignment: Consignment) -> TakenIn:
    """Receive notices in a transaction of the caller's; many are left to a job that begins when it is kept."""
    received = work.receptions.receive(
        consignment.filings,
        to=consignment.to,
        channel=consignment.channel,
        file=consignment.file,
        received_on=consignment.received_on,
        mends=consignment.mends,
    )
    waiting = waiting_of(received)
    file_id = work.receptions.last_file_id
    job_id = None
    if len(waiting) > AT_ONCE:
        job_id = work.jobs.defer(TASK, {"first": waiting[0], "last": waiting[-1]}, subject=f"file:{file_id}")
    return TakenIn(received, [], job_id, file_id)


def finish(office: Office, actor: Actor, receipt: TakenIn) -> TakenIn:
    """Register what was received and is not left to a job."""
    if receipt.job_id is not None:
        return receipt
    return replace(receipt, registered=register_received(office, actor, waiting_of(receipt.received)))


def waiting_of(received: Sequence[Received]) -> list[int]:
    """The notices that wait to be registered."""
    return [one.notice_id for one in received if one.state is NoticeState.RECEIVED]


def register_received(office: Office, actor: Actor, notice_ids: Iterable[int]) -> list[Registered]:
    """Register received notices, chunk by chunk, and look for other qualifications of the same people.

    An employer's notices are registered in the name of the program: the employer sees nothing of the register.
    """
    ids = list(notice_ids)
    registrar = actor if actor.role is not Role.EMPLOYER else Actor.system("registration")
    done: list[Registered] = []
    try:
        for start in range(0, len(ids), CHUNK):
            with office.work(registrar) as work:
                done += work.registering.register_notices(ids[start : start + CHUNK])
        if done:
            check_overlaps(office)
        if any(one.outcome is Outcome.ENDED for one in done):
            with office.work(Actor.system("registration")) as work:
                work.answering.compare_held(limit=CHUNK)  # what was held beside the qualification that ended
    except UpstreamDownError:
        return done  # what waits is taken up by the job that comes by itself
    return done


def check_overlaps(office: Office, *, limit: int = CHUNK) -> int:
    """Look across insurers for several valid qualifications of one number; how many sides were told."""
    with office.work(Actor.system("duplicate_check")) as work:
        return len(work.answering.check_overlaps(limit=limit))
