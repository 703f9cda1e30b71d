"""Rows of the database as notices and links under registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from himozuke.registration.model import TEXTS, NoticeKind
from himozuke.registration.ports import HeldLink, HeldNotice
from himozuke.rules.kinds import ITEMS

SEALED = "individual_number_sealed"


def held_notice(row: Mapping[str, Any]) -> HeldNotice:
    """A notice that waits to become a link."""
    sealed = row[SEALED]
    return HeldNotice(
        notice_id=row["notice_id"],
        organisation_id=row["organisation_id"],
        employer_id=row["employer_id"],
        kind=NoticeKind(row["kind"]),
        scheme=row["scheme"],
        event_on=row["event_on"],
        received_on=row["received_on"],
        texts={name: row[name] for name in TEXTS},
        individual_number_sealed=bytes(sealed) if sealed is not None else None,
        register_due_on=row["register_due_on"],
        created_by=row["created_by"],
    )


def named_in(notice: HeldNotice) -> dict[str, object]:
    """What a notice names its insured person by, as statements take it."""
    return {
        "organisation_id": notice.organisation_id,
        "scheme": notice.scheme,
        "symbol": notice.text("symbol"),
        "number": notice.text("number"),
    }


def held_link(row: Mapping[str, Any]) -> HeldLink:
    """A link as it is compared with the register."""
    names = ("insurer_number", "symbol", "number", "branch", *ITEMS, "acquired_by", "acquired_items")
    columns = {name: row[name] for name in names}
    columns["acquired_hits"] = "" if row["acquired_hits"] is None else str(row["acquired_hits"])
    for name in ("acquired_on", "valid_from", "valid_to"):
        columns[name] = row[name].isoformat() if row[name] else ""
    kept = ("link_id", "organisation_id", "scheme", "state", "restriction", "verdict", "action", "evidence_digest")
    return HeldLink(
        **{name: row[name] for name in kept},
        columns=columns,
        individual_number_sealed=bytes(row[SEALED]),
        answered_digest=row["answered_digest"],
        notice_id=row["notice_id"],
        is_stopped_by_case=row["is_stopped_by_case"],
        has_company=row["has_company"],
    )
