"""Writing many links at once: the link, its first version, its period, and the notice it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from himozuke.registration.pay import monthly_pay
from himozuke.registration.ports import NewLink
from himozuke.rules.kinds import ITEMS
from himozuke.stores.rows import insert_rows

_TEXTS = ("insurer_number", "symbol", "number", "branch", *ITEMS)
_LINK_TYPES = {
    "organisation_id": "bigint",
    "scheme": "text",
    **dict.fromkeys(_TEXTS, "text"),
    "scheme_number": "text",
    "linkage_code": "text",
    "individual_number_sealed": "bytea",
    "acquired_by": "text",
    "acquired_items": "text",
    "acquired_hits": "integer",
    "acquired_on": "date",
    "registered_at": "timestamptz",
    "valid_from": "date",
    "state": "text",
    "restriction": "text",
    "verdict": "text",
    "reasons": "text[]",
    "cause": "text",
    "action": "text",
    "rival_count": "integer",
    "pattern": "integer",
    "states": "text[]",
    "register_items": "jsonb",
    "evidence_digest": "text",
    "register_day": "date",
    "verified_at": "timestamptz",
    "notice_id": "bigint",
}
_VERSION_TYPES = {
    "link_id": "bigint",
    "organisation_id": "bigint",
    "at": "timestamptz",
    "by_login": "text",
    "act": "text",
    "reason": "text",
    "after": "jsonb",
    "before": "jsonb",
    "after_individual_number_sealed": "bytea",
}
_PERIOD_TYPES = {
    "organisation_id": "bigint",
    "link_id": "bigint",
    "member_kind": "text",
    "insured_link_id": "bigint",
    "relation": "text",
    "began_on": "date",
    "begun_by_notice_id": "bigint",
    "monthly_pay": "integer",
}

# Reads link. The code under which an office already knows the bearer of a number.
_CODES = """
SELECT organisation_id, individual_number_sealed, min(linkage_code) AS linkage_code
FROM link
WHERE individual_number_sealed = ANY(%(sealed)s)
GROUP BY organisation_id, individual_number_sealed
"""

_REGISTERED = """
UPDATE notice
SET state = 'registered', link_id = given.link_id, registered_on = %(today)s, registered_at = given.at,
    symbol = given.symbol, number = given.number, branch = given.branch, number_source = given.source,
    inquired_items = given.items, inquired_hits = given.hits
FROM unnest(
    %(notices)s::bigint[], %(links)s::bigint[], %(ats)s::timestamptz[], %(symbols)s::text[], %(numbers)s::text[],
    %(branches)s::text[], %(sources)s::text[], %(items)s::text[], %(hits)s::integer[]
) AS given (notice_id, link_id, at, symbol, number, branch, source, items, hits)
WHERE notice.notice_id = given.notice_id
"""


def write_links(connection: Connection[dict[str, Any]], links: Sequence[NewLink], *, today: date) -> list[int]:
    """Write links with their first version, period and notice; their ids, in order."""
    if not links:
        return []
    codes = _linkage_codes(connection, links)
    rows = [_link(link, codes[link.notice.organisation_id, link.sealed]) for link in links]
    ids = insert_rows(connection, "link", _LINK_TYPES, rows, key="link_id")
    pairs = list(zip(links, ids, strict=True))
    versions = [_version(link, link_id) for link, link_id in pairs]
    insert_rows(connection, "link_version", _VERSION_TYPES, versions, key="version_id")
    insert_rows(
        connection, "qualification_period", _PERIOD_TYPES, [_period(link, id_) for link, id_ in pairs], key="period_id"
    )
    _close_notices(connection, pairs, today)
    return ids


def _linkage_codes(connection: Connection[dict[str, Any]], links: Sequence[NewLink]) -> Mapping[tuple[int, bytes], str]:
    """An office's own code per person: the one in use, else one that only this office and number give."""
    known = {
        (row["organisation_id"], bytes(row["individual_number_sealed"])): row["linkage_code"]
        for row in connection.execute(_CODES, {"sealed": [link.sealed for link in links]})
    }
    for link in links:
        key = (link.notice.organisation_id, link.sealed)
        known.setdefault(key, linkage_code(*key))
    return known


def linkage_code(organisation_id: int, sealed: bytes) -> str:
    """The code under which an office first comes to know the bearer of a number: only both together give it."""
    return hashlib.sha256(b"%d:%b" % (organisation_id, sealed)).hexdigest()[:20]


def _link(link: NewLink, code: str) -> dict[str, object]:
    notice, finding = link.notice, link.finding
    found: dict[str, object] = {
        "verdict": finding.verdict if finding else None,
        "reasons": list(finding.reasons) if finding else [],
        "cause": finding.cause if finding else None,
        "action": finding.action if finding else None,
        "rival_count": finding.rival_count if finding else 0,
        "pattern": finding.pattern if finding else None,
        "states": list(finding.states) if finding else [],
        "register_items": finding.register_items if finding else None,
        "evidence_digest": finding.evidence_digest if finding else None,
        "register_day": finding.register_day if finding else None,
        "verified_at": link.registered_at if finding else None,
    }
    return found | {
        "organisation_id": notice.organisation_id,
        "scheme": notice.scheme,
        **{name: link.texts.get(name, "") for name in _TEXTS},
        "scheme_number": link.scheme_number,
        "linkage_code": code,
        "individual_number_sealed": link.sealed,
        "acquired_by": link.acquired_by,
        "acquired_items": link.acquired_items,
        "acquired_hits": link.acquired_hits,
        "acquired_on": notice.received_on,
        "registered_at": link.registered_at,
        "valid_from": notice.event_on,
        "state": link.state,
        "restriction": link.restriction,
        "notice_id": notice.notice_id,
    }


def _version(link: NewLink, link_id: int) -> dict[str, object]:
    after = {name: link.texts.get(name, "") for name in ITEMS}
    after |= {"state": link.state, "restriction": link.restriction, "valid_from": link.notice.event_on.isoformat()}
    return {
        "link_id": link_id,
        "organisation_id": link.notice.organisation_id,
        "at": link.registered_at,
        "by_login": link.by,
        "act": "register",
        "reason": f"notice {link.notice.notice_id}",
        "after": after | {"verdict": link.finding.verdict if link.finding else None},
        "before": {},
        "after_individual_number_sealed": link.sealed,
    }


def _period(link: NewLink, link_id: int) -> dict[str, object]:
    return {
        "organisation_id": link.notice.organisation_id,
        "link_id": link_id,
        "member_kind": link.member_kind,
        "insured_link_id": link.insured_link_id,
        "relation": link.relation,
        "began_on": link.notice.event_on,
        "begun_by_notice_id": link.notice.notice_id,
        "monthly_pay": monthly_pay(link.notice),
    }


def _close_notices(connection: Connection[dict[str, Any]], pairs: Sequence[tuple[NewLink, int]], today: date) -> None:
    links = [link for link, _ in pairs]
    connection.execute(
        _REGISTERED,
        {
            "today": today,
            "notices": [link.notice.notice_id for link in links],
            "links": [link_id for _, link_id in pairs],
            "ats": [link.registered_at for link in links],
            "symbols": [link.texts.get("symbol", "") for link in links],
            "numbers": [link.texts.get("number", "") for link in links],
            "branches": [link.texts.get("branch", "") for link in links],
            "sources": ["inquired" if link.acquired_by == "jlis" else "filed" for link in links],
            "items": [link.acquired_items for link in links],
            "hits": [link.acquired_hits for link in links],
        },
    )
