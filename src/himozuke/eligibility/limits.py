"""Which limit certificate holds on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from himozuke.eligibility.model import LimitCertificate


def limit_on(limits: Sequence[LimitCertificate], day: date) -> LimitCertificate | None:
    """The limit certificate that holds on a day, the latest begun where several do; None without one."""
    holding = [one for one in limits if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)]
    return max(holding, key=lambda one: one.valid_from, default=None)
