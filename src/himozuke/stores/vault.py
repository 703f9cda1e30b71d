"""Individual Numbers and other secrets, sealed so that equal ones can be found but not read.

AES-SIV (RFC 5297) is deterministic: the same number under the same key gives the same bytes, by which it
is looked up. The first byte is the version of the key, so that two versions can stand side by side.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from himozuke.errors import ConflictError, InputRejectedError, UpstreamDownError, UsageError
from himozuke.identity.individual_number import IndividualNumber

_FORMAT = 1
_KEY_BITS = 512
_LAST_VERSION = 255
_NUMBER = b"n"  # heads the five bytes of an Individual Number
_SECRET = b"s"  # heads a purpose and a secret
_NUMBER_BYTES = 5


@dataclass(frozen=True, slots=True)
class Keys:
    """What a key file holds: the version that seals, and every key by version."""

    active: int
    keys: Mapping[int, bytes]
    retired: frozenset[int]
    audit_key: bytes  # the private key that signs the evidence (Ed25519)

    @property
    def looked_up(self) -> list[int]:
        """The versions under which a value may still stand in the database, the active one first."""
        return sorted(self.keys.keys() - self.retired, key=lambda version: (version != self.active, version))


def fingerprint(key: bytes) -> bytes:
    """What may be told of a key: eight bytes of its digest."""
    return hashlib.sha256(b"himozuke key\0" + key).digest()[:8]


class KeyRing:
    """The key file, read again whenever it was replaced, so that every process follows a rotation at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._keys: Keys | None = None

    @classmethod
    def open_or_make(cls, path: Path) -> KeyRing:
        """The key file at a path; the first start of an installation makes it, readable by its owner alone."""
        ring = cls(path)
        if not path.exists():
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            audit_key = Ed25519PrivateKey.generate().private_bytes_raw()
            first = Keys(1, {1: AESSIV.generate_key(_KEY_BITS)}, frozenset(), audit_key)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, first, only_if_new=True)
        ring.read()
        return ring

    def read(self) -> Keys:
        """The keys as the file has them. UpstreamDownError when it is gone or cannot be understood."""
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            with self._lock:
                if self._keys is None or seen != self._seen:
                    self._keys = _understood(json.loads(self.path.read_text(encoding="utf-8")))
                    self._seen = seen
                return self._keys
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UpstreamDownError(
                f"The key file {self.path} cannot be read ({type(error).__name__}). Without it sealed values stay "
                "sealed: put it back from its backup, or set HIMOZUKE_KEY_FILE."
            ) from None

    def add_version(self) -> int:
        """Make a key and let it seal from here on; older ones still open. Returns its version."""
        keys = self.read()
        version = max(keys.keys) + 1
        if version > _LAST_VERSION:
            raise ConflictError(f"The key file holds {_LAST_VERSION} versions; no more fit into one byte.")
        grown = {**keys.keys, version: AESSIV.generate_key(_KEY_BITS)}
        _write(self.path, Keys(version, grown, keys.retired, keys.audit_key))
        return version

    def retire(self, versions: frozenset[int]) -> None:
        """No value is looked up under these versions any more; they still open what old backups hold."""
        keys = self.read()
        if keys.active in versions:
            raise UsageError(f"Key version {keys.active} is the one that seals; it cannot be retired.")
        _write(self.path, Keys(keys.active, keys.keys, keys.retired | versions, keys.audit_key))


class Vault:
    """Seals and opens Individual Numbers."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.box = SecretBox(ring)

    def seal(self, number: IndividualNumber) -> bytes:
        """The number under the key of today; the same number always gives the same bytes."""
        keys = self.ring.read()
        return _sealed(keys, keys.active, _content(number))

    def seal_all(self, numbers: Sequence[IndividualNumber]) -> list[bytes]:
        """Many numbers under the key of today, which is looked up once."""
        keys = self.ring.read()
        return [_sealed(keys, keys.active, _content(number)) for number in numbers]

    def open(self, sealed: bytes) -> IndividualNumber:
        """The number; InputRejectedError for bytes that were not sealed here."""
        content = _opened(self.ring, sealed)
        if content[:1] != _NUMBER:
            raise InputRejectedError("This is sealed, but it is no Individual Number.")
        return IndividualNumber(int.from_bytes(content[1:]))

    def look_up(self, number: IndividualNumber) -> list[bytes]:
        """Every way the number may stand in the database: one a key version in use, today's first.

        Ask with ``individual_number_sealed = ANY(%(sealed)s)``.
        """
        keys = self.ring.read()
        return [_sealed(keys, version, _content(number)) for version in keys.looked_up]


class SecretBox:
    """Seals small secrets other than Individual Numbers, each for one purpose."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """Encrypt for one purpose."""
        keys = self._ring.read()
        return _sealed(keys, keys.active, _SECRET + purpose.encode() + b"\0" + secret)

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Decrypt what was sealed for the same purpose; InputRejectedError for anything else."""
        content = _opened(self._ring, sealed)
        head = _SECRET + purpose.encode() + b"\0"
        if not content.startswith(head):
            raise InputRejectedError("This was sealed for another purpose.")
        return content.removeprefix(head)


def reseal(ring: KeyRing, sealed: bytes) -> bytes:
    """The same content under the key of today, whatever it is."""
    keys = ring.read()
    return _sealed(keys, keys.active, _opened(ring, sealed))


def version_of(sealed: bytes) -> int:
    """The key version a value is sealed under."""
    return sealed[0]


@cache
def _cipher(key: bytes) -> AESSIV:
    """Setting a key up costs more than sealing a number."""
    return AESSIV(key)


def _content(number: IndividualNumber) -> bytes:
    return _NUMBER + number.value.to_bytes(_NUMBER_BYTES)


def _sealed(keys: Keys, version: int, content: bytes) -> bytes:
    return bytes([version]) + _cipher(keys.keys[version]).encrypt(content, None)


def _opened(ring: KeyRing, sealed: bytes) -> bytes:
    keys = ring.read()
    key = keys.keys.get(sealed[0]) if sealed else None
    if key is None:
        raise InputRejectedError("This was sealed under a key version that the key file does not hold.")
    try:
        return _cipher(key).decrypt(bytes(sealed[1:]), None)
    except (InvalidTag, ValueError):
        raise InputRejectedError("This was not sealed here, or it was altered.") from None


def _understood(content: Mapping[str, Any]) -> Keys:
    if content["format"] != _FORMAT:
        raise ValueError(content["format"])
    keys = {int(version): base64.b64decode(entry["key"]) for version, entry in content["keys"].items()}
    retired = frozenset(int(version) for version, entry in content["keys"].items() if entry["is_retired"])
    active = int(content["active"])
    if active not in keys:
        raise ValueError(active)
    return Keys(active, keys, retired, base64.b64decode(content["audit_key"]))


def _write(path: Path, keys: Keys, *, only_if_new: bool = False) -> None:
    content = {
        "format": _FORMAT,
        "active": keys.active,
        "keys": {
            str(version): {"key": base64.b64encode(key).decode(), "is_retired": version in keys.retired}
            for version, key in sorted(keys.keys.items())
        },
        "audit_key": base64.b64encode(keys.audit_key).decode(),
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    if not only_if_new:
        beside.replace(path)
        return
    try:
        os.link(beside, path)  # of two who start at once, one makes the key and both use it
    except FileExistsError:
        pass
    finally:
        beside.unlink()
