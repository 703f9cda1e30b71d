"""Inquiries and answers as JSON, for both ends of the wire.

A batch goes as one request, ``POST /inquiries``: ``{"inquiries": […]}``; the answer is
``{"register_day": …, "answers": […]}`` with an answer or an error for each, in order.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec

from himozuke.errors import (
    HimozukeError,
    InputRejectedError,
    LinkRejectedError,
    RuleRefusedError,
    UpstreamDownError,
    UsageError,
)
from himozuke.gateways.register_answers import answer_to
from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems
from himozuke.ports.resident_register import Answer, Inquiry, Purpose, RegisterEntry


class InquiryBody(msgspec.Struct, forbid_unknown_fields=True):
    """One inquiry: a number of twelve digits, or items by name."""

    reason: str
    on: date
    scheme: str
    subject: str = ""
    individual_number: str | None = None
    items: dict[str, str] = {}
    wants_near: bool = False


class EntryBody(msgspec.Struct):
    """One person of an answer."""

    individual_number: str
    items: dict[str, str]
    is_furigana_certified: bool
    status: str
    status_on: date | None
    previous_number: str | None
    is_protected: bool


class AnswerBody(msgspec.Struct, omit_defaults=True):
    """One answer, or why there is none: ``error`` is the name of the error, ``message`` what it says."""

    entries: list[EntryBody] = []
    near: list[EntryBody] = []
    asked_items: list[str] = []
    register_day: date | None = None
    result_digest: str = ""
    error: str = ""
    message: str = ""


class InquiriesBody(msgspec.Struct):
    """A batch of inquiries."""

    inquiries: list[InquiryBody]


class AnswersBody(msgspec.Struct):
    """The answers of a batch, in order."""

    register_day: date
    answers: list[AnswerBody]


_ERRORS: dict[str, type[HimozukeError]] = {
    error.__name__: error for error in (InputRejectedError, RuleRefusedError, UpstreamDownError, UsageError)
}


def inquiry_body(inquiry: Inquiry) -> InquiryBody:
    """An inquiry as it goes out."""
    number = inquiry.individual_number
    return InquiryBody(
        reason=inquiry.purpose.reason,
        subject=inquiry.purpose.subject,
        on=inquiry.on,
        scheme=inquiry.scheme,
        individual_number=number.reveal() if number else None,
        items=dict(inquiry.items),
        wants_near=inquiry.wants_near,
    )


def inquiry_of(body: InquiryBody) -> Inquiry:
    """An inquiry as it came in. UsageError for a number that is not twelve digits."""
    return Inquiry(
        purpose=Purpose(body.reason, body.subject),
        on=body.on,
        scheme=body.scheme,
        individual_number=number_of(body.individual_number),
        items=body.items,
        wants_near=body.wants_near,
    )


def number_of(text: str | None) -> IndividualNumber | None:
    """A number as it came in; None where there is none."""
    if not text:
        return None
    if not (len(text) == 12 and text.isascii() and text.isdecimal()):  # noqa: PLR2004 -- digits of a number
        raise UsageError("An Individual Number has twelve digits; what came has not.")
    return IndividualNumber(int(text))


def answer_body(answer: Answer | Exception) -> AnswerBody:
    """An answer as it goes out."""
    if isinstance(answer, Exception):
        known = InputRejectedError if isinstance(answer, LinkRejectedError) else type(answer)
        return AnswerBody(error=known.__name__, message=str(answer))
    return AnswerBody(
        entries=[_entry_body(entry) for entry in answer.entries],
        near=[_entry_body(entry) for entry in answer.near],
        asked_items=list(answer.asked_items),
        register_day=answer.register_day,
        result_digest=answer.result_digest,
    )


def answer_of(inquiry: Inquiry, body: AnswerBody) -> Answer | Exception:
    """An answer as it came in, as far as it can be one to the inquiry.

    An error of a kind we do not know, and an answer that cannot be right, is an upstream that does not work.
    """
    if body.error or body.register_day is None:
        return _ERRORS.get(body.error, UpstreamDownError)(body.message or "The register gave an answer without a day.")
    try:
        entries = [_entry_of(entry) for entry in body.entries]
        near = [_entry_of(entry) for entry in body.near]
    except (HimozukeError, TypeError) as error:
        return UpstreamDownError(f"The register gave a person who cannot be read ({type(error).__name__}).")
    return answer_to(inquiry, entries, near, register_day=body.register_day)


def _entry_body(entry: RegisterEntry) -> EntryBody:
    items: dict[str, Any] = asdict(entry.items)
    return EntryBody(
        individual_number=entry.individual_number.reveal(),
        items={name: value for name, value in items.items() if value},
        is_furigana_certified=entry.is_furigana_certified,
        status=entry.status,
        status_on=entry.status_on,
        previous_number=entry.previous_number.reveal() if entry.previous_number else None,
        is_protected=entry.is_protected,
    )


def _entry_of(body: EntryBody) -> RegisterEntry:
    number = number_of(body.individual_number)
    if number is None:
        raise UpstreamDownError("The register gave a person without a number.")
    return RegisterEntry(
        individual_number=number,
        items=EntryItems(**body.items),
        is_furigana_certified=body.is_furigana_certified,
        status=body.status,
        status_on=body.status_on,
        previous_number=number_of(body.previous_number),
        is_protected=body.is_protected,
    )
