"""What a synthetic population is asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from himozuke.errors import UsageError

SNAPSHOT = date(2025, 10, 1)
EPOCH = date(1970, 1, 1)
MOST_PEOPLE = 400_000_000  # two numbers a person, and the synthetic range holds 10^9


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people, how much of what, and the seed that makes it repeatable.

    ``variants``: share of links written another way; ``differences``: share of right links in which
    an item really differs; ``errors``: share of links that carry somebody else's number.
    """

    people: int
    seed: int = 0
    variants: float = 0.15
    differences: float = 0.01
    errors: float = 0.0007
    scheme: str = "health_insurance"

    def __post_init__(self) -> None:
        """Refuse what cannot be made; raises ``UsageError``."""
        if not 0 <= self.people <= MOST_PEOPLE:
            raise UsageError(f"Cannot make {self.people} people: give a figure from 0 to {MOST_PEOPLE}.")
        for name in ("variants", "differences", "errors"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise UsageError(f"Cannot use {share} as the share of {name}: give a figure from 0 to 1.")
        if self.errors > 0.5:
            raise UsageError(f"Cannot make {self.errors:.0%} of the links wrong: at most half of them can be.")

    @property
    def wrong(self) -> int:
        """The number of wrong links."""
        return round(self.errors * self.people)

    def draw(self, stage: str) -> np.random.Generator:
        """The random numbers of one stage, independent of every other stage."""
        return np.random.default_rng([self.seed, *stage.encode()])


def day(on: date) -> int:
    """Count the days from 1970-01-01."""
    return (on - EPOCH).days


TODAY = day(SNAPSHOT)
