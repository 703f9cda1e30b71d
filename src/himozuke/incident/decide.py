"""What may happen to a case next, by its state, the one who acts, the day and the dated rules. Pure.

Every act answers with what happens; ConflictError when the case is not where the act presumes,
NotAllowedError when somebody else must do it, RuleRefusedError citing the rule that forbids it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from himozuke.errors import ConflictError, NotAllowedError, RuleRefusedError, UsageError
from himozuke.identity.individual_number import mask
from himozuke.incident.model import (
    DECISIVE,
    CaseState,
    Channel,
    EventKind,
    Finding,
    Happening,
    Proposal,
    Reply,
    Result,
    Step,
    StepState,
)
from himozuke.incident.refusal import refusal
from himozuke.incident.steps import has_basis, is_finished, standing
from himozuke.link.restriction import Restriction
from himozuke.ports.office import CaseOpening
from himozuke.rules.kinds import ITEMS
from himozuke.rules.model import RuleBook

_MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Past:
    """Whether the link is one of the past: the day the status ended, None where it goes on."""

    valid_to: date | None


def opened(opening: CaseOpening) -> Sequence[Happening]:
    """A case begins; viewing is stopped by the same act as far as the doubt justifies."""
    first = Happening(EventKind.OPENED, {**_doubt(opening), "has_link": opening.link_id is not None})
    return [first, *_stop_when_justified("NONE", opening.restriction, opening.summary)]


def joined(state: CaseState, opening: CaseOpening) -> Sequence[Happening]:
    """Another doubt about the same link joins the open case; a stricter stop is taken over."""
    stopped = state.stopped_as if state.is_stopped else "NONE"
    return [Happening(EventKind.JOINED, _doubt(opening)), *_stop_when_justified(stopped, opening.restriction, "")]


def assign(state: CaseState, *, user_id: int, name: str) -> Sequence[Happening]:
    """Somebody takes the case, or gives it to somebody."""
    _must_be_open(state)
    if state.assignee_id == user_id:
        return ()
    return [Happening(EventKind.ASSIGNED, {"user_id": user_id, "name": name})]


def note(state: CaseState, text: str) -> Sequence[Happening]:
    """A remark for the timeline."""
    _must_be_open(state)
    return [Happening(EventKind.NOTED, {"note": said(text, "note")})]


def stop_viewing(state: CaseState, *, restriction: str, reason: str) -> Sequence[Happening]:
    """Stop viewing, or stop more of it; a stop is never loosened this way."""
    _must_be_open(state)
    asked = Restriction[restriction]
    standing_now = Restriction[state.stopped_as] if state.is_stopped else Restriction.NONE
    if asked is Restriction.NONE or asked <= standing_now:
        raise ConflictError(refusal("already_stopped", restriction=standing_now.name))
    return [_stopped(restriction, said(reason, "reason"))]


def check_papers(state: CaseState, *, finding: Finding, note_: str) -> Sequence[Happening]:
    """What the insurer's own papers show; may be looked up again until right or wrong is confirmed."""
    _must_be_undecided(state)
    return [Happening(EventKind.PAPERS_CHECKED, {"finding": finding, "note": said(note_, "note")})]


def ask_employer(state: CaseState, *, note_: str) -> Sequence[Happening]:
    """Ask the employer, after the own papers (R-JLIS: the order of work)."""
    _must_be_undecided(state)
    _papers_first(state)
    return [Happening(EventKind.EMPLOYER_ASKED, {"note": said(note_, "note")})]


def employer_answered(state: CaseState, *, finding: Finding, note_: str) -> Sequence[Happening]:
    """What the employer says; ``none`` with the reason where there is no employer to ask."""
    _must_be_undecided(state)
    _papers_first(state)
    return [Happening(EventKind.EMPLOYER_ANSWERED, {"finding": finding, "note": said(note_, "note")})]


def may_write(state: CaseState, *, past: Past, is_protected: bool, rules: RuleBook, today: date) -> None:
    """Refuse a letter to the person where one must not be sent.

    RuleRefusedError: for a status of the past (mail may reach a stranger, and tells where somebody
    worked), and for a protected person, whose address must show nowhere. ConflictError: before papers and
    employer have been asked. Source: R-JLIS, check.past_record_contact.
    """
    _must_be_undecided(state)
    refuse_past(past, rules, today=today)
    if is_protected:
        raise RuleRefusedError(refusal("protected"))
    if state.papers is None or (state.employer is None and standing(state, Step.EMPLOYER) is not StepState.NOT_NEEDED):
        raise ConflictError(refusal("person_last"))


def refuse_past(past: Past, rules: RuleBook, *, today: date) -> None:
    """RuleRefusedError when the status has ended: nobody writes to the person about the past."""
    entry = rules.entry("check.past_record_contact", today)
    if past.valid_to is not None and past.valid_to <= today and entry.value == "forbidden":
        raise RuleRefusedError(refusal("past", valid_to=past.valid_to, source=entry.source))


