"""Answers request files: reads the message, asks the service, keeps the answer, all in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog

from himozuke.eligibility.model import Reference, Viewable
from himozuke.eligibility.service import Checked, EligibilityService
from himozuke.eligibility.store import AnsweredFile, BulkRequest, EligibilityStore, Institution
from himozuke.errors import ConflictError, UpstreamDownError
from himozuke.gateways.oqs_files import medical_answers
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame, Unit
from himozuke.gateways.oqs_files.catalogue import Catalogue, MessageKind, RequestName
from himozuke.gateways.oqs_files.folder import Given, Share
from himozuke.gateways.oqs_files.requests import (
    ConsentedRequest,
    EligibilityRequest,
    Header,
    MedicalRequest,
    ReceptionRequest,
    ReferenceNumber,
    ReferenceNumberRequest,
    Request,
    SearchInfo,
    read_request,
)
from himozuke.gateways.oqs_files.sealed_zip import open_sealed, seal
from himozuke.gateways.oqs_files.xml_text import CharacterCode, Message, MessageProblemError, read_message, recoded
from himozuke.ports.actor import Actor
from himozuke.ports.office import Clock
from himozuke.stores.database import Database, Work

_UNFINISHED = frozenset({"HZ-F02", "HZ-F04"})  # what a file that is still being written looks like
_FAULT = MessageProblemError("HZ-S01", "")
_LOG = structlog.get_logger(__name__)
_ELIGIBILITY = frozenset({"eligibility", "bulk_eligibility"})
_MEDICAL = {"medicines": Viewable.MEDICINES, "checkups": Viewable.CHECKUPS}


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of one transaction, as the answers need them."""

    service: EligibilityService
    store: EligibilityStore
    clock: Clock


OpenDesk = Callable[[Work], Desk]


