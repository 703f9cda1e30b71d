"""Requests as typed values: what is asked, whatever the order and the blanks of the elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from himozuke.eligibility.model import InsuredKey, Question, Reference
from himozuke.gateways.oqs_files.xml_text import MessageProblemError, Node
from himozuke.identity.coded_number import is_institution_code, plain_digits

LONGEST_REFERENCE_NUMBER = 50
_INSURER_DIGITS = (6, 8)  # a municipality's, everybody else's
#: By the kind of message, how the people it lists are treated: the flag, and what it says.
_TREATMENTS = {"consented_visits": ("2", "visits"), "consented_online": ("3", "online")}
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Header:
    """What every request says of itself; ``file_identifier`` is given back as it came."""

    institution_code: str
    file_identifier: str


@dataclass(frozen=True, slots=True)
class SearchInfo:
    """Whom an institution asks about, as it wrote it; ``echo`` is given back element by element."""

    key: InsuredKey
    birth_date: date
    wants_limits: bool
    echo: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EligibilityRequest:
    """One or many people, on one day (001, 005)."""

    header: Header
    on: date
    people: Sequence[SearchInfo | MessageProblemError]

    def questions(self) -> list[Question]:
        """The question for each person that can be asked about."""
        institution, by = self.header.institution_code, Reference.INSURED_NUMBER
        people = (one for one in self.people if isinstance(one, SearchInfo))
        return [Question(institution, self.on, by, one.key, one.birth_date, one.wants_limits) for one in people]


@dataclass(frozen=True, slots=True)
class ReferenceNumber:
    """The institution's own number of a patient, to be kept beside a qualification."""

    key: InsuredKey
    reference_number: str
    echo: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReferenceNumberRequest:
    """Reference numbers to be registered (003, 009)."""

    header: Header
    numbers: Sequence[ReferenceNumber | MessageProblemError]


@dataclass(frozen=True, slots=True)
class ReceptionRequest:
    """Fetches the result of an earlier bulk request by its reception number (007, 011, 019, 023)."""

    header: Header
    reception_number: str


@dataclass(frozen=True, slots=True)
class ConsentedRequest:
    """People who consented from a distance between two days (017, 021)."""

    header: Header
    consented_from: date | None
    consented_until: date | None
    examined_from: date | None
    examined_until: date | None
    treatment: str  # 2 visits, 3 online


@dataclass(frozen=True, slots=True)
class MedicalRequest:
    """Medicines or checkups of one insured, by month (TKK, YZK)."""

    header: Header
    key: InsuredKey
    months: tuple[str, str]  # yyyymm, both included; empty where not asked


Request = EligibilityRequest | ReferenceNumberRequest | ReceptionRequest | ConsentedRequest | MedicalRequest


def read_request(kind: str, root: Node, *, since: date = date.min) -> Request:
    """Understand a request of a kind of the catalogue.

    MessageProblemError names the element that is missing or wrong; a wrong person in a bulk request is
    answered in its place and the others go on. ``since``: the first day that can be asked about.
    """
    if root.name != "XmlMsg":
        raise MessageProblemError("HZ-R01", f"The root element must be XmlMsg, not {root.name}.", line=root.line)
    header_node = _must(root, "MessageHeader")
    body = _must(root, "MessageBody")
    header = _header(header_node)
    if kind in {"eligibility", "bulk_eligibility"}:
        people = body.every("QualificationConfirmSearchInfo")
        if not people:
            raise _missing(body, "QualificationConfirmSearchInfo")
        on = _needed_day(header_node, "QualificationConfirmationDate")
        if on < since:
            raise _wrong(header_node, "QualificationConfirmationDate", f"a day from {since} on")
        read = [_kept(_search_info, node) for node in people]
        if kind == "eligibility":
            _refuse_first(read)
            if len(people) > 1:  # the second would be told of the first
                raise _wrong(body, "QualificationConfirmSearchInfo", "one person; send several as OQSmuquc01")
        return EligibilityRequest(header, on, read)
    if kind in {"reference_number", "bulk_reference_number"}:
        nodes = body.every("ReferenceNumberRegistrationInfo")
        if not nodes:
            raise _missing(body, "ReferenceNumberRegistrationInfo")
        numbers = [_kept(_reference_number, node) for node in nodes]
        if kind == "reference_number":
            _refuse_first(numbers)
        return ReferenceNumberRequest(header, numbers)
    if kind.endswith("_result"):
        return ReceptionRequest(header, _needed(body, "ReceptionNumber"))
    if kind in _TREATMENTS:
        return _consented(header, _must(body, "QualificationConfirmSearchInfo"), *_TREATMENTS[kind])
    _must_be_xml(body)
    return MedicalRequest(header, _medical_key(header_node), _months(body))


def _header(node: Node) -> Header:
    code = _needed(node, "MedicalInstitutionCode")
    if not is_institution_code(code):
        raise _wrong(node, "MedicalInstitutionCode", "ten digits beginning with a prefecture")
    return Header(plain_digits(code), node.value("ArbitraryFileIdentifier"))


def _insured_key(node: Node) -> InsuredKey:
    return InsuredKey(
        _insurer_number(node),
        node.value("InsuredCardSymbol"),
        _needed(node, "InsuredIdentificationNumber"),
        _branch(node, "InsuredBranchNumber"),
    )


