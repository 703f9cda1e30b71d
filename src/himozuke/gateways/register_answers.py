"""What an answer of somebody else's register must hold to be an answer to its inquiry at all.

A register that is out of order answers too: with the person under another number, with two people under one,
with words nobody knows. Such an answer is none, so that a link waits instead of being called wrong, or right.
Whether the items of the people agree is not looked at here: that is what verdicts are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from himozuke.errors import UpstreamDownError
from himozuke.identity.individual_number import has_valid_check_digit
from himozuke.ports.challenge import STATUSES
from himozuke.ports.resident_register import Answer, Inquiry, RegisterEntry, answer_digest
from himozuke.schemes.inquiry import asked_items


def answer_to(
    inquiry: Inquiry, entries: Sequence[RegisterEntry], near: Sequence[RegisterEntry], *, register_day: date
) -> Answer | UpstreamDownError:
    """The answer, or why it cannot be one to this inquiry; never with a number in the sentence.

    What was asked and the digest are said by us, not taken over from the other side.
    """
    said = _fault(inquiry, entries, near)
    if said:
        return UpstreamDownError(f"The register gave an answer that cannot be right: {said}. It is not used.")
    asked = () if inquiry.individual_number else asked_items(inquiry.items.items())
    wanted = list(near) if inquiry.wants_near else []
    return Answer(entries, asked, register_day, answer_digest([*entries, *wanted]), near=wanted)


def _fault(inquiry: Inquiry, entries: Sequence[RegisterEntry], near: Sequence[RegisterEntry]) -> str:
    everybody = [*entries, *near]
    if any(not has_valid_check_digit(entry.individual_number.value) for entry in everybody):
        return "a number with a wrong check digit"
    if any(entry.status not in STATUSES for entry in everybody):
        return "a person in no known state"
    if inquiry.individual_number is not None:
        return _fault_by_number(inquiry, entries)
    if _has_one_twice(everybody):
        return "one number on two people"
    return ""


def _fault_by_number(inquiry: Inquiry, entries: Sequence[RegisterEntry]) -> str:
    if len(entries) > 1:
        return "several people under one number"
    borne = [number for entry in entries for number in (entry.individual_number, entry.previous_number)]
    if entries and inquiry.individual_number not in borne:
        return "a person under another number than the one asked"
    return ""


def _has_one_twice(entries: Iterable[RegisterEntry]) -> bool:
    numbers = [entry.individual_number for entry in entries]
    return len(set(numbers)) < len(numbers)
