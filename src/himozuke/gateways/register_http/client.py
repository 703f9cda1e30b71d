"""Asking a resident register over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import httpx
import msgspec

from himozuke.errors import HimozukeError, UpstreamDownError, UsageError
from himozuke.gateways.register_http.wire import AnswersBody, InquiriesBody, answer_of, inquiry_body
from himozuke.ports.resident_register import Answer, Inquiry
from himozuke.rules.model import RuleBook
from himozuke.schemes.inquiry import asked_items, refuse_few_items

_NEARBY = frozenset({"localhost", "127.0.0.1", "::1"})
_BUSY = frozenset({429, 502, 503, 504})
_PAUSE_BEFORE_RETRY = 0.2


@dataclass(frozen=True, slots=True)
class HttpRegister:
    """A register at an address; numbers leave this machine encrypted (https) or not at all.

    ``seconds`` bounds one attempt, ``attempts`` how often one is made: an inquiry changes nothing, so that it
    may be asked again. What the rule of the day refuses is not even sent.
    """

    url: str
    rules: RuleBook
    token: str = ""
    seconds: float = 5.0
    attempts: int = 3
    pause: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        where = urlsplit(self.url)
        if where.scheme != "https" and where.hostname not in _NEARBY:
            raise UsageError(f"{self.url} is not https. Individual Numbers do not travel in the clear.")

    @property
    def as_of(self) -> date:
        """The day of the register."""
        return self._asked([]).register_day

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question; UpstreamDownError when no answer comes in time."""
        found = self.inquire_batch([inquiry])[0]
        if isinstance(found, Exception):
            raise found
        return found

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions in one request; an answer or the error for each, in order."""
        answers: list[Answer | Exception | None] = [self._refusal(inquiry) for inquiry in inquiries]
        sent = [place for place, refused in enumerate(answers) if refused is None]
        if sent:
            try:
                body = self._asked([inquiries[place] for place in sent])
            except UpstreamDownError as error:
                found: list[Answer | Exception] = [error] * len(sent)
            else:
                found = [answer_of(answer) for answer in body.answers]
            for place, answer in zip(sent, found, strict=True):
                answers[place] = answer
        return [answer for answer in answers if answer is not None]

    def _refusal(self, inquiry: Inquiry) -> Exception | None:
        if inquiry.individual_number is not None:
            return None
        try:
            refuse_few_items(asked_items(inquiry.items.items()), inquiry.scheme, self.rules, on=inquiry.on)
        except HimozukeError as error:
            return error
        return None

    def _asked(self, inquiries: Sequence[Inquiry]) -> AnswersBody:
        content = msgspec.json.encode(InquiriesBody([inquiry_body(inquiry) for inquiry in inquiries]))
        failure = ""
        for attempt in range(self.attempts):
            if attempt:
                self.pause(_PAUSE_BEFORE_RETRY * 2**attempt)
            try:
                reply = self._post(content)
            except httpx.HTTPError as error:
                failure = type(error).__name__
                continue
            if reply.status_code in _BUSY:
                failure = f"HTTP {reply.status_code}"
                continue
            return self._understood(reply, len(inquiries))
        raise UpstreamDownError(
            f"The register at {self.url} did not answer {self.attempts} times ({failure}). "
            "Nothing was asked twice over; ask again later."
        )

    def _post(self, content: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        with httpx.Client(timeout=self.seconds, transport=self.transport, headers=headers) as client:
            return client.post(f"{self.url.rstrip('/')}/inquiries", content=content)

    def _understood(self, reply: httpx.Response, count: int) -> AnswersBody:
        try:
            reply.raise_for_status()
            body = msgspec.json.decode(reply.content, type=AnswersBody)
        except (httpx.HTTPStatusError, msgspec.MsgspecError) as error:
            raise UpstreamDownError(
                f"The register at {self.url} gave no answer that can be read ({type(error).__name__}, "
                f"HTTP {reply.status_code}). Tell whoever runs it."
            ) from error
        if len(body.answers) != count:
            raise UpstreamDownError(
                f"The register at {self.url} gave {len(body.answers)} answers to {count} inquiries; none is used."
            )
        return body
