"""A resident register that is slow, out of order, or wrong, as far as it is told to be."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke.errors import UpstreamDownError
from himozuke.identity.individual_number import IndividualNumber, check_digit
from himozuke.ports.resident_register import Answer, Inquiry, RegisterEntry, ResidentRegister, answer_digest

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class SimulatedRegister:
    """Another register with faults put before it.

    ``latency`` is in milliseconds, for each call. ``wrong`` is the share of answers that are wrong: the same
    inquiry is always wrong, or never.
    """

    register: ResidentRegister
    latency: float = 0.0
    is_out: bool = False
    wrong: float = 0.0
    pause: Callable[[float], None] = time.sleep

    @property
    def as_of(self) -> date:
        """The day of the register."""
        return self.register.as_of

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question."""
        found = self.inquire_batch([inquiry])[0]
        if isinstance(found, Exception):
            raise found
        return found

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions, late and with the share of wrong answers. UpstreamDownError during the outage."""
        if self.latency > 0:
            self.pause(self.latency / 1000)
        if self.is_out:
            raise UpstreamDownError("The register is out of order (simulated).")
        answers = self.register.inquire_batch(inquiries)
        return [
            _wrong(answer) if isinstance(answer, Answer) and self._is_wrong(inquiry) else answer
            for inquiry, answer in zip(inquiries, answers, strict=True)
        ]

    def _is_wrong(self, inquiry: Inquiry) -> bool:
        number = inquiry.individual_number.reveal() if inquiry.individual_number else ""
        asked = repr((number, sorted(inquiry.items.items())))
        drawn = int.from_bytes(hashlib.sha256(asked.encode()).digest()[:8]) % _WHOLE
        return drawn < self.wrong * _WHOLE


def _wrong(answer: Answer) -> Answer:
    """The answer with the numbers of other people in it, or with nobody."""
    entries = [_of_another(entry) for entry in answer.entries]
    return replace(answer, entries=entries, near=(), result_digest=answer_digest(entries))


def _of_another(entry: RegisterEntry) -> RegisterEntry:
    body = entry.individual_number.value // 10 + 1
    return replace(entry, individual_number=IndividualNumber(body * 10 + check_digit(body)))
