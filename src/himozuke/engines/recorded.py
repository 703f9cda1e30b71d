"""A resident register whose every answered inquiry stands in the ledger, whatever carries the question there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke.ports.challenge import Ledger, LedgerLine
from himozuke.ports.resident_register import Answer, Inquiry, Purpose, ResidentRegister


@dataclass(frozen=True, slots=True)
class RecordedRegister:
    """Writes down who asked, why, with which items and what came of it; a refused inquiry was never made."""

    register: ResidentRegister
    ledger: Ledger

    @property
    def as_of(self) -> date:
        """The day of the register."""
        return self.register.as_of

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question and write it down."""
        found = self.inquire_batch([inquiry])[0]
        if isinstance(found, Exception):
            raise found
        return found

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions and write down those that were answered."""
        answers = list(self.register.inquire_batch(inquiries))
        alike: dict[Purpose, list[int]] = defaultdict(list)
        for place, (inquiry, answer) in enumerate(zip(inquiries, answers, strict=True)):
            if isinstance(answer, Answer):
                alike[inquiry.purpose].append(place)
        for purpose, places in alike.items():
            lines = [_line(inquiries[place], answers[place]) for place in places]
            for place, inquiry_id in zip(places, self.ledger.write_ledger(lines, purpose), strict=True):
                answer = answers[place]
                if isinstance(answer, Answer):
                    answers[place] = replace(answer, inquiry_id=inquiry_id)
        return answers


def _line(inquiry: Inquiry, answer: Answer | Exception) -> LedgerLine:
    if isinstance(answer, Exception):
        raise answer
    return LedgerLine(
        kind="items" if inquiry.individual_number is None else "number",
        scheme=inquiry.scheme,
        on=inquiry.on,
        asked_items=answer.asked_items,
        hits=len(answer.entries) + len(answer.near),
        result_digest=answer.result_digest,
        register_day=answer.register_day,
    )
