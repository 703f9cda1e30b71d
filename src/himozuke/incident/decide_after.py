"""What may happen after right or wrong is confirmed: correct, look who saw, report, tell, release, publish. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from himozuke.errors import ConflictError, UsageError
from himozuke.incident.decide import must_be_another, said
from himozuke.incident.exposure import Exposure
from himozuke.incident.model import CaseState, EventKind, Finding, Happening, Proposal, Result, Step, StepState
from himozuke.incident.refusal import refusal
from himozuke.incident.report import Duty, LeakFacts, duty
from himozuke.incident.steps import standing
from himozuke.rules.kinds import ITEMS
from himozuke.rules.model import RuleBook


@dataclass(frozen=True, slots=True)
class Correction:
    """What is proposed: another number, other items, or both (``verdict``: what the register says of it)."""

    reason: str
    items: Mapping[str, str]
    individual_number_sealed: bytes | None = None
    verdict: str = ""


def propose_correction(state: CaseState, given: Correction) -> Sequence[Happening]:
    """One person proposes what the link shall hold."""
    _must_stand(state, Step.CORRECT)
    if state.correction is not None:
        raise ConflictError(refusal("proposed_already"))
    strange = [name for name in given.items if name not in ITEMS]
    if strange:
        raise UsageError(refusal("strange_item", item=strange[0]))
    if state.result is Result.WRONG and state.has_link and given.individual_number_sealed is None:
        raise UsageError(refusal("number_missing"))
    if state.result is Result.RECORD and not given.items:
        raise UsageError(refusal("items_missing"))
    words = {
        "reason": said(given.reason, "reason"),
        "items": dict(given.items),
        "verdict": given.verdict,
        "changes_number": given.individual_number_sealed is not None,
    }
    return [Happening(EventKind.CORRECTION_PROPOSED, words, given.individual_number_sealed)]


def approve_correction(state: CaseState, *, by_login: str) -> Proposal:
    """Another person approves; answers with what is to be written into the link. Source: R-GUIDE G4."""
    proposal = _proposed(state, state.correction)
    must_be_another(proposal, by_login=by_login)
    return proposal


def corrected(proposal: Proposal, *, version: int | None) -> Happening:
    """The link holds what was proposed; ``version`` is the change by which it can be undone."""
    return Happening(
        EventKind.CORRECTED, {"version": version, "proposed_by": proposal.by_name, "items": sorted(proposal.items)}
    )


def reject_correction(state: CaseState, *, by_login: str, reason: str) -> Sequence[Happening]:
    """Another person rejects the proposal, or its author takes it back."""
    proposal = _proposed(state, state.correction)
    is_own = proposal.by_login == by_login
    return [Happening(EventKind.CORRECTION_REJECTED, {"reason": said(reason, "reason"), "is_own": is_own})]


def undo_correction(state: CaseState) -> int | None:
    """The version to undo; ConflictError when there is none or the link is seen again."""
    _must_be_open(state)
    if state.corrected_on is None:
        raise ConflictError(refusal("nothing_corrected"))
    if state.released_on is not None:
        raise ConflictError(refusal("released_since"))
    return state.corrected_version


def correction_undone(*, version: int | None, reason: str) -> Happening:
    """The link holds again what it held before."""
    return Happening(EventKind.CORRECTION_UNDONE, {"version": version, "reason": said(reason, "reason")})


@dataclass(frozen=True, slots=True)
class ExposureWords:
    """What a clerk says of the viewings found: which were no wrong viewings and why, and what is feared."""

    left_out: Mapping[int, str]
    note: str
    is_malicious: bool = False
    is_public: bool = False


def find_exposure(state: CaseState, exposure: Exposure, words: ExposureWords) -> Sequence[Happening]:
    """Who saw what is found, and confirmed by the insurer (S76). An uncovered log needs a word why."""
    _must_stand(state, Step.EXPOSURE, again=True)
    if _is_reported(state):
        raise ConflictError(refusal("reported_already"))
    if not exposure.is_covered and not words.note.strip():
        raise UsageError(refusal("not_covered"))
    for reason in words.left_out.values():
        said(reason, "reason")
    found = {
        "wrong_from": exposure.interval.since.date().isoformat(),
        "wrong_to": exposure.interval.until.date().isoformat(),
        "viewings": len(exposure.viewings),
        "medical": len(exposure.medical),
        "left_out": len(words.left_out),
        "reasons": {str(access_id): reason for access_id, reason in words.left_out.items()},
        "access_ids": [viewing.access_id for viewing in exposure.viewings],
        "is_covered": exposure.is_covered,
        "note": words.note.strip() and said(words.note, "note"),
        "is_malicious": words.is_malicious,
        "is_public": words.is_public,
    }
    return [Happening(EventKind.EXPOSURE_FOUND, found)]


@dataclass(frozen=True, slots=True)
class ExposureOutside:
    """What somebody found in the log of another system, where the link is not in our own book."""

    wrong_from: date
    wrong_to: date
    viewings: int
    medical: int
    note: str
    is_malicious: bool = False
    is_public: bool = False


def find_exposure_outside(state: CaseState, found: ExposureOutside) -> Sequence[Happening]:
    """The finding of a case without a link of ours, with the word where it comes from."""
    _must_stand(state, Step.EXPOSURE, again=True)
    if state.has_link or found.wrong_to < found.wrong_from or not 0 <= found.medical <= found.viewings:
        raise UsageError(refusal("outside_figures"))
    if _is_reported(state):
        raise ConflictError(refusal("reported_already"))
    words = {
        "wrong_from": found.wrong_from.isoformat(),
        "wrong_to": found.wrong_to.isoformat(),
        "viewings": found.viewings,
        "medical": found.medical,
        "note": said(found.note, "note"),
        "is_malicious": found.is_malicious,
        "is_public": found.is_public,
    }
    return [Happening(EventKind.EXPOSURE_FOUND, words)]


def duty_of(state: CaseState, rules: RuleBook) -> Duty:
    """Whether this case must be reported: one link, one person, if anything was seen."""
    if state.exposure is None or state.known_on is None:
        raise ConflictError(refusal("exposure_first"))
    persons = 1 if state.exposure.viewings else 0
    facts = LeakFacts(persons, is_malicious=state.is_malicious, is_public=state.is_public)
    return duty(facts, rules, on=state.known_on)


def waive_report(state: CaseState, *, reason: str, rules: RuleBook) -> Sequence[Happening]:
    """No report, with the reason why not; refused where a clause requires one."""
    _must_stand(state, Step.REPORT)
    if duty_of(state, rules).is_due:
        raise ConflictError(refusal("report_due"))
    return [Happening(EventKind.REPORT_WAIVED, {"reason": said(reason, "reason")})]


def may_report(state: CaseState, *, kind: str) -> None:
    """Refuse a report out of order: nothing known, the prompt after the final one, the same twice.

    The prompt report does not wait for the finding of viewings: it says what is known so far.
    """
    _must_be_open(state)
    if state.result is not Result.WRONG or state.known_on is None:
        raise ConflictError(refusal("not_wrong"))
    if state.report_waived or _is_reported(state):
        raise ConflictError(refusal("report_done"))
    if kind == "prompt" and state.prompt_on is not None:
        raise ConflictError(refusal("prompt_done"))
    if kind == "final" and state.exposure is None:
        raise ConflictError(refusal("final_needs_exposure"))


@dataclass(frozen=True, slots=True)
class ReportWords:
    """What a case keeps of a report. ``of_group``: the group, its cases and persons, where the report is about several."""

    kind: str
    letter_id: int
    reported_on: date
    grounds: Sequence[str]
    of_group: Mapping[str, int] = field(default_factory=dict)


def report_submitted(given: ReportWords) -> Happening:
    """A report has been printed and submitted."""
    words: dict[str, object] = {
        "kind": given.kind,
        "letter_id": given.letter_id,
        "reported_on": given.reported_on.isoformat(),
        "grounds": list(given.grounds),
    }
    return Happening(EventKind.REPORT_SUBMITTED, {**words, **given.of_group})


def may_tell(state: CaseState) -> None:
    """Refuse an apology before it is known what was seen and before the link is right."""
    _must_stand(state, Step.TELL)


def person_told(*, letter_id: int | None, how: str) -> Happening:
    """The person has been told, by letter or otherwise."""
    return Happening(EventKind.PERSON_TOLD, {"letter_id": letter_id, "how": how})


def not_told(state: CaseState, *, reason: str, rules: RuleBook) -> Sequence[Happening]:
    """The person is not told, with the reason and the measure that stands for it.

    Where the rule requires telling and something was seen, another measure must be named (R-LEAK art. 5).
    """
    _must_stand(state, Step.TELL)
    words = {"reason": said(reason, "reason")}
    if state.known_on is not None:
        words["rule"] = rules.entry("leak.tell_person", state.known_on).source
    return [Happening(EventKind.PERSON_NOT_TOLD, words)]


def propose_release(state: CaseState, *, reason: str) -> Sequence[Happening]:
    """One person proposes to let the link be seen again."""
    _must_stand(state, Step.RELEASE)
    if state.release is not None:
        raise ConflictError(refusal("release_proposed_already"))
    return [Happening(EventKind.RELEASE_PROPOSED, {"reason": said(reason, "reason")})]


def approve_release(state: CaseState, *, by_login: str) -> Sequence[Happening]:
    """Another person approves, and the link is seen again."""
    proposal = _proposed(state, state.release)
    must_be_another(proposal, by_login=by_login)
    return [Happening(EventKind.RELEASED, {"proposed_by": proposal.by_name, "reason": proposal.reason})]


def reject_release(state: CaseState, *, by_login: str, reason: str) -> Sequence[Happening]:
    """Another person rejects the release, or its author takes it back."""
    proposal = _proposed(state, state.release)
    is_own = proposal.by_login == by_login
    return [Happening(EventKind.RELEASE_REJECTED, {"reason": said(reason, "reason"), "is_own": is_own})]


def published(state: CaseState, *, version: int) -> Sequence[Happening]:
    """The case stands in a published table; a later version does not ask again."""
    if standing(state, Step.PUBLISH) is not StepState.OPEN:
        return ()
    return [Happening(EventKind.PUBLISHED, {"version": version})]


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """What the clerk of the registration answered about a link, and how the link stands after it.

    ``needs_two_people``: somebody else fits better, or the case itself stopped viewing. ``changed_after_seen``:
    another number was put in after the link had been visible.
    """

    answer: str
    reason: str
    is_stopped: bool
    needs_two_people: bool
    changed_after_seen: bool


def settle(state: CaseState, given: RegistrationAnswer) -> Sequence[Happening]:
    """The answer of the registration ends the case, or is one more finding in it.

    ``no_doubt`` (理由付き疑いなし) ends it as right, and the registration lets the link be seen; where that needs
    two people, it is a finding from papers. ``corrected`` ends it when the link now agrees with the register; a
    number changed after the link had been visible leaves the question who saw what.
    """
    _must_be_open(state)
    reason = said(given.reason, "reason")
    if state.result is not None:
        return [Happening(EventKind.NOTED, {"note": f"{given.answer}: {reason}"})]
    if given.answer == "no_doubt":
        if given.needs_two_people:
            return [Happening(EventKind.PAPERS_CHECKED, {"finding": Finding.OWN, "note": reason})]
        return [_settled(Result.RIGHT, given, is_released=True)]
    if given.is_stopped:
        return [Happening(EventKind.PAPERS_CHECKED, {"finding": Finding.RECORD, "note": reason})]
    return [_settled(Result.WRONG if given.changed_after_seen else Result.RECORD, given, is_released=True)]


def _settled(result: Result, given: RegistrationAnswer, *, is_released: bool) -> Happening:
    words = {
        "result": result,
        "answer": given.answer,
        "reason": given.reason.strip(),
        "is_corrected": given.answer == "corrected",
        "is_released": is_released,
    }
    return Happening(EventKind.SETTLED, words)


def _proposed(state: CaseState, proposal: Proposal | None) -> Proposal:
    _must_be_open(state)
    if proposal is None:
        raise ConflictError(refusal("nothing_proposed"))
    return proposal


def _must_be_open(state: CaseState) -> None:
    if not state.is_open:
        raise ConflictError(refusal("closed", closed_on=state.closed_on))


def _must_stand(state: CaseState, step: Step, *, again: bool = False) -> None:
    _must_be_open(state)
    allowed = {StepState.OPEN, StepState.DONE} if again else {StepState.OPEN}
    where = standing(state, step)
    if where not in allowed:
        raise ConflictError(refusal("not_now", step=step, where=where))


def _is_reported(state: CaseState) -> bool:
    return state.final_on is not None
