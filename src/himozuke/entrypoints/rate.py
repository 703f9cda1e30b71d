"""How often somebody may ask: a bucket that fills again by the minute, in each process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import ClassVar

from himozuke.errors import HimozukeError

_SECONDS = 60.0


class TooManyRequestsError(HimozukeError):
    """The caller asks more often than it may; ``headers`` tell how long to wait."""

    http_status: ClassVar[int] = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(seconds)}


class RateLimit:
    """Buckets by caller. Every process has its own, so that the hot path waits for nobody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[int, tuple[float, float]] = {}

    def ask(self, caller: int, per_minute: int) -> int:
        """Take one request out of the bucket; 0, or the seconds to wait until there is one."""
        now = self._clock()
        with self._lock:
            left, seen = self._buckets.get(caller, (float(per_minute), now))
            left = min(float(per_minute), left + (now - seen) * per_minute / _SECONDS)
            if left < 1.0:
                self._buckets[caller] = (left, now)
                return max(1, math.ceil((1.0 - left) * _SECONDS / per_minute))
            self._buckets[caller] = (left - 1.0, now)
            return 0
