"""CoverageEligibilityRequest in, CoverageEligibilityResponse with Coverage and Patient out.

There is no Japanese profile of the request and the response: base R4, with Coverage as JP Core has it.
Resources are plain JSON objects; their models are checked in tests, not on every answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from himozuke.eligibility.model import Finding, InsuredKey, Qualification, Question, Reference, Relation, Validity
from himozuke.errors import InputRejectedError
from himozuke.identity.coded_number import plain_digits
from himozuke.identity.kana_width import half_width

Resource = dict[str, Any]
FHIR_JSON = "application/fhir+json"

_EXTENSION = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
_PROFILE = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Coverage"
_MEMBER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
_INSURER = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"
_INSTITUTION = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
_NAME_KIND = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_RELATION = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
_RESULT = "https://himozuke.dev/fhir/CodeSystem/result"
_RESULT_EXTENSION = "https://himozuke.dev/fhir/StructureDefinition/result"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UNKNOWN: Resource = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
_GENDER = {"1": "male", "2": "female", "3": "unknown"}
_ZERO_PADDED = 8  # JP Core pads insurer numbers with zeros, the folder with blanks; we keep the bare digits


def read_request(resource: object, *, institution_code: str, today: date) -> Question:
    """Understand a CoverageEligibilityRequest.

    The insured is named by ``insurance[0].coverage``: its ``identifier`` (insurer:symbol:number:branch), or a
    contained Coverage with the extensions of JP Core that it refers to; the birth date by a contained Patient, the
    day by ``servicedDate``. One insured is asked about in one active request for validation. As in the other faces nobody is told of without the birth date. InputRejectedError names
    the element that is missing or wrong.
    """
    if not isinstance(resource, dict) or resource.get("resourceType") != "CoverageEligibilityRequest":
        raise InputRejectedError("resourceType must be CoverageEligibilityRequest.")
    _must_be_validation(resource)
    contained = _resources(resource.get("contained"))
    patient = next((one for one in contained if one.get("resourceType") == "Patient"), None)
    key = _key_asked(resource, contained)
    birth = _day(patient.get("birthDate"), "Patient.birthDate") if patient else None
    if birth is None:
        raise InputRejectedError("A contained Patient with a birthDate is needed: a number alone names nobody.")
    on = _day(resource.get("servicedDate"), "servicedDate") or today
    return Question(institution_code, on, Reference.INSURED_NUMBER, key, birth)


def write_response(request: Resource, question: Question, finding: Finding, *, at: datetime, text: str) -> Resource:
    """Write the response to a question: one insurance for every qualification shown, latest first.

    ``text`` is what is told beside the validity; where it is empty nothing is told. Whoever is not found is
    said to be unknown, with the insurer that was asked about.
    """
    contained: list[Resource] = []
    insurance: list[Resource] = []
    for number, held in enumerate(finding.shown, 1):
        contained += [_patient(held, number), _coverage(held, number)]
        insurance.append(_insurance(held, number, is_valid=finding.validity in _IN_FORCE))
    response: Resource = {
        "resourceType": "CoverageEligibilityResponse",
        "extension": [_result(code) for code in (f"OQSCD006-{finding.validity}", finding.result_code) if code],
        "status": "active",
        "purpose": ["validation"],
        "patient": {"reference": "#patient-1"} if finding.shown else _reference(request.get("patient")),
        "created": at.isoformat(timespec="seconds"),
        "requestor": {"identifier": {"system": _INSTITUTION, "value": question.institution_code}},
        "request": _request_reference(request),
        "outcome": "complete",
        "disposition": text or _DISPOSITION[finding.validity],
        "insurer": _insurer(question, finding),
    }
    if contained:
        response["contained"] = contained
        response["insurance"] = insurance
    return response


def capability_statement(url: str, *, version: str, on: date) -> Resource:
    """What the FHIR face offers."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on.isoformat(),
        "kind": "instance",
        "software": {"name": "himozuke", "version": version},
        "implementation": {"description": "Online eligibility verification", "url": url},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Authorization: Bearer, one key for each institution"},
                "resource": [
                    {
                        "type": "CoverageEligibilityRequest",
                        "operation": [
                            {
                                "name": "submit",
                                "definition": "http://hl7.org/fhir/OperationDefinition/CoverageEligibilityRequest-submit",
                            }
                        ],
                    }
                ],
            }
        ],
    }


