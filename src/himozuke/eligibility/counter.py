"""When the reader's answer does not settle it: what the counter does next, and what claim it leads to (S78–S83)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from himozuke.identity.coded_number import plain_digits
from himozuke.rules.model import RuleBook
from himozuke.rules.schema import EVIDENCE, first_matching

Acceptance = Literal["yes", "after_inquiry", "no"]
#: The cards of the first two ended months before those of the others (R-CERT); nothing known counts as the others.
InsurerKind = Literal["national", "elderly", "other"]
_SIX = 6


class Failure(StrEnum):
    """Why eligibility could not be confirmed; the first two come from the answer, the rest from machines (S82)."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    READER_BROKEN = "reader_broken"
    TERMINAL_BROKEN = "terminal_broken"
    CARD_BROKEN = "card_broken"
    CARD_EXPIRED = "card_expired"
    POWER_OR_LINE = "power_or_line"
    NETWORK_DOWN = "network_down"


#: Failures in which the terminal itself works and can still be asked by what is printed on a paper.
_TERMINAL_WORKS = frozenset(
    {Failure.INVALID, Failure.NOT_FOUND, Failure.READER_BROKEN, Failure.CARD_BROKEN, Failure.CARD_EXPIRED}
)
_OUTAGE = frozenset({Failure.NETWORK_DOWN})


class ClaimTier(StrEnum):
    """How the claim will be addressed, in the order in which it is tried (S82d)."""

    CURRENT = "current"
    PAST = "past"
    UNKNOWN = "unknown"


class FirstOrAgain(StrEnum):
    """Which records the answer is laid beside (S79)."""

    FIRST = "first"
    AGAIN = "again"


class ComparedWith(StrEnum):
    """What the answer is compared with at reception (S79, S80)."""

    INTAKE_FORM = "intake_form"
    STORED_PATIENT = "stored_patient"
    ORAL = "oral"


@dataclass(frozen=True, slots=True)
class Step:
    """One way on: what is asked for, and whether an inquiry has to confirm it."""

    evidence: str
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class DeemedBasis:
    """What a declaration may be taken as given on, without paper (S82b)."""

    was_seen_before: bool
    is_unchanged_by_word: bool
    knows_the_entries: bool

    @property
    def suffices(self) -> bool:
        """All three together are needed."""
        return self.was_seen_before and self.is_unchanged_by_word and self.knows_the_entries


def insurer_kind(insurer_number: str) -> InsurerKind:
    """Tell national health insurance (six digits, or 67) and elderly medical care (39) from all others by the number."""
    digits = plain_digits(insurer_number)
    if len(digits) == _SIX or digits.startswith("67"):
        return "national"
    return "elderly" if digits.startswith("39") else "other"


def acceptance(evidence: str, on: date, *, rules: RuleBook, insurer: InsurerKind = "other") -> Acceptance:
    """Say whether a paper or screen is taken as proof on a day, of somebody insured with this kind of insurer."""
    facts = {"insurer": insurer, "evidence": evidence}
    accept = first_matching(rules.rows("evidence.accepted", on), facts)["accept"]
    match accept:
        case "yes" | "after_inquiry" | "no":
            return accept
        case _:
            raise AssertionError(accept)


def next_steps(failure: Failure, on: date, *, rules: RuleBook, insurer: InsurerKind = "other") -> list[Step]:
    """List what the counter asks for, in order, until one is at hand; the declaration stands last.

    After "invalid" and "not found" the card itself has been tried; when the terminal is down nothing
    can be confirmed by an inquiry, so papers that need one are left out.
    """
    steps = []
    for evidence in EVIDENCE:
        accepted = acceptance(evidence, on, rules=rules, insurer=insurer)
        if evidence == "card" or accepted == "no":
            continue
        if accepted == "after_inquiry" and failure not in _TERMINAL_WORKS:
            continue
        steps.append(Step(evidence, accepted))
    return steps


def may_use_outage_mode(failure: Failure) -> bool:
    """Tell whether the failure lets the institution ask for the system-failure mode (S82f)."""
    return failure in _OUTAGE


#: What a claim needs to be addressed at all: who it was, and to whom it goes.
CLAIM_NEEDS = ("kanji_name", "birth_date", "insurer_number", "number")
#: What a declaration asks for (S82g): to be deemed given, all of it is known beforehand.
_DECLARED = ("kanji_name", "kana_name", "birth_date", "sex", "address", "telephone", "insurance_kind", "insurer_name")
_EMPLOYED = frozenset({"society", "association", "mutual_aid"})


def missing_for_evidence(entries: Mapping[str, str]) -> list[str]:
    """Say what must still be copied from a paper or screen, so that a claim can be made of the visit."""
    return [name for name in CLAIM_NEEDS if not entries.get(name)]


def missing_for_deeming(entries: Mapping[str, str]) -> list[str]:
    """Say what is not known of a declaration that is to be deemed given.

    Its grounds are that every entry is known, and the former qualification too (S82b): a place of work only
    where the insurance is an employee's.
    """
    needed = [*_DECLARED, "insurer_number", "number"]
    if entries.get("insurance_kind") in _EMPLOYED:
        needed.append("workplace")
    missing = [name for name in needed if not entries.get(name)]
    return missing + (["insurance_kind"] if entries.get("insurance_kind") == "unknown" else [])


def knows_past(entries: Mapping[str, str]) -> bool:
    """Tell whether the past qualification is known: its insurer and its number (S82d)."""
    return bool(entries.get("insurer_number") and entries.get("number"))


def claim_tier(*, is_current_confirmed: bool, knows_past: bool) -> ClaimTier:
    """Say how the claim will be addressed: current, else past, else unknown."""
    if is_current_confirmed:
        return ClaimTier.CURRENT
    return ClaimTier.PAST if knows_past else ClaimTier.UNKNOWN


def compared_with(visit: FirstOrAgain, *, has_record: bool) -> ComparedWith:
    """Say what the answer is laid beside: the intake form, the stored patient, or the patient's own words."""
    if not has_record:
        return ComparedWith.ORAL
    return ComparedWith.INTAKE_FORM if visit is FirstOrAgain.FIRST else ComparedWith.STORED_PATIENT


def oral_checklist(*, address: str) -> Sequence[str]:
    """The items to be asked aloud; the insurer's name stands in for an address that is not shown (S80)."""
    return ("kanji_name", "birth_date", "address" if address else "insurer_name")
