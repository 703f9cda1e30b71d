"""What may still be shown of an answer that was given before, and the log of showing it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.decide import NOTHING_SHOWN
from himozuke.eligibility.model import Qualification, Validity
from himozuke.eligibility.store import EligibilityStore, Institution
from himozuke.ports.office import Clock
from himozuke.rules.model import RuleBook

if TYPE_CHECKING:
    from himozuke.eligibility.visits import Visit


class ShownAgain:
    """Looks at earlier answers as they stand today; made for one transaction."""

    def __init__(self, store: EligibilityStore, clock: Clock, rules: RuleBook) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    def as_they_stand(self, visits: Sequence[Visit]) -> list[Visit]:
        """Visits with what may be shown of them at this moment."""
        links = sorted({one["link_id"] for visit in visits for one in visit.shown})
        held = by_law(self._store.held_through(links), self._clock.today(), rules=self._rules) if links else []
        stopped = {one.link_id for one in held if one.restriction == "ALL"}
        standing = {one.link_id: one for one in held if one.link_id not in stopped}
        return [as_it_stands(visit, standing) for visit in visits]

    def write_down(self, institution: Institution, visits: Sequence[Visit]) -> None:
        """Write that what was answered before is shown once more, in the transaction that shows it."""
        for visit in visits:
            for one in visit.shown:
                certificates = [name for name in ("limits", "diseases") if one.get(name)]
                viewer = "outage" if visit.channel == "outage" else "reception"
                items = ["qualification", *certificates]
                self._store.log_again(institution, one["link_id"], viewer=viewer, items=items)


def as_it_stands(visit: Visit, standing: Mapping[int, Qualification]) -> Visit:
    """Give a visit with what may still be shown of its answer; ``standing`` holds the links that may be.

    Whose viewing was stopped since looks like somebody unknown (S76). What the institution itself wrote stays.
    """
    left = [_without_hidden(one, standing[one["link_id"]]) for one in visit.shown if one["link_id"] in standing]
    if len(left) == len(visit.shown):
        return replace(visit, shown=left)
    return _of_several(visit, left) if left else _as_unknown(visit)


def _as_unknown(visit: Visit) -> Visit:
    return replace(
        visit,
        validity=Validity.NONE,
        result_code=NOTHING_SHOWN,
        link_id=None,
        shown=(),
        consents=(),
        compared_with="",
        states={},
        accepted_at=None,
        accepted_by="",
        copay_percent=visit.copay_percent if visit.evidence else None,
        claim_tier=visit.claim_tier if visit.evidence else "",
    )


def _of_several(visit: Visit, left: Sequence[Mapping[str, Any]]) -> Visit:
    """The answer with those of several qualifications that are left; what was compared with another is gone."""
    told = replace(visit, shown=left, link_id=left[0]["link_id"])
    if len(left) == 1 and visit.validity == Validity.SEVERAL:
        told = replace(told, validity=Validity.VALID, result_code="")
    is_same = left[0]["link_id"] == visit.link_id
    return told if is_same else replace(told, compared_with="", states={}, consents=())


def _without_hidden(shown: Mapping[str, Any], held: Qualification) -> Mapping[str, Any]:
    """What was shown, without an address that has come under protection since."""
    return {**shown, "address": "", "postal_code": ""} if held.is_address_hidden else shown
