"""From outcomes to decisions: the verdict table applied to every distinct case once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Answer, Bytes, Ints, Job, Longs, Outcomes
from himozuke.engines.cases import Case, find_cases
from himozuke.link.pattern import required_mask
from himozuke.link.proof import evidence_digest
from himozuke.link.restriction import by_table, justified
from himozuke.link.verdict import Action, Decision, Verdict, decision

Flags = npt.NDArray[np.bool_]

_UNANSWERED, _RIGHT, _WRONG = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided in each case, and which case every link is.

    ``case`` has one element a link. All others have one a case: how many ``links`` are in it, its five item
    ``states`` (5, n), the codes of verdict, action and both restrictions, and its list of reason codes.
    """

    case: Ints
    links: Longs
    states: Bytes
    verdict: Bytes
    action: Bytes
    restriction: Bytes
    restriction_by_table: Bytes
    reasons: tuple[tuple[str, ...], ...]

    @property
    def asked(self) -> Longs:
        """The links whose person or insurer must be asked, in file order."""
        return self.where(self.action == Action.ASK)

    @property
    def to_correct(self) -> Longs:
        """The links whose record the insurer should mend, in file order."""
        return self.where(self.action == Action.CORRECT)

    def where(self, chosen: Flags) -> Longs:
        """The links in the chosen cases (one flag a case), in file order."""
        return np.flatnonzero(chosen[self.case])

    def count(self, chosen: Flags) -> int:
        """How many links are in the chosen cases (one flag a case)."""
        return int(self.links[chosen].sum())


def decide_all(job: Job, outcomes: Outcomes) -> Decisions:
    """Read the verdict of every link from the table, each distinct case once."""
    found = find_cases(outcomes, _answers(job, outcomes))
    table = job.rules.rows("restriction.table", job.on)
    held = required_mask(job.scheme.items_held)
    medical = job.scheme.holds_medical_information
    states = np.zeros((5, len(found.cases)), np.uint8)
    codes = np.zeros((4, len(found.cases)), np.uint8)
    reasons: list[tuple[str, ...]] = []
    for place, case in enumerate(found.cases):
        decided = _answered(case, decision(case.pattern, case.traits, held))
        stopped = by_table(case.states, several_valid=case.several_valid, table=table)
        restriction = justified(decided.verdict, stopped, medical=medical)
        if job.stricter_by_table:
            restriction = max(restriction, stopped)
        states[:, place] = case.states
        codes[:, place] = (decided.verdict, decided.action, restriction, stopped)
        reasons.append(decided.reasons)
    verdicts, actions, restrictions, by_the_table = codes
    return Decisions(
        case=found.of_link,
        links=found.links,
        states=states,
        verdict=verdicts,
        action=actions,
        restriction=restrictions,
        restriction_by_table=by_the_table,
        reasons=tuple(reasons),
    )


def _answered(case: Case, found: Decision) -> Decision:
    """The decision after what an earlier round found out, and what the file itself shows."""
    reasons = found.reasons + (("scheme_number_twice",) if case.scheme_number_twice else ())
    if case.answer == _RIGHT:
        return Decision(Verdict.EXPLAINED, Action.NONE, ("confirmed", *reasons))
    if case.answer == _WRONG:
        return Decision(Verdict.REFUTED, Action.NONE, ("confirmed", *reasons))
    return Decision(found.verdict, found.action, reasons)


def _answers(job: Job, outcomes: Outcomes) -> Bytes:
    """Which links were answered in an earlier round, on the very evidence that stands today."""
    out = np.zeros(len(outcomes.pattern), np.uint8)
    if not job.answers:
        return out
    wanted = pa.array(list(job.answers), pa.large_string())
    hashes = job.links.numbers(("row_hash",))["row_hash"]
    for part, start in enumerate(job.links.starts):
        names = job.links.link_ids(part)
        known = pc.is_in(names, wanted).to_numpy(zero_copy_only=False)
        for local in np.flatnonzero(known):
            index = start + int(local)
            digest = evidence_digest(int(hashes[index]), int(outcomes.entry_hash[index]))
            out[index] = _code_of(job.answers, names[int(local)].as_py(), digest)
    return out


def _code_of(answers: Mapping[str, Answer], link_id: str, digest: str) -> int:
    answer = answers[link_id]
    if answer.evidence_digest != digest:
        return _UNANSWERED
    return _RIGHT if answer.is_right else _WRONG
