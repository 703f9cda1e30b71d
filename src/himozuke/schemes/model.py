"""What the program must know about a scheme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from himozuke.rules.kinds import ITEMS
from himozuke.rules.model import RuleBook


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme that keeps its own number beside the Individual Number.

    ``items_held`` are the items its records have room for; an item it has no room for is ``missing``
    with the reason ``not_held``. ``is_self_service`` says that people enter their own links at a
    terminal, where the user before may still be signed in (cause C8).
    """

    code: str
    name_ja: str
    name_en: str
    required_items_key: str
    items_held: tuple[str, ...] = ITEMS
    is_insurer: bool = False
    holds_medical_information: bool = False
    is_self_service: bool = False

    def items_required(self, rules: RuleBook, on: date) -> tuple[str, ...]:
        """The items a link must hold and agree on, by the rule of the day the number was got.

        An item the scheme's records have no room for cannot be required of them. RuleError when no
        rule holds on that day. Source: S61, R-GUIDE G2.
        """
        required = rules.items(self.required_items_key, on)
        return tuple(item for item in required if item in self.items_held)
