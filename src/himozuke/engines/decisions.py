"""From outcomes to decisions: the verdict table applied to every link at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Answer, Job, Longs, Outcomes
from himozuke.identity.state import ItemState
from himozuke.link.pattern import required_mask
from himozuke.link.proof import evidence_digest
from himozuke.link.restriction import Restriction, by_table, justified
from himozuke.link.verdict import Action, Decision, Verdict, decision
from himozuke.rules.kinds import Row
from himozuke.rules.model import RuleBook
from himozuke.schemes.model import Scheme

Bytes = npt.NDArray[np.uint8]

UNANSWERED, RIGHT, WRONG = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Decisions:
    """One element a link: codes of verdict, action and restrictions, and which list of reasons.

    ``reasons`` holds each list of reason codes that occurs, ``reason_index`` which of them applies.
    """

    verdict: Bytes
    action: Bytes
    restriction: Bytes
    restriction_by_table: Bytes
    reason_index: npt.NDArray[np.int32]
    reasons: tuple[tuple[str, ...], ...]

    @property
    def asked(self) -> Longs:
        """The links whose person or insurer must be asked, in file order."""
        return np.flatnonzero(self.action == Action.ASK)


def decide_all(job: Job, outcomes: Outcomes) -> Decisions:
    """Read the verdict of every link from the table, each distinct case once."""
    keys = _keys(outcomes, _answers(job, outcomes))
    encoded = pc.dictionary_encode(pa.array(keys))
    where = encoded.indices.to_numpy().astype(np.int32)
    terms = DecisionTerms.of(job.scheme, job.rules, job.on, stricter_by_table=job.stricter_by_table)
    codes = np.zeros((4, len(encoded.dictionary)), np.uint8)
    reasons: dict[tuple[str, ...], int] = {(): 0}
    reason_of = np.zeros(len(encoded.dictionary), np.int32)
    for place, key in enumerate(encoded.dictionary.to_pylist()):
        found, restriction, stopped = decide_case(Case.unpack(key), terms)
        codes[:, place] = (found.verdict, found.action, restriction, stopped)
        reason_of[place] = reasons.setdefault(found.reasons, len(reasons))
    verdicts, actions, restrictions, by_the_table = (row[where] for row in codes)
    return Decisions(verdicts, actions, restrictions, by_the_table, reason_of[where], tuple(reasons))


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
    found = case.answered(decision(case.pattern, case.traits, terms.held))
    stopped = by_table(case.states, several_valid=case.several_valid, table=terms.table)
    restriction = justified(found.verdict, stopped, medical=terms.medical)
    return found, max(restriction, stopped) if terms.stricter_by_table else restriction, stopped


@dataclass(frozen=True, slots=True)
class Case:
    """All that one link's decision depends on."""

    pattern: int
    traits: int
    states: tuple[ItemState, ...]
    several_valid: bool = False
    scheme_number_twice: bool = False
    answer: int = UNANSWERED

    @classmethod
    def unpack(cls, key: int) -> Case:
        """The case that one packed key stands for."""
        states = tuple(ItemState(key >> (40 + 3 * i) & 7) for i in range(5))
        return cls(
            key & 0xFFFFFFFF,
            key >> 32 & 0xFF,
            states,
            bool(key >> 55 & 1),
            bool(key >> 56 & 1),
            key >> 57 & 3,
        )

    def answered(self, found: Decision) -> Decision:
        """The decision after what an earlier round found out, and what the file itself shows."""
        reasons = found.reasons + (("scheme_number_twice",) if self.scheme_number_twice else ())
        if self.answer == RIGHT:
            return Decision(Verdict.EXPLAINED, Action.NONE, ("confirmed", *reasons))
        if self.answer == WRONG:
            return Decision(Verdict.REFUTED, Action.NONE, ("confirmed", *reasons))
        return Decision(found.verdict, found.action, reasons)


def _keys(outcomes: Outcomes, answers: Bytes) -> npt.NDArray[np.int64]:
    key = outcomes.pattern.astype(np.int64)
    key |= outcomes.traits.astype(np.int64) << 32
    for index in range(5):
        key |= outcomes.states[index].astype(np.int64) << (40 + 3 * index)
    key |= outcomes.several_valid.astype(np.int64) << 55
    key |= outcomes.scheme_number_twice.astype(np.int64) << 56
    key |= answers.astype(np.int64) << 57
    return key


def _answers(job: Job, outcomes: Outcomes) -> Bytes:
    """Which links were answered in an earlier round, on the very evidence that stands today."""
    out = np.zeros(len(outcomes.pattern), np.uint8)
    if not job.answers:
        return out
    wanted = pa.array(list(job.answers), pa.large_string())
    hashes = job.links.numbers(("row_hash",))["row_hash"]
    for part, start in enumerate(job.links.starts):
        names = job.links.texts_of_part(part).column("link_id")
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
