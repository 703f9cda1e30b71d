"""What an inquiry for somebody's Individual Number must ask with (S61, S63, R-GUIDE G2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from himozuke import schemes
from himozuke.errors import RuleRefusedError, UsageError
from himozuke.rules.kinds import ITEMS
from himozuke.rules.model import RuleBook


def asked_items(items: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The items that hold something, in the usual order; UsageError for a name that is none of the five."""
    given = dict(items)
    strange = [name for name in given if name not in ITEMS]
    if strange:
        raise UsageError(f"{strange[0]!r} is no item of an inquiry; the items are {', '.join(ITEMS)}.")
    return tuple(item for item in ITEMS if given.get(item, "").strip())


def refuse_few_items(items: Iterable[str], scheme: str, rules: RuleBook, *, on: date) -> None:
    """RuleRefusedError, citing the rule, unless an inquiry asks with all the rule of the day needs (S61)."""
    given, found = set(items), schemes.find(scheme)
    required = found.items_required(rules, on)
    missing = [item for item in required if item not in given]
    if given and not missing:
        return
    entry = rules.entry(found.required_items_key, on)
    needed = f"{len(required)} ({', '.join(required)})" if required else "at least one"
    raise RuleRefusedError(
        f"Refused: an inquiry with {len(given)} of the items needed, {', '.join(missing) or 'all'} missing; since "
        f"{entry.since} an inquiry for {scheme} takes {needed}. Fewer items find namesakes. Complete the items, or "
        f"return the notice. Rule {entry.key}: {entry.source}"
    )
