"""Records of acts and the seals over them: what their digests are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DIGEST_BYTES = 32
NO_RECORD = bytes(DIGEST_BYTES)  # stands where a number had no record when it was sealed
FIRST = bytes(DIGEST_BYTES)  # the digest before the first seal
_SIGNED = b"himozuke audit seal\0"

Place = tuple[int, int]  # writer, number
Heads = Mapping[int, int]  # the last number by writer


@dataclass(frozen=True, slots=True)
class Record:
    """One act as it stands in the table. ``at`` is UTC to the microsecond, ``details`` the text of its JSON."""

    writer_id: int
    number: int
    at: str
    organisation_id: int | None
    user_id: int | None
    login: str
    role: str
    act: str
    subject: str
    subject_id: str
    details: str
    digest: bytes

    @property
    def place(self) -> Place:
        """Writer and number."""
        return self.writer_id, self.number

    @property
    def columns(self) -> list[object]:
        """Everything the digest is made of, in order."""
        return [
            self.writer_id,
            self.number,
            self.at,
            self.organisation_id,
            self.user_id,
            self.login,
            self.role,
            self.act,
            self.subject,
            self.subject_id,
            self.details,
        ]

    def computed_digest(self) -> bytes:
        """The digest the columns ask for; the database computes the same when it writes the record."""
        return hashlib.sha256(json.dumps(self.columns, ensure_ascii=False).encode()).digest()


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed statement that these records existed, in this order, after those of the seal before."""

    seal_id: int
    sealed_at: str
    heads: Heads
    digests: bytes
    previous_digest: bytes
    digest: bytes
    key_id: str
    signature: bytes

    def computed_digest(self) -> bytes:
        """The digest the other fields ask for."""
        return seal_digest(
            seal_id=self.seal_id,
            sealed_at=self.sealed_at,
            heads=self.heads,
            digests=self.digests,
            previous_digest=self.previous_digest,
            key_id=self.key_id,
        )

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Tell whether the signature is this key's."""
        try:
            key.verify(self.signature, _SIGNED + self.digest)
        except InvalidSignature:
            return False
        return True

    def places_after(self, heads: Heads) -> list[Place]:
        """The records the seal covers when the one before it ended at ``heads``, in the order of its digests."""
        return [
            (writer, number)
            for writer, last in sorted(self.heads.items())
            for number in range(heads.get(writer, 0) + 1, last + 1)
        ]


def seal_digest(
    *, seal_id: int, sealed_at: str, heads: Heads, digests: bytes, previous_digest: bytes, key_id: str
) -> bytes:
    """The digest of a seal over everything it says."""
    head = json.dumps([seal_id, sealed_at, [list(item) for item in sorted(heads.items())], key_id])
    return hashlib.sha256(previous_digest + head.encode() + b"\n" + digests).digest()


def sign(private_key: bytes, digest: bytes) -> bytes:
    """The signature of a seal's digest."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(_SIGNED + digest)


def public_key(private_key: bytes) -> bytes:
    """The 32 bytes with which signatures of a private key are checked."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def key_id_of(public: bytes) -> str:
    """The name of a public key: the first half of its digest."""
    return hashlib.sha256(public).hexdigest()[:32]


def utc_text(moment: datetime) -> str:
    """A moment as it stands in digests: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def heads_of(pairs: Sequence[Sequence[int]]) -> dict[int, int]:
    """Heads as the table and the export hold them."""
    return {int(writer): int(number) for writer, number in pairs}


def pairs_of(heads: Heads) -> list[list[int]]:
    """Heads for the table and the export."""
    return [[writer, number] for writer, number in sorted(heads.items())]