def operation_outcome(status: int, diagnostics: str) -> Resource:
    """An error as FHIR clients read it, by its HTTP status."""
    issue = {"severity": "error", "code": _ISSUES.get(status, "processing"), "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


#: Issue types (http://hl7.org/fhir/issue-type) by HTTP status.
_ISSUES: Mapping[int, str] = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    500: "exception",
    503: "transient",
}
_IN_FORCE = frozenset({Validity.VALID, Validity.SEVERAL, Validity.VALID_UNREGISTERED})
_DISPOSITION: Mapping[Validity, str] = {
    Validity.VALID: "有効",
    Validity.INVALID: "無効",
    Validity.INVALID_WITH_NEWER: "無効（新しい資格あり）",
    Validity.NONE: "該当資格なし",
    Validity.SEVERAL: "複数該当",
    Validity.VALID_UNREGISTERED: "有効（未登録）",
}


def _result(code: str) -> Resource:
    """Our result code, and the validity as clinics' software knows it; R4 has no element for either."""
    return {"url": _RESULT_EXTENSION, "valueCoding": {"system": _RESULT, "code": code}}


def _must_be_validation(resource: Resource) -> None:
    """Refuse what is not asked now: a draft, a request taken back, one without its day, another purpose."""
    if resource.get("status") != "active":
        raise InputRejectedError("status must be active: a draft or a request that was taken back is not answered.")
    purpose = resource.get("purpose")
    if not isinstance(purpose, list) or set(map(str, purpose)) != {"validation"}:
        raise InputRejectedError(
            "purpose must be [validation]: benefits, discovery and authorisation are not answered."
        )
    if not isinstance(resource.get("created"), str) or not resource["created"]:
        raise InputRejectedError("created is needed: the day or moment of the request.")


def _key_asked(resource: Resource, contained: list[Resource]) -> InsuredKey:
    """The one insured of a request: the contained Coverage its insurance refers to, or the identifier given there."""
    insurance = _resources(resource.get("insurance"))
    if len(insurance) > 1:
        raise InputRejectedError("insurance holds one entry: ask about one insured in one request.")
    coverages = [one for one in contained if one.get("resourceType") == "Coverage"]
    named = insurance[0].get("coverage") if insurance else None
    reference = named.get("reference") if isinstance(named, dict) else None
    if reference is None:
        return _key_of_coverage(coverages[0]) if len(coverages) == 1 else _key_of_reference(resource)
    meant = [one for one in coverages if reference == f"#{one.get('id', '')}"]
    if len(meant) != 1:
        raise InputRejectedError(
            "insurance[0].coverage.reference must name the contained Coverage, such as #coverage-1."
        )
    return _key_of_coverage(meant[0])


def _key_of_coverage(coverage: Resource) -> InsuredKey:
    parts = {
        str(one.get("url", "")).removeprefix(_EXTENSION): str(one.get("valueString", ""))
        for one in _resources(coverage.get("extension"))
    }
    payor = next(iter(_resources(coverage.get("payor"))), {})
    identifier = payor.get("identifier")
    insurer = str(identifier.get("value", "")) if isinstance(identifier, dict) else ""
    if not insurer or not parts.get("Number"):
        raise InputRejectedError(
            "Coverage needs payor[0].identifier and the extension JP_Coverage_InsuredPersonNumber."
        )
    return InsuredKey(_bare(insurer), parts.get("Symbol", ""), parts["Number"], parts.get("SubNumber", ""))


def _key_of_reference(resource: Resource) -> InsuredKey:
    coverage = next(iter(_resources(resource.get("insurance"))), {}).get("coverage")
    identifier = coverage.get("identifier") if isinstance(coverage, dict) else None
    value = str(identifier.get("value", "")) if isinstance(identifier, dict) else ""
    parts = value.split(":")
    if len(parts) != 4 or not parts[0] or not parts[2]:  # noqa: PLR2004  # insurer, symbol, number, branch
        raise InputRejectedError(
            "insurance[0].coverage needs an identifier insurer:symbol:number:branch, or a contained Coverage."
        )
    return InsuredKey(_bare(parts[0]), parts[1], parts[2], parts[3])


