"""The help desk: what to answer by category and day, and the questions it answered, counted (S56)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Protocol

from himozuke.errors import ConflictError, InputRejectedError
from himozuke.identity.individual_number import mask_digits
from himozuke.ports.actor import Actor
from himozuke.ports.office import AuditLog, Clock

CALLERS = ("institution", "citizen", "insurer", "other")
CHANNELS = ("telephone", "counter", "mail")
OUTCOMES = ("answered", "follow_up", "passed_on")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer and the next step in Japanese and English; ``holds_until`` is None while it holds."""

    category: str
    question: Mapping[str, str]
    answer: Mapping[str, str]
    next_step: Mapping[str, str]
    source: str
    holds_from: date
    holds_until: date | None


@dataclass(frozen=True, slots=True)
class HelpCall:
    """A question as it was answered; ``minutes`` is how long it took."""

    category: str
    caller: str
    channel: str
    outcome: str
    minutes: int
    institution_code: str = ""
    note: str = ""
    follow_up_on: date | None = None


@dataclass(frozen=True, slots=True)
class TakenCall:
    """A question on record."""

    help_call_id: int
    at: datetime
    called_on: date
    taken_by: str
    closed_at: datetime | None
    closed_by: str
    call: HelpCall


class HelpCallStore(Protocol):
    """The questions of an organisation."""

    def add(self, organisation_id: int, call: HelpCall, *, at: datetime, on: date, by: str) -> int:
        """Keep a question and return its id."""

    def newest(self, *, limit: int) -> Sequence[TakenCall]:
        """The newest questions first."""

    def waiting(self, *, until: date) -> Sequence[TakenCall]:
        """Questions to come back to by a day, the most urgent first."""

    def close(self, help_call_id: int, *, at: datetime, by: str) -> bool:
        """Note that what was promised was done; False where nothing waits."""

    def by_month(self, *, since: date) -> Sequence[tuple[str, str, int, int]]:
        """Month (2026-04), category, how many, minutes in all; by month and category."""


class HelpDesk:
    """Answers questions and keeps them; one instance serves one transaction."""

    def __init__(self, store: HelpCallStore, actor: Actor, audit: AuditLog, clock: Clock) -> None:
        self._store = store
        self._actor = actor
        self._audit = audit
        self._clock = clock

    def take(self, call: HelpCall) -> int:
        """Write a question down; its id. InputRejectedError for what is not on the lists or names a number."""
        if (
            self._actor.organisation_id is None
            or call.category not in categories()
            or call.caller not in CALLERS
            or call.channel not in CHANNELS
            or call.outcome not in OUTCOMES
        ):
            raise InputRejectedError("Choose category, caller, channel and outcome from the lists.")
        if mask_digits(call.note) != call.note:
            raise InputRejectedError("The note holds twelve figures like an Individual Number. Leave them out.")
        if (call.outcome == "follow_up") != (call.follow_up_on is not None):
            raise InputRejectedError("A day for calling back belongs to a question that is not answered yet.")
        now, today = self._clock.now(), self._clock.today()
        call_id = self._store.add(self._actor.organisation_id, call, at=now, on=today, by=self._actor.login)
        details = {"category": call.category, "caller": call.caller, "outcome": call.outcome}
        self._audit.record("help.take_call", subject="help_call", subject_id=call_id, details=details)
        return call_id

    def close(self, help_call_id: int) -> None:
        """Note that what was promised was done; ConflictError where nothing waits."""
        if not self._store.close(help_call_id, at=self._clock.now(), by=self._actor.login):
            raise ConflictError("Nothing waits under this question.")
        self._audit.record("help.close_call", subject="help_call", subject_id=help_call_id, details={})


def categories() -> Sequence[str]:
    """The categories in the order of the file: the eight reasons of S82 first."""
    return tuple(dict.fromkeys(one["category"] for one in _all()))


def answers(category: str, on: date) -> Sequence[Answer]:
    """What holds for a category on a day, the latest first; empty where nothing does."""
    held = [
        Answer(
            category=one["category"],
            question=_both(one, "question"),
            answer=_both(one, "answer"),
            next_step=_both(one, "next"),
            source=one["source"],
            holds_from=one["from"],
            holds_until=one.get("until"),
        )
        for one in _all()
        if one["category"] == category and one["from"] <= on <= one.get("until", date.max)
    ]
    return sorted(held, key=lambda one: one.holds_from, reverse=True)


def _both(entry: Mapping[str, Any], name: str) -> Mapping[str, str]:
    return {"ja": entry[f"{name}_ja"], "en": entry[f"{name}_en"]}


@cache
def _all() -> Sequence[Mapping[str, Any]]:
    text = (resources.files("himozuke.eligibility") / "texts" / "help_desk.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["answer"])
