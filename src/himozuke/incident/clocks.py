"""The clocks of a case: from when, until when, by which rule, and how they stand today. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from himozuke.incident.model import CaseState, Finding, Result, Step, StepState
from himozuke.incident.steps import standing
from himozuke.rules.deadline import last_day, next_working_day
from himozuke.rules.model import RuleBook

_DAY = timedelta(days=1)


class ClockState(StrEnum):
    """How a clock stands: ``pressing`` when its day is near, ``late`` when it was met after its day."""

    RUNNING = "running"
    PRESSING = "pressing"
    OVERDUE = "overdue"
    MET = "met"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class CaseClock:
    """One clock: the day it counts from, its last day, the day it was met, and the rule behind it."""

    name: str
    since: date
    due_on: date
    met_on: date | None
    rule: str
    source: str
    pressing_from: date
    source_en: str = ""

    def state(self, today: date) -> ClockState:
        """How the clock stands on a day."""
        if self.met_on is not None:
            return ClockState.MET if self.met_on <= self.due_on else ClockState.LATE
        if today > self.due_on:
            return ClockState.OVERDUE
        return ClockState.PRESSING if today >= self.pressing_from else ClockState.RUNNING

    def days_left(self, today: date) -> int:
        """Days until the last day; negative when it is past."""
        return (self.due_on - today).days


def clocks(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    """Every clock that has begun, the nearest last day first among those not met."""
    found = [
        *_stop(state, rules),
        *_papers(state, rules),
        *_ask(state, rules),
        *_employer(state, rules),
        *_reply(state, rules),
        *_confirm(state, rules),
        *_after_wrong(state, rules),
        *_release(state, rules),
    ]
    return sorted(found, key=lambda clock: (clock.met_on is not None, clock.due_on))


def next_due(state: CaseState, rules: RuleBook) -> CaseClock | None:
    """The clock not met whose last day is nearest; None when none runs."""
    if not state.is_open:
        return None
    return next((clock for clock in clocks(state, rules) if clock.met_on is None), None)


def reply_by(sent_on: date, rules: RuleBook) -> date:
    """The last day for a person's answer to a letter."""
    return last_day(sent_on, rules.count("incident.reply_days", sent_on))


def _clock(
    name: str,
    *,
    since: date,
    due_on: date,
    met_on: date | None,
    rule: str,
    rules: RuleBook,
    pressing_from: date | None = None,
) -> CaseClock:
    entry = rules.entry(rule, since)
    early = pressing_from or due_on - 2 * _DAY
    return CaseClock(name, since, due_on, met_on, rule, entry.source, early, entry.source_en)


def _office(name: str, *, since: date, met_on: date | None, rules: RuleBook) -> CaseClock:
    rule = f"incident.{name}_days"
    due = last_day(since, rules.count(rule, since))
    return _clock(name, since=since, due_on=due, met_on=met_on, rule=rule, rules=rules)