def letter_sent(kind: str, *, letter_id: int, reply_by: date, reminder_of: date | None) -> Happening:
    """An inquiry or a reminder has been printed to be sent."""
    event = EventKind.PERSON_REMINDED if reminder_of else EventKind.PERSON_ASKED
    return Happening(event, {"letter_id": letter_id, "kind": kind, "reply_by": reply_by.isoformat()})


def remind(state: CaseState, *, today: date) -> date:
    """The day of the inquiry a reminder speaks of; ConflictError while the answer is not yet late."""
    letter = state.last_letter
    if letter is None or letter.reply_by is None or letter.returned_on or state.person is not None:
        raise ConflictError(refusal("no_letter_out"))
    if today <= letter.reply_by:
        raise ConflictError(refusal("reminder_early", reply_by=letter.reply_by))
    return letter.sent_on


def letter_returned(state: CaseState, *, letter_id: int, reason: str) -> Sequence[Happening]:
    """A letter came back undelivered; another way must be found."""
    _must_be_undecided(state)
    letter = next((one for one in state.letters if one.letter_id == letter_id), None)
    if letter is None or letter.returned_on is not None:
        raise ConflictError(refusal("not_out"))
    return [Happening(EventKind.LETTER_RETURNED, {"letter_id": letter_id, "reason": said(reason, "reason")})]


def ask_otherwise(
    state: CaseState, *, past: Past, how: str, reason: str, rules: RuleBook, today: date
) -> Sequence[Happening]:
    """Ask the person by another way than a letter to the address: counter, telephone, supporting office."""
    _must_be_undecided(state)
    _papers_first(state)
    refuse_past(past, rules, today=today)
    return [Happening(EventKind.PERSON_ASKED_OTHERWISE, {"how": how, "reason": said(reason, "reason")})]


def person_answered(
    state: CaseState,
    *,
    reply: Reply,
    channel: Channel,
    wrong_items: Mapping[str, str],
    note_: str,
    letter_id: int | None,
) -> Sequence[Happening]:
    """The person's answer; a later one stands beside an earlier one until right or wrong is confirmed."""
    _must_be_undecided(state)
    strange = [name for name in wrong_items if name not in ITEMS]
    if strange:
        raise UsageError(refusal("strange_item", item=strange[0]))
    if reply is Reply.OWN_WITH_CHANGES and not wrong_items and not note_.strip():
        raise UsageError(refusal("which_items"))
    words = {
        "reply": reply,
        "channel": channel,
        "wrong_items": {name: clean(text, name) for name, text in wrong_items.items()},
        "note": clean(note_, "note"),
        "letter_id": letter_id,
    }
    return [Happening(EventKind.PERSON_ANSWERED, words)]


@dataclass(frozen=True, slots=True)
class LateReply:
    """An answer that comes when right or wrong is confirmed already."""

    reply: Reply
    letter_id: int
    note: str = ""
    wrong_items: Mapping[str, str] = field(default_factory=dict)


def late_reply(state: CaseState, given: LateReply) -> Sequence[Happening]:
    """A late answer is kept; against the conclusion of an open case, somebody must look at it again.

    Whoever says that the items are another person's speaks against a number confirmed as the person's; whoever says
    that they are wrong or have changed, against a record confirmed as right. Source: S76.
    """
    words = {
        "late_reply": given.reply,
        "wrong_items": {name: clean(text, name) for name, text in given.wrong_items.items()},
        "note": clean(given.note, "note"),
        "letter_id": given.letter_id,
    }
    is_against = state.is_open and speaks_against(state, given.reply)
    return [Happening(EventKind.REPLY_CONTRADICTS if is_against else EventKind.NOTED, words)]


def speaks_against(state: CaseState, reply: Reply) -> bool:
    """Whether a person's answer is against what was confirmed."""
    if reply is Reply.NOT_OWN:
        return state.result in {Result.RIGHT, Result.RECORD}
    return reply is Reply.OWN_WITH_CHANGES and state.result is Result.RIGHT