def _branch(node: Node, name: str) -> str:
    """One or two digits in any width, or nothing."""
    digits = plain_digits(node.value(name))
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) <= len("00")):
        raise _wrong(node, name, "two digits")
    return digits


def _insurer_number(node: Node) -> str:
    """Six or eight digits in any width; one whose check digit is wrong is only not found, as 77777777 is."""
    digits = plain_digits(_needed(node, "InsurerNumber"))
    if len(digits) not in _INSURER_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise _wrong(node, "InsurerNumber", "six or eight digits")
    return digits


def _search_info(node: Node) -> SearchInfo:
    key = _insured_key(node)
    limits = node.value("LimitApplicationCertificateRelatedConsFlg")
    if limits not in {"", "0", "1"}:
        raise _wrong(node, "LimitApplicationCertificateRelatedConsFlg", "0 or 1")
    return SearchInfo(key, _needed_day(node, "Birthdate"), limits == "1", _echo(node))


def _reference_number(node: Node) -> ReferenceNumber:
    reference = _needed(node, "ReferenceNumber")
    if len(reference) > LONGEST_REFERENCE_NUMBER:
        raise MessageProblemError(
            "HZ-R06",
            f"ReferenceNumber has {len(reference)} characters, at most {LONGEST_REFERENCE_NUMBER} are kept.",
            line=_line(node, "ReferenceNumber"),
        )
    key = _insured_key(node)
    return ReferenceNumber(key, reference, _echo(node))


def _consented(header: Header, node: Node, flag: str, said: str) -> ConsentedRequest:
    treatment = node.value("MedicalTreatmentFlag")
    if treatment != flag:
        raise _wrong(node, "MedicalTreatmentFlag", f"{flag} ({said}) in this message")
    request = ConsentedRequest(
        header,
        _day(node, "ConsentDateFrom"),
        _day(node, "ConsentDateTo"),
        _day(node, "ExaminationDateFrom"),
        _day(node, "ExaminationDateTo"),
        treatment,
    )
    if request.consented_from is None and request.examined_from is None:
        raise _missing(node, "ConsentDateFrom")
    days = (
        ("ConsentDateTo", request.consented_from, request.consented_until),
        ("ExaminationDateTo", request.examined_from, request.examined_until),
    )
    for name, since, until in days:
        if since is not None and until is not None and until < since:
            raise _wrong(node, name, "a day not before the first one")
    return request


def _medical_key(node: Node) -> InsuredKey:
    """The key in the header of TKK and YZK requests, whose tags are not those of the others."""
    return InsuredKey(
        _insurer_number(node),
        node.value("InsuranceCardSymbol"),
        _needed(node, "InsuredPersonIdentificationNumber"),
        _branch(node, "BranchNumber"),
    )


def _months(body: Node) -> tuple[str, str]:
    months = (body.value("StartDate"), body.value("EndDate"))
    for name, month in zip(("StartDate", "EndDate"), months, strict=True):
        if month and not (len(month) == len("yyyymm") and month.isdecimal() and "01" <= month[4:] <= "12"):
            raise _wrong(body, name, "a month such as 202611")
    if all(months) and months[0] > months[1]:
        raise _wrong(body, "EndDate", "a month not before StartDate")
    return months


def _must_be_xml(body: Node) -> None:
    category = body.value("FileCategory")
    if category not in {"", "2"}:
        raise _wrong(body, "FileCategory", "2 (XML); no PDF is written")


def _must(node: Node, name: str) -> Node:
    found = node.child(name)
    if found is None:
        raise _missing(node, name)
    return found


def _needed(node: Node, name: str) -> str:
    value = node.value(name).strip()
    if not value:
        raise _missing(node, name)
    return value


def _day(node: Node, name: str) -> date | None:
    return _needed_day(node, name) if node.value(name).strip() else None


def _needed_day(node: Node, name: str) -> date:
    text = _needed(node, name)
    try:
        if len(text) == len("yyyymmdd") and text.isascii():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass
    raise _wrong(node, name, "a day such as 20261123")


def _echo(node: Node) -> tuple[tuple[str, str], ...]:
    return tuple((child.name, child.text) for child in node.children if not child.children)


def _kept(read: Callable[[Node], Read], node: Node) -> Read | MessageProblemError:
    """What was read, or the problem in its place."""
    try:
        return read(node)
    except MessageProblemError as problem:
        problem.echo = _echo(node)
        return problem


def _refuse_first(read: Sequence[object]) -> None:
    """A single request has nobody else to go on with."""
    for one in read:
        if isinstance(one, MessageProblemError):
            raise one


def _missing(node: Node, name: str) -> MessageProblemError:
    return MessageProblemError("HZ-R01", f"{name} is missing.", line=_line(node, name))


def _wrong(node: Node, name: str, wanted: str) -> MessageProblemError:
    return MessageProblemError("HZ-R02", f"{name} must be {wanted}.", line=_line(node, name))


def _line(node: Node, name: str) -> int:
    """The line of an element, or of the one it is missing in."""
    return (node.child(name) or node).line
