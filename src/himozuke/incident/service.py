"""Cases: opened, joined, carried from step to step; every act with its event and its audit row in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from himozuke.errors import ConflictError, NotFoundError
from himozuke.incident import decide, decide_after
from himozuke.incident.clocks import ClockState, clocks, next_due
from himozuke.incident.decide_after import RegistrationAnswer
from himozuke.incident.fold import fold
from himozuke.incident.model import Case, CaseState, Event, EventKind, Happening
from himozuke.incident.refusal import refusal
from himozuke.incident.steps import next_step
from himozuke.incident.store import CaseStore, Due, Stamp
from himozuke.link.restriction import Restriction
from himozuke.ports.actor import Actor
from himozuke.ports.office import AuditLog, CaseOpening, Clock, LinkBook, LinkVersion
from himozuke.rules.model import RuleBook

TAKEN_OTHERWISE = "taken_otherwise"
_CLOSED = "closed"
# What the audit says of an event: codes, numbers and days; free texts stay in the case.
_TOLD = frozenset(
    {"origin", "restriction", "verdict", "cause", "finding", "kind", "reply", "channel", "result", "basis", "how"}
    | {"letter_id", "reply_by", "known_on", "version", "viewings", "medical", "left_out", "clock", "due_on", "answer"}
    | {"user_id", "grounds", "is_covered", "changes_number", "reported_on", "proposed_by", "wrong_from", "wrong_to"}
    | {"against_basis", "group_id", "cases", "persons"}
)
Decide = Callable[[Case], Sequence[Happening]]


@dataclass(frozen=True, slots=True)
class CaseTools:
    """What every act on a case needs, of one transaction."""

    store: CaseStore
    links: LinkBook
    audit: AuditLog
    clock: Clock
    actor: Actor
    rules: RuleBook


def must_be_same(taken: str | None, token: str | None) -> bool:
    """Whether a form was taken already; ConflictError when it was with another content, which must not pass for kept."""
    if taken is not None and taken != token:
        raise ConflictError(refusal(TAKEN_OTHERWISE))
    return taken is not None


class Carrier:
    """Carries a case from one state to the next: lock, decide, write events, effects, lists and audit."""

    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    def carry(self, case_id: int, decide_: Decide, *, token: str | None = None) -> Case:
        """Let happen what the decision says; a form that was taken already changes nothing.

        NotFoundError for a case that is not the actor's; ConflictError when the form was taken with another
        content, which must not pass for kept; what the decision raises.
        """
        case = self.tools.store.lock(case_id)
        if token and must_be_same(self.tools.store.taken_as(case_id, token), token):
            return case
        return self.write(case, decide_(case), token=token)

    def write(self, case: Case, happenings: Sequence[Happening], *, token: str | None = None) -> Case:
        """Write what happens to a locked case; viewing is stopped where an event says so."""
        if not happenings:
            return case
        tools = self.tools
        events = [*case.events, *tools.store.append(case, happenings, self.stamp(token))]
        state = fold(events)
        closing = decide.closing(state)
        if closing:
            events += tools.store.append(case, closing, self.stamp(token))
            state = fold(events)
        changed = Case(case.case_id, case.organisation_id, case.link_id, case.group_id, case.opened_at, state, events)
        self.show(changed)
        new = events[len(case.events) :]
        self._stop(changed, new)
        self.evidence(changed, new)
        return changed

    def stamp(self, token: str | None = None) -> Stamp:
        """Now, in the actor's name."""
        tools = self.tools
        now = tools.clock.now()
        user_id = tools.actor.user_id
        name = tools.store.name_of(user_id) if user_id is not None else ""
        return Stamp(now, tools.clock.today(), tools.actor.login, user_id, name, token)

    def show(self, case: Case) -> None:
        """Bring the lists up to the state."""
        due = next_due(case.state, self.tools.rules)
        step = next_step(case.state) if case.state.is_open else None
        self.tools.store.project(
            case, case.state, step=step or _CLOSED, due=Due(due.due_on, due.name) if due is not None else None
        )

    def _stop(self, case: Case, new: Sequence[Event]) -> None:
        if case.link_id is None:
            return
        for event in new:
            if event.kind is not EventKind.VIEWING_STOPPED:
                continue
            link = self.tools.links.find(case.link_id)
            asked = Restriction[str(event.said["restriction"])]
            if link.state == "stopped" and Restriction[link.restriction] >= asked:
                continue  # the one who opened the case stopped it already
            self.tools.links.stop_viewing(
                case.link_id, restriction=asked.name, reason=f"case {case.case_id}: {event.said['reason']}"
            )

    def evidence(self, case: Case, new: Sequence[Event]) -> None:
        """Write the audit rows of events."""
        for event in new:
            told: dict[str, object] = {name: value for name, value in event.said.items() if name in _TOLD}
            self.tools.audit.record(
                f"incident.{event.kind}",
                subject="case",
                subject_id=case.case_id,
                details={**told, "event": event.event_id},
            )


