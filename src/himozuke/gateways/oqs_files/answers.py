"""Answers as clinics' software reads them: header, body and the qualification element by element.

Optional elements without a value are left out. Names of elements are the public clients' own, their
spelling included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from himozuke.eligibility.limits import diseases_on, limit_on
from himozuke.eligibility.model import (
    Consent,
    Finding,
    GivenConsent,
    Qualification,
    Reference,
    Viewable,
)
from himozuke.gateways.oqs_files.catalogue import Catalogue
from himozuke.gateways.oqs_files.requests import Header, ReferenceNumber, SearchInfo
from himozuke.gateways.oqs_files.xml_text import CharacterCode, Element, MessageProblemError, render
from himozuke.identity.coded_number import padded_insurer_number
from himozuke.identity.kana_width import half_width

_CONSENT_TAGS: Mapping[Viewable, str] = {
    Viewable.CHECKUPS: "SpecificHealthCheckupsInfo",
    Viewable.MEDICINES: "PharmacistsInfo",
    Viewable.DIAGNOSES: "DiagnosisInfo",
    Viewable.PROCEDURES: "OperationInfo",
}


class Segment(StrEnum):
    """How far the request got (OQSCD003)."""

    DONE = "1"
    RUNNING = "2"
    FAILED = "9"


class Status(StrEnum):
    """Whether one person could be answered (OQSCD004)."""

    NORMAL = "1"
    ERROR = "2"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one person of a request, with what only this institution knows of each qualification shown."""

    finding: Finding
    search: SearchInfo | None = None
    reference_numbers: Mapping[int, str] = field(default_factory=dict)  # by link_id