def _resources(value: object) -> list[Resource]:
    """The objects of a list; nothing where the client sent something else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _bare(insurer_number: str) -> str:
    """An insurer number without the zeros that pad the six digits of a municipality."""
    digits = plain_digits(insurer_number)
    return digits[2:] if len(digits) == _ZERO_PADDED and digits.startswith("00") else digits


def _day(value: object, name: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputRejectedError(f"{name} must be a day such as 2026-11-23.") from None


def _patient(held: Qualification, number: int) -> Resource:
    names = [
        {"extension": [{"url": _NAME_KIND, "valueCode": kind}], "use": "official", "text": text}
        for kind, text in (("IDE", held.kanji_name), ("SYL", held.kana_name))
        if text
    ]
    patient: Resource = {
        "resourceType": "Patient",
        "id": f"patient-{number}",
        "name": names,
        "gender": _GENDER.get(held.sex, "unknown"),
    }
    if held.birth_date is not None:
        patient["birthDate"] = held.birth_date.isoformat()
    if held.address:
        address = {"text": held.address, "country": "JP"}
        patient["address"] = [address | ({"postalCode": held.postal_code} if held.postal_code else {})]
    return patient


def _coverage(held: Qualification, number: int) -> Resource:
    parts = (("Symbol", held.key.symbol), ("Number", held.key.number), ("SubNumber", held.key.branch))
    insurer = held.key.insurer_number.rjust(_ZERO_PADDED, "0")
    member = f"{insurer}:{held.key.symbol}:{held.key.number}:{held.key.branch}"
    period = {"start": held.acquired_on.isoformat()}
    if held.lost_on is not None:
        period["end"] = held.lost_on.isoformat()
    is_dependent = held.relation is Relation.DEPENDENT
    coverage: Resource = {
        "resourceType": "Coverage",
        "id": f"coverage-{number}",
        "meta": {"profile": [_PROFILE]},
        "extension": [{"url": f"{_EXTENSION}{name}", "valueString": text} for name, text in parts if text],
        "identifier": [{"system": _MEMBER, "value": member}],
        "status": "active" if held.lost_on is None else "cancelled",
        "subscriberId": f"{held.key.symbol}:{held.key.number}",
        "beneficiary": {"reference": f"#patient-{number}"},
        "relationship": {"coding": [{"system": _RELATION, "code": "other" if is_dependent else "self"}]},
        "period": period,
        "payor": [{"identifier": {"system": _INSURER, "value": insurer}, "display": held.insurer_name}],
    }
    if held.key.branch:
        coverage["dependent"] = half_width(held.key.branch)
    return coverage


def _insurance(held: Qualification, number: int, *, is_valid: bool) -> Resource:
    told: Resource = {"coverage": {"reference": f"#coverage-{number}"}, "inforce": is_valid}
    if held.copay_percent is not None:
        copay = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-copay-type", "code": "copaypct"}]
        }
        item: Resource = {"benefit": [{"type": copay, "allowedUnsignedInt": held.copay_percent}]}
        if held.is_share_unsure:
            item["description"] = "年齢による割合（所得は未確認）"
        told["item"] = [item]
    return told


def _insurer(question: Question, finding: Finding) -> Resource:
    if finding.shown:
        held = finding.shown[0]
        return {"identifier": _insurer_identifier(held.key), "display": held.insurer_name}
    return {"identifier": _insurer_identifier(question.key)} if question.key is not None else _UNKNOWN


def _insurer_identifier(key: InsuredKey) -> Resource:
    return {"system": _INSURER, "value": key.insurer_number.rjust(_ZERO_PADDED, "0")}


def _reference(patient: object) -> Resource:
    """The patient as the client named it, if elsewhere than within the request; else somebody unknown."""
    named = patient.get("reference") if isinstance(patient, dict) else None
    return {"reference": named} if isinstance(named, str) and named and not named.startswith("#") else _UNKNOWN


def _request_reference(request: Resource) -> Resource:
    identifier = request.get("id")
    if isinstance(identifier, str) and identifier:
        return {"reference": f"CoverageEligibilityRequest/{identifier}"}
    return {"display": "CoverageEligibilityRequest"}
