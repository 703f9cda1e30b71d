"""The states one item comparison can end in, and the ways that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ItemState(IntEnum):
    """How one item of a link stands to the same item of a register entry.

    The order is from strongest agreement to none; the number is what columns hold (uint8).
    """

    EQUAL = 0
    FOLDED = 1
    VARIANT = 2
    NEAR = 3
    UNKNOWN = 4
    MISSING = 5
    DIFFERENT = 6

    @property
    def word(self) -> str:
        """The word of the contract, e.g. ``folded``."""
        return self.name.lower()

    @property
    def agrees(self) -> bool:
        """Tell whether the two values mean the same."""
        return self <= ItemState.VARIANT


class How(IntEnum):
    """The way a state was reached; counted, never hidden (uint8 in columns)."""

    BYTES = 0
    # folded
    FOLD = 1  # width, kana, era, numeral, hyphen, space
    SMALL_KANA = 2
    # variant
    KANJI_VARIANT = 10
    FORMER = 11  # a former name or address the register holds
    ALIAS = 12  # 通称
    PARALLEL_KANJI = 13  # 併記漢字
    TOKEN_ORDER = 14
    MERGER = 15
    OMITTED_PART = 16  # prefecture, 郡, 大字 …
    OMITTED_BUILDING = 17  # 方書
    KANA_SPELLING = 18  # a foreign name in kana in place of its Latin letters
    # near
    ONE_CHARACTER = 30
    EXCHANGED = 31
    LOOKALIKE_KANJI = 32  # 園/薗-type pairs
    NEAR_KANA = 33  # ヅ/ズ …
    MIDDLE_NAME = 34
    READING = 35
    ONE_DIGIT = 36
    DAY_MONTH = 37
    OFF_BY_ONE = 38  # one day, month or year
    OFF_BY_TEN = 39  # ten days or years
    ERA = 40
    ONE_FIGURE = 41
    BANCHI = 42  # 番/番地
    NEAR_PLACE = 43  # other undecidable places: 小字 omitted, ward omitted …
    NEAR_SEX = 44
    # unknown
    UNREADABLE = 50  # ●, 〓, 外字, 不詳
    OTHER_SCRIPT = 51
    # missing, different
    EMPTY = 60
    DIFFERENT = 61
    EMPTY_IN_REGISTER = 62  # the link holds the item, the register does not


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing two values of one item came to.

    ``detail`` is one line for people, e.g. ``髙→高``; it may be empty.
    """

    state: ItemState
    how: How
    detail: str = ""


class Parts(IntEnum):
    """Which parts of two names agree (bit set, uint8 in columns)."""

    NONE = 0
    GIVEN = 1
    SURNAME = 2
    BOTH = 3
