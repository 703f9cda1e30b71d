"""What letters, publications and replies need kept, as protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from himozuke.identity.individual_number import IndividualNumber
from himozuke.incident.figures import WrongLink
from himozuke.ports.letters import Letter, Sender


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A printed document as it is filed; ``reply_digest`` is the digest of the one-time token on it.

    ``shows_address``: where somebody lives stands on it, be it on the envelope or among the items.
    """

    organisation_id: int
    case_id: int | None
    document_number: str
    letter: Letter
    printed_at: datetime
    printed_by: str
    reply_by: date | None = None
    reply_code: str | None = None
    reply_digest: bytes | None = None
    reply_until: date | None = None
    shows_address: bool = False


@dataclass(frozen=True, slots=True)
class FiledLetter:
    """A document in the file, without its bytes."""

    letter_id: int
    organisation_id: int
    case_id: int | None
    kind: str
    document_number: str
    digest: str
    printed_at: datetime
    printed_by: str
    reply_by: date | None
    reply_code: str | None
    reply_until: date | None
    replied_at: datetime | None
    shows_address: bool = False


class LetterStore(Protocol):
    """The file of printed documents."""

    def next_document_number(self, organisation_id: int, *, on: date) -> str:
        """The next number of an organisation's documents; held until the transaction ends."""

    def file(self, letter: NewLetter) -> int:
        """File a document; its id."""

    def letters(self, case_id: int) -> Sequence[FiledLetter]:
        """The documents of a case, oldest first; among them the reports about its group that were noted in it."""

    def letter(self, letter_id: int) -> FiledLetter:
        """One document; NotFoundError."""

    def pdf(self, letter_id: int) -> bytes:
        """The bytes of a document; NotFoundError."""

    def by_reply_code(self, code: str, *, about: Collection[int] | None = None) -> FiledLetter | None:
        """The letter a reply form belongs to; with ``about``, only one about one of these links, held for the answer."""

    def by_reply_digest(self, digest: bytes) -> FiledLetter | None:
        """The letter of a one-time token, held until the transaction ends."""

    def use_reply(self, letter_id: int, at: datetime) -> None:
        """Close the one-time address: it was used."""

    def sender(self, organisation_id: int) -> Sender | None:
        """Who stands at the head of an organisation's letters."""

    def set_sender(self, organisation_id: int, sender: Sender) -> None:
        """Change who stands there."""

    def note_failed_try(self, from_digest: bytes, at: datetime) -> None:
        """Remember a try at an address that does not exist."""

    def failed_tries(self, from_digest: bytes, *, since: datetime) -> int:
        """How many such tries came from one place."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of the published figures, as it was published."""

    version: int
    as_of: date
    published_on: date
    published_by: str
    reason: str
    figures: Mapping[str, object]
    said: Mapping[str, str]


class PublicationStore(Protocol):
    """What an organisation has published about its wrong links."""

    def wrong_links(self) -> Sequence[WrongLink]:
        """Every case confirmed wrong, with the days and figures a table is counted from."""

    def versions(self) -> Sequence[Publication]:
        """Every version, the newest first; two who publish at once wait for each other."""

    def taken_as(self, token: str) -> str | None:
        """The token under which this form was taken already, with the digest of its content; None for a new one."""

    def by_token(self, token: str) -> Publication | None:
        """The version a form made, if it was taken already."""

    def add(self, publication: Publication, *, organisation_id: int, at: datetime, token: str | None) -> None:
        """Keep a version."""


class NumberVault(Protocol):
    """Where Individual Numbers are sealed."""

    def seal(self, number: IndividualNumber, /) -> bytes:
        """Seal a number."""

    def open(self, sealed: bytes, /) -> IndividualNumber:
        """The number again."""
