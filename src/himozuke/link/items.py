"""The five items of a link, and how they stand to the five items of a register entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from himozuke.identity.state import Comparison, How, ItemState, Parts
from himozuke.rules import kinds

ITEMS = kinds.ITEMS


class Trait(IntFlag):
    """What the ways of agreeing say beyond the states; each becomes a reason."""

    NONE = 0
    FORMER_NAME = 1
    ALIAS = 2
    FORMER_ADDRESS = 4
    OTHER_SCRIPT = 8
    UNREADABLE = 16
    MIDDLE_NAME = 32
    READING = 64
    REGISTER_LACKS = 128


@dataclass(frozen=True, slots=True)
class Agreement:
    """The outcome of comparing all five items of a link with one register entry."""

    kanji_name: Comparison
    kana_name: Comparison
    birth_date: Comparison
    sex: Comparison
    address: Comparison
    kanji_parts: Parts
    kana_parts: Parts

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The five comparisons in the order of :data:`ITEMS`."""
        return (self.kanji_name, self.kana_name, self.birth_date, self.sex, self.address)


ABSENT = Comparison(ItemState.MISSING, How.EMPTY)

#: What a link without any register entry looks like: nothing could be compared.
NO_ENTRY = Agreement(ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, Parts.NONE, Parts.NONE)

_TRAIT_BY_HOW: dict[int, Trait] = {
    How.ALIAS: Trait.ALIAS,
    How.OTHER_SCRIPT: Trait.OTHER_SCRIPT,
    How.UNREADABLE: Trait.UNREADABLE,
    How.MIDDLE_NAME: Trait.MIDDLE_NAME,
    How.READING: Trait.READING,
    How.EMPTY_IN_REGISTER: Trait.REGISTER_LACKS,
}


def trait(item: str, how: int) -> Trait:
    """Tell which trait a way of agreeing in one item stands for."""
    if how == How.FORMER:
        return Trait.FORMER_ADDRESS if item == "address" else Trait.FORMER_NAME
    return _TRAIT_BY_HOW.get(how, Trait.NONE)


def traits(agreement: Agreement) -> Trait:
    """Collect the traits of all five comparisons."""
    found = Trait.NONE
    for item, comparison in zip(ITEMS, agreement.comparisons, strict=True):
        found |= trait(item, comparison.how)
    return found
