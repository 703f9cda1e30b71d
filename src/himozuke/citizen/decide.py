"""What follows from a person's request for a check, and how a link stands. Pure."""

from __future__ import annotations

from himozuke.citizen.model import Outcome, Reason, Standing
from himozuke.ports.office import CaseOpening, Origin

_TRUSTED = {"PROVEN": Standing.PROVEN, "EXPLAINED": Standing.EXPLAINED}


def standing_of(verdict: str | None) -> Standing:
    """How a link that is not doubted stands; without a good verdict the insurer's answer holds it."""
    return _TRUSTED.get(verdict or "", Standing.ANSWERED)


def standing_in_doubt(case_id: int | None) -> Standing:
    """How a doubted link stands: somebody is at work on it, or nobody yet."""
    return Standing.CHECKED if case_id is not None else Standing.WAITING


def restriction_shown(state: str, restriction: str) -> str:
    """How far viewing is stopped today; what is not released yet is seen by nobody."""
    return restriction if state in {"released", "stopped"} else "ALL"


def restriction_of(reason: Reason) -> str:
    """How far viewing stops with the request.

    Whoever says that a record is not his may be right: medical information behind it stops the same day
    (S76), while the status goes on being answered, so that a mistake of his does not keep him from a doctor.
    """
    return "MEDICAL" if reason is Reason.NOT_MINE else "NONE"


def opening(*, organisation_id: int, link_id: int, reason: Reason, note: str) -> CaseOpening:
    """The case the request opens, or joins."""
    return CaseOpening(
        organisation_id=organisation_id,
        link_id=link_id,
        origin=Origin.CITIZEN,
        restriction=restriction_of(reason),
        verdict=None,
        reasons=(),
        group_key=f"citizen:{reason}",
        summary=note,
        evidence={"asked": reason.value},
    )


def outcome_of(*, is_open: bool, is_wrong: bool | None) -> Outcome:
    """What became of a request, from its case."""
    if is_open:
        return Outcome.OPEN
    return Outcome.WRONG if is_wrong else Outcome.RIGHT
