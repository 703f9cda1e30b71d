"""Asking by file: a batch is laid into one folder, its answer is awaited in another."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from himozuke.errors import HimozukeError, UpstreamDownError
from himozuke.gateways.jlis_files.layout import FileLayout, load_layout, put
from himozuke.gateways.jlis_files.rows import Row, answer_of, inquiry_row
from himozuke.ports.resident_register import Answer, Inquiry
from himozuke.rules.model import RuleBook
from himozuke.schemes.inquiry import asked_items, refuse_few_items

_LOOK_EVERY = 0.05


class FolderRegister:
    """A register behind two folders.

    A batch becomes one file whose name follows from its content. When no answer comes within ``seconds``,
    the file stays, and asking the same batch again collects the answer; what was collected is removed,
    since both files hold Individual Numbers.
    """

    def __init__(
        self,
        outgoing: Path,
        incoming: Path,
        *,
        rules: RuleBook,
        layout: FileLayout | None = None,
        seconds: float = 60.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._outgoing, self._incoming = outgoing, incoming
        self._rules = rules
        self._layout = layout or load_layout()
        self._seconds = seconds
        self._pause = pause
        self._as_of: date | None = None

    @property
    def as_of(self) -> date:
        """The day of the register as the last answer said it. UpstreamDownError before the first."""
        if self._as_of is None:
            raise UpstreamDownError(f"No answer has come through {self._incoming} yet; its day is not known.")
        return self._as_of

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question; UpstreamDownError while its answer is not there."""
        found = self.inquire_batch([inquiry])[0]
        if isinstance(found, Exception):
            raise found
        return found

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions with one file; what the rule of the day refuses is not written."""
        answers: dict[int, Answer | Exception] = {}
        for place, inquiry in enumerate(inquiries):
            refused = self._refusal(inquiry)
            if refused:
                answers[place] = refused
        sent = [place for place in range(len(inquiries)) if place not in answers]
        if sent:
            found = self._asked([inquiries[place] for place in sent])
            answers |= dict(zip(sent, found, strict=True))
        return [answers[place] for place in range(len(inquiries))]

    def _refusal(self, inquiry: Inquiry) -> Exception | None:
        if inquiry.individual_number is not None:
            return None
        try:
            refuse_few_items(asked_items(inquiry.items.items()), inquiry.scheme, self._rules, on=inquiry.on)
        except HimozukeError as error:
            return error
        return None

    def _asked(self, inquiries: Sequence[Inquiry]) -> list[Answer | Exception]:
        layout = self._layout
        try:
            rows = [inquiry_row(number, inquiry) for number, inquiry in enumerate(inquiries, 1)]
            content = layout.content(layout.inquiry, rows)
            name = hashlib.sha256(content).hexdigest()[:24]
            asked = self._outgoing / layout.inquiry_file.format(id=name)
            answered = self._incoming / layout.answer_file.format(id=name)
            if not asked.exists() and not answered.exists():
                self._outgoing.mkdir(parents=True, exist_ok=True)
                put(asked, content)
            found = self._collected(answered, inquiries)
        except HimozukeError as error:
            return [error] * len(inquiries)
        answered.unlink(missing_ok=True)
        asked.unlink(missing_ok=True)
        self._as_of = next((one.register_day for one in found if isinstance(one, Answer)), self._as_of)
        return found

    def _collected(self, path: Path, inquiries: Sequence[Inquiry]) -> list[Answer | Exception]:
        waited = 0.0
        while not path.exists():
            if waited >= self._seconds:
                raise UpstreamDownError(
                    f"No answer {path.name} has come within {self._seconds:g} s. The inquiry lies in "
                    f"{self._outgoing}; ask the same again to collect its answer."
                )
            self._pause(_LOOK_EVERY)
            waited += _LOOK_EVERY
        by_inquiry: dict[str, list[Row]] = defaultdict(list)
        for row in self._layout.rows(path.read_bytes(), self._layout.answer, name=path.name):
            by_inquiry[row["inquiry"]].append(row)
        return [answer_of(inquiry, by_inquiry[str(number)]) for number, inquiry in enumerate(inquiries, 1)]
