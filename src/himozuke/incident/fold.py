"""From what happened to where a case stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from himozuke.incident.model import (
    CaseState,
    Channel,
    Event,
    EventKind,
    ExposureFinding,
    Finding,
    Found,
    PersonReply,
    Proposal,
    Reply,
    Result,
    SentLetter,
)
from himozuke.link.restriction import Restriction
from himozuke.ports.office import Origin

Said = Mapping[str, Any]
Folding = Callable[[CaseState, Event, Said], CaseState]


def fold(events: Sequence[Event]) -> CaseState:
    """Where a case stands after its events, oldest first; the first is always ``opened``."""
    state = _opened(events[0])
    for event in events[1:]:
        folding = _FOLDINGS.get(event.kind)
        state = folding(state, event, event.said) if folding else state
    return state


def _opened(event: Event) -> CaseState:
    said: Said = event.said
    return CaseState(
        origin=Origin(said["origin"]),
        opened_on=event.on,
        restriction=said["restriction"],
        verdict=said.get("verdict"),
        reasons=tuple(said.get("reasons", ())),
        cause=said.get("cause"),
        has_link=bool(said.get("has_link", True)),
    )


def _joined(state: CaseState, _event: Event, said: Said) -> CaseState:
    asked = max(Restriction[state.restriction], Restriction[said["restriction"]])
    return replace(
        state,
        restriction=asked.name,
        verdict=said.get("verdict") or state.verdict,
        cause=said.get("cause") or state.cause,
        reasons=tuple(dict.fromkeys([*state.reasons, *said.get("reasons", ())])),
        doubts=state.doubts + 1,
    )


def _assigned(state: CaseState, _event: Event, said: Said) -> CaseState:
    return replace(state, assignee_id=said["user_id"], assignee_name=said["name"])


def _stopped(state: CaseState, event: Event, said: Said) -> CaseState:
    since = state.stopped_on if state.is_stopped else event.on
    return replace(state, stopped_on=since, stopped_as=said["restriction"], released_on=None, release=None)


def _papers(state: CaseState, event: Event, said: Said) -> CaseState:
    found = Found(Finding(said["finding"]), said.get("note", ""), event.on)
    return replace(state, papers=found, last_answer_on=event.on)


def _employer_asked(state: CaseState, event: Event, _said: Said) -> CaseState:
    return replace(state, employer_asked_on=event.on, employer=None)


def _employer(state: CaseState, event: Event, said: Said) -> CaseState:
    found = Found(Finding(said["finding"]), said.get("note", ""), event.on)
    return replace(state, employer=found, last_answer_on=event.on)


def _letter(state: CaseState, event: Event, said: Said) -> CaseState:
    sent = SentLetter(said["letter_id"], said["kind"], event.on, _day(said.get("reply_by")))
    return replace(state, letters=(*state.letters, sent))


def _returned(state: CaseState, event: Event, said: Said) -> CaseState:
    letters = tuple(
        replace(letter, returned_on=event.on) if letter.letter_id == said["letter_id"] else letter
        for letter in state.letters
    )
    return replace(state, letters=letters)


def _asked_otherwise(state: CaseState, event: Event, said: Said) -> CaseState:
    return replace(state, asked_otherwise=said["how"], asked_otherwise_on=event.on)


def _answered(state: CaseState, event: Event, said: Said) -> CaseState:
    answer = PersonReply(
        Reply(said["reply"]), Channel(said["channel"]), event.on, said.get("wrong_items", {}), said.get("note", "")
    )
    return replace(state, person=answer, last_answer_on=event.on)


def _confirmed(state: CaseState, event: Event, said: Said) -> CaseState:
    result = Result(said["result"])
    known = _day(said.get("known_on")) or (event.on if result is Result.WRONG else None)
    return replace(
        state,
        result=result,
        confirmed_on=event.on,
        basis=said["basis"],
        known_on=known,
        cause=said.get("cause") or state.cause,
    )


def _unconfirmed(state: CaseState, _event: Event, _said: Said) -> CaseState:
    return replace(
        state,
        result=None,
        confirmed_on=None,
        basis="",
        known_on=None,
        last_answer_on=state.contradicted_on or state.last_answer_on,
        contradicted_on=None,
        correction=None,
        release=None,
        exposure=None,
    )


def _contradicted(state: CaseState, event: Event, said: Said) -> CaseState:
    """The answer stands beside what was found, so that a new confirmation can rest on it."""
    items, note = said.get("wrong_items", {}), said.get("note", "")
    answer = PersonReply(Reply(said["late_reply"]), Channel.WEB, event.on, items, note)
    return replace(state, contradicted_on=event.on, person=answer)


def _kept(state: CaseState, _event: Event, _said: Said) -> CaseState:
    return replace(state, contradicted_on=None)


def _proposal(event: Event, said: Said) -> Proposal:
    return Proposal(
        by_login=event.by_login,
        by_name=event.by_name or event.by_login,
        on=event.on,
        reason=said.get("reason", ""),
        items=said.get("items", {}),
        individual_number_sealed=event.individual_number_sealed,
        verdict=said.get("verdict", ""),
    )


def _correction_proposed(state: CaseState, event: Event, said: Said) -> CaseState:
    return replace(state, correction=_proposal(event, said))


def _correction_rejected(state: CaseState, _event: Event, _said: Said) -> CaseState:
    return replace(state, correction=None)


def _corrected(state: CaseState, event: Event, said: Said) -> CaseState:
    return replace(state, correction=None, corrected_on=event.on, corrected_version=said.get("version"))


def _correction_undone(state: CaseState, _event: Event, _said: Said) -> CaseState:
    return replace(state, corrected_on=None, corrected_version=None, exposure=None, release=None)


def _exposure(state: CaseState, event: Event, said: Said) -> CaseState:
    found = ExposureFinding(
        on=event.on,
        wrong_from=date.fromisoformat(said["wrong_from"]),
        wrong_to=date.fromisoformat(said["wrong_to"]),
        viewings=said["viewings"],
        medical=said["medical"],
        left_out=said.get("left_out", 0),
        note=said.get("note", ""),
    )
    return replace(
        state, exposure=found, is_malicious=bool(said.get("is_malicious")), is_public=bool(said.get("is_public"))
    )


def _waived(state: CaseState, _event: Event, said: Said) -> CaseState:
    return replace(state, report_waived=said["reason"])


def _submitted(state: CaseState, event: Event, said: Said) -> CaseState:
    day = _day(said.get("reported_on")) or event.on
    return replace(state, prompt_on=day) if said["kind"] == "prompt" else replace(state, final_on=day)


def _told(state: CaseState, event: Event, _said: Said) -> CaseState:
    return replace(state, told_on=event.on)


def _not_told(state: CaseState, _event: Event, said: Said) -> CaseState:
    return replace(state, not_told=said["reason"])


def _release_proposed(state: CaseState, event: Event, said: Said) -> CaseState:
    return replace(state, release=_proposal(event, said))


def _release_rejected(state: CaseState, _event: Event, _said: Said) -> CaseState:
    return replace(state, release=None)


def _released(state: CaseState, event: Event, _said: Said) -> CaseState:
    return replace(state, release=None, released_on=event.on)


def _published(state: CaseState, event: Event, said: Said) -> CaseState:
    return replace(state, published_on=event.on, publication=said["version"])


def _settled(state: CaseState, event: Event, said: Said) -> CaseState:
    result = Result(said["result"])
    known = event.on if result is Result.WRONG else None
    corrected = event.on if said.get("is_corrected") else None
    released = event.on if state.is_stopped and said.get("is_released") else state.released_on
    return replace(
        state,
        result=result,
        confirmed_on=event.on,
        basis="papers",
        known_on=known,
        corrected_on=corrected,
        released_on=released,
        correction=None,
        release=None,
    )


def _escalated(state: CaseState, _event: Event, said: Said) -> CaseState:
    mark = (str(said["clock"]), date.fromisoformat(said["due_on"]))
    return replace(state, escalated=state.escalated | {mark})


def _closed(state: CaseState, event: Event, _said: Said) -> CaseState:
    return replace(state, closed_on=event.on)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_FOLDINGS: Mapping[EventKind, Folding] = {
    EventKind.JOINED: _joined,
    EventKind.ASSIGNED: _assigned,
    EventKind.VIEWING_STOPPED: _stopped,
    EventKind.PAPERS_CHECKED: _papers,
    EventKind.EMPLOYER_ASKED: _employer_asked,
    EventKind.EMPLOYER_ANSWERED: _employer,
    EventKind.PERSON_ASKED: _letter,
    EventKind.PERSON_REMINDED: _letter,
    EventKind.PERSON_ASKED_OTHERWISE: _asked_otherwise,
    EventKind.LETTER_RETURNED: _returned,
    EventKind.PERSON_ANSWERED: _answered,
    EventKind.CONFIRMED: _confirmed,
    EventKind.CONFIRMATION_UNDONE: _unconfirmed,
    EventKind.REPLY_CONTRADICTS: _contradicted,
    EventKind.CONCLUSION_KEPT: _kept,
    EventKind.CORRECTION_PROPOSED: _correction_proposed,
    EventKind.CORRECTION_REJECTED: _correction_rejected,
    EventKind.CORRECTED: _corrected,
    EventKind.CORRECTION_UNDONE: _correction_undone,
    EventKind.EXPOSURE_FOUND: _exposure,
    EventKind.REPORT_WAIVED: _waived,
    EventKind.REPORT_SUBMITTED: _submitted,
    EventKind.PERSON_TOLD: _told,
    EventKind.PERSON_NOT_TOLD: _not_told,
    EventKind.RELEASE_PROPOSED: _release_proposed,
    EventKind.RELEASE_REJECTED: _release_rejected,
    EventKind.RELEASED: _released,
    EventKind.PUBLISHED: _published,
    EventKind.SETTLED: _settled,
    EventKind.ESCALATED: _escalated,
    EventKind.CLOSED: _closed,
}
