"""Whether a wrong link must be reported to the commission, on which ground, and with which contents. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from himozuke.errors import UsageError
from himozuke.incident.refusal import refusal
from himozuke.rules.model import RuleBook

PERSONS_OF_ONE_LINK = 1


@dataclass(frozen=True, slots=True)
class LeakFacts:
    """What is known of a leak: how many persons, through what, and with what purpose.

    ``persons`` are those whose information was or may have been seen by somebody else.
    """

    persons: int
    is_own_system: bool = True
    is_malicious: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether a report is due. ``grounds`` are the clauses that say so; ``source`` cites the rules looked at."""

    is_due: bool
    grounds: Sequence[str]
    sources: Sequence[str]
    sources_en: Sequence[str] = ()


_CLAUSES = ("own_system", "malicious", "public", "other")


def duty(facts: LeakFacts, rules: RuleBook, *, on: date) -> Duty:
    """Tell whether the commission must be told, by the clauses of the day the leak was known.

    Nobody seen, nothing leaked: without persons no clause holds. Source: R-LEAK, art. 2 of the rule.
    """
    applies = {
        "own_system": facts.is_own_system,
        "malicious": facts.is_malicious,
        "public": facts.is_public,
        "other": True,
    }
    entries = {clause: rules.entry(f"leak.report_from_persons.{clause}", on) for clause in _CLAUSES}
    grounds = [
        clause
        for clause in _CLAUSES
        if applies[clause] and facts.persons >= rules.count(f"leak.report_from_persons.{clause}", on)
    ]
    looked_at = grounds or _CLAUSES
    cited = [entries[clause] for clause in looked_at]
    sources, in_english = tuple(one.source for one in cited), tuple(one.source_en for one in cited)
    return Duty(bool(grounds), tuple(grounds), sources, in_english)


def check_contents(given: Mapping[str, str], rules: RuleBook, *, on: date, kind: str) -> Sequence[tuple[str, str]]:
    """The contents in the order of the law.

    A prompt report says what is known so far and may leave contents out, but not the summary; the final
    one needs all nine. UsageError names what is missing.
    """
    names = rules.words("leak.contents", on)
    needed = names if kind == "final" else names[:1]
    missing = [name for name in needed if not given.get(name, "").strip()]
    if missing:
        raise UsageError(
            refusal(
                "report_lacks", kind=kind, missing=", ".join(missing), source=rules.entry("leak.contents", on).source
            )
        )
    return [(name, given.get(name, "").strip()) for name in names]
