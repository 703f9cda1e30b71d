"""What a pattern means: verdict, action and reasons.

Every verdict of the product, in batch or for one person, is read from this table. The order of the
questions is the law of the house: first whether the number can be this person's at all, then whether
somebody else fits (a twin is never "a slip", a namesake never "moved"), and only then what could explain
the differences. Source: contracts of the product; S52–S54, S61–S64, S75, S92.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from himozuke.link.explanation import Reading, explain_items
from himozuke.link.items import ITEMS, Trait
from himozuke.link.pattern import Challenge, ItemClass, Life, NameClass, NumberFact, Pattern, Sharing, decode


class Verdict(IntEnum):
    """What the data can show about a link on the day of the register's snapshot."""

    PROVEN = 0
    EXPLAINED = 1
    DOUBTFUL = 2
    REFUTED = 3
    UNTESTABLE = 4


class Action(IntEnum):
    """What has to be done about a link."""

    NONE = 0
    CORRECT = 1
    ASK = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with the action it asks for and its reasons (codes, most telling first)."""

    verdict: Verdict
    action: Action
    reasons: tuple[str, ...] = ()


def decide(pattern: Pattern, traits: Trait = Trait.NONE, held: int = 31) -> Decision:
    """Read the verdict of one pattern.

    ``traits`` never change the verdict; they name *how* items agree or why they cannot be read.
    ``held`` has a bit for each item the scheme's records have room for.
    """
    refutation = _refutation(pattern)
    if refutation:
        return Decision(Verdict.REFUTED, Action.ASK, refutation + _context_reasons(pattern))
    context = _context_reasons(pattern)
    if pattern.number == NumberFact.NOT_READ:
        return _without_entry(pattern, context)
    reading = explain_items(pattern, traits, held)
    if pattern.sharing == Sharing.HELD_ELSEWHERE and reading.unexplained:
        return Decision(Verdict.REFUTED, Action.ASK, ("shared_number", *reading.unexplained, *context))
    if pattern.challenge == Challenge.EQUAL:
        named = reading.unexplained + reading.explained
        return Decision(Verdict.DOUBTFUL, Action.ASK, ("rival_equal", *named, *context))
    if reading.unexplained:
        named = reading.unexplained + reading.explained
        return Decision(Verdict.DOUBTFUL, Action.ASK, (*named, *context))
    return _without_doubt(pattern, reading, context)


def _without_entry(pattern: Pattern, context: tuple[str, ...]) -> Decision:
    """Grade a link whose number the register holds on a row that cannot be understood: nothing can be compared."""
    if pattern.challenge == Challenge.EQUAL:
        return Decision(Verdict.DOUBTFUL, Action.ASK, ("rival_equal", "register_unreadable", *context))
    return Decision(Verdict.UNTESTABLE, Action.CORRECT, ("register_unreadable", "too_little_held", *context))


def _refutation(pattern: Pattern) -> tuple[str, ...]:
    """Reasons why the number cannot be this person's, or why somebody else is the person."""
    reasons = []
    if pattern.number == NumberFact.CHECK_DIGIT:
        reasons += ["check_digit", "not_in_register"]
    elif pattern.number == NumberFact.NOT_IN_REGISTER:
        reasons.append("not_in_register")
    elif pattern.life == Life.DIED_BEFORE_LINK:
        reasons.append("died_before_link")
    if pattern.challenge == Challenge.BETTER:
        reasons.append("rival_better")
    if reasons and pattern.sharing == Sharing.HELD_ELSEWHERE:
        reasons.append("shared_number")
    return tuple(reasons)


_LIFE_REASONS = {Life.ABROAD: "abroad", Life.DIED_LINK_OPEN: "died_link_open"}


def _context_reasons(pattern: Pattern) -> tuple[str, ...]:
    reasons = []
    if pattern.number == NumberFact.PREVIOUS:
        reasons.append("old_number")
    if pattern.life in _LIFE_REASONS:
        reasons.append(_LIFE_REASONS[Life(pattern.life)])
    if pattern.several_valid:
        reasons.append("several_valid_links")
    if pattern.sharing == Sharing.HELD_HERE:
        reasons.append("shared_number")
    if pattern.few_items:
        reasons.append("acquired_with_few_items")
    return tuple(reasons)


def _without_doubt(pattern: Pattern, reading: Reading, context: tuple[str, ...]) -> Decision:
    """Grade a link that nobody else fits and whose differences all have a name."""
    # Two entries that agree alike on all that is held: the items do not single out one person.
    thin = reading.thin or (pattern.challenge == Challenge.SHARED and not is_full(pattern))
    if thin:
        reasons = ("too_little_held", *reading.explained, *context)
        return Decision(Verdict.UNTESTABLE, Action.CORRECT, reasons)
    mend = pattern.number == NumberFact.PREVIOUS or pattern.life == Life.DIED_LINK_OPEN
    # A number got with few items goes to the full inspection (S92), not to the correction of single items.
    action = Action.CORRECT if (mend or reading.to_correct) and not pattern.few_items else Action.NONE
    explained = bool(mend or pattern.few_items or reading.differs or not holds_required(pattern))
    verdict = Verdict.EXPLAINED if explained else Verdict.PROVEN
    return Decision(verdict, action, (*reading.explained, *context))


def is_full(pattern: Pattern) -> bool:
    """Tell whether all five items agree, so that nobody can fit better."""
    return not any(pattern[:5])


def holds_required(pattern: Pattern) -> bool:
    """Tell whether every item that the scheme must hold agrees (``required`` is a bit per item)."""
    return all(not (pattern.required >> i & 1) or pattern[i] == 0 for i in range(len(ITEMS)))


@cache
def decision(pattern: int, traits: int = 0, held: int = 31) -> Decision:
    """Read the verdict of a packed pattern; each is worked out once.

    >>> decision(0).verdict.name
    'PROVEN'
    """
    return decide(decode(pattern), Trait(traits), held)


def agrees_on_identity(pattern: Pattern) -> bool:
    """Tell whether a row fits its number well enough to be called its holder.

    Used between rows of one file that carry the same number: name and birth date tell people apart.
    """
    reading = explain_items(pattern, Trait.NONE)
    return (
        pattern.number in (NumberFact.CURRENT, NumberFact.PREVIOUS)
        and pattern.challenge in (Challenge.NONE, Challenge.SHARED)
        and not reading.unexplained
        and pattern.birth_date in (ItemClass.FULL, ItemClass.NEAR, ItemClass.UNKNOWN)
        and NameClass.FULL in (pattern.kanji_name, pattern.kana_name)
    )
