"""The evidence as it stands in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection

from himozuke.stores.evidence import DIGEST_BYTES, Heads, Place, Record, Seal, heads_of, utc_text
from himozuke.stores.verification import Evidence

_SEALS_AT_ONCE = 500
_RECORDS_AT_ONCE = 50_000

# Reads audit_seal. One row per seal, in the order of the chain.
_SEALS = """
SELECT seal_id, sealed_at, heads, digests, previous_digest, digest, key_id, signature
FROM audit_seal
ORDER BY seal_id
"""

_RECORD = """
SELECT
    record.writer_id,
    record.number,
    audit_time(record.at) AS at,
    record.organisation_id,
    record.user_id,
    record.login,
    record.role,
    record.act,
    record.subject,
    record.subject_id,
    record.details::text AS details,
    record.digest
FROM audit_record AS record
"""

# Reads audit_record. One row per record after one set of numbers and up to another, by writer.
_BETWEEN = (
    _RECORD
    + """
JOIN unnest(%(writers)s::bigint[], %(first)s::bigint[], %(last)s::bigint[]) AS span (writer_id, first, last)
    ON record.writer_id = span.writer_id AND record.number BETWEEN span.first AND span.last
"""
)

# Reads audit_record. One row per record after the last seal, by writer and number.
_TAIL = (
    _RECORD
    + """
LEFT JOIN unnest(%(writers)s::bigint[], %(numbers)s::bigint[]) AS head (writer_id, number)
    ON head.writer_id = record.writer_id
WHERE record.number > COALESCE(head.number, 0)
ORDER BY record.writer_id, record.number
"""
)

# Reads audit_seal. One row: the seal that holds a digest.
_HOLDING = """
SELECT
    seal.seal_id,
    seal.heads,
    position(%(digest)s::bytea IN seal.digests) AS position,
    COALESCE(before.heads, '[]') AS heads_before
FROM audit_seal AS seal
LEFT JOIN audit_seal AS before ON before.seal_id = seal.seal_id - 1
WHERE position(%(digest)s::bytea IN seal.digests) > 0
ORDER BY seal.seal_id
LIMIT 1
"""

# Reads audit_key. One row per key that has sealed.
_KEYS = "SELECT key_id, noted_at FROM audit_key ORDER BY key_id"

# Reads tables into which rows come only with a record. One row.
_TRACES = """
SELECT
    EXISTS (SELECT FROM user_account) AS user_account,
    EXISTS (SELECT FROM register_load) AS register_load,
    EXISTS (SELECT FROM notice) AS notice,
    EXISTS (SELECT FROM link) AS link,
    EXISTS (SELECT FROM incident_case) AS incident_case,
    EXISTS (SELECT FROM letter) AS letter
"""


def evidence_of(connection: Connection[dict[str, Any]], *, head_file: Path | None = None) -> Evidence:
    """All evidence of a database, read in one transaction of the connection."""
    last = connection.execute("SELECT heads FROM audit_seal ORDER BY seal_id DESC LIMIT 1").fetchone()
    heads = heads_of(last["heads"]) if last else {}
    return Evidence(
        sealed=_sealed(connection),
        tail=lambda: tail_of(connection, heads),
        last_numbers=lambda: last_numbers_of(connection),
        digest_places=lambda digest: _place_of(connection, digest),
        head=_noted(head_file),
        keys_noted={row["key_id"]: utc_text(row["noted_at"]) for row in connection.execute(_KEYS)},
    )


def traces_of(connection: Connection[dict[str, Any]]) -> Sequence[str]:
    """Tables with rows that acts have left; read with the program's own reach, not with the sealer's."""
    row = connection.execute(_TRACES).fetchone() or {}
    return [table for table, is_filled in row.items() if is_filled]


def _noted(head_file: Path | None) -> tuple[int, bytes] | None:
    if head_file is None or not head_file.exists():
        return None
    noted = json.loads(head_file.read_text(encoding="ascii"))
    return int(noted["seal_id"]), bytes.fromhex(noted["digest"])


def _sealed(connection: Connection[dict[str, Any]]) -> Iterator[tuple[Seal, Mapping[Place, Record]]]:
    heads: dict[int, int] = {}
    for seals in _in_batches(connection):
        reached = dict(heads)
        for seal in seals:
            reached |= seal.heads
        records = _between(connection, heads, reached)
        for seal in seals:
            yield seal, records
        heads = reached


def _in_batches(connection: Connection[dict[str, Any]]) -> Iterator[list[Seal]]:
    with connection.cursor(name="seals") as cursor:
        cursor.itersize = _SEALS_AT_ONCE
        cursor.execute(_SEALS)
        batch: list[Seal] = []
        records = 0
        for row in cursor:
            seal = _seal(row)
            batch.append(seal)
            records += len(seal.digests) // DIGEST_BYTES
            if records >= _RECORDS_AT_ONCE:
                yield batch
                batch, records = [], 0
        if batch:
            yield batch


def _between(connection: Connection[dict[str, Any]], heads: Heads, reached: Heads) -> dict[Place, Record]:
    writers = sorted(reached)
    given = {
        "writers": writers,
        "first": [heads.get(writer, 0) + 1 for writer in writers],
        "last": [reached[writer] for writer in writers],
    }
    return {record.place: record for record in map(_record, connection.execute(_BETWEEN, given))}


def tail_of(connection: Connection[dict[str, Any]], heads: Heads) -> Iterable[Record]:
    """Records after the last seal, by writer and number."""
    given = {"writers": list(heads), "numbers": list(heads.values())}
    return map(_record, connection.execute(_TAIL, given))


def last_numbers_of(connection: Connection[dict[str, Any]]) -> Heads:
    """The last number each writer gave."""
    rows = connection.execute("SELECT writer_id, last_number FROM audit_writer")
    return {row["writer_id"]: row["last_number"] for row in rows}


def _place_of(connection: Connection[dict[str, Any]], digest: bytes) -> Place | None:
    row = connection.execute(_HOLDING, {"digest": digest}).fetchone()
    if row is None or (row["position"] - 1) % DIGEST_BYTES:
        return None
    before, after = heads_of(row["heads_before"]), heads_of(row["heads"])
    index = (row["position"] - 1) // DIGEST_BYTES
    for writer, last in sorted(after.items()):
        count = last - before.get(writer, 0)
        if index < count:
            return writer, before.get(writer, 0) + 1 + index
        index -= count
    return None


def _seal(row: Mapping[str, Any]) -> Seal:
    return Seal(
        seal_id=row["seal_id"],
        sealed_at=utc_text(row["sealed_at"]),
        heads=heads_of(row["heads"]),
        digests=bytes(row["digests"]),
        previous_digest=bytes(row["previous_digest"]),
        digest=bytes(row["digest"]),
        key_id=row["key_id"],
        signature=bytes(row["signature"]),
    )


def _record(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "digest": bytes(row["digest"])})
