"""A link as it is claimed to the register, and what the register's answer is kept as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.protection import shown_items
from himozuke.ports.resident_register import OnlineVerdict, RegisterEntry
from himozuke.registration.ports import Finding
from himozuke.rules.kinds import ITEMS

_LINK_TEXTS = ("insurer_number", "symbol", "number", "branch", *ITEMS)
_EQUAL = "equal"
SEVERAL_VALID = "several_valid_links"


def claim_columns(
    texts: Mapping[str, str],
    number: IndividualNumber,
    *,
    acquired_by: str,
    acquired_items: Sequence[str],
    acquired_hits: int | None,
    acquired_on: date | None,
    valid_from: date | None,
    valid_to: date | None = None,
) -> dict[str, str]:
    """The columns of a link, as a file of links would have them; the number is whole in one of them."""
    columns = {name: texts.get(name, "") for name in _LINK_TEXTS}
    return columns | {
        "individual_number": number.reveal(),
        "acquired_by": acquired_by,
        "acquired_items": "|".join(acquired_items),
        "acquired_hits": "" if acquired_hits is None else str(acquired_hits),
        "acquired_on": acquired_on.isoformat() if acquired_on else "",
        "valid_from": valid_from.isoformat() if valid_from else "",
        "valid_to": valid_to.isoformat() if valid_to else "",
    }


def finding_of(verdict: OnlineVerdict, *, has_company: bool = False) -> Finding:
    """What is kept of a verdict: words and figures, and the register's items where one was not byte-equal.

    The address of a person under protection is not kept (支援措置), nor anything of the rival but that
    there is one. ``has_company``: another link of the person is valid at the insurer, which a comparison of
    one link alone cannot see; the reason and the action are then those of the batch (S75).
    """
    reasons, action = list(verdict.reasons), verdict.action
    if has_company:
        reasons = list(dict.fromkeys([*reasons, SEVERAL_VALID]))
        action = "correct" if action == "none" else action
    states = [verdict.states[item] for item in ITEMS]
    is_plain = verdict.own is None or all(state == _EQUAL for state in states)
    return Finding(
        verdict=verdict.verdict,
        restriction=verdict.restriction,
        restriction_by_table=verdict.restriction_by_table,
        action=action,
        cause=verdict.cause,
        rival_count=verdict.rival_count,
        pattern=verdict.pattern,
        states=states,
        reasons=reasons,
        evidence_digest=verdict.evidence_digest,
        register_day=verdict.register_day,
        register_items=_kept_items(verdict.own, is_plain=is_plain),
    )


def _kept_items(entry: RegisterEntry | None, *, is_plain: bool) -> dict[str, object] | None:
    """What is kept of an entry; of a protected person always something, so that pages know of the protection."""
    if entry is None or (is_plain and not entry.is_protected):
        return None
    items: dict[str, object] = {name: text for name, text in asdict(shown_items(entry, None)).items() if text}
    return items | {"status": entry.status, "is_protected": entry.is_protected}