@dataclass(frozen=True, slots=True)
class Turn:
    """One request file of one institution, answered at one moment; ``reception_number`` where it was taken in before."""

    desk: Desk
    institution: Institution
    at: datetime
    reception_number: str | None = None

    def frame(self, message: Message, header: Header) -> Frame:
        """The header of an answer to a message."""
        return Frame(header, self.at, message.code)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a request came to: the message that goes back, and the number under which a bulk request was taken in."""

    content: bytes
    is_refused: bool = False
    reception_number: str | None = None


class FolderAnswering:
    """Answers every request file of every institution."""

    def __init__(self, database: Database, open_desk: OpenDesk, catalogue: Catalogue, *, language: str = "ja") -> None:
        self._database = database
        self._open_desk = open_desk
        self._catalogue = catalogue
        self._writer = AnswerWriter(catalogue, language)

    def answer(
        self, share: Share, name: RequestName, content: bytes, *, is_settled: bool, is_retaken: bool
    ) -> Given | None:
        """Answer a request file; None while it may still be growing.

        The same file again is judged again, since what stands may have been stopped since; a bulk request
        keeps its reception number. UpstreamDownError when the database is away.
        """
        try:
            return self._answer_now(share, name, content, is_settled=is_settled, is_retaken=is_retaken)
        except UpstreamDownError:
            raise
        except Exception as error:  # noqa: BLE001  # one request must not stop the others, nor come back for ever
            _LOG.exception("oqs.fault", file=f"{share.name}/{name.answer}", kind=type(error).__name__)
            frame = Frame(Header("", ""), self._database.clock.now(), CharacterCode.UTF_8)
            return Given(self._refused(self._catalogue.kind(name.prefix), frame, _FAULT), is_refused=True)

    def _answer_now(
        self, share: Share, name: RequestName, content: bytes, *, is_settled: bool, is_retaken: bool
    ) -> Given | None:
        digest = hashlib.sha256(content).digest()
        with self._database.answering(Actor.system("oqs")) as work:
            desk = self._open_desk(work)
            institution = desk.store.institution_of_folder(share.name)
            if institution is None:
                return self._unknown_institution(desk, name)
            earlier = desk.store.answered_file(institution, name.answer, digest)
            now = desk.clock.now()
            at = earlier.answered_at.astimezone(now.tzinfo) if earlier is not None and is_retaken else now
            turn = Turn(desk, institution, at, earlier.reception_number if earlier is not None else None)
            carried = self._answered(turn, name, content)
            if carried.is_refused and not is_settled and self._may_grow(content, name):
                return None
            answered = AnsweredFile(at, hashlib.sha256(carried.content).digest(), carried.reception_number)
            if is_retaken and answered == earlier:
                work.connection.rollback()  # the showing was written down at the first try
            else:
                desk.store.keep_answered_file(institution, name.answer, digest, answered)
            return self._sealed(institution, name, carried)

    def work_off(self) -> bool:
        """Work off the oldest bulk request that waits; False when there is none.

        One that cannot be worked off gets an error as its result, so that the others go on.
        """
        asked: tuple[str, Institution, str, bytes] | None = None
        try:
            with self._database.transaction(Actor.system("oqs")) as work:
                desk = self._open_desk(work)
                asked = desk.store.next_bulk()
                if asked is None:
                    return False
                reception, institution, kind, content = asked
                message = read_message(content)
                turn = Turn(desk, institution, desk.clock.now())
                answer = self._worked_off(turn, reception, message, read_request(kind, message.root))
                desk.store.finish_bulk(reception, answer, at=turn.at)
                return True
        except UpstreamDownError:
            raise
        except Exception as error:
            if asked is None:
                raise
            self._give_up_bulk(asked[0], asked[1], error)
            return True

    def _give_up_bulk(self, reception: str, institution: Institution, error: Exception) -> None:
        _LOG.exception("oqs.bulk_fault", reception=reception, kind=type(error).__name__)
        problem = error if isinstance(error, MessageProblemError) else _FAULT
        with self._database.transaction(Actor.system("oqs")) as work:
            desk = self._open_desk(work)
            frame = Frame(Header(institution.code, ""), desk.clock.now(), CharacterCode.UTF_8)
            desk.store.finish_bulk(reception, self._writer.refused(frame, problem), at=desk.clock.now())

    def _answered(self, turn: Turn, name: RequestName, content: bytes) -> Carried:
        kind = self._catalogue.kind(name.prefix)
        frame = Frame(Header(turn.institution.code, ""), turn.at, CharacterCode.UTF_8)
        try:
            message = read_message(self._opened(turn.institution, name, content))
            frame = frame_of_refusal(message, kind, turn.institution.code, turn.at)
            return self._carried_out(turn, _known(kind, name), message)
        except MessageProblemError as problem:
            return Carried(self._refused(kind, frame, problem), is_refused=True)

    def _carried_out(self, turn: Turn, kind: MessageKind, message: Message) -> Carried:
        request = read_request(kind.code, message.root, since=turn.desk.service.first_day)
        institution = turn.institution
        if request.header.institution_code != institution.code:
            raise MessageProblemError("HZ-R03", request.header.institution_code)
        frame = turn.frame(message, request.header)
        match request:
            case EligibilityRequest() if kind.code == "eligibility":
                [search] = _people(request)[:1]
                checked = turn.desk.service.check(institution, request.questions()[0])
                return Carried(self._writer.eligibility(_asked(frame, request), told(checked, search)))
            case ReferenceNumberRequest() if kind.code == "reference_number":
                return Carried(self._registered(turn, frame, request))
            case ReceptionRequest():
                return Carried(self._fetched(turn, kind, frame, request.reception_number))
            case MedicalRequest():
                return Carried(_medical(self._catalogue, turn, kind.code, request, message.code))
            case ConsentedRequest():
                _must_treat(institution, request)
        reception = turn.reception_number or turn.desk.store.accept_bulk(
            institution, kind.code, message.content, at=turn.at
        )
        return Carried(self._writer.accepted(frame, reception), reception_number=reception)

    def _registered(self, turn: Turn, frame: Frame, request: ReferenceNumberRequest) -> bytes:
        [number] = [one for one in request.numbers if isinstance(one, ReferenceNumber)][:1]
        kept = _kept(turn, number)
        if isinstance(kept, MessageProblemError):
            raise kept
        return self._writer.registered(frame, kept)

    def _fetched(self, turn: Turn, kind: MessageKind, frame: Frame, reception: str) -> bytes:
        """The result of a bulk request, in the code of the fetch; people are judged as they stand at this moment."""
        found = turn.desk.store.bulk_request(turn.institution, reception)
        if found is None or f"{found.kind}_result" != kind.code:
            raise MessageProblemError("HZ-R05", reception)
        if not found.is_done:
            return self._writer.running(frame, reception)
        if found.answer is not None:
            return recoded(found.answer, frame.code)
        return self._judged(turn, frame, reception, found)

    def _judged(self, turn: Turn, frame: Frame, reception: str, found: BulkRequest) -> bytes:
        request = read_request(found.kind, read_message(found.request).root)
        frame = replace(frame, header=request.header)
        match request:
            case EligibilityRequest():
                questions = iter(request.questions())
                units: list[Unit] = [
                    one
                    if isinstance(one, MessageProblemError)
                    else told(turn.desk.service.check(turn.institution, next(questions)), one)
                    for one in request.people
                ]
                return self._writer.bulk_eligibility(_asked(frame, request), reception, units)
            case ConsentedRequest():
                by_card = replace(frame, on=turn.desk.clock.today(), reference=Reference.CARD)
                return self._writer.bulk_eligibility(by_card, reception, _consented(turn, request))
            case _:
                raise MessageProblemError("HZ-R04", "")

    def _worked_off(self, turn: Turn, reception: str, message: Message, request: Request) -> bytes | None:
        """Carry out what a bulk request changes; None where it asks about people, who are judged at the fetch."""
        if not isinstance(request, ReferenceNumberRequest):
            return None
        units = [_kept(turn, one) for one in request.numbers]
        return self._writer.bulk_registered(turn.frame(message, request.header), reception, units)

    def _opened(self, institution: Institution, name: RequestName, content: bytes) -> bytes:
        if name.extension != "zip":
            return content
        if institution.zip_password is None:
            raise MessageProblemError("HZ-F07", "No password is set for this institution.")
        return open_sealed(content, institution.zip_password)

    def _sealed(self, institution: Institution, name: RequestName, carried: Carried) -> Given:
        """The answer as a file: in a ZIP with the institution's password where the request came in one."""
        if name.extension == "zip" and institution.zip_password is not None:
            content = seal(f"{name.answer}.xml", carried.content, institution.zip_password)
            return Given(content, "zip", carried.is_refused)
        return Given(carried.content, "xml", carried.is_refused)

    def _refused(self, kind: MessageKind | None, frame: Frame, problem: MessageProblemError) -> bytes:
        if kind is not None and kind.code in _MEDICAL:
            return medical_answers.refused(
                f"{self._catalogue.written(problem.code)} {self._writer.said(problem)}", frame.code
            )
        return self._writer.refused(frame, problem)

    def _unknown_institution(self, desk: Desk, name: RequestName) -> Given:
        frame = Frame(Header("", ""), desk.clock.now(), CharacterCode.UTF_8)
        problem = MessageProblemError("HZ-R03", "The folder belongs to no registered institution.")
        return Given(self._refused(self._catalogue.kind(name.prefix), frame, problem), is_refused=True)

    @staticmethod
    def _may_grow(content: bytes, name: RequestName) -> bool:
        if name.extension == "zip":
            return True
        try:
            read_message(content)
        except MessageProblemError as problem:
            return problem.code in _UNFINISHED
        return False


