"""The sealer: chains and signs what has been committed, behind the writers, who never wait for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.ports.actor import Actor
from himozuke.stores.database import Database
from himozuke.stores.evidence import (
    FIRST,
    NO_RECORD,
    Heads,
    Place,
    heads_of,
    key_id_of,
    pairs_of,
    public_key,
    seal_digest,
    sign,
    utc_text,
)
from himozuke.stores.vault import KeyRing

ROLE = "himozuke_sealer"
HEAD_FILE = "audit_head.json"
_LOCK = 4_810_301
_MOST_RECORDS = 20_000  # a seal

# Reads audit_seal. One row: the last seal.
_LAST = "SELECT seal_id, heads, digest FROM audit_seal ORDER BY seal_id DESC LIMIT 1"

# Reads audit_writer, audit_record. One row per record that no seal covers, by writer and number.
# A writer is held from the first record of a transaction to its end, so what can be seen of a writer's
# numbers never has a hole that a later commit could fill.
_NOT_SEALED = """
SELECT record.writer_id, record.number, record.digest
FROM audit_writer AS writer
LEFT JOIN unnest(%(writers)s::bigint[], %(numbers)s::bigint[]) AS head (writer_id, number)
    ON head.writer_id = writer.writer_id
JOIN audit_record AS record
    ON record.writer_id = writer.writer_id AND record.number > COALESCE(head.number, 0)
ORDER BY record.writer_id, record.number
LIMIT %(most)s
"""

_WRITE = """
INSERT INTO audit_seal (seal_id, sealed_at, heads, digests, previous_digest, digest, key_id, signature)
VALUES (%(seal_id)s, %(sealed_at)s, %(heads)s, %(digests)s, %(previous)s, %(digest)s, %(key_id)s, %(signature)s)
"""

_NOTE_KEY = """
INSERT INTO audit_key (key_id, public_key, noted_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


class Sealer:
    """Seals the evidence. ``head_file`` keeps the last seal outside of the database, against a cut-off end."""

    def __init__(self, database: Database, ring: KeyRing, *, head_file: Path | None = None) -> None:
        self._database = database
        self._ring = ring
        self._head_file = head_file

    def seal(self) -> int:
        """Seal everything that is committed; returns how many records. Of two sealers, one does nothing."""
        total = 0
        while sealed := self._seal_some():
            total += sealed
            if sealed < _MOST_RECORDS:
                break
        return total

    def _seal_some(self) -> int:
        with self._database.transaction(Actor.system("sealer"), database_role=ROLE) as work:
            connection = work.connection
            turn = connection.execute("SELECT pg_try_advisory_xact_lock(%s) AS mine", [_LOCK]).fetchone()
            if turn is None or not turn["mine"]:
                return 0
            last = connection.execute(_LAST).fetchone() or {"seal_id": 0, "heads": [], "digest": FIRST}
            heads = heads_of(last["heads"])
            found = _not_sealed(connection, heads)
            if not found:
                return 0
            reached = heads | _reached(found)
            private_key = self._ring.read().audit_key
            public = public_key(private_key)
            now = work.clock.now()
            connection.execute(_NOTE_KEY, [key_id_of(public), public, now])
            says: dict[str, Any] = {
                "seal_id": last["seal_id"] + 1,
                "heads": reached,
                "digests": _digests(heads, reached, found),
                "key_id": key_id_of(public),
            }
            digest = seal_digest(sealed_at=utc_text(now), previous_digest=last["digest"], **says)
            row = says | {"sealed_at": now, "previous": last["digest"], "digest": digest}
            row |= {"heads": Jsonb(pairs_of(reached)), "signature": sign(private_key, digest)}
            connection.execute(_WRITE, row)
        self._remember(says["seal_id"], digest)
        return len(found)

    def _remember(self, seal_id: int, digest: bytes) -> None:
        if self._head_file is None:
            return
        beside = self._head_file.with_suffix(".new")
        beside.write_text(json.dumps({"seal_id": seal_id, "digest": digest.hex()}), encoding="ascii")
        beside.replace(self._head_file)


def _not_sealed(connection: Connection[dict[str, Any]], heads: Heads) -> dict[Place, bytes]:
    given = {"writers": list(heads), "numbers": list(heads.values()), "most": _MOST_RECORDS}
    rows = connection.execute(_NOT_SEALED, given)
    return {(row["writer_id"], row["number"]): bytes(row["digest"]) for row in rows}


def _reached(found: Mapping[Place, bytes]) -> dict[int, int]:
    return dict(sorted(found))  # the last number of each writer wins


def _digests(heads: Heads, reached: Heads, found: Mapping[Place, bytes]) -> bytes:
    return b"".join(
        found.get((writer, number), NO_RECORD)
        for writer, last in sorted(reached.items())
        for number in range(heads.get(writer, 0) + 1, last + 1)
    )
