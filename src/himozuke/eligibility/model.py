"""Qualifications and what an institution is told of them, in the codes every clinic's software knows.

The values of the enumerations are the codes on the wire (OQSCD…); their meaning is the same in the
folder, the HTTP and the FHIR face. Dates are days in Japan; ``until`` and ``lost_on`` say which is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from himozuke.eligibility.copay import HouseholdIncome


class Reference(StrEnum):
    """How the person was found (OQSCD002)."""

    CARD = "1"
    INSURED_NUMBER = "2"


class Validity(StrEnum):
    """What is known of the qualification on the day asked (OQSCD006)."""

    VALID = "1"
    INVALID = "2"
    INVALID_WITH_NEWER = "3"
    NONE = "4"
    SEVERAL = "5"
    VALID_UNREGISTERED = "6"  # public assistance only


class CardClass(StrEnum):
    """The kind of certificate a qualification stands on (OQSCD010)."""

    GENERAL = "01"
    RETIRED = "02"
    SHORT_GENERAL = "03"
    SHORT_RETIRED = "04"
    SPECIAL_COST = "05"
    SPECIAL_RETIRED = "06"
    DEFENCE = "07"
    PUBLIC_ASSISTANCE = "A1"


class Relation(StrEnum):
    """Insured person or dependent (OQSCD009)."""

    INSURED = "1"
    DEPENDENT = "2"


class LossReason(StrEnum):
    """Why a qualification ended (OQSCD008)."""

    DEATH = "01"
    PUBLIC_ASSISTANCE = "02"
    OTHER_INSURANCE = "03"
    OTHER = "99"


class Consent(StrEnum):
    """What a patient allowed, item by item (OQSCD016)."""

    NONE = "0"
    GIVEN = "1"
    EXPIRED = "2"
    UNOBTAINABLE = "3"  # emergencies only


class Viewable(StrEnum):
    """What can be viewed through a link, each with a consent of its own (S81)."""

    CHECKUPS = "checkups"
    MEDICINES = "medicines"
    DIAGNOSES = "diagnoses"
    PROCEDURES = "procedures"
    LIMITS = "limits"
    DISEASES = "diseases"


#: What has a page and records of its own; the other two stand on the qualification itself.
MEDICAL: Sequence[Viewable] = (Viewable.CHECKUPS, Viewable.MEDICINES, Viewable.DIAGNOSES, Viewable.PROCEDURES)

Method = Literal["face", "pin", "visual"]
#: What says how much a patient pays: a certificate, the class of a limit certificate, the income or the pay the insurer
#: knows; else the age alone, as if the income were ordinary.
CopayBasis = Literal["certificate", "limit", "income", "pay", "age"]
CardProblem = Literal["unknown", "damaged", "expired", "not_registered", "no_photo", "no_pin", "wrong_pin", "locked"]
#: A PIN of four digits locks after so many wrong tries in a row; a municipality resets it (R-CARD).
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class InsuredKey:
    """What is printed on a card: enough to ask for one qualification. The insurer number is bare digits."""

    insurer_number: str
    symbol: str
    number: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class LimitCertificate:
    """A limit certificate (限度額適用認定): its class and the days it holds, both included."""

    certificate_class: str  # OQSCD011
    income_class: str  # OQSCD012
    issued_on: date | None
    valid_from: date
    valid_until: date | None
    long_term_from: date | None = None


@dataclass(frozen=True, slots=True)
class SpecificDisease:
    """A certificate for one of the specific diseases; ``self_pay`` in yen a month."""

    disease: str  # OQSCD013
    issued_on: date | None
    valid_from: date
    valid_until: date | None
    self_pay: int


@dataclass(frozen=True, slots=True)
class ElderlyCertificate:
    """The certificate of an elderly recipient (70 to 74); ``ratio`` in per cent."""

    issued_on: date | None
    valid_from: date
    valid_until: date | None
    ratio: int


@dataclass(frozen=True, slots=True)
class JudgedIncome:
    """The income of a household as the insurer judges it, and the days for which it does, both included."""

    household: HouseholdIncome
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class InsuredPay:
    """The pay of the insured person a qualification stands on, himself or the one a dependent depends on.

    ``monthly`` in yen (報酬月額), as the notice that began his insurance says it; ``birth_date`` is his.
    """

    monthly: int
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A medical ticket (医療券) of public assistance: the days for which it is registered, both included."""

    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Qualification:
    """One person's insurance with one insurer for one period.

    Valid from ``acquired_on`` to the day before ``lost_on``. ``restriction`` is what stands on the link
    behind it: NONE, MEDICAL or ALL. ``link_id`` leads to its proof.
    """

    qualification_id: int
    link_id: int
    key: InsuredKey
    insurer_name: str
    card_class: CardClass
    relation: Relation
    insured_name: str
    kanji_name: str
    kana_name: str
    sex: str  # OQSCD007
    birth_date: date | None
    address: str
    postal_code: str
    acquired_on: date
    lost_on: date | None
    issued_on: date | None
    card_valid_from: date | None
    card_valid_until: date | None
    restriction: str
    verdict: str | None
    is_released: bool
    loss_reason: LossReason | None = None
    alias: str = ""
    alias_kana: str = ""
    elderly_ratio: int | None = None  # per cent, 後期高齢者
    elderly_ratio_from: date | None = None  # the days on which it holds, both included; open where not said
    elderly_ratio_until: date | None = None
    elderly: ElderlyCertificate | None = None
    limits: Sequence[LimitCertificate] = ()
    diseases: Sequence[SpecificDisease] = ()
    tickets: Sequence[Ticket] = ()  # public assistance only
    died_on: date | None = None  # as the register knows it
    copay_percent: int | None = None  # on the day asked
    copay_basis: CopayBasis | None = None  # what says so; None where there is nothing to say
    income: JudgedIncome | None = None
    pay: InsuredPay | None = None
    is_address_hidden: bool = False  # 支援措置: the address serves for finding, and is shown to nobody

    @property
    def is_copay_by_age(self) -> bool:
        """Tell whether nothing but the age says what the patient pays."""
        return self.copay_basis == "age"

    @property
    def is_share_unsure(self) -> bool:
        """Tell whether the share depends on an income that nobody has told: ask the patient for the certificate.

        Younger people's share follows from the age alone.
        """
        return self.is_copay_by_age and (self.elderly is not None or self.elderly_ratio is not None)

    @property
    def shown(self) -> Qualification:
        """The qualification as an answer may carry it."""
        return replace(self, address="", postal_code="") if self.is_address_hidden else self

    def covers(self, day: date) -> bool:
        """Tell whether the qualification holds on a day."""
        return self.acquired_on <= day and (self.lost_on is None or day < self.lost_on)


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent a patient gave at a reader or on the consent page, and how long it lives."""

    viewable: Viewable
    given_at: datetime
    available_until: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question of an institution about one person."""

    institution_code: str
    on: date
    reference: Reference
    key: InsuredKey | None = None
    birth_date: date | None = None
    wants_limits: bool = False  # the patient said to the institution that it may see the limit certificate (OQSCD001)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the question comes to: the validity, what is shown, and a code of ours beside it.

    ``shown`` is sorted by the day of issue, latest first; the first is the one displayed.
    """

    validity: Validity
    shown: Sequence[Qualification]
    result_code: str = ""
    consents: Mapping[Viewable, GivenConsent] = field(default_factory=dict)
