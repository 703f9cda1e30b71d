"""Asking a resident register over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import NamedTuple
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
_LARGEST_ANSWER = 256 * 2**20  # bytes; some hundred times what a batch of this program is answered with


class _Reply(NamedTuple):
    """What came back, whole."""

    status_code: int
    content: bytes


@dataclass(frozen=True, slots=True)
class HttpRegister:
    """A register at an address; numbers leave this machine encrypted (https) or not at all.

    ``seconds`` bounds one attempt as a whole, also where the answer trickles in; ``attempts`` how often one is
    made: an inquiry changes nothing, so that it may be asked again, but whoever waits at a desk has waited enough
    once ``seconds`` are over. What the rule of the day refuses is not even sent.
    """

    url: str
    rules: RuleBook
    token: str = ""
    seconds: float = 5.0
    attempts: int = 3
    most_at_once: int = 50
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
        """Ask many questions, ``most_at_once`` in one request; an answer or the error for each, in order."""
        answers: list[Answer | Exception | None] = [self._refusal(inquiry) for inquiry in inquiries]
        sent = [place for place, refused in enumerate(answers) if refused is None]
        for start in range(0, len(sent), self.most_at_once):
            places = sent[start : start + self.most_at_once]
            try:
                body = self._asked([inquiries[place] for place in places])
            except UpstreamDownError as error:
                for place in sent[start:]:  # the rest is not waited for either
                    answers[place] = error
                break
            for place, answer in zip(places, body.answers, strict=True):
                answers[place] = answer_of(inquiries[place], answer)
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
        failure, times, until = "", 0, time.monotonic() + self.seconds
        while times < self.attempts and (not times or time.monotonic() < until):
            if times:
                self.pause(_PAUSE_BEFORE_RETRY * 2**times)
            times += 1
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
            f"The register at {self.url} did not answer {times} times ({failure}). "
            "Nothing was asked twice over; ask again later."
        )

    def _post(self, content: bytes) -> _Reply:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        until = time.monotonic() + self.seconds
        with (
            httpx.Client(timeout=self.seconds, transport=self.transport, headers=headers) as client,
            client.stream("POST", f"{self.url.rstrip('/')}/inquiries", content=content) as reply,
        ):
            body = bytearray()
            for part in reply.iter_bytes():
                body += part
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("the answer trickles in", request=reply.request)
                if len(body) > _LARGEST_ANSWER:
                    raise httpx.DecodingError("the answer has no end", request=reply.request)
            return _Reply(reply.status_code, bytes(body))

    def _understood(self, reply: _Reply, count: int) -> AnswersBody:
        body, failure = _decoded(reply)
        if body is None:
            raise UpstreamDownError(
                f"The register at {self.url} gave no answer that can be read ({failure}). Tell whoever runs it."
            )
        if len(body.answers) != count:
            raise UpstreamDownError(
                f"The register at {self.url} gave {len(body.answers)} answers to {count} inquiries; none is used."
            )
        return body


def _decoded(reply: _Reply) -> tuple[AnswersBody | None, str]:
    """The answers in a reply, or what is wrong with it; never a word of it, which may hold a number."""
    if reply.status_code != HTTPStatus.OK:
        return None, f"HTTP {reply.status_code}"
    try:
        return msgspec.json.decode(reply.content, type=AnswersBody), ""
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return None, type(error).__name__
