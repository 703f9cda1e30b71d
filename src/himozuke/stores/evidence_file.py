"""The evidence as a file that anybody can check with the public key alone: one JSON object a line.

Each seal stands before the records it covers; after the last seal come the records that none covers yet
and, last, how far every writer has counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from psycopg import Connection

from himozuke.errors import InputRejectedError
from himozuke.stores.evidence import DIGEST_BYTES, Heads, Place, Record, Seal, heads_of, pairs_of
from himozuke.stores.evidence_table import evidence_of, last_numbers_of
from himozuke.stores.verification import Evidence

_RECORD_FIELDS = (
    "writer_id",
    "number",
    "at",
    "organisation_id",
    "user_id",
    "login",
    "role",
    "act",
    "subject",
    "subject_id",
    "details",
)


def write_evidence(connection: Connection[dict[str, Any]], path: Path) -> int:
    """Write all evidence of a database to a file, which appears when it is whole; returns how many records."""
    beside = path.with_name(f".{path.name}.new")
    count = 0
    evidence = evidence_of(connection)
    with beside.open("w", encoding="utf-8") as file:
        heads: dict[int, int] = {}
        for seal, records in evidence.sealed:
            _put(file, _seal_line(seal))
            for place in seal.places_after(heads):
                if place in records:
                    _put(file, _record_line(records[place]))
                    count += 1
            heads |= seal.heads
        for record in evidence.tail():
            _put(file, _record_line(record))
            count += 1
        _put(file, {"kind": "writers", "last_numbers": pairs_of(last_numbers_of(connection))})
    beside.replace(path)
    return count


def read_evidence(path: Path) -> Evidence:
    """The evidence in a file. InputRejectedError, naming the line, for one that is no export."""
    reading = _Reading(path)
    return Evidence(
        sealed=reading.sealed(),
        tail=lambda: reading.tail,
        last_numbers=lambda: reading.last_numbers,
        digest_places=reading.place_of,
    )


class _Reading:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.tail: list[Record] = []
        self.last_numbers: Heads = {}

    def sealed(self) -> Iterator[tuple[Seal, Mapping[Place, Record]]]:
        heads: dict[int, int] = {}
        seal: Seal | None = None
        records: dict[Place, Record] = {}
        strays: list[Record] = []
        for line in self._lines():
            if line["kind"] == "seal":
                if seal is not None:
                    yield seal, _of(seal, heads, records, strays)
                    heads |= seal.heads
                seal, records = _seal(line), {}
            elif line["kind"] == "record":
                record = _record(line)
                records[record.place] = record
            else:
                self.last_numbers = heads_of(line["last_numbers"])
        if seal is None:
            self.tail = list(records.values())
            return
        covered = _of(seal, heads, records, strays)
        yield seal, covered
        self.tail = sorted((*strays,), key=lambda record: record.place)

    def place_of(self, digest: bytes) -> Place | None:
        heads: dict[int, int] = {}
        for line in self._lines():
            if line["kind"] != "seal":
                continue
            seal = _seal(line)
            at = seal.digests.find(digest)
            if at >= 0 and at % DIGEST_BYTES == 0:
                places = seal.places_after(heads)
                return places[at // DIGEST_BYTES] if at // DIGEST_BYTES < len(places) else None
            heads |= seal.heads
        return None

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, start=1):
                try:
                    line: dict[str, Any] = json.loads(text)
                    is_ours = line["kind"] in {"seal", "record", "writers"}
                except (ValueError, KeyError, TypeError):
                    is_ours = False
                if not is_ours:
                    raise InputRejectedError(f"{self._path}, line {number}: this is no exported evidence.")
                yield line


def _of(seal: Seal, heads: Heads, records: Mapping[Place, Record], strays: list[Record]) -> Mapping[Place, Record]:
    """The records at the places of a seal; the others go to the strays."""
    places = set(seal.places_after(heads))
    strays += [record for place, record in records.items() if place not in places]
    return records


def _put(file: TextIO, line: Mapping[str, object]) -> None:
    file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _record_line(record: Record) -> dict[str, object]:
    named = dict(zip(_RECORD_FIELDS, record.columns, strict=True))
    return {"kind": "record", **named, "digest": record.digest.hex()}


def _record(line: Mapping[str, Any]) -> Record:
    return Record(**{name: line[name] for name in _RECORD_FIELDS}, digest=bytes.fromhex(line["digest"]))


def _seal_line(seal: Seal) -> dict[str, object]:
    return {
        "kind": "seal",
        "seal_id": seal.seal_id,
        "sealed_at": seal.sealed_at,
        "heads": pairs_of(seal.heads),
        "digests": seal.digests.hex(),
        "previous_digest": seal.previous_digest.hex(),
        "digest": seal.digest.hex(),
        "key_id": seal.key_id,
        "signature": seal.signature.hex(),
    }


def _seal(line: Mapping[str, Any]) -> Seal:
    return Seal(
        seal_id=int(line["seal_id"]),
        sealed_at=str(line["sealed_at"]),
        heads=heads_of(line["heads"]),
        digests=bytes.fromhex(line["digests"]),
        previous_digest=bytes.fromhex(line["previous_digest"]),
        digest=bytes.fromhex(line["digest"]),
        key_id=str(line["key_id"]),
        signature=bytes.fromhex(line["signature"]),
    )


def write_public_key(key: bytes, path: Path) -> None:
    """Write a public key as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    pem = Ed25519PublicKey.from_public_bytes(key).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path.write_bytes(pem)


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of a public key in PEM. InputRejectedError for anything else."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputRejectedError(f"{path} is no public key of the kind that seals evidence (Ed25519, PEM).")
    return key.public_bytes_raw()


def keys_in_database(connection: Connection[dict[str, Any]]) -> Iterable[bytes]:
    """Public keys the database says its seals were signed with; only as good as the database."""
    return [bytes(row["public_key"]) for row in connection.execute("SELECT public_key FROM audit_key ORDER BY key_id")]
