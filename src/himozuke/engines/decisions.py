"""From outcomes to decisions: the verdict table applied to every distinct case once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Answer, Bytes, Ints, Job, Longs, Outcomes
from himozuke.engines.cases import RIGHT, UNANSWERED, WRONG, Case, find_cases
from himozuke.link.pattern import required_mask
from himozuke.link.proof import evidence_digest
from himozuke.link.restriction import Restriction, by_table, justified
from himozuke.link.verdict import Action, Decision, Verdict, decision
from himozuke.rules.kinds import Row
from himozuke.rules.model import RuleBook
from himozuke.schemes.model import Scheme

Flags = npt.NDArray[np.bool_]


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
    terms = DecisionTerms.of(job.scheme, job.rules, job.on, stricter_by_table=job.stricter_by_table)
    states = np.zeros((5, len(found.cases)), np.uint8)
    codes = np.zeros((4, len(found.cases)), np.uint8)
    reasons: list[tuple[str, ...]] = []
    for place, case in enumerate(found.cases):
        decided, restriction, stopped = decide_case(case, terms)
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


@dataclass(frozen=True, slots=True)
class DecisionTerms:
    """What the decisions of one scheme and day depend on beside the links themselves."""

    table: Sequence[Row]
    held: int
    medical: bool
    stricter_by_table: bool = False

    @classmethod
    def of(cls, scheme: Scheme, rules: RuleBook, on: date, *, stricter_by_table: bool = False) -> DecisionTerms:
        """The terms of a scheme on a day."""
        table = rules.rows("restriction.table", on)
        return cls(table, required_mask(scheme.items_held), scheme.holds_medical_information, stricter_by_table)


def decide_case(case: Case, terms: DecisionTerms) -> tuple[Decision, Restriction, Restriction]:
    """Decide one link: the decision, the restriction it justifies, and the one of the table alone."""
    found = _answered(case, decision(case.pattern, case.traits, terms.held))
    stopped = by_table(case.states, several_valid=case.several_valid, table=terms.table)
    restriction = justified(found.verdict, stopped, medical=terms.medical)
    return found, max(restriction, stopped) if terms.stricter_by_table else restriction, stopped


def _answered(case: Case, found: Decision) -> Decision:
    """The decision after what an earlier round found out, and what the file itself shows."""
    reasons = found.reasons + (("scheme_number_twice",) if case.scheme_number_twice else ())
    if case.answer == RIGHT:
        return Decision(Verdict.EXPLAINED, Action.NONE, ("confirmed", *reasons))
    if case.answer == WRONG:
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
        return UNANSWERED
    return RIGHT if answer.is_right else WRONG