def _stop(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.restriction == "NONE" and state.stopped_on is None:
        return ()
    # The same day, also when offices rest: what is wrongly visible is visible on a Sunday too.
    due = state.opened_on + rules.count("incident.stop_days", state.opened_on) * _DAY
    return (
        _clock(
            "stop", since=state.opened_on, due_on=due, met_on=state.stopped_on, rule="incident.stop_days", rules=rules
        ),
    )


def _papers(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.papers is None and state.result is not None:
        return ()
    met = state.papers.on if state.papers else None
    return (_office("papers", since=state.opened_on, met_on=met, rules=rules),)


def _ask(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    """While it is ours to ask employer or person: a case that nobody asks about must not lie still."""
    is_ours = StepState.OPEN in (standing(state, Step.EMPLOYER), standing(state, Step.PERSON))
    returned = [letter.returned_on for letter in state.letters if letter.returned_on]
    since = max([day for day in (state.last_answer_on, *returned) if day], default=None)
    if state.result is not None or not is_ours or since is None:
        return ()
    return (_office("ask", since=since, met_on=None, rules=rules),)


def _employer(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.employer_asked_on is None or (state.employer is None and state.result is not None):
        return ()
    met = state.employer.on if state.employer else None
    return (_office("employer", since=state.employer_asked_on, met_on=met, rules=rules),)


def _reply(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.person is None and state.result is not None:
        return ()
    letter = state.last_letter
    if letter is None or letter.reply_by is None or letter.returned_on is not None:
        return _asked_otherwise(state, rules)
    met = state.person.on if state.person else None
    found = [
        _clock(
            "reply", since=letter.sent_on, due_on=letter.reply_by, met_on=met, rule="incident.reply_days", rules=rules
        )
    ]
    if letter.kind == "inquiry" and state.person is None:
        due = last_day(letter.reply_by, rules.count("incident.reminder_days", letter.reply_by))
        found.append(
            _clock(
                "reminder", since=letter.reply_by, due_on=due, met_on=None, rule="incident.reminder_days", rules=rules
            )
        )
    return found


def _asked_otherwise(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    """Whoever was asked at the counter or by telephone has as long to answer as by letter."""
    asked_on = state.asked_otherwise_on
    if asked_on is None:
        return ()
    met = state.person.on if state.person else None
    due = reply_by(asked_on, rules)
    return [_clock("reply", since=asked_on, due_on=due, met_on=met, rule="incident.reply_days", rules=rules)]


def _confirm(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.contradicted_on is not None:
        # As long as for any answer: look at it again, and keep the conclusion or take it back.
        since = state.contradicted_on
        due = last_day(since, rules.count("incident.confirm_days", since))
        rule = "incident.confirm_days"
        return (_clock("contradiction", since=since, due_on=due, met_on=None, rule=rule, rules=rules),)
    if standing(state, Step.CONFIRM) is StepState.WAITING or state.last_answer_on is None:
        return ()
    if (
        state.papers is not None
        and state.papers.finding is Finding.UNCLEAR
        and state.person is None
        and state.employer is None
    ):
        return ()
    return (_office("confirm", since=state.last_answer_on, met_on=state.confirmed_on, rules=rules),)


def _after_wrong(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.result is Result.RECORD and state.confirmed_on:
        return (_office("correct", since=state.confirmed_on, met_on=state.corrected_on, rules=rules),)
    if state.result is not Result.WRONG or state.confirmed_on is None or state.known_on is None:
        return ()
    exposed = state.exposure.on if state.exposure else None
    told = state.told_on or (state.confirmed_on if state.not_told else None)
    return (
        _office("correct", since=state.confirmed_on, met_on=state.corrected_on, rules=rules),
        _office("exposure", since=state.confirmed_on, met_on=exposed, rules=rules),
        *commission_clocks(state, rules),
        _office("tell", since=state.confirmed_on, met_on=told, rules=rules),
        _office("publish", since=state.confirmed_on, met_on=state.published_on, rules=rules),
    )


def commission_clocks(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    """The clocks of the prompt and the final report, from the day the wrong link was known.

    The prompt report is due on its day whether offices work or not; the final one moves on to the next
    working day. 60 days hold where a dishonest purpose is feared. Source: R-LEAK.
    """
    known = state.known_on
    if known is None or state.report_waived:
        return ()
    prompt_days = rules.count("leak.prompt_days", known)
    final_rule = "leak.final_days_malicious" if state.is_malicious else "leak.final_days"
    final_days = rules.count(final_rule, known)
    if not prompt_days or not final_days:
        return ()
    counted = 1 if rules.word("leak.known_day", known) == "counts" else 0
    early = known + (rules.count("leak.prompt_days_early", known) - counted) * _DAY
    prompt_due = known + (prompt_days - counted) * _DAY
    final_due = next_working_day(known + (final_days - counted) * _DAY)
    return (
        _clock(
            "prompt",
            since=known,
            due_on=prompt_due,
            met_on=state.prompt_on or state.final_on,
            rule="leak.prompt_days",
            rules=rules,
            pressing_from=early,
        ),
        _clock(
            "final",
            since=known,
            due_on=final_due,
            met_on=state.final_on,
            rule=final_rule,
            rules=rules,
            pressing_from=final_due - 5 * _DAY,
        ),
    )


def _release(state: CaseState, rules: RuleBook) -> Sequence[CaseClock]:
    if state.stopped_on is None or standing(state, Step.RELEASE) is StepState.WAITING:
        return ()
    freed = [day for day in (state.confirmed_on, state.corrected_on, state.exposure and state.exposure.on) if day]
    return (_office("release", since=max(freed), met_on=state.released_on, rules=rules),)
