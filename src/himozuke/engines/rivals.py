"""Gathering, over many candidate pairs, who rivals each link that is challenged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.engines.pairs import ComparedPairs
from himozuke.link import challenge, fit
from himozuke.link.fit import Credits
from himozuke.link.pattern import Challenge

Longs = npt.NDArray[np.int64]


class Weighed(NamedTuple):
    """Candidates that are something to their link: slot of the link, position, number, fit, outcome."""

    slot: Longs
    pos: Longs
    number: Longs
    fit: npt.NDArray[np.int32]
    outcome: npt.NDArray[np.uint8]


@dataclass(slots=True)
class Rivals:
    """One slot for each challenged link, in file order.

    ``best`` is the position of the strongest rival (-1: none), ``count`` how many there are.
    """

    asked: Longs
    own: Credits
    bonus: npt.NDArray[np.int16]
    own_fit: npt.NDArray[np.int32]
    has_own: npt.NDArray[np.bool_]
    outcome: npt.NDArray[np.uint8]
    best: Longs
    best_fit: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    pieces: list[Weighed]

    @classmethod
    def empty(
        cls, asked: Longs, own: Credits, bonus: npt.NDArray[np.int16], *, has_own: npt.NDArray[np.bool_]
    ) -> Rivals:
        """No rival found yet; ``bonus`` is the rarity of each link's kanji name."""
        rows = len(asked)
        own_fit = np.asarray(fit.fit(own, name_bonus(own, bonus)), np.int32)
        return cls(
            asked,
            own,
            bonus,
            own_fit,
            has_own,
            np.zeros(rows, np.uint8),
            np.full(rows, -1, np.int64),
            np.zeros(rows, np.int32),
            np.zeros(rows, np.int32),
            [],
        )

    def take(self, weighed: Weighed) -> None:
        """Keep what one batch found."""
        if len(weighed.slot):
            self.pieces.append(weighed)

    def settle(self) -> None:
        """Make up the outcome of each link; ties go to the lower number, whatever the order of rows."""
        if not self.pieces:
            return
        slot, pos, number, fits, outcome = (np.concatenate(c) for c in zip(*self.pieces, strict=True))
        np.maximum.at(self.outcome, slot, outcome)
        rival = outcome >= Challenge.EQUAL
        slot, pos, number, fits = slot[rival], pos[rival], number[rival], fits[rival]
        np.add.at(self.count, slot, 1)
        order = np.lexsort((-number, fits))  # the last one written wins
        self.best[slot[order]] = pos[order]
        self.best_fit[slot[order]] = fits[order]

    def doubt(self) -> npt.NDArray[np.int32]:
        """How likely each link is wrong, for the order of asking; a common name counts against it."""
        lead = np.where(self.best >= 0, self.best_fit, fit.PLAUSIBLE) - np.where(self.has_own, self.own_fit, 0)
        return np.asarray(lead - self.bonus, np.int32)


def name_bonus(credits_: Credits, bonus: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """The rarity counts only where the whole kanji name agrees."""
    return np.where(credits_.kanji_name >= fit.WHOLE_KANJI_NAME, bonus, np.int16(0))


def weigh(rivals: Rivals, pairs: ComparedPairs) -> Weighed:
    """Say what each of some candidates is to its link."""
    slot = np.searchsorted(rivals.asked, pairs.indexes)
    theirs = fit.credit_columns(*pairs.compared)
    their_fit = np.asarray(fit.fit(theirs, name_bonus(theirs, rivals.bonus[slot])), np.int32)
    ours = Credits(*(column[slot] for column in rivals.own))
    outcome = np.where(
        rivals.has_own[slot],
        challenge.classify(ours, rivals.own_fit[slot], theirs, their_fit),
        challenge.classify_without_own(their_fit),
    ).astype(np.uint8)
    keep = outcome > Challenge.NONE
    return Weighed(slot[keep], pairs.positions[keep], pairs.numbers[keep], their_fit[keep], outcome[keep])
