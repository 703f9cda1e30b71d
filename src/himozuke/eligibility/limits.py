"""Which limit certificate holds on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from himozuke.eligibility.model import LimitCertificate, SpecificDisease


def limit_on(limits: Sequence[LimitCertificate], day: date) -> LimitCertificate | None:
    """The limit certificate that holds on a day, the latest begun where several do; None without one."""
    holding = [one for one in limits if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)]
    return max(holding, key=lambda one: one.valid_from, default=None)


def diseases_on(diseases: Sequence[SpecificDisease], day: date) -> tuple[SpecificDisease, ...]:
    """The certificates of specific diseases that hold on a day, both ends included."""
    return tuple(
        one for one in diseases if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)
    )
