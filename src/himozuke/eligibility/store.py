"""What the area needs of a database, as a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from himozuke.eligibility.model import GivenConsent, InsuredKey, Qualification, Viewable


@dataclass(frozen=True, slots=True)
class Institution:
    """Who asks, and what it may ask."""

    organisation_id: int
    code: str
    name: str
    kind: str  # hospital, clinic, dental_clinic, pharmacy, treatment_office
    treats_at_home: bool
    treats_online: bool
    telephone: str
    folder: str
    requests_per_minute: int
    zip_password: str | None = None

    @property
    def may_see_medical(self) -> bool:
        """A treatment office sees the qualification only (S58)."""
        return self.kind != "treatment_office"


@dataclass(frozen=True, slots=True)
class Asker:
    """How an institution is known before it is looked up: by its code, or by the organisation it is."""

    code: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Insured:
    """A person as found: the sealed number behind the link, and every qualification it leads to.

    ``reference_numbers``: by link id, the asking institution's own numbers of the patient.
    """

    individual_number_sealed: bytes
    held: Sequence[Qualification]
    reference_numbers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the reader knows it."""

    card_id: str
    individual_number_sealed: bytes
    kind: str  # photo, infant, without_pin, smartphone
    pin_hash: str | None
    pin_tries: int
    certificate_until: date
    is_damaged: bool
    is_registered: bool


@dataclass(frozen=True, slots=True)
class Consented:
    """One person who consented from a distance, for an institution that lists its own."""

    individual_number_sealed: bytes
    consent: GivenConsent


@dataclass(frozen=True, slots=True)
class MedicalEntry:
    """Medicines, or the results of a checkup, of one day; ``link_id`` is the link it is seen through."""

    link_id: int
    on: date
    institution_name: str
    content: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class AnsweredFile:
    """When a request file was answered, and with what; the answer itself is not kept.

    ``reception_number``: under which a bulk request was taken in.
    """

    answered_at: datetime
    answer_digest: bytes
    reception_number: str | None = None


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A bulk request as it was taken in.

    ``answer``: what a registration came to, or the refusal; None where people are judged at the fetch.
    """

    kind: str
    request: bytes
    is_done: bool
    answer: bytes | None


class EligibilityStore(Protocol):
    """Qualifications of everybody, and an institution's own consents, numbers and requests."""

    def institution(self, code: str) -> Institution | None:
        """The institution with this code."""

    def institution_of(self, organisation_id: int) -> Institution | None:
        """The institution that an organisation is."""

    def institution_of_folder(self, folder: str) -> Institution | None:
        """The institution whose folder has this name."""

    def asked(self, asker: Asker, key: InsuredKey) -> tuple[Institution | None, Sequence[Insured]]:
        """Who asks, and everybody a certificate may name, as they are at this moment; in one look."""

    def insured_by_key(self, institution: Institution, key: InsuredKey) -> Sequence[Insured]:
        """Everybody a certificate may name: those with the very branch where there are any, else all of its number."""

    def insured_by_number(self, institution: Institution, individual_number_sealed: bytes) -> Insured | None:
        """The person a card or a consent leads to."""

    def held_through(self, link_ids: Sequence[int]) -> Sequence[Qualification]:
        """Every qualification through some links, as they stand now."""

    def card(self, card_id: str) -> Card | None:
        """A card; locked until the transaction ends."""

    def count_pin(self, card_id: str, *, tries: int) -> None:
        """Keep how many wrong tries in a row a card has seen."""

    def live_consents(
        self, institution: Institution, individual_number_sealed: bytes, *, at: datetime
    ) -> Mapping[Viewable, GivenConsent]:
        """What the person allows this institution at a moment."""

    def give_consent(
        self, institution: Institution, individual_number_sealed: bytes, given: GivenConsent, *, channel: str
    ) -> None:
        """Keep a consent."""

    def withdraw_consents(self, institution: Institution, individual_number_sealed: bytes, *, at: datetime) -> int:
        """End every live consent of a person to an institution; how many there were."""

    def consented(self, institution: Institution, *, channel: str, since: date, until: date) -> Sequence[Consented]:
        """Who consented from a distance on some days, both included, oldest first."""

    def log_access(
        self,
        institution: Institution,
        qualification: Qualification,
        *,
        viewer: str,
        items: Sequence[str],
        consented: str,
    ) -> None:
        """Write that something was shown, in the transaction that shows it."""

    def log_again(self, institution: Institution, link_id: int, *, viewer: str, items: Sequence[str]) -> None:
        """Write that a qualification that was shown before is shown again, in the transaction that shows it."""

    def medical_entries(
        self, individual_number_sealed: bytes, viewable: Viewable, *, since: date, until: date
    ) -> Sequence[MedicalEntry]:
        """What is on record through trusted, unrestricted links of a number, latest first, both days included."""

    def is_number_of_another(self, institution: Institution, link_id: int, reference_number: str) -> bool:
        """Tell whether the institution gave this number to another person."""

    def keep_reference_number(self, institution: Institution, link_id: int, reference_number: str) -> None:
        """Keep the institution's number of a patient in the place of an earlier one."""

    def answered_file(self, institution: Institution, name: str, request_digest: bytes) -> AnsweredFile | None:
        """What is kept of an earlier answer to the same request file."""

    def keep_answered_file(
        self, institution: Institution, name: str, request_digest: bytes, answered: AnsweredFile
    ) -> None:
        """Keep that a request file was answered, in the place of an earlier answer."""

    def accept_bulk(self, institution: Institution, kind: str, request: bytes, *, at: datetime) -> str:
        """Take a bulk request in; returns its reception number."""

    def next_bulk(self) -> tuple[str, Institution, str, bytes] | None:
        """The oldest request that waits, locked: reception number, institution, kind, request."""

    def finish_bulk(self, reception_number: str, answer: bytes | None, *, at: datetime) -> None:
        """Keep that a bulk request is done, with its result where that is not judged at the fetch."""

    def bulk_request(self, institution: Institution, reception_number: str) -> BulkRequest | None:
        """A bulk request of the institution; None where it has none of this number."""
