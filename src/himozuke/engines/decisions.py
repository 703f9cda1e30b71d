"""From outcomes to decisions: the verdict table applied to every link at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Answer, Job, Longs, Outcomes
from himozuke.identity.state import ItemState
from himozuke.link.pattern import required_mask
from himozuke.link.proof import evidence_digest
from himozuke.link.restriction import by_table, justified
from himozuke.link.verdict import Action, Decision, Verdict, decision

Bytes = npt.NDArray[np.uint8]

_UNANSWERED, _RIGHT, _WRONG = 0, 1, 2


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
    table = job.rules.rows("restriction.table", job.on)
    held = required_mask(job.scheme.items_held)
    medical = job.scheme.holds_medical_information
    codes = np.zeros((4, len(encoded.dictionary)), np.uint8)
    reasons: dict[tuple[str, ...], int] = {(): 0}
    reason_of = np.zeros(len(encoded.dictionary), np.int32)
    for place, key in enumerate(encoded.dictionary.to_pylist()):
        case = _Case.unpack(key)
        found = case.answered(decision(case.pattern, case.traits, held))
        stopped = by_table(case.states, several_valid=case.several_valid, table=table)
        restriction = justified(found.verdict, stopped, medical=medical)
        if job.stricter_by_table:
            restriction = max(restriction, stopped)
        codes[:, place] = (found.verdict, found.action, restriction, stopped)
        reason_of[place] = reasons.setdefault(found.reasons, len(reasons))
    verdicts, actions, restrictions, by_the_table = (row[where] for row in codes)
    return Decisions(verdicts, actions, restrictions, by_the_table, reason_of[where], tuple(reasons))


@dataclass(frozen=True, slots=True)
class _Case:
    """All that one link's decision depends on."""

    pattern: int
    traits: int
    states: tuple[ItemState, ...]
    several_valid: bool
    scheme_number_twice: bool
    answer: int

    @classmethod
    def unpack(cls, key: int) -> _Case:
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
        if self.answer == _RIGHT:
            return Decision(Verdict.EXPLAINED, Action.NONE, ("confirmed", *reasons))
        if self.answer == _WRONG:
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
