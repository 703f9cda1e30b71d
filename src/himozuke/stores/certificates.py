"""Certificates of an insurer's own links, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.eligibility.certificates import OnRecord
from himozuke.eligibility.model import InsuredKey
from himozuke.identity.coded_number import plain_digits
from himozuke.identity.scheme_number import PART_SEPARATOR, joined

_COLUMNS = tuple(one.name for one in fields(OnRecord))
_JSON = frozenset({"elderly", "limits", "diseases", "tickets"})
_LISTED = ", ".join(f"certificate.{name}" for name in _COLUMNS)

# Reads link, qualification_period and qualification_certificate. One row per period of an own link, the latest first.
_PERIODS = f"""
SELECT link.link_id, period.period_id, link.kanji_name, link.insurer_number, link.symbol, link.number, link.branch,
       period.began_on, period.ended_on, certificate.period_id AS certified, {_LISTED}
FROM link
JOIN qualification_period AS period USING (link_id)
LEFT JOIN qualification_certificate AS certificate USING (period_id)
WHERE link.organisation_id = %(of)s AND link.state <> 'withdrawn' AND {{condition}}
ORDER BY period.began_on DESC, period.period_id DESC
"""  # noqa: S608  # columns of ours
_OF_LINK = _PERIODS.format(condition="link.link_id = %(link_id)s")
_OF_NUMBER = _PERIODS.format(
    condition="link.scheme_number ~>=~ %(since)s AND link.scheme_number ~<~ %(before)s "
    "AND (%(exact)s::text IS NULL OR link.scheme_number = %(exact)s)"
)

# Writes qualification_certificate. One row.
_KEEP = f"""
INSERT INTO qualification_certificate (period_id, organisation_id, {", ".join(_COLUMNS)})
VALUES (%(period_id)s, %(of)s, {", ".join(f"%({name})s" for name in _COLUMNS)})
ON CONFLICT (period_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""  # noqa: S608  # columns of ours


@dataclass(frozen=True, slots=True)
class CertifiedPeriod:
    """One period of insurance of an own link, with what stands on its certificate."""

    link_id: int
    period_id: int
    kanji_name: str
    key: InsuredKey
    began_on: date
    ended_on: date | None
    record: OnRecord


class PostgresCertificates:
    """Reads and writes the certificates of one insurer."""

    def __init__(self, connection: Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def of_link(self, link_id: int, *, of: int) -> Sequence[CertifiedPeriod]:
        """The periods of an own link, the latest first; nothing where the link is another insurer's."""
        return [_period(row) for row in self._connection.execute(_OF_LINK, {"link_id": link_id, "of": of})]

    def of_number(self, key: InsuredKey, *, of: int) -> Sequence[CertifiedPeriod]:
        """The periods of every own link under a number, the latest first; of all branches where none is named."""
        number = joined(plain_digits(key.insurer_number), key.symbol, key.number)
        exact = joined(plain_digits(key.insurer_number), key.symbol, key.number, key.branch) if key.branch else None
        asked = {
            "of": of,
            "since": number + PART_SEPARATOR,
            "before": number + chr(ord(PART_SEPARATOR) + 1),
            "exact": exact,
        }
        return [_period(row) for row in self._connection.execute(_OF_NUMBER, asked)]

    def lock(self, link_id: int) -> None:
        """Keep others from changing the certificates of a link until the transaction ends."""
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('certificate'), %s::integer)", [link_id])

    def keep(self, period: CertifiedPeriod, record: OnRecord, *, of: int) -> None:
        """Keep what stands on the certificate of a period."""
        told = {name: getattr(record, name) for name in _COLUMNS}
        columns = {name: _json(value) if name in _JSON else value for name, value in told.items()}
        self._connection.execute(_KEEP, columns | {"period_id": period.period_id, "of": of})


def _json(value: object) -> Jsonb | None:
    if value is None:
        return None
    return Jsonb(dict(value) if isinstance(value, Mapping) else list(value))  # type: ignore[call-overload]


def _period(row: Mapping[str, Any]) -> CertifiedPeriod:
    told = {name: row[name] for name in _COLUMNS} if row["certified"] is not None else {}
    key = InsuredKey(row["insurer_number"], row["symbol"], row["number"], row["branch"])
    return CertifiedPeriod(
        row["link_id"], row["period_id"], row["kanji_name"], key, row["began_on"], row["ended_on"], OnRecord(**told)
    )
