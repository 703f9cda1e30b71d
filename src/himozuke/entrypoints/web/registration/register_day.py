"""How old the resident register is: on every page that judges by it."""

from __future__ import annotations

import time
from threading import Lock

from himozuke.entrypoints.wiring import Office
from himozuke.errors import UpstreamDownError
from himozuke.ports.actor import Actor
from himozuke.stores.resident_register import RegisterAge

_SECONDS_IT_STANDS = 30.0  # a load takes minutes; pages need not ask each time


class RegisterAgeOnPages:
    """Remembers the age for some seconds, since every page shows it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = Lock()
        self._read_at = -_SECONDS_IT_STANDS
        self._age: RegisterAge | None = None

    def read(self) -> RegisterAge | None:
        """The age; None before the first load, and while the database does not answer."""
        with self._lock:
            if time.monotonic() - self._read_at >= _SECONDS_IT_STANDS:
                try:
                    with self._office.work(Actor.system("desk")) as work:
                        self._age = work.register_age
                except UpstreamDownError:
                    return None
                self._read_at = time.monotonic()
            return self._age