def frame_of_refusal(message: Message, kind: MessageKind | None, institution_code: str, at: datetime) -> Frame:
    """The header of a refusal: what can be read of the request is given back, since strict clients need it."""
    told = message.root.child("MessageHeader")
    on, identifier = None, ""
    if told is not None:
        identifier = told.value("ArbitraryFileIdentifier")
        with suppress(ValueError):
            on = datetime.strptime(told.value("QualificationConfirmationDate"), "%Y%m%d").date()  # noqa: DTZ007
    reference = Reference.INSURED_NUMBER if kind is not None and kind.code in _ELIGIBILITY else None
    return Frame(Header(institution_code, identifier), at, message.code, on, reference)


def _known(kind: MessageKind | None, name: RequestName) -> MessageKind:
    if kind is None:
        raise MessageProblemError("HZ-F01", f"The prefix {name.prefix} is not known.")
    return kind


def _asked(frame: Frame, request: EligibilityRequest) -> Frame:
    return Frame(frame.header, frame.executed_at, frame.code, request.on, Reference.INSURED_NUMBER)


def _people(request: EligibilityRequest) -> list[SearchInfo]:
    return [one for one in request.people if isinstance(one, SearchInfo)]


def told(checked: Checked, search: SearchInfo | None) -> Answered:
    """What was found, with the institution's own number of each qualification shown."""
    return Answered(checked.finding, search, checked.reference_numbers)


def _kept(turn: Turn, one: ReferenceNumber | MessageProblemError) -> ReferenceNumber | MessageProblemError:
    if isinstance(one, MessageProblemError):
        return one
    try:
        if turn.desk.service.register_reference_number(turn.institution, one.key, one.reference_number):
            return one
    except ConflictError:
        return MessageProblemError("HZ-R02", "ReferenceNumber: another patient of yours has it.", echo=one.echo)
    return MessageProblemError("HZ-Q01", "", echo=one.echo)


def _consented(turn: Turn, request: ConsentedRequest) -> Sequence[Answered]:
    since = request.consented_from or request.examined_from or turn.desk.clock.today()
    until = request.consented_until or request.examined_until or since
    channel: Literal["home", "online"] = "home" if request.treatment == "2" else "online"
    answers = turn.desk.service.consented(turn.institution, channel=channel, since=since, until=until)
    return [told(checked, None) for checked in answers]


def _must_treat(institution: Institution, request: ConsentedRequest) -> None:
    if not (institution.treats_at_home if request.treatment == "2" else institution.treats_online):
        raise MessageProblemError("HZ-R04", "")


def _medical(catalogue: Catalogue, turn: Turn, kind: str, request: MedicalRequest, code: CharacterCode) -> bytes:
    answer = turn.desk.service.medical(turn.institution, request.key, _MEDICAL[kind])
    if answer.refusal or answer.qualification is None:
        return medical_answers.refused(f"{catalogue.written(answer.refusal)} {catalogue.text(answer.refusal)}", code)
    if kind == "medicines":
        return medical_answers.medicines(answer.qualification, answer.entries, request.months, code)
    return medical_answers.checkups(answer.qualification, answer.entries, code)
