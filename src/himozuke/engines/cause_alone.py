"""Why one link went wrong, as far as it shows without the other rows of a file."""

from __future__ import annotations

from dataclasses import dataclass

from himozuke.engines import origin
from himozuke.engines.claims import Claims
from himozuke.engines.context import ACQUIRED_BY
from himozuke.engines.judge import Finding, Terms
from himozuke.identity import address
from himozuke.identity.column import utf8_column
from himozuke.identity.state import ItemState
from himozuke.link.cause import LIST_NEIGHBOURS, CauseFacts, find_cause
from himozuke.link.compare import EntryItems
from himozuke.ports.challenge import ChallengeRegister, Own, Person

#: The first cause that asks who stands beside whom in a list; those before it are found without that.
_ASKS_FOR_LIST = (None, "C9")


@dataclass(frozen=True, slots=True)
class Judged:
    """One link of several with its finding, its own entry and its strongest rival."""

    claims: Claims
    row: int
    finding: Finding
    own: Own | None
    rival: Person | None


def cause_of(judged: Judged, terms: Terms, register: ChallengeRegister) -> str | None:
    """Name the cause of a doubted link; None where nothing has evidence."""
    few = terms.rules.count("acquisition.few_items_at_most", terms.on)
    cause, _ = find_cause(_facts(judged, terms, None), few_items_at_most=few)
    if cause in _ASKS_FOR_LIST and judged.own and judged.rival:
        places = origin.places_in_list(judged.own.person.items.kana_name, judged.rival.items.kana_name)
        if places:
            between = register.people_between(*places, at_most=LIST_NEIGHBOURS + 1)
            cause, _ = find_cause(_facts(judged, terms, between), few_items_at_most=few)
    return cause


def _facts(judged: Judged, terms: Terms, between: int | None) -> CauseFacts:
    numbers, row = judged.claims.numbers, judged.row
    own, rival = (judged.own.person if judged.own else None), judged.rival
    agreement = judged.finding.agreement
    states = [comparison.state for comparison in agreement.comparisons]
    parts = (int(agreement.kanji_parts), int(agreement.kana_parts))
    same_home = own is not None and _is_same_home(states, own.items, rival.items if rival else None)
    return CauseFacts(
        row=1,
        number=numbers["number"][row],
        in_register=own is not None,
        valid_check_digit=numbers["check_ok"][row],
        rightful_number=rival.number if rival else 0,
        relative=same_home and origin.is_another_given_name(parts),
        twin=same_home and origin.looks_like_twin(states, parts),
        holder_bears_former_name=own is not None and rival is not None and _bears_former(own.items, rival.items),
        acquired_by=ACQUIRED_BY[numbers["acquired_by"][row]],
        acquired_items=numbers["acquired_items"][row].bit_count(),
        acquired_hits=numbers["acquired_hits"][row],
        agrees_on_inquiry=origin.agrees_on_inquiry(states, numbers["acquired_items"][row]),
        self_service=terms.scheme.is_self_service,
        between_in_list=between,
    )


def _is_same_home(states: list[ItemState], own: EntryItems, rival: EntryItems | None) -> bool:
    keys = address.keys(utf8_column([own.address, rival.address if rival else ""])).key.tolist()
    return origin.is_same_home(states, *keys)


def _bears_former(own: EntryItems, rival: EntryItems) -> bool:
    return origin.bears_former_name(
        (own.kanji_name, own.kana_name),
        (rival.kanji_name, rival.kana_name),
        (rival.former_kanji_names, rival.former_kana_names),
    )
