"""What the Address Base Registry decides about two addresses that texts and towns leave open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from himozuke.identity.address_base import AddressBase
from himozuke.identity.address_place import Place
from himozuke.identity.address_rest import LOT_OR_HOUSE, UNDECIDED, Outcome, Rest, compare_rests, rest_of
from himozuke.identity.address_text import Folder

PROBE = "1番地"  # behind the name of a town, so that it is read as it stands in front of a number


class Hamlet(NamedTuple):
    """One 町字 of the registry: its 小字, the figures of its name (丁目), and its key in the registry."""

    name: str
    figures: tuple[str, ...]
    town: str


class KnownLots:
    """The lots and houses of the registry, found by what an address is read as."""

    def __init__(self, base: AddressBase, places: Callable[[str], list[Place]], folder: Folder) -> None:
        """Read the names of the registry's towns as addresses are read."""
        self._base = base
        self._hamlets: Mapping[tuple[str, str], list[Hamlet]] = _hamlets(base, places, folder)

    def covers(self, place: Place) -> bool:
        """Tell whether the registry's files hold the town."""
        return (place.code, place.town) in self._hamlets

    def _with(self, place: Place, numbers: tuple[str, ...]) -> dict[str, tuple[bool, bool]]:
        """The 小字 of a town that hold a number, each with whether it is a house and whether a lot."""
        found: dict[str, tuple[bool, bool]] = {}
        for hamlet in self._hamlets.get((place.code, place.town), ()):
            told = len(hamlet.figures)
            if numbers[:told] != hamlet.figures or len(numbers) <= told:
                continue
            house, lot = (known(hamlet.town, numbers[told:]) for known in (self._base.has_house, self._base.has_lot))
            if house or lot:
                before = found.get(hamlet.name, (False, False))
                found[hamlet.name] = (before[0] or house, before[1] or lot)
        return found

    def existing(self, places: list[Place], key: str, units: int) -> list[Place]:
        """Of several readings of one address, those whose number exists; all, where the registry cannot tell."""
        if len(places) < 2 or not all(map(self.covers, places)):
            return places
        rests = [rest_of(place.rest, key, units) for place in places]
        there = [
            place
            for place, rest in zip(places, rests, strict=True)
            if rest.hamlet in self._with(place, rest.numbers) or (not rest.hamlet and self._with(place, rest.numbers))
        ]
        return there or places

    def settled(self, outcome: Outcome, place: Place, a: Rest, b: Rest) -> Outcome:
        """Decide what was left open between two addresses of one town, where the registry can."""
        if outcome not in (LOT_OR_HOUSE, UNDECIDED) or not self.covers(place):
            return outcome
        numbers = min(a.numbers, b.numbers, key=len)
        if not numbers or a.numbers[: len(numbers)] != b.numbers[: len(numbers)]:
            return outcome
        there = self._with(place, numbers)
        if outcome == UNDECIDED:
            if bool(a.hamlet) == bool(b.hamlet) or list(there) != [a.hamlet or b.hamlet]:
                return outcome
            a, b = (rest._replace(hamlet=a.hamlet or b.hamlet) for rest in (a, b))
            return self.settled(compare_rests(a, b, chome=place.chome), place, a, b)
        house, lot = there.get(a.hamlet, (False, False))
        if house == lot:
            return outcome  # both exist, or neither: the sign behind the figure is all there is
        return compare_rests(a._replace(units=b.units), b, chome=place.chome)


def _hamlets(
    base: AddressBase, places: Callable[[str], list[Place]], folder: Folder
) -> dict[tuple[str, str], list[Hamlet]]:
    found: dict[tuple[str, str], list[Hamlet]] = defaultdict(list)
    for town, name in base.towns.items():
        text = folder(name + PROBE)
        readings = places(text.key)
        if len(readings) != 1 or not readings[0].town:
            continue
        rest = rest_of(readings[0].rest, text.key, text.units)
        hamlet = Hamlet(rest.hamlet, rest.numbers[:-1], town)
        found[readings[0].code, readings[0].town].append(hamlet)
    return dict(found)
