"""Asking by file: a batch is laid into one folder, its answer is awaited in another."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from himozuke.errors import HimozukeError, InputRejectedError, UpstreamDownError
from himozuke.gateways.jlis_files.layout import FileLayout, load_layout, put
from himozuke.gateways.jlis_files.rows import Row, answer_of, inquiry_row
from himozuke.ports.resident_register import Answer, Inquiry
from himozuke.rules.model import RuleBook
from himozuke.schemes.inquiry import asked_items, refuse_few_items

_LOOK_EVERY = 0.05
_SECONDS_A_DAY = 86_400

_Question = tuple[tuple[str, str], ...]


class _Place(NamedTuple):
    """Where a question was asked: the file, and its number in there."""

    name: str
    inquiry: str


class FolderRegister:
    """A register behind two folders.

    What has not been asked yet becomes one file whose name follows from its content. When no answer comes within
    ``seconds``, the file stays, and whoever asks the same question again collects the answer, whatever else is
    asked with it. Files are removed when all they hold has been collected at once, or ``days_kept`` after their
    answer came, since both hold Individual Numbers.
    """

    def __init__(
        self,
        outgoing: Path,
        incoming: Path,
        *,
        rules: RuleBook,
        layout: FileLayout | None = None,
        seconds: float = 60.0,
        days_kept: float = 1.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._outgoing, self._incoming = outgoing, incoming
        self._rules = rules
        self._layout = layout or load_layout()
        self._seconds = seconds
        self._days_kept = days_kept
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
        """An answer for each, or why there is none yet; a file that is not there stops nobody else's answer."""
        rows = [inquiry_row(0, inquiry) for inquiry in inquiries]
        try:
            self._remove_old()
            asked = self._asked_before()
            asked |= self._put({key: row for row in rows if (key := _question(row)) not in asked})
            places = [asked[_question(row)] for row in rows]
            files = {name: self._collected(name) for name in self._awaited({place.name for place in places})}
        except HimozukeError as error:
            return [error] * len(inquiries)
        except OSError as error:
            down = UpstreamDownError(f"The folders of the register cannot be used ({error}). Ask the same again later.")
            return [down] * len(inquiries)
        found = [self._answer(inquiry, place, files) for inquiry, place in zip(inquiries, places, strict=True)]
        self._remove_collected(places, files, asked)
        self._as_of = next((one.register_day for one in found if isinstance(one, Answer)), self._as_of)
        return found

    def _paths(self, name: str) -> tuple[Path, Path]:
        layout = self._layout
        return self._outgoing / layout.inquiry_file.format(id=name), self._incoming / layout.answer_file.format(id=name)

    def _asked_before(self) -> dict[_Question, _Place]:
        """What lies in the outgoing folder, by question."""
        before, after = self._layout.inquiry_file.split("{id}")
        asked: dict[_Question, _Place] = {}
        for path in sorted(self._outgoing.glob(f"{before}*{after}")):
            name = path.name[len(before) : len(path.name) - len(after)]
            with suppress(FileNotFoundError, InputRejectedError):  # collected by somebody else, or none of ours
                for row in self._layout.rows(path.read_bytes(), self._layout.inquiry, name=path.name):
                    asked.setdefault(_question(row), _Place(name, row["inquiry"]))
        return asked

    def _put(self, rows: Mapping[_Question, Row]) -> dict[_Question, _Place]:
        """Ask questions with one file."""
        if not rows:
            return {}
        numbered = [row | {"inquiry": str(number)} for number, row in enumerate(rows.values(), 1)]
        content = self._layout.content(self._layout.inquiry, numbered)
        name = hashlib.sha256(content).hexdigest()[:24]
        self._outgoing.mkdir(parents=True, exist_ok=True)
        put(self._paths(name)[0], content)
        return {question: _Place(name, str(number)) for number, question in enumerate(rows, 1)}

    def _awaited(self, names: Iterable[str]) -> list[str]:
        """The files whose answers are there, or come in time."""
        wanted, waited = list(names), 0.0
        while True:
            there = [name for name in wanted if self._paths(name)[1].exists()]
            if len(there) == len(wanted) or waited >= self._seconds:
                return there
            self._pause(_LOOK_EVERY)
            waited += _LOOK_EVERY

    def _collected(self, name: str) -> Mapping[str, list[Row]] | UpstreamDownError:
        """The rows of an answer file by inquiry; one that cannot be read is set aside, so that another can come."""
        path = self._paths(name)[1]
        by_inquiry: dict[str, list[Row]] = defaultdict(list)
        try:
            for row in self._layout.rows(path.read_bytes(), self._layout.answer, name=path.name):
                by_inquiry[row["inquiry"]].append(row)
        except InputRejectedError as error:
            path.replace(path.with_name(f".{path.name}.unreadable"))
            return UpstreamDownError(f"{error} It is set aside; the inquiry waits for another answer.")
        return by_inquiry

    def _answer(
        self, inquiry: Inquiry, place: _Place, files: Mapping[str, Mapping[str, list[Row]] | UpstreamDownError]
    ) -> Answer | Exception:
        rows = files.get(place.name)
        if rows is None:
            return UpstreamDownError(
                f"No answer {self._paths(place.name)[1].name} has come within {self._seconds:g} s. The inquiry lies "
                f"in {self._outgoing}; ask the same again to collect its answer."
            )
        if isinstance(rows, UpstreamDownError):
            return rows
        return answer_of(inquiry, rows.get(place.inquiry, []))

    def _remove_collected(
        self, places: Iterable[_Place], files: Mapping[str, object], asked: Mapping[_Question, _Place]
    ) -> None:
        """Files that hold nothing but what was just collected go; others are still asked for by somebody."""
        collected = set(places)
        for name, found in files.items():
            held = {place for place in asked.values() if place.name == name}
            if held <= collected and not isinstance(found, UpstreamDownError):
                self._remove(name)

    def _remove_old(self) -> None:
        """Answers that nobody wants any more go, with what they answer and what was set aside."""
        until = time.time() - self._days_kept * _SECONDS_A_DAY
        before, after = self._layout.answer_file.split("{id}")
        for path in self._incoming.glob(f"{before}*{after}"):
            if path.stat().st_mtime < until:
                self._remove(path.name[len(before) : len(path.name) - len(after)])

    def _remove(self, name: str) -> None:
        asked, answered = self._paths(name)
        answered.unlink(missing_ok=True)
        answered.with_name(f".{answered.name}.unreadable").unlink(missing_ok=True)
        asked.unlink(missing_ok=True)


def _question(row: Row) -> _Question:
    """What is asked and why, whichever place it has in its file and whatever it was first asked for."""
    return tuple(sorted((name, value) for name, value in row.items() if name not in ("inquiry", "subject")))
