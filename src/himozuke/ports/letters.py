"""What is printed: letters and notices to people, reports to the commission, sheets for insurers, published tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Sender:
    """The office a letter comes from, as it stands at the head of the letter."""

    office: str  # 発信者: e.g. ひもづけ健康保険組合 理事長
    department: str
    postal_code: str
    address: str
    telephone: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter goes to. The kana is printed above the name; never the address of a protected person."""

    kanji_name: str
    kana_name: str
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One item as the office holds it, for the person to check."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class InquiryLetter:
    """Asks a person whether the items the office holds are their own; carries the reply form.

    It speaks of the qualification the person has today, never of a past one (R-JLIS). ``reply_url`` is
    printed as a QR code and in words; ``reply_code`` is what the reply form is filed under.
    ``reminder_of`` is the day of the first letter when this is a reminder.
    """

    sender: Sender
    addressee: Addressee
    document_number: str
    sent_on: date
    reply_by: date
    scheme_name: str
    items: Sequence[HeldItem]
    reply_code: str
    reply_url: str
    reminder_of: date | None = None


@dataclass(frozen=True, slots=True)
class Viewing:
    """One viewing in the time the link was wrong, as the person may be told."""

    on: date
    institution: str
    items: str


@dataclass(frozen=True, slots=True)
class ApologyLetter:
    """Tells a person what was wrong, what was seen by whom, what was done, and whom to ask."""

    sender: Sender
    addressee: Addressee
    document_number: str
    sent_on: date
    scheme_name: str
    what_happened: str
    wrong_from: date
    wrong_to: date
    corrected_on: date
    viewings: Sequence[Viewing]
    prevention: str


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """A leak report to the Personal Information Protection Commission with its nine contents (R-LEAK)."""

    sender: Sender
    kind: Literal["prompt", "final"]
    document_number: str
    reported_on: date
    known_on: date
    due_on: date
    ground: str  # the clause that makes the report due
    contents: Sequence[tuple[str, str]]  # heading, text: the nine, in the order of the law
    is_reported_first_time: bool = True


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """One item in the link and in the register, with the state of the comparison in words."""

    label: str
    held: str
    registered: str
    state: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class ConfirmationSheet:
    """What an insurer fills in from its papers about one doubtful link, and two people sign."""

    sender: Sender
    document_number: str
    printed_on: date
    case_number: str
    masked_number: str
    scheme_number: str
    verdict: str
    restriction: str
    reasons: Sequence[str]
    cause: str
    items: Sequence[ComparedItem]
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table for publication; every figure carries the day it stands for, and its version (S77, S109)."""

    title: str
    publisher: str
    as_of: date
    version: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several boxes on a form; ``is_chosen`` prints the tick."""

    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DeclarationForm:
    """The declaration of insured status (被保険者資格申立書), filled in with what the counter knows (S82g, R-DECL).

    An empty value is a line to be written on. Where it is deemed given (S82b), ``basis`` says on what; nobody
    signs then. ``claim`` says how the claim will be addressed; the counter's part is printed below a line.
    """

    institution: str
    institution_code: str
    visited_on: date
    failure: str
    is_deemed: bool
    basis: Sequence[str]
    person: Sequence[HeldItem]
    insurance: Sequence[HeldItem]
    kinds: Sequence[Choice]
    shares: Sequence[Choice]
    claim: str


@dataclass(frozen=True, slots=True)
class EligibilityNotice:
    """Tells a person how he is insured (資格情報のお知らせ), with a part to cut out and keep with the card (R-CERT).

    ``items`` is the whole, ``card`` what stands on the part to cut out. ``valid_until`` is the last day of the share
    it names, from 70 to 74; None where the notice has no end. ``address`` of the addressee is empty where no letter
    may go to it: the notice is handed over then.
    """

    sender: Sender
    addressee: Addressee
    printed_on: date
    items: Sequence[HeldItem]
    card: Sequence[HeldItem]
    valid_until: date | None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines below it."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class CounterNotice:
    """A notice an institution puts up in its waiting room or behind its counter (S78, S108)."""

    institution: str
    telephone: str
    printed_on: date
    title: str
    lead: str
    sections: Sequence[Section]


Printed = (
    InquiryLetter
    | ApologyLetter
    | CommissionReport
    | ConfirmationSheet
    | PublishedTable
    | DeclarationForm
    | CounterNotice
    | EligibilityNotice
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A printed document: PDF bytes and the SHA-256 digest by which it is found again."""

    kind: str
    pdf: bytes
    digest: str


class LetterPrinter(Protocol):
    """Sets documents; the same content gives the same bytes."""

    def print_letter(self, content: Printed) -> Letter:
        """Print one document.

        MissingGlyphError shows the code points of characters no font at hand can draw as they stand;
        nothing is printed then, since a silently changed name is the very error to be stopped.
        """
