"""How each link is written, as small integers: one array a habit, 0 = as in the register."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Style = npt.NDArray[np.int8]

SEPARATORS = ("usual", "other", "none")
SEX_FORMS = (("男", "女"), ("1", "2"), ("M", "F"), ("男性", "女性"))
# what an unreadable or damaged text suffers when it is written out
INTACT, UNREADABLE, KANJI_SLIP, KANA_SLIP = range(4)
PLACE_FULL, PLACE_NO_PREFECTURE, PLACE_NO_OAZA, PLACE_FORMER, PLACE_KE = range(5)
BUILDING_AS_IS, BUILDING_HYPHEN, BUILDING_MISSING = range(3)
NAME_AS_IS, NAME_FULL_WIDTH, NAME_PARALLEL = range(3)


@dataclass(frozen=True)
class Styles:
    """The style of every link, by row.

    ``number``: how 丁目, 番 and 号 are written (see ``addresses``); ``place``: prefecture, municipality
    and town; ``damage``: what happens to the text of the name.
    """

    kana: Style
    kana_separator: Style
    separator: Style
    plain: Style
    latin: Style
    reversed_name: Style
    birth: Style
    sex: Style
    number: Style
    place: Style
    building: Style
    damage: Style

    @property
    def touched(self) -> npt.NDArray[np.bool_]:
        """Tell which links are written otherwise than the register."""
        found = np.zeros(len(self.kana), np.bool_)
        for field in fields(self):
            found |= getattr(self, field.name) != 0
        return found


def no_styles(rows: int) -> Styles:
    """Everything as in the register."""
    return Styles(*(np.zeros(rows, np.int8) for _ in fields(Styles)))
