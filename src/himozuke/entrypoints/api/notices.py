"""Notices for programs: one as JSON, many as a file, and what became of each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, RawBody

from himozuke.entrypoints.api.bodies import NoticeBody
from himozuke.entrypoints.api.notice_words import FileOut, LinkOut, NoticeIn, NoticeOut, ProblemOut
from himozuke.entrypoints.api.problem import PROBLEM_JSON
from himozuke.entrypoints.registering import Consignment, TakenIn, finish, receive
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.registration.filing import MOST_BYTES
from himozuke.entrypoints.web.registration.notices import CLERKS, FILERS
from himozuke.entrypoints.web.routes import endpoint
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import InputRejectedError, NotAllowedError
from himozuke.gateways.notice_files import read_notice_file
from himozuke.gateways.notice_files.intake import Intake
from himozuke.identity import birth_date, individual_number
from himozuke.identity.calendar import whole_day
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Role
from himozuke.registration import words
from himozuke.registration.model import TEXTS, Channel, Filing, NoticeState, Outcome, Problem, Registered
from himozuke.rules.kinds import ITEMS
from himozuke.stores.idempotency import RepeatedRequests, StoredAnswer
from himozuke.stores.record_lists import Row

_CSV = "text/csv"
_JSON = "application/json"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PENDING = "application/vnd.himozuke.pending+json"  # received, the whole answer not kept yet
_KEY_LENGTH = 200
_COPIED = (
    "kind",
    "state",
    "channel",
    "insurer_number",
    "symbol",
    "number",
    "branch",
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "event_on",
    "received_on",
    "filing_due_on",
    "register_due_on",
    "registered_on",
    "number_source",
    "created_at",
)
_TakenNotices: Any = NoticeOut | FileOut
_FIELDS = {"qualified_on": "event_on"}  # items of the form whose field has another name
_FILES = frozenset(
    {_CSV, "text/plain", "text/tab-separated-values", "application/csv", "application/octet-stream", _XLSX}
)
_ANSWERS = ("", "given", "refused", "waiting")
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", description="The same key and content: the first answer again.", max_length=_KEY_LENGTH
    ),
]


@endpoint(
    "POST",
    "/api/v1/notices",
    roles=FILERS,
    tags=["notices"],
    operation_id="file_notices",
    operation_class=NoticeBody,
    status_code=201,
    request_max_body_size=MOST_BYTES,
    responses={
        201: ResponseSpec(
            _TakenNotices, description="The notice, or the file, as it was taken in.", generate_examples=False
        )
    },
)
def file_notices(
    desk: Desk, request: Request[Any, Any, Any], body: RawBody, idempotency_key: IdempotencyKey = None
) -> Response[bytes]:
    """File one notice as JSON, or many as `text/csv`: SHFD0006.CSV or our template.

    Each new record is compared with the resident register before it may be seen. A notice without
    Individual Number is inquired for with every item the rule of its day asks for, never with fewer. One that
    cannot be taken is kept as returned and answered with 422 and every reason; of a file the good rows go on.
    """
    media_type = request.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    is_file = media_type not in {_JSON, ""}
    if is_file and media_type not in _FILES:
        raise ClientException(
            f"{media_type} is not taken: send application/json for one notice, text/csv for a file.", status_code=415
        )
    intake = read_notice_file(body, name=_name_of(request)) if is_file else None
    filings = intake.filings if intake else [_filing(body)]
    digest = hashlib.sha256(media_type.encode() + b"\0" + body).digest()
    with desk.work() as work:
        kept = RepeatedRequests(work.transaction) if idempotency_key else None
        earlier = kept.begin(str(idempotency_key), digest) if kept else None
        receipt = _receipt(earlier) if earlier else None
        if receipt is None:
            to = _insurer(work, desk, filings)
            channel = Channel.FILE if intake else Channel.API
            receipt = receive(work, Consignment(filings, to, channel, file=intake.file if intake else None))
            if kept:
                kept.finish(str(idempotency_key), StoredAnswer(202, _PENDING, _noted(receipt)))
    if earlier and earlier.media_type != _PENDING:
        return _again(earlier)
    answer = _answer(desk, finish(desk.office, desk.actor, receipt), intake)
    if idempotency_key:
        with desk.work() as work:
            RepeatedRequests(work.transaction).finish(idempotency_key, answer)
    return _again(answer)


@endpoint("GET", "/api/v1/notices/{notice_id:int}", roles=FILERS, tags=["notices"], operation_id="show_notice")
def show_notice(desk: Desk, notice_id: int) -> NoticeOut:
    """One notice and how it stands; for the insurer, with the link it became."""
    with desk.work() as work:
        notice = work.notice_lists.notice(notice_id)
        problems = work.notice_lists.problems(notice_id=notice_id)
    return _out(desk, notice, problems)


HANDLERS: tuple[HTTPRouteHandler, ...] = (file_notices, show_notice)


def _again(answer: StoredAnswer) -> Response[bytes]:
    body = msgspec.json.decode(answer.body)
    notice_id = body.get("notice_id") if isinstance(body, dict) else None
    headers = {"Location": f"/api/v1/notices/{notice_id}"} if notice_id else {}
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)


def _noted(receipt: TakenIn) -> bytes:
    return msgspec.json.encode({"received": receipt.received, "job_id": receipt.job_id, "file_id": receipt.file_id})


def _receipt(earlier: StoredAnswer) -> TakenIn:
    """The receipt of a request that was received, but whose answer never came to be kept."""
    return msgspec.json.decode(earlier.body, type=TakenIn) if earlier.media_type == _PENDING else TakenIn((), ())


def _answer(desk: Desk, done: TakenIn, intake: Intake | None) -> StoredAnswer:
    if intake is not None:
        return StoredAnswer(201, _JSON, msgspec.json.encode(_file_out(desk, done, intake)))
    notice_id = done.received[0].notice_id
    with desk.work() as work:
        notice = work.notice_lists.notice(notice_id)
        problems = work.notice_lists.problems(notice_id=notice_id)
    out = _out(desk, notice, problems)
    if notice["state"] == NoticeState.RETURNED.value:
        return StoredAnswer(422, PROBLEM_JSON, msgspec.json.encode(_refusal(out)))
    return StoredAnswer(201, _JSON, msgspec.json.encode(out))


def _refusal(out: NoticeOut) -> dict[str, object]:
    """Problem details of a notice that goes back; it is kept under ``notice_id``."""
    return {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": " ".join(f"{problem.reason} {problem.remedy}" for problem in out.problems),
        "instance": f"/api/v1/notices/{out.notice_id}",
        "notice_id": out.notice_id,
        "errors": [
            {"key": _FIELDS.get(one.item, one.item), "message": one.reason, "code": one.code, "remedy": one.remedy}
            for one in out.problems
        ],
    }


def _file_out(desk: Desk, done: TakenIn, intake: Intake) -> FileOut:
    with desk.work() as work:
        problems = work.notice_lists.problems(file_id=done.file_id, limit=10_000) if done.file_id else []
    row_by_notice = {one.notice_id: one.file_row for one in done.received}
    line_by_row = {filing.row: filing.line for filing in intake.filings}
    later = [
        replace(problem, row=row_by_notice[one.notice_id], line=line_by_row.get(row_by_notice[one.notice_id]))
        for one in done.registered
        for problem in (_doubled(one) if desk.role in CLERKS else ())
    ]
    returned = sum(one.state is NoticeState.RETURNED for one in done.received)
    returned += sum(one.outcome is Outcome.RETURNED for one in done.registered)
    return FileOut(
        file_id=str(done.file_id or ""),
        format=intake.file.format,
        rows=intake.file.rows,
        taken=intake.file.rows_taken,
        refused=intake.file.rows - intake.file.rows_taken,
        returned=returned,
        notices=[str(one.notice_id) for one in done.received],
        problems=[_problem(one, desk) for one in (*problems, *later)],
        job_id=str(done.job_id) if done.job_id is not None else None,
    )


def _doubled(one: Registered) -> Sequence[Problem]:
    """Of a notice that was registered and is held beside a qualification the person holds already."""
    is_doubled = one.outcome is Outcome.HELD and one.verdict is not None
    return [Problem("several_valid_links", "number")] if is_doubled else []


def _problem(problem: Problem, desk: Desk) -> ProblemOut:
    said = words.tell(problem, desk.language)
    return ProblemOut(
        problem.code, problem.item, said.reason, said.remedy, problem.line, problem.row, problem.byte, problem.value
    )


def _out(desk: Desk, notice: Row, problems: Sequence[Problem]) -> NoticeOut:
    sealed = notice["individual_number_sealed"]
    return NoticeOut(
        notice_id=str(notice["notice_id"]),
        **{name: notice[name] for name in _COPIED},
        individual_number=str(desk.office.vault.open(bytes(sealed))) if sealed is not None else "",
        problems=[_problem(problem, desk) for problem in problems],
        link=_link(notice) if desk.role in CLERKS and notice["link_id"] is not None else None,
    )


def _link(notice: Row) -> LinkOut:
    states = dict(zip(ITEMS, notice["states"], strict=True)) if notice["states"] else {}
    return LinkOut(
        link_id=str(notice["link_id"]),
        state=notice["link_state"],
        restriction=notice["restriction"],
        verdict=notice["verdict"],
        action=notice["action"],
        reasons=list(notice["reasons"]),
        cause=notice["cause"],
        states=states,
        register_day=notice["register_day"],
        evidence_digest=notice["evidence_digest"],
        answer=notice["answer"],
    )


def _insurer(work: OfficeWork, desk: Desk, filings: Sequence[Filing]) -> int:
    """To whom notices go: the caller's own insurer, or that of the employer's place of work."""
    organisation_id = desk.actor.organisation_id
    if organisation_id is None:
        raise NotAllowedError("Only somebody of an organisation files notices.")
    if desk.role is not Role.EMPLOYER:
        return organisation_id
    asked = {filing.text("insurer_number") for filing in filings} - {""}
    places = work.notice_lists.establishments(employer_id=organisation_id)
    fitting: set[int] = {row["organisation_id"] for row in places if not asked or row["insurer_number"] in asked}
    if len(fitting) != 1:
        raise NotAllowedError(
            "Your office has no place of work under this insurer, or under several: "
            "name the insurer in insurer_number, or ask it to enrol your place of work."
        )
    return fitting.pop()


def _name_of(request: Request[Any, Any, Any]) -> str:
    _, _, name = request.headers.get("content-disposition", "").partition("filename=")
    return name.strip('"')[:200] or "upload.csv"


def _filing(body: RawBody) -> Filing:
    try:
        given = msgspec.json.decode(body, type=NoticeIn)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputRejectedError(
            f"Cannot read this notice: {error}. Send a JSON object as the reference describes."
        ) from error
    event_on = _day(given.event_on)
    if event_on is None:
        raise InputRejectedError("Cannot read this notice: event_on is no day; write it like 2026-04-01.")
    if given.number_answer not in _ANSWERS:
        raise InputRejectedError("Cannot read this notice: number_answer is given, refused, waiting or empty.")
    typed = given.individual_number.strip()
    number = individual_number.parse(typed) if typed else None
    texts = {name: _plain(getattr(given, name)) for name in TEXTS}
    return Filing(
        kind=given.kind,
        event_on=event_on,
        texts={name: text for name, text in texts.items() if text},
        individual_number=IndividualNumber(number) if number is not None else None,
        number_is_unreadable=bool(typed) and number is None,
        number_asked_on=_day(given.number_asked_on) if given.number_asked_on else None,
        number_answer=given.number_answer,
    )


def _plain(text: str) -> str:
    if "\0" in text:
        raise InputRejectedError("Cannot read this notice: a text holds NUL; take it out.")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _day(text: str) -> date | None:
    return whole_day(birth_date.parse(text))
