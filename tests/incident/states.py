"""Cases as their events leave them, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from himozuke.incident import decide
from himozuke.incident.fold import fold
from himozuke.incident.model import CaseState, Event, Happening
from himozuke.ports.office import CaseOpening, Origin

OPENED_ON = date(2026, 4, 1)
OPENING = CaseOpening(
    organisation_id=1,
    link_id=1,
    origin=Origin.INSPECTION,
    restriction="ALL",
    verdict="REFUTED",
    reasons=("rival_better",),
    cause="C4",
)


class Story:
    """Adds what happens day by day; ``state`` is where the case stands."""

    def __init__(self, opening: CaseOpening = OPENING, *, on: date = OPENED_ON) -> None:
        self.events: list[Event] = []
        self.add(decide.opened(opening), on=on)

    def add(self, happenings: Sequence[Happening], *, on: date = OPENED_ON, by: str = "clerk") -> CaseState:
        at = datetime.combine(on, time(9), ZoneInfo("Asia/Tokyo"))
        for happening in happenings:
            number = len(self.events) + 1
            self.events.append(
                Event(number, happening.kind, at, on, by, None, by, happening.said, happening.individual_number_sealed)
            )
        return self.state

    @property
    def state(self) -> CaseState:
        return fold(self.events)
