"""The self-assessment of how a body got its numbers: ①, ② or ③, with the row of the rule that says so.

Source: S71, S72, R-CLASS.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from himozuke.rules.kinds import Row
from himozuke.rules.model import RuleBook, RuleEntry
from himozuke.rules.schema import first_matching

CLASSES = (1, 2, 3)
ANSWERS = ("yes", "no", "unconfirmed")
RULE = "process.classes"
DEADLINE = "process.inspected_by"


@dataclass(frozen=True, slots=True)
class BodyAnswer:
    """What one body answered about one way of acquiring numbers; a body may have several lines.

    ``three_items``, ``any_of_several`` and ``other_wrong`` are yes, no, unconfirmed, or empty where
    the body has not answered. ``stopped`` says that the way is no longer used, ``inspected_on`` when
    the data of that time were inspected. ``holds_residents`` marks bodies that hold the resident data
    themselves (municipal national health insurance, elderly medical care). Source: S72.
    """

    body: str
    name: str
    three_items: str
    any_of_several: str
    other_wrong: str
    stopped: bool = False
    inspected_on: date | None = None
    holds_residents: bool = False

    @property
    def is_answered(self) -> bool:
        """Tell whether every question has an answer."""
        return self.holds_residents or "" not in (self.three_items, self.any_of_several, self.other_wrong)


@dataclass(frozen=True, slots=True)
class LineClass:
    """The class of one line and what decided it.

    ``row`` is the number of the deciding row of the rule's table, from 1; None where the body holds
    the resident data itself and the table is not asked. ``is_mended`` is the note of the table: no
    longer done, and inspected in time.
    """

    number: int
    row: int | None
    is_mended: bool
    rule: RuleEntry


def class_line(answer: BodyAnswer, book: RuleBook, on: date) -> LineClass:
    """Class one answered line by the rule of a day."""
    entry = book.entry(RULE, on)
    if answer.holds_residents:
        return LineClass(CLASSES[-1], None, is_mended=False, rule=entry)
    deadline = book.day(DEADLINE, on)
    mended = answer.stopped and answer.inspected_on is not None and answer.inspected_on <= deadline
    facts: Row = {
        "three_items": answer.three_items,
        "any_of_several": answer.any_of_several,
        "other_wrong": answer.other_wrong,
        "mended": mended,
    }
    rows = book.rows(RULE, on)
    found = first_matching(rows, facts)
    return LineClass(int(str(found["class"])), rows.index(found) + 1, is_mended=mended, rule=entry)


def class_body(answers: Iterable[BodyAnswer], book: RuleBook, on: date) -> LineClass:
    """Class one body by its strictest line, the first of equals."""
    return min((class_line(answer, book, on) for answer in answers), key=lambda line: line.number)


def body_class(answers: Iterable[BodyAnswer], book: RuleBook, on: date) -> int:
    """Class one body: 1, 2 or 3."""
    return class_body(answers, book, on).number
