"""What the parts of the demo share while it is made: the office, its movable clock, who is who."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from himozuke.entrypoints.wiring import Office, OfficeWork
from himozuke.ports.actor import Actor, Role

JAPAN = ZoneInfo("Asia/Tokyo")
_OPENING = time(10, 0)


@dataclass(slots=True)
class MovableClock:
    """A clock that can be set to any day, so that what lies in the past gets its own date."""

    moment: datetime

    @classmethod
    def started(cls) -> MovableClock:
        """A clock that stands at this moment."""
        return cls(datetime.now(JAPAN))

    def set(self, day: date) -> None:
        """Go to ten o'clock of a day; within a day time never runs back."""
        moment = datetime.combine(day, _OPENING, JAPAN)
        self.moment = max(self.moment, moment) if self.moment.date() == day else moment

    def now(self) -> datetime:
        """The moment; each look is a second later, so that acts keep their order."""
        self.moment += timedelta(seconds=1)
        return self.moment

    def today(self) -> date:
        """The day in Japan."""
        return self.moment.astimezone(JAPAN).date()


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user as ``demo.json`` names them."""

    user_id: int
    role: Role
    organisation_id: int
    organisation: str
    login: str
    password: str
    totp_secret: str
    person_key: str | None = None

    @property
    def actor(self) -> Actor:
        """In whose name the demo acts."""
        return Actor.user(
            user_id=self.user_id,
            login=self.login,
            role=self.role,
            organisation_id=self.organisation_id,
            person_key=self.person_key,
        )


@dataclass(slots=True)
class DemoWorld:
    """The demo under construction.

    ``files`` holds the invented population; ``today`` is the day on which it is made, ``register_day`` the day of
    its register. ``organisations`` maps codes to ids.
    """

    office: Office
    clock: MovableClock
    files: Path
    today: date
    register_day: date
    organisations: dict[str, int] = field(default_factory=dict)
    users: dict[str, DemoUser] = field(default_factory=dict)

    @contextmanager
    def acting(self, login: str, day: date) -> Iterator[OfficeWork]:
        """The services in one transaction, in the name of a user, on a day."""
        self.clock.set(day)
        with self.office.work(self.users[login].actor) as work:
            yield work

    @contextmanager
    def program(self, what: str, day: date) -> Iterator[OfficeWork]:
        """The services in one transaction of the program itself, on a day."""
        self.clock.set(day)
        with self.office.work(Actor.system(what)) as work:
            yield work

    def days_ago(self, days: int) -> date:
        """A day before today."""
        return self.today - timedelta(days=days)


def names_by_code(world: DemoWorld) -> Mapping[str, str]:
    """Organisation code to name."""
    with world.office.work(Actor.system("demo")) as work:
        rows = work.connection.execute("SELECT code, name FROM organisation").fetchall()
    return {row["code"]: row["name"] for row in rows}
