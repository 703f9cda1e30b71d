"""Cases for programs: the queue and one case, for the office they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from himozuke.accounts.model import Visitor
from himozuke.entrypoints.web.incident.case_view import CARRIERS
from himozuke.entrypoints.web.routes import endpoint
from himozuke.entrypoints.wiring import Office
from himozuke.errors import NotAllowedError
from himozuke.incident.clocks import clocks
from himozuke.incident.model import Case, Event
from himozuke.incident.steps import next_step, standings
from himozuke.incident.store import CaseFilter, CaseRow
from himozuke.ports.actor import Actor

State = Literal["open", "closed", "all"]
Due = Literal["overdue", "today", "week", "escalated"]
_MOST_ID = 2**63 - 1
# Free texts stay at the desk: programs get codes, figures and days.
_TEXTS = frozenset({"note", "reason", "summary", "reasons", "registered", "evidence", "wrong_items", "items", "name"})
CaseId = Annotated[int, PathParameter(ge=1, le=_MOST_ID, description="number of the case")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="most cases in one answer")]
Offset = Annotated[
    int, QueryParameter(name="offset", ge=0, le=10_000_000, description="cases to leave out from the beginning")
]


class CaseSummary(msgspec.Struct, frozen=True):
    """One case of the queue. ``step`` is what comes next; ``due_on`` the nearest last day, by ``due_clock``."""

    case_id: int
    link_id: int | None
    scheme: str
    scheme_number: str
    origin: str
    opened_on: date
    state: str
    step: str
    restriction: str
    verdict: str | None
    cause: str | None
    due_on: date | None
    due_clock: str
    is_escalated: bool
    is_wrong: bool | None
    viewings: int | None


class CaseList(msgspec.Struct, frozen=True):
    """A page of cases, those with the nearest last day first; ``total`` counts all that match."""

    total: int
    cases: Sequence[CaseSummary]


class StepOut(msgspec.Struct, frozen=True):
    """Where one step stands: done, open, waiting, not_needed."""

    step: str
    state: str


class ClockOut(msgspec.Struct, frozen=True):
    """One clock: from when, its last day, whether met, how it stands today, and the rule behind it."""

    name: str
    since: date
    due_on: date
    met_on: date | None
    state: str
    rule: str
    source: str


class EventOut(msgspec.Struct, frozen=True):
    """One thing that happened; ``said`` holds codes, figures and days, never free text."""

    kind: str
    at: datetime
    by: str
    said: Mapping[str, Any]


class CaseOut(msgspec.Struct, frozen=True):
    """One case with its steps, clocks and history."""

    case_id: int
    link_id: int | None
    origin: str
    opened_on: date
    state: str
    next_step: str | None
    result: str | None
    restriction: str
    verdict: str | None
    reasons: Sequence[str]
    cause: str | None
    known_on: date | None
    viewings: int | None
    medical_viewings: int | None
    steps: Sequence[StepOut]
    clocks: Sequence[ClockOut]
    events: Sequence[EventOut]


@endpoint("GET", "/api/v1/cases", roles=CARRIERS, tags=["cases"], operation_id="list_cases", summary="List cases")
def list_cases(
    request: Request[Any, Any, Any],
    state_: Annotated[State, QueryParameter(name="state", description="open, closed or all")] = "open",
    due: Annotated[Due | None, QueryParameter(name="due", description="only cases due so")] = None,
    cause: Annotated[
        str | None, QueryParameter(name="cause", pattern="^C([1-9]|10)$", description="cause, C1 to C10")
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> CaseList:
    """The cases of the caller's office, those with the nearest last day first. Source: S76, S93."""
    office, actor = _caller(request)
    chosen = CaseFilter(state="" if state_ == "all" else state_, due=due or "", cause=cause or "")
    with office.work(actor) as work:
        rows, total = work.cases.store.queue(
            chosen, today=work.clock.today(), me=actor.user_id, limit=limit, offset=offset
        )
    return CaseList(total, [_summary(row) for row in rows])


@endpoint(
    "GET", "/api/v1/cases/{case_id:int}", roles=CARRIERS, tags=["cases"], operation_id="get_case", summary="One case"
)
def get_case(request: Request[Any, Any, Any], case_id: CaseId) -> CaseOut:
    """One case of the caller's office; 404 when there is none, or it belongs to somebody else."""
    office, actor = _caller(request)
    with office.work(actor) as work:
        case = work.cases.cases.case(case_id)
        return _case(case, office, work.clock.today())


def _caller(request: Request[Any, Any, Any]) -> tuple[Office, Actor]:
    visitor = request.scope.get("user")
    if not isinstance(visitor, Visitor):
        raise NotAllowedError("Log in first.")
    return request.app.state.office, visitor.actor


def _summary(row: CaseRow) -> CaseSummary:
    return CaseSummary(**{name: getattr(row, name) for name in CaseSummary.__struct_fields__})


def _case(case: Case, office: Office, today: date) -> CaseOut:
    state = case.state
    upcoming = next_step(state)
    return CaseOut(
        case_id=case.case_id,
        link_id=case.link_id,
        origin=state.origin,
        opened_on=state.opened_on,
        state="open" if state.is_open else "closed",
        next_step=upcoming.value if upcoming else None,
        result=state.result.value if state.result else None,
        restriction=state.stopped_as if state.is_stopped else "NONE",
        verdict=state.verdict,
        reasons=list(state.reasons),
        cause=state.cause,
        known_on=state.known_on,
        viewings=state.exposure.viewings if state.exposure else None,
        medical_viewings=state.exposure.medical if state.exposure else None,
        steps=[StepOut(step, where) for step, where in standings(state)],
        clocks=[
            ClockOut(one.name, one.since, one.due_on, one.met_on, one.state(today), one.rule, one.source)
            for one in clocks(state, office.rules)
        ],
        events=[_event(event) for event in case.events],
    )


def _event(event: Event) -> EventOut:
    said = {name: value for name, value in event.said.items() if name not in _TEXTS}
    return EventOut(event.kind, event.at, event.by_name or event.by_login, said)


HANDLERS: tuple[HTTPRouteHandler, ...] = (list_cases, get_case)
