"""Questions that come in by telephone, at the counter or by mail, and the cases they open (S56)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from himozuke.errors import UsageError
from himozuke.incident.decide import said
from himozuke.incident.refusal import refusal
from himozuke.incident.service import CaseService, CaseTools, must_be_same
from himozuke.incident.store import CallStore
from himozuke.incident.words import codes
from himozuke.ports.office import CaseOpening, Origin

_SINCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Call:
    """A question: how it came, its category, what was said, and the link it is about where that is known."""

    channel: str
    category: str
    note: str
    link_id: int | None = None
    restriction: str = "NONE"


class CallService:
    """Writes questions down by category and opens a case where one is needed."""

    def __init__(self, tools: CaseTools, calls: CallStore, cases: CaseService) -> None:
        self._tools = tools
        self._calls = calls
        self._cases = cases

    def take(self, call: Call, *, opens_case: bool, token: str | None = None) -> tuple[int, int | None]:
        """Write a question down; its id, and the id of the case it opened or joined.

        The same form twice writes it down once; ConflictError for the same form with another content.
        """
        tools = self._tools
        organisation_id = tools.actor.organisation_id
        if (
            organisation_id is None
            or call.category not in codes("call_category")
            or call.channel not in codes("call_channel")
        ):
            raise UsageError(refusal("no_category"))
        note = said(call.note, "note")
        link_id = tools.links.find(call.link_id).link_id if call.link_id is not None else None
        if token:
            must_be_same(self._calls.taken_as(token), token)
        call_id, standing = self._calls.add_call(
            {
                "organisation_id": organisation_id,
                "at": tools.clock.now(),
                "channel": call.channel,
                "category": call.category,
                "note": note,
                "link_id": link_id,
                "taken_by": tools.actor.login,
                "token": token,
            }
        )
        if standing is not None:
            return call_id, standing.get("case_id")
        case_id = self._open(call, organisation_id, link_id, note) if opens_case else None
        if case_id is not None:
            self._calls.join_case(call_id, case_id)
        tools.audit.record(
            "incident.take_call",
            subject="call",
            subject_id=call_id,
            details={"category": call.category, "channel": call.channel, "case": case_id},
        )
        return call_id, case_id

    def newest(self, *, limit: int, offset: int) -> tuple[Sequence[Mapping[str, object]], int]:
        """A page of questions, the newest first, and how many there are."""
        return self._calls.calls(limit=limit, offset=offset)

    def by_category(self) -> Mapping[str, int]:
        """How many questions of each category came in during the last thirty days, in the order of the list."""
        counted = self._calls.count_by_category(since=self._since())
        return {category: counted.get(category, 0) for category in codes("call_category")}

    def _since(self) -> date:
        return self._tools.clock.today() - _SINCE

    def _open(self, call: Call, organisation_id: int, link_id: int | None, note: str) -> int:
        return self._cases.open_case(
            CaseOpening(
                organisation_id=organisation_id,
                link_id=link_id,
                origin=Origin.CALL,
                restriction=call.restriction,
                verdict=None,
                reasons=(),
                group_key=f"call:{call.category}",
                summary=note,
            )
        )
