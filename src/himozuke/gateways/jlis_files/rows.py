"""Inquiries and answers as rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from himozuke.errors import (
    HimozukeError,
    InputRejectedError,
    LinkRejectedError,
    RuleRefusedError,
    UpstreamDownError,
    UsageError,
)
from himozuke.gateways.register_answers import answer_to
from himozuke.identity.individual_number import IndividualNumber, parse
from himozuke.link.compare import EntryItems
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS
from himozuke.ports.resident_register import Answer, Inquiry, Purpose, RegisterEntry

Row = dict[str, str]

EXACT, NEAR, NOBODY = "exact", "near", "none"
_ERRORS: dict[str, type[HimozukeError]] = {
    error.__name__: error for error in (InputRejectedError, RuleRefusedError, UpstreamDownError, UsageError)
}


def inquiry_row(number: int, inquiry: Inquiry) -> Row:
    """One inquiry as a row; ``number`` counts the rows of the file from 1."""
    return {
        "inquiry": str(number),
        "on": inquiry.on.isoformat(),
        "scheme": inquiry.scheme,
        "reason": inquiry.purpose.reason,
        "subject": inquiry.purpose.subject,
        "individual_number": inquiry.individual_number.reveal() if inquiry.individual_number else "",
        "wants_near": "1" if inquiry.wants_near else "0",
        **{item: inquiry.items.get(item, "") for item in ITEMS},
    }


def inquiry_of(row: Mapping[str, str]) -> Inquiry:
    """A row as an inquiry."""
    return Inquiry(
        purpose=Purpose(row["reason"], row["subject"]),
        on=_day(row["on"]) or date.min,
        scheme=row["scheme"],
        individual_number=_number(row["individual_number"]),
        items={item: row[item] for item in ITEMS if row[item]},
        wants_near=row["wants_near"] == "1",
    )


def answer_rows(number: int, answer: Answer | Exception) -> Iterator[Row]:
    """One answer as rows: one for each person, or one that says there is nobody, or why not."""
    told = {"inquiry": str(number)}
    if isinstance(answer, Exception):
        known = InputRejectedError if isinstance(answer, LinkRejectedError) else type(answer)
        yield told | {"kind": known.__name__, "message": str(answer)}
        return
    told["register_day"] = answer.register_day.isoformat()
    for entry in answer.entries:
        yield told | {"kind": EXACT} | entry_row(entry)
    for entry in answer.near:
        yield told | {"kind": NEAR} | entry_row(entry)
    if not answer.entries and not answer.near:
        yield told | {"kind": NOBODY}


def answer_of(inquiry: Inquiry, rows: Sequence[Mapping[str, str]]) -> Answer | Exception:
    """The rows of one inquiry as its answer, as far as they can be one to it."""
    if not rows:
        return UpstreamDownError("The answer file says nothing of this inquiry; ask again.")
    first = rows[0]
    if first["kind"] not in (EXACT, NEAR, NOBODY):
        return _ERRORS.get(first["kind"], UpstreamDownError)(first["message"])
    try:
        entries = [_entry_of(row) for row in rows if row["kind"] == EXACT]
        near = [_entry_of(row) for row in rows if row["kind"] == NEAR]
        day = _day(first["register_day"])
    except InputRejectedError as error:
        return UpstreamDownError(f"The answer file holds a row that cannot be read. {error}")
    if day is None:
        return UpstreamDownError("The answer file does not say the day of the register.")
    return answer_to(inquiry, entries, near, register_day=day)


def entry_row(entry: RegisterEntry) -> Row:
    """One person of an answer as a row, in the columns of a register file."""
    items: dict[str, Any] = asdict(entry.items)
    return {
        "individual_number": entry.individual_number.reveal(),
        **{name: str(items[name]) for name in (*ITEMS, *FORMS)},
        "furigana_certified": "1" if entry.is_furigana_certified else "0",
        "status": entry.status,
        "status_on": entry.status_on.isoformat() if entry.status_on else "",
        "previous_number": entry.previous_number.reveal() if entry.previous_number else "",
        "protected": "1" if entry.is_protected else "0",
    }


def _entry_of(row: Mapping[str, str]) -> RegisterEntry:
    number = _number(row["individual_number"])
    if number is None:
        raise InputRejectedError("A row of the answer file names nobody: its Individual Number is missing.")
    return RegisterEntry(
        individual_number=number,
        items=EntryItems(**{name: row[name] for name in (*ITEMS, *FORMS)}),
        is_furigana_certified=row["furigana_certified"] == "1",
        status=row["status"],
        status_on=_day(row["status_on"]),
        previous_number=_number(row["previous_number"]),
        is_protected=row["protected"] == "1",
    )


def _number(text: str) -> IndividualNumber | None:
    if not text:
        return None
    value = parse(text)
    if value is None:
        raise InputRejectedError("A row holds an Individual Number that is not twelve digits.")
    return IndividualNumber(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputRejectedError(f"{text!r} in a row is no day; days are written like 2026-04-01.") from None
