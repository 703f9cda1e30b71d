"""Stage 2: two addresses whose keys differ, settled with the gazetteer."""

from __future__ import annotations

import re

from himozuke.identity.address_lots import KnownLots
from himozuke.identity.address_place import FORMER, Place, PlaceIndex
from himozuke.identity.address_rest import (
    OTHER,
    SAME,
    UNDECIDED,
    WITHOUT_BUILDING,
    Outcome,
    compare_rests,
    rest_of,
)
from himozuke.identity.address_text import AddressText
from himozuke.identity.state import Comparison, How, ItemState

HEAD = re.compile(r"[^0-9]*")
DETAILS = {
    How.OMITTED_BUILDING: "方書が一方にだけある",
    How.OMITTED_PART: "表記の一部の省略",
    How.MERGER: "市区町村の旧名称",
    How.BANCHI: "番地と番・号",
    How.ONE_FIGURE: "数字が一か所違う",
    How.NEAR_PLACE: "場所を一つに決められない",
}


def settle(a: AddressText, b: AddressText, index: PlaceIndex) -> Comparison:
    """Compare two addresses by municipality, town, number and building."""
    places_a, places_b = _places(a, b, index)
    best = _best(a, places_a, b, places_b, index.lots)
    if best == UNDECIDED and index.lots:
        there = (index.lots.existing(places, text.key, text.units) for text, places in ((a, places_a), (b, places_b)))
        chosen = _best(a, next(there), b, next(there), index.lots)
        best = chosen if chosen[0].agrees else best
    if not places_a and not places_b:
        best = _compare_unknown(a, b)
    return Comparison(best[0], best[1], DETAILS.get(best[1], ""))


def _best(
    a: AddressText, places_a: list[Place], b: AddressText, places_b: list[Place], lots: KnownLots | None
) -> Outcome:
    """The best outcome in a town that both can mean; undecided where one can mean several."""
    best: Outcome = OTHER
    for place_a in places_a:
        for place_b in places_b:
            if (place_a.code, place_a.town) == (place_b.code, place_b.town):
                best = min(best, _compare_at(a, place_a, b, place_b, lots))
    return UNDECIDED if best[0].agrees and _is_ambiguous(a, places_a, b, places_b) else best


def _places(a: AddressText, b: AddressText, index: PlaceIndex) -> tuple[list[Place], list[Place]]:
    """Read both; where one names no municipality, look for its town in the municipality of the other."""
    places_a, places_b = index.places(a.key), index.places(b.key)
    if not places_a:
        places_a = index.places_within(a.key, places_b)
    elif not places_b:
        places_b = index.places_within(b.key, places_a)
    return places_a, places_b


def _compare_at(a: AddressText, place_a: Place, b: AddressText, place_b: Place, lots: KnownLots | None) -> Outcome:
    """Compare what stands behind one town that both can mean."""
    rest_a, rest_b = rest_of(place_a.rest, a.key, a.units), rest_of(place_b.rest, b.key, b.units)
    outcome = compare_rests(rest_a, rest_b, chome=place_a.chome)
    if lots:
        outcome = lots.settled(outcome, place_a, rest_a, rest_b)
    if not place_a.town and outcome == UNDECIDED:
        return OTHER
    if outcome[0].agrees and not (place_a.sure and place_b.sure):
        return UNDECIDED
    if outcome[0].agrees and place_a.several:
        outcome = _compare_streets(place_a, place_b, outcome)
    if outcome == SAME and FORMER in (place_a.how, place_b.how) and place_a.how != place_b.how:
        return ItemState.VARIANT, How.MERGER
    return outcome


def _compare_streets(place_a: Place, place_b: Place, outcome: Outcome) -> Outcome:
    """Keep towns of one name in one Kyoto ward apart by the streets that lead to them."""
    if place_a.groups and place_b.groups:
        return outcome if place_a.groups & place_b.groups else OTHER
    told_a, told_b = (place.inner[: len(place.inner) - len(place.rest)] for place in (place_a, place_b))
    return outcome if told_a == told_b else UNDECIDED


def _head(text: AddressText, place: Place) -> str:
    return text.key[: len(text.key) - len(place.rest)]


def _is_ambiguous(a: AddressText, places_a: list[Place], b: AddressText, places_b: list[Place]) -> bool:
    """Tell whether one side can mean several towns although both agree in one of them."""
    towns_a = {(place.code, place.town) for place in places_a}
    towns_b = {(place.code, place.town) for place in places_b}
    if len(towns_a) == 1 and len(towns_b) == 1:
        return False
    return not (towns_a == towns_b and _head(a, places_a[0]) == _head(b, places_b[0]))


def _compare_unknown(a: AddressText, b: AddressText) -> Outcome:
    """Compare two addresses in a place that the gazetteer does not know, if both call it the same."""
    heads = [HEAD.match(text.key) for text in (a, b)]
    head_a, head_b = (found[0] if found else "" for found in heads)
    if head_a != head_b or not head_a:
        return OTHER
    rest_a, rest_b = (rest_of(text.key[len(head_a) :], text.key, text.units) for text in (a, b))
    outcome = compare_rests(rest_a, rest_b, chome=True)
    return OTHER if outcome == WITHOUT_BUILDING and not rest_a.numbers else outcome
