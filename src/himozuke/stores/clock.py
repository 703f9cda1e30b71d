"""The clock on the wall."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


class SystemClock:
    """Now, as the machine has it."""

    def now(self) -> datetime:
        """The moment, in Japan's time."""
        return datetime.now(JAPAN)

    def today(self) -> date:
        """The day in Japan."""
        return self.now().date()
