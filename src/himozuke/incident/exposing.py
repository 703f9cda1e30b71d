"""Finding out who saw what while a link was wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from himozuke.errors import ConflictError, UsageError
from himozuke.incident import decide_after
from himozuke.incident.decide_after import ExposureOutside, ExposureWords
from himozuke.incident.exposure import Exposure, review, wrong_interval
from himozuke.incident.model import Case, Happening
from himozuke.incident.refusal import refusal
from himozuke.incident.service import Carrier, CaseTools
from himozuke.incident.store import AccessLog


class ExposingService:
    """The access log of a case's link in the time the link was wrong. Source: S76, S77."""

    def __init__(self, tools: CaseTools, log: AccessLog) -> None:
        self._tools = tools
        self._log = log
        self._carrier = Carrier(tools)

    def look(self, case: Case) -> Exposure:
        """Every viewing in the wrong interval as the log stands now; ConflictError for a case without link."""
        return self._review(case, left_out=())

    def find(self, case_id: int, words: ExposureWords, *, token: str | None = None) -> Case:
        """Confirm who saw what; a viewing is left out only with its reason, and only one that is there."""

        def find(case: Case) -> Sequence[Happening]:
            known = {viewing.access_id for viewing in self._review(case, left_out=()).viewings}
            if not set(words.left_out) <= known:
                raise UsageError(refusal("unknown_viewing"))
            return decide_after.find_exposure(case.state, self._review(case, left_out=words.left_out), words)

        return self._carrier.carry(case_id, find, token=token)

    def find_outside(self, case_id: int, found: ExposureOutside, *, token: str | None = None) -> Case:
        """Confirm what was found in another system's log, for a case without a link of ours."""
        return self._carrier.carry(
            case_id, lambda case: decide_after.find_exposure_outside(case.state, found), token=token
        )

    def _review(self, case: Case, *, left_out: Collection[int]) -> Exposure:
        if case.link_id is None:
            raise ConflictError(refusal("no_link"))
        links = self._tools.links
        interval = wrong_interval(
            links.find(case.link_id),
            links.history(case.link_id),
            corrected_version=case.state.corrected_version,
            now=self._tools.clock.now(),
        )
        viewings = self._log.viewings(case.link_id, interval)
        return review(viewings, interval, self._log.covers(interval), left_out=tuple(left_out))
