"""Municipality and town of a key, read compiled: what :mod:`address_place` finds, for whole columns.

Both read the same names; what is rare or takes regular expressions is left to the other (``UNREAD``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from himozuke.identity.address_hashed import (
    ABSENT,
    ENDING,
    EXACT,
    HYPHENATED,
    LOOSE,
    NAME_SEED,
    Flags,
    Hashed,
    Slots,
    seed,
    skeleton_sign,
)
from himozuke.identity.address_place import FORMER
from himozuke.identity.address_tables import DIGIT, HYPHEN, KATAKANA, LETTER, Classes, Codes
from himozuke.identity.address_towns import LONGEST_STREET, SHORTEST_END, SURE_LENGTH
from himozuke.identity.column import Hashes, go_on, slot_of
from himozuke.identity.kernel import kernel

UNREAD = -1
WITHIN_NAME = -1  # no rest that is the end of the key
MOST_PLACES = 64  # readings of one address; more are left to Python
LONGEST_KEY = 400
FIRST_HYPHENATED = 3  # signs
LARGEST_KANA = ord("ヶ")
MACHI = ord("町")
STREET_SIGNS = tuple(ord(sign) for sign in "条東西上下筋")  # behind a figure
STREET_ENDS = tuple(ord(sign) for sign in "上下ルガ入リ通角側筋目路条前道丁")
SHORTEST_STREET = 3  # signs


class Places(NamedTuple):
    """Room for the readings of one address: municipality, town (-1 when none fits), start of the rest."""

    city: Codes
    town: Codes
    rest: Codes
    how: Codes
    sure: Flags
    found: Codes  # the municipality names found at the beginning, by length
    text: Codes  # a key with the former municipality written in front of the town


def room_for_places() -> Places:
    """Allocate the room once for a whole column."""
    city, town, rest, how = np.empty((4, MOST_PLACES), np.int32)
    sure = np.empty(MOST_PLACES, np.bool_)
    return Places(city, town, rest, how, sure, np.empty(LONGEST_KEY, np.int32), np.empty(2 * LONGEST_KEY, np.int32))


@kernel
def looked_up(hashes: Hashes, slots: Slots, state: np.uint64, way: int) -> int:
    """The town a hash names in one way, or ``ABSENT`` or ``SEVERAL``."""
    place = slot_of(hashes, state)
    return int(slots[place, way]) if hashes[place] == state else ABSENT


@kernel
def complete_at(text: Codes, k: int, n: int, classes: Classes) -> bool:
    """Tell whether a number, or nothing, stands at ``k``."""
    return bool(k >= n or classes[text[k]] == DIGIT or classes[text[k]] == HYPHEN)


@kernel
def splits_number(text: Codes, k: int, n: int, classes: Classes) -> bool:
    """Tell whether ``k`` lies within a figure."""
    return bool(k < n and classes[text[k]] == DIGIT and classes[text[k - 1]] == DIGIT)


@kernel
def name_goes_on(text: Codes, k: int, n: int, classes: Classes) -> bool:
    """Tell whether the figures at ``k`` can belong to the name of the town, as in 太田5通."""
    start = k
    while k < n and classes[text[k]] == DIGIT:
        k += 1
    if k == start or k >= n:
        return False
    kind = classes[text[k]]
    if kind != HYPHEN:
        return bool(kind != LETTER and (kind != KATAKANA or text[k] > LARGEST_KANA))
    for _ in range(2):
        if k >= n or classes[text[k]] != HYPHEN:
            return False
        k += 1
        start = k
        while k < n and classes[text[k]] == DIGIT:
            k += 1
        if k == start:
            return False
    return k < n and classes[text[k]] == HYPHEN


@kernel
def longest_exact(text: Codes, start: int, n: int, city: int, hashed: Hashed, classes: Classes) -> tuple[int, int]:
    """The longest town that stands at ``start``, and where the text behind it begins."""
    town = ABSENT
    rest = start
    state = seed(city)
    for k in range(start, min(n, start + hashed.longest[city])):
        state = go_on(state, text[k])
        found = looked_up(hashed.hashes, hashed.slots, state, EXACT)
        if found >= 0 and not splits_number(text, k + 1, n, classes):
            town = found
            rest = k + 1
    if town >= 0 and rest < n and text[rest] == MACHI and (rest + 1 >= n or classes[text[rest + 1]] == DIGIT):
        rest += 1
    return town, rest


@kernel
def longest_loose(text: Codes, start: int, n: int, city: int, hashed: Hashed, classes: Classes) -> tuple[int, int]:
    """The longest town that stands at ``start`` with signs left out."""
    town = ABSENT
    rest = start
    state = seed(city)
    bones = seed(city)
    for k in range(start, min(n, start + hashed.longest[city] + 4)):
        state = go_on(state, text[k])
        sign = skeleton_sign(text[k], k == start)
        if sign > 0:
            bones = go_on(bones, sign)
        found = looked_up(hashed.hashes, hashed.slots, state, LOOSE)
        if found < 0:
            found = looked_up(hashed.hashes, hashed.slots, bones, LOOSE)
        if found < 0 or splits_number(text, k + 1, n, classes):
            continue
        if complete_at(text, k + 1, n, classes) or k + 1 - start >= SURE_LENGTH:
            town = found
            rest = k + 1
    return town, rest


@kernel
def longest_hyphenated(text: Codes, start: int, n: int, city: int, hashed: Hashed, classes: Classes) -> tuple[int, int]:
    """The longest town whose own number is written like the number of a house."""
    town = ABSENT
    rest = start
    state = seed(city)
    for k in range(start, min(n, start + hashed.longest[city])):
        state = go_on(state, text[k])
        if k + 1 - start < FIRST_HYPHENATED or splits_number(text, k + 1, n, classes):
            continue
        found = looked_up(hashed.hashes, hashed.slots, state, HYPHENATED)
        if found >= 0:
            town = found
            rest = k + 1
    return town, rest


@kernel
def town_by_end(text: Codes, start: int, n: int, city: int, hashed: Hashed, classes: Classes) -> tuple[int, int]:
    """The one town whose name ends as the text begins."""
    town = ABSENT
    rest = start
    state = seed(city)
    for k in range(start, min(n, start + hashed.longest[city])):
        state = go_on(state, text[k])
        ends = classes[text[k]] != DIGIT and classes[text[k]] != HYPHEN
        if k + 1 - start >= SHORTEST_END and ends and complete_at(text, k + 1, n, classes):
            town = looked_up(hashed.hashes, hashed.slots, state, ENDING)
            rest = k + 1
    return town, rest


@kernel
def add_town(places: Places, count: int, city: int, town: int, rest: int, how: int, sure: bool) -> int:  # noqa: FBT001
    """Write one reading down; gives the new count."""
    if count >= MOST_PLACES:
        return UNREAD
    places.city[count] = city
    places.town[count] = town
    places.rest[count] = rest
    places.how[count] = how
    places.sure[count] = sure
    return count + 1


@kernel
def street_goes_on(text: Codes, k: int, n: int, classes: Classes) -> bool:
    """Tell whether what stands at ``k`` may be a street of Kyoto: figures and one of its signs."""
    while k < n and classes[text[k]] == DIGIT:
        k += 1
    return bool(k < n and text[k] in STREET_SIGNS)


@kernel
def behind_street(text: Codes, start: int, n: int, city: int, hashed: Hashed, classes: Classes) -> bool:
    """Tell whether a town may stand behind something like a street of Kyoto; which, Python reads."""
    for k in range(start + SHORTEST_STREET, min(n, start + LONGEST_STREET)):
        if text[k - 1] not in STREET_ENDS and classes[text[k - 1]] != DIGIT:
            continue
        town, rest = longest_exact(text, k, n, city, hashed, classes)
        if town >= 0 and complete_at(text, rest, n, classes):
            return True
        town, rest = longest_loose(text, k, n, city, hashed, classes)
        if town >= 0 and complete_at(text, rest, n, classes):
            return True
    return False


@kernel
def match_town(
    text: Codes, start: int, n: int, city: int, how: int, hashed: Hashed, classes: Classes, places: Places, count: int
) -> int:
    """Add the towns that the text at ``start`` can mean in one municipality; gives the count, or ``UNREAD``."""
    exact, exact_rest = longest_exact(text, start, n, city, hashed, classes)
    whole = exact >= 0 and complete_at(text, exact_rest, n, classes)
    if not hashed.kyoto[city] and whole and not name_goes_on(text, exact_rest, n, classes):
        return int(add_town(places, count, city, exact, exact_rest, how, True))
    loose, loose_rest = longest_loose(text, start, n, city, hashed, classes)
    whole_loose = loose >= 0 and complete_at(text, loose_rest, n, classes)
    if hashed.kyoto[city]:
        # With a street in front of the town Python reads it.
        town, rest = (exact, exact_rest) if whole else (loose, loose_rest)
        if whole or whole_loose:
            on = street_goes_on(text, rest, n, classes)
            return UNREAD if on else int(add_town(places, count, city, town, rest, how, True))
        if behind_street(text, start, n, city, hashed, classes):
            return UNREAD
    before = count
    use_exact = exact >= 0 and (whole or not whole_loose)
    use_loose = loose >= 0 and (whole_loose or not whole)
    if use_exact and not (use_loose and loose_rest > exact_rest):
        count = add_town(places, count, city, exact, exact_rest, how, True)
    elif use_loose:
        count = add_town(places, count, city, loose, loose_rest, how, True)
    town, rest = longest_hyphenated(text, start, n, city, hashed, classes)
    if town >= 0 and count >= 0:
        count = add_town(places, count, city, town, rest, how, True)
    if count == before:
        town, rest = town_by_end(text, start, n, city, hashed, classes)
        if town >= 0:
            count = add_town(places, count, city, town, rest, how, False)
    return count


@kernel
def behind_hyphen(text: Codes, places: Places, first: int, count: int, n: int, classes: Classes) -> None:
    """Let every rest from ``first`` on begin behind the hyphen that stands in front of it."""
    for k in range(first, count):
        if places.rest[k] < n and classes[text[places.rest[k]]] == HYPHEN:
            places.rest[k] += 1


@kernel
def match_former(
    key: Codes, inner: int, n: int, entry: int, hashed: Hashed, classes: Classes, places: Places, count: int
) -> int:
    """Add the town behind a former municipality, which may carry the name of it; gives the count or ``UNREAD``."""
    start_own = hashed.own_ends[entry - 1] if entry > 0 else 0
    length = hashed.own_ends[entry] - start_own
    city = hashed.cities[entry]
    text = places.text
    town, rest, sure, complete = ABSENT, 0, False, False
    for way in range(3):
        head = max(0, length - way) if way < 2 else 0  # 木之本町大音, 水沢大町, then without
        for k in range(head):
            text[k] = hashed.own[start_own + k]
        for k in range(inner, n):
            text[head + k - inner] = key[k]
        end = head + n - inner
        after = match_town(text, 0, end, city, FORMER, hashed, classes, places, count)
        if after < 0:
            return UNREAD
        behind_hyphen(text, places, count, after, end, classes)
        for k in range(count, after):
            complete = complete_at(text, places.rest[k], end, classes)
            if complete or town < 0:
                town, rest, sure = places.town[k], places.rest[k] - head + inner, places.sure[k]
            if complete:
                break
        if complete:
            break
    if town < 0:
        return count
    if rest < inner:  # the town was found within the name of the municipality
        if complete:
            return UNREAD
        rest = WITHIN_NAME
    return int(add_town(places, count, city, town, rest, FORMER, sure))


@kernel
def keep(places: Places, count: int, kept: Flags) -> int:
    """Keep some of the readings; all when none of them is wanted."""
    wanted = 0
    for k in range(count):
        wanted += kept[k]
    if wanted == 0:
        return count
    m = 0
    for k in range(count):
        if kept[k]:
            places.city[m] = places.city[k]
            places.town[m] = places.town[k]
            places.rest[m] = places.rest[k]
            places.how[m] = places.how[k]
            places.sure[m] = places.sure[k]
            m += 1
    return m


@kernel
def read_name(key: Codes, inner: int, n: int, name: int, hashed: Hashed, classes: Classes, places: Places) -> int:
    """Read what stands behind one municipality name in all its meanings; gives the count or ``UNREAD``."""
    count = 0
    for entry in range(hashed.starts[name], hashed.starts[name + 1]):
        if hashed.hows[entry] == FORMER:
            count = match_former(key, inner, n, entry, hashed, classes, places, count)
        else:
            before = count
            how = hashed.hows[entry]
            count = match_town(key, inner, n, hashed.cities[entry], how, hashed, classes, places, count)
            behind_hyphen(key, places, before, count, n, classes)
        if count < 0:
            return UNREAD
    return count


@kernel
def names_alone(name: int, inner: int, hashed: Hashed, places: Places) -> int:
    """Write down the municipalities a name can mean, without a town."""
    count = 0
    for entry in range(hashed.starts[name], hashed.starts[name + 1]):
        count = add_town(places, count, hashed.cities[entry], UNREAD, inner, hashed.hows[entry], True)
        if count < 0:
            return UNREAD
    return count


@kernel
def is_in_force(name: int, hashed: Hashed) -> bool:
    """Tell whether a municipality bears this name at present."""
    for entry in range(hashed.starts[name], hashed.starts[name + 1]):
        if hashed.hows[entry] != FORMER:
            return True
    return False


@kernel
def read_places(key: Codes, n: int, hashed: Hashed, classes: Classes, places: Places) -> int:
    """Read the beginning of a key as ``PlaceIndex.places`` does; gives the count, or ``UNREAD``."""
    end = min(n, hashed.longest_name)
    state = seed(NAME_SEED)
    for k in range(end):
        state = go_on(state, key[k])
        places.found[k] = looked_up(hashed.hashes, hashed.slots, state, EXACT)
    former = UNREAD
    former_inner = 0
    for inner in range(end, 1, -1):
        name = places.found[inner - 1]
        if name < 0:
            continue
        count = read_name(key, inner, n, name, hashed, classes, places)
        if count < 0:
            return UNREAD
        in_force = is_in_force(name, hashed)
        if count == 0 and in_force:
            count = names_alone(name, inner, hashed, places)
            if count < 0:
                return UNREAD
        elif count > 0:
            kept = np.empty(count, np.bool_)
            for k in range(count):
                kept[k] = places.rest[k] >= 0 and complete_at(key, places.rest[k], n, classes)
            count = keep(places, count, kept)
        if count > 0:
            kept = np.empty(count, np.bool_)
            for k in range(count):
                kept[k] = places.how[k] != FORMER
            count = keep(places, count, kept)
            for k in range(count):
                if places.rest[k] < 0:
                    return UNREAD
            return count
        if former < 0:
            former = name
            former_inner = inner
    return int(names_alone(former, former_inner, hashed, places)) if former >= 0 else UNREAD