def keep_conclusion(state: CaseState, *, reason: str) -> Sequence[Happening]:
    """The conclusion stands although the person's answer is against it, with the reason why."""
    _must_be_open(state)
    if state.contradicted_on is None:
        raise ConflictError(refusal("nothing_against"))
    return [Happening(EventKind.CONCLUSION_KEPT, {"reason": said(reason, "reason")})]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What somebody confirms, on which basis, since when it was known and with which cause."""

    result: Result
    basis: str
    reason: str
    cause: str | None = None
    known_on: date | None = None
    is_against_basis: bool = False


def confirm(state: CaseState, given: Confirmation, *, today: date) -> Sequence[Happening]:
    """Right or wrong is confirmed. A wrong link is wholly stopped by the same act, if it was not yet.

    ``known_on``: the clocks of the report count from the day the wrong link was known, which may lie
    before the confirmation but not after it. UsageError for a result against what its own basis shows,
    unless ``is_against_basis`` says that the reason tells why.
    """
    _must_be_undecided(state)
    if not has_basis(state):
        raise ConflictError(refusal("no_basis"))
    if given.known_on is not None and not state.opened_on <= given.known_on <= today:
        raise UsageError(refusal("known_day", opened_on=state.opened_on, today=today))
    contradicts = _contradicts(state, given)
    if contradicts and not given.is_against_basis:
        raise UsageError(refusal("against_basis"))
    known = (given.known_on or today) if given.result is Result.WRONG else None
    happening = Happening(
        EventKind.CONFIRMED,
        {
            "result": given.result,
            "basis": given.basis,
            "reason": said(given.reason, "reason"),
            "cause": given.cause or None,
            "known_on": known.isoformat() if known else None,
            **({"against_basis": True} if contradicts else {}),
        },
    )
    is_whole = state.is_stopped and state.stopped_as == Restriction.ALL.name
    if given.result is Result.WRONG and not is_whole:
        return [happening, _stopped(Restriction.ALL.name, "confirmed wrong")]
    return [happening]


def _contradicts(state: CaseState, given: Confirmation) -> bool:
    """Whether the basis says of the number the opposite of the result.

    The person's "own" speaks of the items on the letter, not of the number: it contradicts nothing.
    """
    if given.basis == "person":
        return state.person is not None and state.person.reply is Reply.NOT_OWN and given.result is Result.RIGHT
    found = {"papers": state.papers, "employer": state.employer}.get(given.basis)
    if found is None:
        return False
    says_wrong = found.finding is Finding.OTHERS
    return found.finding in DECISIVE and says_wrong is not (given.result is Result.WRONG)


def undo_confirmation(state: CaseState, *, reason: str) -> Sequence[Happening]:
    """Take the confirmation back, as long as nothing irreversible followed from it."""
    _must_be_open(state)
    if state.result is None:
        raise ConflictError(refusal("nothing_confirmed"))
    if state.corrected_on or state.prompt_on or state.final_on or state.told_on or state.released_on:
        raise ConflictError(refusal("too_late_to_undo"))
    return [Happening(EventKind.CONFIRMATION_UNDONE, {"reason": said(reason, "reason")})]


def _must_be_open(state: CaseState) -> None:
    if not state.is_open:
        raise ConflictError(refusal("closed", closed_on=state.closed_on))


def _must_be_undecided(state: CaseState) -> None:
    _must_be_open(state)
    if state.result is not None:
        raise ConflictError(refusal("decided"))


def _papers_first(state: CaseState) -> None:
    if state.papers is None:
        raise ConflictError(refusal("papers_first"))


def must_be_another(proposal: Proposal, *, by_login: str) -> None:
    """NotAllowedError when the one who approves is the one who proposed: two people see it."""
    if proposal.by_login == by_login:
        raise NotAllowedError(refusal("same_person"))


def said(text: str, field: str) -> str:
    """A text that must say something; UsageError when it is empty or holds what looks like a My Number."""
    checked = clean(text, field)
    if not checked:
        raise UsageError(refusal("say_why", field=field))
    return checked


def clean(text: str, field: str) -> str:
    """A text without spaces around it; UsageError when it is too long or holds what looks like a My Number."""
    plain = text.strip()
    if len(plain) > _MOST_CHARACTERS:
        raise UsageError(refusal("too_long", field=field, most=_MOST_CHARACTERS))
    if mask(plain) != plain:
        raise UsageError(refusal("number_in_text", field=field))
    return plain


def closing(state: CaseState) -> Sequence[Happening]:
    """The case closes by itself when its last step is done."""
    if state.is_open and is_finished(state):
        return [Happening(EventKind.CLOSED, {"result": state.result})]
    return ()


def _stopped(restriction: str, reason: str) -> Happening:
    return Happening(EventKind.VIEWING_STOPPED, {"restriction": restriction, "reason": reason})


def _stop_when_justified(standing_now: str, asked: str, reason: str) -> Sequence[Happening]:
    if Restriction[asked] <= Restriction[standing_now]:
        return ()
    return [_stopped(asked, clean(reason, "summary") or "as the doubt justifies")]


def _doubt(opening: CaseOpening) -> Mapping[str, object]:
    return {
        "origin": opening.origin,
        "restriction": opening.restriction,
        "verdict": opening.verdict,
        "reasons": list(opening.reasons),
        "cause": opening.cause,
        "summary": clean(opening.summary, "summary"),
        "evidence": dict(opening.evidence),
    }
