"""What may be seen through a link: our restriction, and the one of the ministry's table alone."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from himozuke.identity.state import ItemState
from himozuke.link.verdict import Verdict
from himozuke.rules.kinds import Row
from himozuke.rules.schema import first_matching


class Restriction(IntEnum):
    """What is stopped from view; the order is from lenient to strict."""

    NONE = 0
    MEDICAL = 1
    ALL = 2


def by_table(states: Sequence[ItemState], *, several_valid: bool, table: Sequence[Row]) -> Restriction:
    """Read the ministry's table: × is ``different``, for birth date and sex also ``near``.

    ``states`` are the five item states in the order of ITEMS, ``table`` the rows of the rule
    ``restriction.table``; the first row whose conditions hold decides. Source: R-JLIS ①②③.
    """
    kanji, kana, birth, sex, address = states
    crosses = (ItemState.DIFFERENT, ItemState.NEAR)
    wrong_names = (kanji is ItemState.DIFFERENT) + (kana is ItemState.DIFFERENT)
    facts: Row = {
        "birth_or_sex": "different" if birth in crosses or sex in crosses else "agree",
        "names": ("agree", "one_different", "both_different")[wrong_names],
        "address": "different" if address is ItemState.DIFFERENT else "agree",
        "several_valid_links": several_valid,
    }
    return Restriction[str(first_matching(table, facts)["restriction"])]


def justified(verdict: Verdict, table_says: Restriction, *, medical: bool) -> Restriction:
    """The restriction that a verdict justifies.

    ``medical`` says whether the scheme holds medical information; without it there is only all or
    nothing to stop.
    """
    doubted = verdict in (Verdict.REFUTED, Verdict.DOUBTFUL)
    if not medical:
        return Restriction.ALL if doubted else Restriction.NONE
    if verdict is Verdict.REFUTED:
        return Restriction.ALL
    if verdict is Verdict.DOUBTFUL:
        return max(Restriction.MEDICAL, table_says)
    return table_says if verdict is Verdict.UNTESTABLE else Restriction.NONE
