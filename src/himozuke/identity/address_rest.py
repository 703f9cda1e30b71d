"""What stands behind the town: 小字, the number, and the building (方書)."""

from __future__ import annotations

import re
from typing import NamedTuple

from himozuke.identity.address_gate import is_slip, units_agree
from himozuke.identity.address_number import UNIT_BITS
from himozuke.identity.state import How, ItemState

BRANCH = "甲乙丙丁戊己庚辛壬癸イロハニホヘトチリヌ子丑寅卯辰巳午未申酉戌亥"
TOKEN = rf"[0-9]+[A-Z]*(?:[{BRANCH}](?![ァ-ヶー一-龥々A-Z]))?"
REST = re.compile(
    rf"((?:[^0-9A-Z]|[0-9]+[条番線号通丁のノ])*)((?:[A-Z]-?)?{TOKEN}(?:-?{TOKEN}|-[A-Z]+[0-9]*(?![A-Z0-9棟]))*)?(.*)$",
    re.DOTALL,
)
RUN = re.compile("[0-9]+")
LETTER_ROOM = re.compile("(?<=[A-Z])-(?=[0-9])")  # A-101 is A101
ROOM_FIGURE = re.compile("[0-9]+|[A-Z]+")
FLOOR_MARK = re.compile(r"B?[0-9]+F-?(?=[0-9])|(?<=[0-9])F(?![A-Z])")  # the floor says nothing beside a room
ROOM_WORDS = re.compile("号室?|室|号棟|棟")
LARGE_KANA = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")  # old systems know no small kana
LONGEST_FIGURE = 12  # digits
HOUSE_FIGURES = 3  # 丁目, 番, 号
LOT_FIGURES = 2  # 番地 and its branch


class Rest(NamedTuple):
    """The text behind the town in its parts, and the units of its figures."""

    hamlet: str
    numbers: tuple[str, ...]
    building: str
    units: int


def rest_of(text: str, key: str, units: int) -> Rest:
    """Take apart what stands behind the town at the end of ``key``."""
    hamlet, number, building = REST.findall(text)[0]  # every part may be empty: there is always a match
    number = LETTER_ROOM.sub("", number)
    before = len(RUN.findall(key)) - len(RUN.findall(text))
    return Rest(hamlet, tuple(number.split("-")) if number else (), building, units >> (UNIT_BITS * before))


class Building(NamedTuple):
    """A building's name and its figures: wing, floor, room."""

    name: str
    figures: tuple[str, ...]


def building_of(extra: tuple[str, ...], text: str) -> Building:
    """Read a building from figures glued to the number and from the text behind it."""
    whole = ROOM_WORDS.sub("", FLOOR_MARK.sub("", "-".join((*extra, text)) if extra else text))
    name = re.sub("[0-9A-Z-]+", "", whole).replace("様方", "方").translate(LARGE_KANA)
    return Building(name, tuple(ROOM_FIGURE.findall(whole)))


SAME = (ItemState.VARIANT, How.OMITTED_PART)
WITHOUT_BUILDING = (ItemState.VARIANT, How.OMITTED_BUILDING)
OTHER = (ItemState.DIFFERENT, How.DIFFERENT)
SLIP = (ItemState.NEAR, How.ONE_FIGURE)
UNDECIDED = (ItemState.NEAR, How.NEAR_PLACE)
LOT_OR_HOUSE = (ItemState.NEAR, How.BANCHI)
Outcome = tuple[ItemState, How]


def compare_buildings(a: Building, b: Building) -> Outcome:
    """Compare two buildings: another name or room is another place, a missing one is not."""
    if a == b:
        return SAME
    if a == ("", ()) or b == ("", ()):
        return WITHOUT_BUILDING
    if a.name and b.name and a.name != b.name:
        told = a.figures == b.figures and (a.name in b.name or b.name in a.name)
        return UNDECIDED if told else OTHER
    if a.figures == b.figures:
        return WITHOUT_BUILDING
    if not a.figures or not b.figures:
        return WITHOUT_BUILDING if a.name and b.name else OTHER
    longer, shorter = (a, b) if len(a.figures) > len(b.figures) else (b, a)
    room_alone = not shorter.name and longer.figures[-len(shorter.figures) :] == shorter.figures
    return WITHOUT_BUILDING if room_alone and len(longer.figures) > len(shorter.figures) else OTHER


def is_room(token: str) -> bool:
    """Tell whether a figure behind a number looks like a room: three digits or more, or with a letter."""
    return len(token) >= 3 or not token.isdigit()


def compare_rests(a: Rest, b: Rest, *, chome: bool) -> Outcome:
    """Compare 小字, numbers and buildings of two addresses in the same town."""
    if len(a.numbers) > len(b.numbers):
        a, b = b, a
    shared = len(a.numbers)
    if a.numbers != b.numbers[:shared]:
        return _one_slip(a, b, chome=chome)
    building = _with_extra(a, b, shared, chome=chome)
    if building == OTHER:
        return OTHER
    hamlet = _hamlet(a, b)
    if hamlet != SAME:
        return hamlet
    return building if units_agree.py_func(a.units, b.units) else LOT_OR_HOUSE


def _hamlet(a: Rest, b: Rest) -> Outcome:
    """Compare 小字; left out on one side it cannot be decided without a register of lots."""
    if a.hamlet == b.hamlet or re.sub("[ケのツ町]", "", a.hamlet) == re.sub("[ケのツ町]", "", b.hamlet):
        return SAME
    if a.hamlet and b.hamlet:
        return OTHER
    return UNDECIDED if a.numbers and b.numbers and (a.hamlet + b.hamlet) not in BRANCH else OTHER


def _with_extra(a: Rest, b: Rest, shared: int, *, chome: bool) -> Outcome:
    """Compare buildings where ``b`` may carry its room behind the number, as in 1-2-3-101."""
    extra = b.numbers[shared:]
    building = compare_buildings(building_of((), a.building), building_of(extra, b.building))
    if not extra or building == OTHER:
        return building
    complete = shared >= (HOUSE_FIGURES if chome else LOT_FIGURES)
    if complete and len(extra) <= 2 and (a.building or all(map(is_room, extra))):
        return building
    if shared and a.building and building == SAME:
        return building
    return UNDECIDED


def _one_slip(a: Rest, b: Rest, *, chome: bool) -> Outcome:
    """Accept one digit wrong in one figure of the number, everything else agreeing."""
    if len(a.numbers) != len(b.numbers) or _hamlet(a, b) != SAME:
        return OTHER
    wrong = [k for k, (x, y) in enumerate(zip(a.numbers, b.numbers, strict=True)) if x != y]
    house = HOUSE_FIGURES if chome else LOT_FIGURES
    room = wrong[0] >= house and is_room(a.numbers[wrong[0]]) and is_room(b.numbers[wrong[0]])
    if len(wrong) != 1 or room or wrong[0] >= HOUSE_FIGURES:
        return OTHER
    x, y = a.numbers[wrong[0]], b.numbers[wrong[0]]
    if not (x.isdigit() and y.isdigit() and max(len(x), len(y)) <= LONGEST_FIGURE and is_slip.py_func(int(x), int(y))):
        return OTHER
    building = compare_buildings(building_of((), a.building), building_of((), b.building))
    return SLIP if building != OTHER and units_agree.py_func(a.units, b.units) else OTHER