#: One person of a bulk request: the answer, or what was wrong with what was asked.
Unit = Answered | MessageProblemError


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands in the header of an answer beside the request's own words."""

    header: Header
    executed_at: datetime
    code: CharacterCode
    on: date | None = None
    reference: Reference | None = None

    @property
    def day(self) -> date:
        """The day the answer speaks of: the one asked about, else that of the answer."""
        return self.on or self.executed_at.date()


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Writes every kind of answer with one catalogue of result codes."""

    catalogue: Catalogue
    language: str = "ja"

    def eligibility(self, frame: Frame, answered: Answered) -> bytes:
        """The answer to one person (002), from a request or pushed by a reader."""
        body = [*_status(self, answered.finding), *_search(answered.search)]
        results = [_qualification(one, answered, frame.day) for one in answered.finding.shown]
        if results:
            body.append(("ResultList", results))
        return _message(frame, _head(frame, Segment.DONE), body)

    def bulk_eligibility(self, frame: Frame, reception: str, answered: Sequence[Unit]) -> bytes:
        """The result of a bulk request (008, 020, 024): one unit a person, in the order asked."""
        units: list[Element] = [("BulkConfirmUnit", self._unit(one, frame.day)) for one in answered]
        return _bulk(frame, reception, units, sum(isinstance(one, MessageProblemError) for one in answered))

    def _unit(self, one: Unit, on: date) -> list[Element]:
        if isinstance(one, MessageProblemError):
            return [*_given_back("QualificationConfirmSearchInfo", one), *self._problem(one)]
        shown = [_qualification(found, one, on) for found in one.finding.shown]
        numbers = [element for found in one.finding.shown for element in _reference_number(found, one)]
        return [*_search(one.search), *_status(self, one.finding), *shown, *numbers]

    def registered(self, frame: Frame, number: ReferenceNumber) -> bytes:
        """The answer to one reference number (004)."""
        return _message(frame, _head(frame, Segment.DONE), _registered(number))

    def bulk_registered(
        self, frame: Frame, reception: str, numbers: Sequence[ReferenceNumber | MessageProblemError]
    ) -> bytes:
        """The result of many reference numbers (012)."""
        units: list[Element] = [
            (
                "BulkRegistrationUnit",
                [*_given_back("ReferenceNumberRegistrationInfo", one), *self._problem(one)]
                if isinstance(one, MessageProblemError)
                else _registered(one),
            )
            for one in numbers
        ]
        errors = sum(isinstance(one, MessageProblemError) for one in numbers)
        return _bulk(frame, reception, units, errors)

    def accepted(self, frame: Frame, reception: str) -> bytes:
        """The answer to a bulk request: the reception number under which its result is fetched (006, 010, 018, 022)."""
        return _message(frame, [*_head(frame, Segment.DONE), ("ReceptionNumber", reception)], [])

    def running(self, frame: Frame, reception: str) -> bytes:
        """The answer to a fetch that comes too early."""
        return _message(frame, [*_head(frame, Segment.RUNNING), ("ReceptionNumber", reception)], [])

    def refused(self, frame: Frame, problem: MessageProblemError) -> bytes:
        """The answer to a request that cannot be understood or carried out as a whole."""
        code = self.catalogue.written(problem.code)
        head = [*_head(frame, Segment.FAILED), ("ErrorCode", code), ("ErrorMessage", self.said(problem))]
        return _message(frame, head, self._problem(problem))

    def _problem(self, problem: MessageProblemError) -> list[Element]:
        return [
            ("ProcessingResultStatus", Status.ERROR),
            ("ProcessingResultCode", self.catalogue.written(problem.code)),
            ("ProcessingResultMessage", self.said(problem)),
        ]

    def said(self, problem: MessageProblemError) -> str:
        """What a problem is called in the answer: the text of its code, and the element it is about."""
        return " ".join(filter(None, (self.catalogue.text(problem.code, self.language), problem.reason)))


def _given_back(name: str, problem: MessageProblemError) -> list[Element]:
    return [(name, list(problem.echo))] if problem.echo else []


def _message(frame: Frame, head: Sequence[Element], body: Sequence[Element]) -> bytes:
    return render(("XmlMsg", [("MessageHeader", head), ("MessageBody", body)]), frame.code)


def _head(frame: Frame, segment: Segment) -> list[Element]:
    return [
        ("ProcessExecutionTime", _moment(frame.executed_at)),
        *_optional("QualificationConfirmationDate", _day(frame.on)),
        ("MedicalInstitutionCode", frame.header.institution_code),
        *_optional("ArbitraryFileIdentifier", frame.header.file_identifier),
        *_optional("ReferenceClassification", frame.reference or ""),
        ("SegmentOfResult", segment),
        ("CharacterCodeIdentifier", frame.code),
    ]


def _bulk(frame: Frame, reception: str, units: Sequence[Element], errors: int) -> bytes:
    """The result of a bulk request: its reception number and counts in the header, a unit for each thing asked."""
    counts: list[Element] = [
        ("ReceptionNumber", reception),
        ("NumberOfProcessingResult", str(len(units))),
        ("NumberOfNormalProcessing", str(len(units) - errors)),
        ("NumberOfError", str(errors)),
    ]
    return _message(frame, [*_head(frame, Segment.DONE), *counts], units)


def _registered(number: ReferenceNumber) -> list[Element]:
    return [("ReferenceNumberRegistrationInfo", list(number.echo)), ("ProcessingResultStatus", Status.NORMAL)]


def _status(writer: AnswerWriter, finding: Finding) -> list[Element]:
    return [
        ("ProcessingResultStatus", Status.NORMAL),
        *_optional("ProcessingResultCode", writer.catalogue.written(finding.result_code)),
        *_optional("ProcessingResultMessage", writer.catalogue.text(finding.result_code, writer.language)),
        ("QualificationValidity", finding.validity),
    ]


def _search(search: SearchInfo | None) -> list[Element]:
    return [("QualificationConfirmSearchInfo", list(search.echo))] if search is not None else []


def _qualification(held: Qualification, answered: Answered, on: date) -> Element:
    content: list[Element] = [
        *_card(held),
        *_person(held),
        *_dates(held),
        *_cost(held),
        *_elderly(held),
        *_limits(held, on, answered),
        *_diseases(held, on, answered),
        *_consents(answered.finding.consents),
        *_reference_number(held, answered),
    ]
    return ("ResultOfQualificationConfirmation", content)


def _reference_number(held: Qualification, answered: Answered) -> list[Element]:
    """The institution's number of the patient under this insurer: another insurer's is another number."""
    return _optional("ReferenceNumber", answered.reference_numbers.get(held.link_id, ""))


def _card(held: Qualification) -> list[Element]:
    return [
        ("InsuredCardClassification", held.card_class),
        ("InsurerNumber", padded_insurer_number(held.key.insurer_number)),
        *_optional("InsuredCardSymbol", held.key.symbol),
        ("InsuredIdentificationNumber", held.key.number),
        *_optional("InsuredBranchNumber", held.key.branch),
        ("PersonalFamilyClassification", held.relation),
        *_optional("InsuredName", held.insured_name),
        ("InsurerName", held.insurer_name),
    ]


def _person(held: Qualification) -> list[Element]:
    return [
        ("Name", held.kanji_name),
        *_optional("NameOfOther", held.alias),
        *_optional("NameKana", half_width(held.kana_name)),
        *_optional("NameOfOtherKana", half_width(held.alias_kana)),
        ("Sex1", held.sex),
        ("Birthdate", _day(held.birth_date)),
        *_optional("Address", held.address),
        *_optional("PostNumber", held.postal_code),
    ]


def _dates(held: Qualification) -> list[Element]:
    return [
        ("QualificationDate", _day(held.acquired_on)),
        *_optional("DisqualificationDate", _day(held.lost_on)),
        *_optional("InsuredCertificateIssuanceDate", _day(held.issued_on)),
        *_optional("InsuredCardValidDate", _day(held.card_valid_from)),
        *_optional("InsuredCardExpirationDate", _day(held.card_valid_until)),
    ]


def _cost(held: Qualification) -> list[Element]:
    return [
        *_optional("InsuredPartialContributionRatio", _ratio(held.elderly_ratio)),
        *_optional("ReasonOfLoss", held.loss_reason or ""),
    ]


def _elderly(held: Qualification) -> list[Element]:
    if held.elderly is None:
        return []
    content: list[Element] = [
        *_optional("ElderlyRecipientCertificateDate", _day(held.elderly.issued_on)),
        ("ElderlyRecipientValidStartDate", _day(held.elderly.valid_from)),
        *_optional("ElderlyRecipientValidEndDate", _day(held.elderly.valid_until)),
        ("ElderlyRecipientContributionRatio", _ratio(held.elderly.ratio)),
    ]
    return [("ElderlyRecipientCertificateInfo", content)]


def _limits(held: Qualification, on: date, answered: Answered) -> list[Element]:
    """The limit certificate of the day: one at most, since clients read one object and lose a list of them.

    Asked by number, the institution says that the patient allowed it; by card, the patient said so at the reader.
    """
    consent = answered.finding.consents.get(Viewable.LIMITS) if answered.search is None else None
    is_allowed = answered.search.wants_limits if answered.search is not None else consent is not None
    told = _consent_flag("LimitApplicationCertificateRelated", consent, is_allowed=is_allowed)
    limit = limit_on(held.limits, on) if is_allowed else None
    if limit is not None:
        content: list[Element] = [
            ("LimitApplicationCertificateClassification", limit.certificate_class),
            ("LimitApplicationCertificateClassificationFlag", limit.income_class),
            *_optional("LimitApplicationCertificateDate", _day(limit.issued_on)),
            ("LimitApplicationCertificateValidStartDate", _day(limit.valid_from)),
            *_optional("LimitApplicationCertificateValidEndDate", _day(limit.valid_until)),
            *_optional("LimitApplicationCertificateLongTermDate", _day(limit.long_term_from)),
        ]
        told.append(("LimitApplicationCertificateRelatedInfo", content))
    return told


def _diseases(held: Qualification, on: date, answered: Answered) -> list[Element]:
    """Specific diseases: only by card, with a consent of their own, as long as the certificate holds."""
    if answered.search is not None:
        return []
    consent = answered.finding.consents.get(Viewable.DISEASES)
    flag = _consent_flag("SpecificDiseasesCertificateRelated", consent, is_allowed=consent is not None)
    told: list[Element] = [
        (
            "SpecificDiseasesCertificateInfo",
            [
                ("SpecificDiseasesDiseaseCategory", one.disease),
                *_optional("SpecificDiseasesCertificateDate", _day(one.issued_on)),
                ("SpecificDiseasesValidStartDate", _day(one.valid_from)),
                *_optional("SpecificDiseasesValidEndDate", _day(one.valid_until)),
                ("SpecificDiseasesSelfPay", str(one.self_pay)),
            ],
        )
        for one in (diseases_on(held.diseases, on) if consent is not None else ())
    ]
    return [*flag, ("SpecificDiseasesCertificateList", told)] if told else flag


def _consent_flag(name: str, consent: GivenConsent | None, *, is_allowed: bool) -> list[Element]:
    at = _moment(consent.given_at) if consent is not None else ""
    return [(f"{name}ConsFlg", Consent.GIVEN if is_allowed else Consent.NONE), *_optional(f"{name}ConsTime", at)]


def _consents(consents: Mapping[Viewable, GivenConsent]) -> list[Element]:
    told: list[Element] = []
    for viewable, tag in _CONSENT_TAGS.items():
        consent = consents.get(viewable)
        if consent is not None:
            told += [
                (f"{tag}ConsFlg", Consent.GIVEN),
                (f"{tag}ConsTime", _moment(consent.given_at)),
                (f"{tag}AvailableTime", _moment(consent.available_until)),
            ]
    return told


def _optional(name: str, value: str) -> list[Element]:
    return [(name, value)] if value else []


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day is not None else ""


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S")


def _ratio(per_cent: int | None) -> str:
    return f"{per_cent:03d}" if per_cent is not None else ""
