"""Correction and release by two people, and undoing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from himozuke.errors import ConflictError, UsageError
from himozuke.identity.individual_number import IndividualNumber, has_valid_check_digit, parse
from himozuke.incident import decide_after
from himozuke.incident.asking import Registers
from himozuke.incident.decide_after import Correction
from himozuke.incident.model import Case, EventKind, Happening, Proposal
from himozuke.incident.refusal import refusal
from himozuke.incident.service import Carrier, CaseTools
from himozuke.ports.office import LinkRecord
from himozuke.ports.protection import shown_items
from himozuke.ports.resident_register import LinkClaim, LinkVerifier, OnlineVerdict, Purpose
from himozuke.rules.kinds import ITEMS


@dataclass(frozen=True, slots=True)
class Checked:
    """A proposed link as the register sees it, for the one who proposes and the one who approves."""

    verdict: OnlineVerdict
    masked_number: str
    changes_number: bool


class CorrectingService:
    """Proposals, approvals and their undoing; the link changes only through the link book."""

    def __init__(self, tools: CaseTools, registers: Registers, verifier: LinkVerifier) -> None:
        self._tools = tools
        self._registers = registers
        self._verifier = verifier
        self._carrier = Carrier(tools)

    def check(self, case: Case, *, number: str, items: Mapping[str, str]) -> Checked:
        """What the register says of the link as it would be.

        UsageError for a number that is none, ConflictError for the number the link holds already.
        UpstreamDownError when the register does not answer: nothing is proposed unseen.
        """
        link = self._link(case)
        held = self._registers.vault.open(link.individual_number_sealed)
        new = _read(number) if number.strip() else held
        if number.strip() and new == held:
            raise ConflictError(refusal("same_number"))
        columns = {name: items.get(name) or str(getattr(link, name)) for name in ITEMS}
        claim = LinkClaim(
            link.scheme, self._tools.clock.today(), {**_ledger(link), **columns, "individual_number": new.reveal()}
        )
        verdict = self._verifier.verify(claim, purpose=Purpose("incident", f"case:{case.case_id}"))
        return Checked(verdict, str(new), new != held)

    def compare(self, case_id: int, *, token: str | None = None) -> Case:
        """Compare the link as it stands with the register of today; the answer stands in the timeline.

        The address of a person under protection is left out (支援措置).
        """

        def compare(case: Case) -> Sequence[Happening]:
            return [compared(self.check(case, number="", items={}).verdict)]

        return self._carrier.carry(case_id, compare, token=token)

    def propose(
        self, case_id: int, *, number: str, items: Mapping[str, str], reason: str, token: str | None = None
    ) -> Case:
        """Propose another number, other items, or both; a number that fits somebody else better is refused."""

        def propose(case: Case) -> Sequence[Happening]:
            given = {name: text.strip() for name, text in items.items() if text.strip()}
            sealed, verdict = None, ""
            if case.link_id is not None:
                checked = self.check(case, number=number, items=given)
                verdict = checked.verdict.verdict
                if verdict == "REFUTED":
                    raise ConflictError(refusal("unverified"))
                sealed = self._registers.vault.seal(_read(number)) if number.strip() else None
            return decide_after.propose_correction(case.state, Correction(reason, given, sealed, verdict))

        return self._carrier.carry(case_id, propose, token=token)

    def approve(self, case_id: int, *, token: str | None = None) -> Case:
        """Another person approves, and the link is changed; NotAllowedError for the one who proposed."""

        def approve(case: Case) -> Sequence[Happening]:
            proposal = decide_after.approve_correction(case.state, by_login=self._tools.actor.login)
            version = None
            if case.link_id is not None:
                reason = f"case {case_id}: {proposal.reason}"
                links, judgement = self._tools.links, self._judgement(case, proposal)
                if proposal.items:
                    version = links.correct_items(
                        case.link_id, items=proposal.items, reason=reason, judgement=judgement
                    )
                if proposal.individual_number_sealed is not None:
                    version = links.replace_number(
                        case.link_id,
                        individual_number_sealed=proposal.individual_number_sealed,
                        reason=reason,
                        judgement=judgement,
                    )
            return [decide_after.corrected(proposal, version=version)]

        return self._carrier.carry(case_id, approve, token=token)

    def _judgement(self, case: Case, proposal: Proposal) -> Mapping[str, object]:
        """What the register of today says of the link as it will be: the link is proven anew with its correction."""
        sealed = proposal.individual_number_sealed
        number = self._registers.vault.open(sealed).reveal() if sealed is not None else ""
        verdict = self.check(case, number=number, items=proposal.items).verdict
        return {
            "verdict": verdict.verdict,
            "evidence_digest": verdict.evidence_digest,
            "reasons": list(verdict.reasons),
            "cause": verdict.cause,
            "states": [verdict.states[item] for item in ITEMS],
            "rival_count": verdict.rival_count,
            "pattern": verdict.pattern,
            "action": verdict.action,
            "register_day": verdict.register_day,
            "verified_at": self._tools.clock.now(),
            "answer": None,
            "answered_digest": None,
        }

    def reject(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """Give the proposal back with a reason."""
        login = self._tools.actor.login
        return self._carrier.carry(
            case_id,
            lambda case: decide_after.reject_correction(case.state, by_login=login, reason=reason),
            token=token,
        )

    def undo(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """Put back what the link held before, by a new version; the correction is to be done again."""

        def undo(case: Case) -> Sequence[Happening]:
            version = decide_after.undo_correction(case.state)
            undone = decide_after.correction_undone(version=version, reason=reason)
            if version is not None:
                self._undo_versions(case, version, reason=f"case {case_id}: {reason}")
            return [undone]

        return self._carrier.carry(case_id, undo, token=token)

    def propose_release(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """Propose that the link be seen again."""
        return self._carrier.carry(
            case_id, lambda case: decide_after.propose_release(case.state, reason=reason), token=token
        )

    def approve_release(self, case_id: int, *, token: str | None = None) -> Case:
        """Another person approves, and the link is seen again; NotAllowedError for the one who proposed."""

        def approve(case: Case) -> Sequence[Happening]:
            released = decide_after.approve_release(case.state, by_login=self._tools.actor.login)
            if case.link_id is not None and self._link(case).state != "released":
                self._tools.links.release(case.link_id, reason=f"case {case_id}: {released[0].said['reason']}")
            return released

        return self._carrier.carry(case_id, approve, token=token)

    def reject_release(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """Give the proposed release back with a reason."""
        login = self._tools.actor.login
        return self._carrier.carry(
            case_id, lambda case: decide_after.reject_release(case.state, by_login=login, reason=reason), token=token
        )

    def _undo_versions(self, case: Case, version: int, *, reason: str) -> None:
        """Undo the last version of the correction, and the one of its items that came just before."""
        links = self._tools.links
        history = {one.version_id: one for one in links.history(self._link(case).link_id)}
        wanted = history[version].reason
        for one in sorted(history.values(), key=lambda one: -one.version_id):
            if one.version_id <= version and one.undone_by is None and one.reason == wanted and one.act != "undo":
                links.undo(one.version_id, reason=reason)

    def _link(self, case: Case) -> LinkRecord:
        if case.link_id is None:
            raise ConflictError(refusal("no_link"))
        return self._tools.links.find(case.link_id)


def compared(verdict: OnlineVerdict) -> Happening:
    """What a comparison says, as the timeline keeps it; nothing of a rival but that there is one."""
    own = verdict.own
    shown = shown_items(own, None) if own is not None else None
    registered = {name: text for name in ITEMS if (text := getattr(shown, name))} if shown is not None else {}
    words = {
        "verdict": verdict.verdict,
        "restriction": verdict.restriction,
        "cause": verdict.cause,
        "reasons": list(verdict.reasons),
        "states": dict(verdict.states),
        "registered": registered,
        "has_rival": verdict.rival is not None,
        "is_protected": bool(own is not None and own.is_protected),
        "status": own.status if own is not None else "",
        "register_day": verdict.register_day.isoformat(),
    }
    return Happening(EventKind.COMPARED, words)


def _read(number: str) -> IndividualNumber:
    value = parse(number)
    if value is None or not has_valid_check_digit(value):
        raise UsageError(refusal("check_digit"))
    return IndividualNumber(value)


def _ledger(link: LinkRecord) -> Mapping[str, str]:
    """What a claim says beside the items: the scheme number, and how this number is got: from the person."""
    days = {"valid_from": link.valid_from, "valid_to": link.valid_to}
    return {
        "scheme_number": link.scheme_number,
        "acquired_by": "person",
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }
