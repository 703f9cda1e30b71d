"""Checking the evidence: every record against its seal, every seal against the one before and its signature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from himozuke.stores.evidence import DIGEST_BYTES, FIRST, NO_RECORD, Heads, Place, Record, Seal

_MOST_FINDINGS = 100


class Flaw(StrEnum):
    """What can be wrong with a record or a seal."""

    ALTERED = "altered"
    MISSING = "missing"
    MOVED = "moved"
    ADDED = "added"  # a record whose number its writer never gave
    SEAL_ALTERED = "seal altered"
    SEAL_MISSING = "seal missing"
    SEAL_FORGED = "seal forged"  # not signed by the key


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with its place."""

    flaw: Flaw
    where: str
    what: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.flaw}: {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is checked, from the database or from an export.

    ``sealed``: seals in order, each with the records found at its places. ``tail``: records after the
    last seal. ``last_numbers``: by writer, as counted by the database. ``head``: seal and digest that
    were noted outside of the database. ``digest_places``: where a digest was sealed, to name a moved record.
    ``keys_noted``: when each key was noted, by its id; it is noted by the same act that writes its first seal.
    ``traces``: tables that show that acts happened, since no row comes into them without a record.
    """

    sealed: Iterator[tuple[Seal, Mapping[Place, Record]]]
    tail: Callable[[], Iterable[Record]]
    last_numbers: Callable[[], Heads]
    digest_places: Callable[[bytes], Place | None]
    head: tuple[int, bytes] | None = None
    keys_noted: Mapping[str, str] = field(default_factory=dict)
    traces: Sequence[str] = ()


@dataclass(slots=True)
class Report:
    """What the check found; ``findings`` are in the order of the chain, the first hundred of them."""

    findings: list[Finding] = field(default_factory=list)
    finding_count: int = 0
    records: int = 0
    seals: int = 0
    unsealed: list[Place] = field(default_factory=list)
    last_seal: Seal | None = None

    def add(self, flaw: Flaw, where: str, what: str) -> None:
        """Note a finding."""
        self.finding_count += 1
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(flaw, where, what))


def verify(evidence: Evidence, keys: Mapping[str, Ed25519PublicKey]) -> Report:
    """Check everything; ``keys`` are the public keys that are trusted, by their id."""
    report = Report()
    previous_digest, heads, seal_id = FIRST, dict[int, int](), 0
    first_sealed: dict[str, str] = {}
    for seal, records in evidence.sealed:
        seal_id += 1
        _check_seal(report, seal, seal_id, previous_digest, keys)
        _check_records(report, seal, heads, records, evidence.digest_places)
        previous_digest, heads, seal_id = seal.digest, {**heads, **seal.heads}, seal.seal_id
        report.seals += 1
        report.last_seal = seal
        first_sealed.setdefault(seal.key_id, seal.sealed_at)
        if evidence.head == (seal.seal_id, seal.digest):
            evidence = _without_head(evidence)
    _check_head(report, evidence.head, seal_id)
    _check_tail(report, evidence, heads)
    _check_keys(report, evidence.keys_noted, first_sealed)
    _check_traces(report, evidence.traces)
    return report


def _without_head(evidence: Evidence) -> Evidence:
    return replace(evidence, head=None)


def _check_keys(report: Report, keys_noted: Mapping[str, str], first_sealed: Mapping[str, str]) -> None:
    for key_id, noted_at in sorted(keys_noted.items()):
        if first_sealed.get(key_id) != noted_at:
            report.add(Flaw.SEAL_MISSING, f"key {key_id}", f"the seal it was noted with at {noted_at} is not there")


def _check_traces(report: Report, traces: Sequence[str]) -> None:
    if traces and not report.seals and not report.unsealed:
        what = f"there is no record at all, though acts have left rows ({', '.join(traces)})"
        report.add(Flaw.MISSING, "every record", what)


def _check_head(report: Report, head: tuple[int, bytes] | None, last: int) -> None:
    if head is None:
        return
    if head[0] > last:
        report.add(
            Flaw.SEAL_MISSING, f"seal {last + 1}", f"the chain ends at {last}, but {head[0]} was noted outside of it"
        )
    else:
        report.add(Flaw.SEAL_ALTERED, f"seal {head[0]}", "it is not the one that was noted outside of the database")


def _check_seal(
    report: Report, seal: Seal, expected: int, previous_digest: bytes, keys: Mapping[str, Ed25519PublicKey]
) -> None:
    where = f"seal {seal.seal_id}"
    if seal.seal_id != expected:
        report.add(Flaw.SEAL_MISSING, f"seal {expected}", f"the chain goes on with {seal.seal_id}")
    elif seal.previous_digest != previous_digest:
        report.add(Flaw.SEAL_ALTERED, where, "it does not follow the seal before it")
    key = keys.get(seal.key_id)
    if seal.computed_digest() != seal.digest:
        report.add(Flaw.SEAL_ALTERED, where, "what it says does not give its digest")
    elif key is None:
        report.add(Flaw.SEAL_FORGED, where, f"it is signed with a key that is not trusted ({seal.key_id})")
    elif not seal.is_signed_by(key):
        report.add(Flaw.SEAL_FORGED, where, "its signature is wrong")


def _check_records(
    report: Report,
    seal: Seal,
    heads: Heads,
    records: Mapping[Place, Record],
    digest_places: Callable[[bytes], Place | None],
) -> None:
    places = seal.places_after(heads)
    if len(seal.digests) != len(places) * DIGEST_BYTES:
        report.add(Flaw.SEAL_ALTERED, f"seal {seal.seal_id}", "it does not hold one digest for each record")
        return
    for index, place in enumerate(places):
        sealed = seal.digests[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]
        report.records += 1
        _check_record(report, place, sealed, records.get(place), digest_places)


def _check_record(
    report: Report,
    place: Place,
    sealed: bytes,
    record: Record | None,
    digest_places: Callable[[bytes], Place | None],
) -> None:
    where = name_of(place)
    if record is None:
        was = "it was missing already when it was sealed" if sealed == NO_RECORD else "it was there when it was sealed"
        report.add(Flaw.MISSING, where, was)
        return
    if sealed == NO_RECORD:
        report.add(Flaw.ADDED, where, f"there was no such record when it was sealed ({_told(record)})")
        return
    if record.digest == sealed and record.computed_digest() == sealed:
        return
    home = digest_places(record.digest) if record.digest != sealed else None
    if home is not None and home != place:
        report.add(Flaw.MOVED, where, f"this record belongs to {name_of(home)} ({_told(record)})")
    else:
        report.add(Flaw.ALTERED, where, f"it is not what was sealed ({_told(record)})")


def _check_tail(report: Report, evidence: Evidence, heads: dict[int, int]) -> None:
    last_numbers = evidence.last_numbers()
    reached = dict(heads)
    for record in evidence.tail():
        writer, number = record.place
        for gap in range(reached.get(writer, 0) + 1, number):
            report.add(Flaw.MISSING, name_of((writer, gap)), "a number was given and its record is not there")
        if number > last_numbers.get(writer, 0):
            report.add(Flaw.ADDED, name_of(record.place), f"its writer never gave this number ({_told(record)})")
        elif record.computed_digest() != record.digest:
            report.add(Flaw.ALTERED, name_of(record.place), f"its columns do not give its digest ({_told(record)})")
        reached[writer] = max(number, reached.get(writer, 0))
        report.unsealed.append(record.place)
    for writer, last in sorted(last_numbers.items()):
        for gap in range(reached.get(writer, 0) + 1, last + 1):
            report.add(Flaw.MISSING, name_of((writer, gap)), "a number was given and its record is not there")
    for writer in sorted(heads.keys() - last_numbers.keys()):
        report.add(Flaw.MISSING, f"writer {writer}", "its records are sealed, and it is not there any more")


def name_of(place: Place) -> str:
    """A place for people."""
    return f"record {place[0]}-{place[1]}"


def _told(record: Record) -> str:
    return f"{record.act} of {record.subject} {record.subject_id} by {record.login} at {record.at}"


def trusted(keys: Sequence[bytes]) -> dict[str, Ed25519PublicKey]:
    """Public keys of 32 bytes, by their id."""
    from himozuke.stores.evidence import key_id_of

    return {key_id_of(key): Ed25519PublicKey.from_public_bytes(key) for key in keys}