class CaseService:
    """Opens cases and carries what needs no printing, no register and no vault. Satisfies ``CaseDesk``."""

    def __init__(self, tools: CaseTools) -> None:
        self._tools = tools
        self._carrier = Carrier(tools)

    def open_case(self, opening: CaseOpening) -> int:
        """Open a case and return its id; an open case of the same link takes the doubt up instead.

        Viewing is stopped by the same act as far as the doubt justifies. Source: S76, R-JLIS.
        """
        store = self._tools.store
        standing = store.open_case_of(opening.link_id) if opening.link_id is not None else None
        if standing is not None:
            self._carrier.carry(standing, lambda case: decide.joined(case.state, opening))
            return standing
        happenings = decide.opened(opening)
        case_id = store.add(opening, happenings[:1], self._carrier.stamp())
        case = store.lock(case_id)
        self._carrier.write(case, happenings[1:])
        if len(happenings) == 1:
            self._carrier.show(case)
        self._carrier.evidence(case, case.events)
        return case_id

    def settle_by_answer(self, link_id: int, *, answer: str, reason: str) -> None:
        """Tell the open case of a link, if there is one, that the clerk has answered (corrected, no_doubt)."""
        case_id = self._tools.store.open_case_of(link_id)
        if case_id is None:
            return
        links = self._tools.links
        link, history = links.find(link_id), links.history(link_id)
        was_seen = any("released" in (one.before.get("state"), one.after.get("state")) for one in history)

        def settle(case: Case) -> Sequence[Happening]:
            is_changed = any(one.at >= case.opened_at and "individual_number" in one.after for one in history)
            return decide_after.settle(
                case.state,
                RegistrationAnswer(
                    answer,
                    reason,
                    is_stopped=link.state == "stopped",
                    needs_two_people=link.verdict == "REFUTED" or _is_stopped_by_case(history),
                    changed_after_seen=was_seen and is_changed,
                ),
            )

        self._carrier.carry(case_id, settle)

    def case(self, case_id: int) -> Case:
        """One case with everything that happened to it; NotFoundError."""
        return self._tools.store.find(case_id)

    def act(
        self, case_id: int, decide_: Callable[[CaseState], Sequence[Happening]], *, token: str | None = None
    ) -> Case:
        """Let a decision of ``decide`` that needs nothing but the state happen."""
        return self._carrier.carry(case_id, lambda case: decide_(case.state), token=token)

    def assign(self, case_id: int, *, user_id: int, token: str | None = None) -> Case:
        """Give the case to somebody of the organisation; NotFoundError for anybody else."""
        colleague = next((one for one in self._tools.store.colleagues() if one.user_id == user_id), None)
        if colleague is None:
            raise NotFoundError(f"There is nobody {user_id} in this organisation who carries cases.")
        return self.act(case_id, lambda state: decide.assign(state, user_id=user_id, name=colleague.name), token=token)

    def overdue(self) -> Sequence[int]:
        """Open cases with a clock past its last day."""
        return self._tools.store.overdue(self._tools.clock.today())

    def escalate(self, case_id: int) -> int:
        """Raise each overdue clock of a case to the supervisor, once; answers how many were new."""
        today = self._tools.clock.today()

        def escalate(case: Case) -> Sequence[Happening]:
            return [
                Happening(EventKind.ESCALATED, {"clock": clock.name, "due_on": clock.due_on.isoformat()})
                for clock in clocks(case.state, self._tools.rules)
                if clock.state(today) is ClockState.OVERDUE and (clock.name, clock.due_on) not in case.state.escalated
            ]

        before = self._tools.store.lock(case_id)
        after = self._carrier.write(before, escalate(before))
        return len(after.events) - len(before.events)


def _is_stopped_by_case(history: Sequence[LinkVersion]) -> bool:
    """Whether the stop that stands came from a case, not from a comparison of the registration."""
    last = next((one for one in reversed(history) if "state" in one.after), None)
    return last is not None and last.act == "stop_viewing"
