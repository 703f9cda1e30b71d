"""Eligibility over HTTP: our own JSON, and FHIR R4; one key for each institution."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta

from himozuke.accounts.model import Visitor
from himozuke.eligibility.model import InsuredKey, Qualification, Question, Reference
from himozuke.eligibility.service import Checked
from himozuke.eligibility.store import Asker, Institution
from himozuke.entrypoints.rate import TooManyRequestsError
from himozuke.entrypoints.web.routes import PUBLIC, endpoint
from himozuke.entrypoints.wiring import Office
from himozuke.errors import InputRejectedError, NotAllowedError, NotFoundError
from himozuke.gateways.fhir import eligibility as fhir
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.identity.coded_number import plain_digits
from himozuke.ports.actor import Actor, Role

_BY_NUMBER = Reference.INSURED_NUMBER
ROLES = frozenset({Role.INSTITUTION})
_FHIR_JSON = fhir.FHIR_JSON
_FACE_JSON, _FACE_FHIR = "json", "fhir"
_INSURER_DIGITS = (6, 8)
_SALT_BYTES = 16
AnyRequest = Request[Any, Any, Any]


class EligibilityRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is printed on a certificate; numbers are text, since leading zeros tell people apart."""

    insurer_number: Annotated[str, Meta(min_length=6, max_length=16, description="保険者番号", examples=["06139999"])]
    number: Annotated[str, Meta(min_length=1, max_length=40, description="番号", examples=["5678"])]
    birth_date: Annotated[date, Meta(description="生年月日")]
    symbol: Annotated[str, Meta(max_length=40, description="記号")] = ""
    branch: Annotated[str, Meta(max_length=4, description="枝番")] = ""
    on: Annotated[date | None, Meta(description="資格確認日; today where it is left out")] = None
    limit_consent: Annotated[
        bool, Meta(description="限度額同意: the patient said that the institution may see the limit certificate")
    ] = False


class LimitAnswer(msgspec.Struct, frozen=True):
    """A limit certificate (限度額適用認定)."""

    certificate_class: str
    income_class: str
    valid_from: date
    valid_until: date | None


class QualificationAnswer(msgspec.Struct, frozen=True):
    """One qualification as it is shown to an institution; never an Individual Number."""

    insurer_number: str
    insurer_name: str
    symbol: str
    number: str
    branch: str
    card_class: str
    relation: str
    insured_name: str
    kanji_name: str
    kana_name: str
    sex: str
    birth_date: date | None
    address: str
    postal_code: str
    acquired_on: date
    lost_on: date | None
    issued_on: date | None
    loss_reason: str | None
    copay_percent: Annotated[int | None, Meta(description="What the patient pays on the day; null once it has ended")]
    is_copay_by_age: Annotated[
        bool, Meta(description="Nothing but the age says it, as if the income were ordinary. Ask from 70 on")
    ]
    copay_basis: Annotated[
        str | None,
        Meta(
            description="What says so: certificate, limit (the class of a limit certificate), income, pay (as the "
            "insurer knows them), or age alone"
        ),
    ]
    limits: Annotated[
        Sequence[LimitAnswer],
        Meta(description="The limit certificate of the day, where limit_consent was given; else empty"),
    ]
    reference_number: str | None


class EligibilityAnswer(msgspec.Struct, frozen=True):
    """What is known of the qualification on the day asked (validity: OQSCD006)."""

    validity: Annotated[
        str, Meta(description="1 有効 2 無効 3 無効（新しい資格あり） 4 該当資格なし 5 複数該当 6 有効（未登録）")
    ]
    on: date
    result_code: str
    message: str
    qualifications: Sequence[QualificationAnswer]
    proof: Annotated[
        str,
        Meta(
            description="Signed by the service: a claim may carry it as evidence of this check. It fits only the "
            "question that was asked. Empty for a day to come, on which nothing can have been checked."
        ),
    ]


@endpoint(
    "POST",
    "/api/v1/eligibility",
    roles=ROLES,
    status_code=200,
    tags=["eligibility"],
    operation_id="checkEligibility",
    responses={
        304: ResponseSpec(None, description="Unchanged since the ETag; the new proof is in Himozuke-Proof."),
        429: ResponseSpec(None, description="Too many questions; Retry-After says in how many seconds to ask again."),
    },
)
def check_eligibility(request: AnyRequest, data: JSONBody[EligibilityRequest]) -> Response[EligibilityAnswer | None]:
    """Ask by what is printed on a certificate.

    The answer bears an ETag. Asked again with ``If-None-Match`` while nothing has changed, the answer is
    304 with a new proof in the header ``Himozuke-Proof`` and no body; the check is logged all the same.
    For a day to come the answer says what is known today and bears no proof.
    """
    key = InsuredKey(plain_digits(data.insurer_number), data.symbol, data.number, data.branch)
    office: Office = request.app.state.office
    on = data.on or office.clock.today()
    question = Question("", on, _BY_NUMBER, key, data.birth_date, data.limit_consent)
    code, checked = _checked(request, office, _FACE_JSON, question)
    answers = [_qualification(one, checked) for one in checked.finding.shown]
    text = packaged_catalogue().text(checked.finding.result_code, office.settings.language)
    plain = EligibilityAnswer(checked.finding.validity, on, checked.finding.result_code, text, answers, "")
    tag = f'"{hashlib.sha256(msgspec.json.encode(plain)).hexdigest()[:32]}"'
    proof = _proof(office, code, tag, data) if on <= office.clock.today() else ""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} | ({"Himozuke-Proof": proof} if proof else {})
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    return Response(msgspec.structs.replace(plain, proof=proof), headers=headers)


@endpoint(
    "GET",
    "/api/v1/eligibility/proof-key",
    roles=PUBLIC,
    tags=["eligibility"],
    operation_id="proofKey",
    media_type="application/x-pem-file",
)
def proof_key(request: AnyRequest) -> Response[bytes]:
    """The public key (Ed25519, PEM) with which anybody verifies a proof; the evidence is signed with the same."""
    office: Office = request.app.state.office
    key = Ed25519PrivateKey.from_private_bytes(office.vault.ring.read().audit_key).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Response(pem, media_type="application/x-pem-file")


@endpoint(
    "POST",
    "/fhir/CoverageEligibilityRequest/$submit",
    roles=ROLES,
    status_code=200,
    tags=["fhir"],
    operation_id="submitCoverageEligibilityRequest",
    media_type=_FHIR_JSON,
)
def submit_fhir(request: AnyRequest, data: JSONBody[dict[str, Any]]) -> Response[dict[str, Any]]:
    """Ask with a CoverageEligibilityRequest (R4); answers a CoverageEligibilityResponse."""
    office: Office = request.app.state.office
    question = fhir.read_request(data, institution_code="", today=office.clock.today())
    code, checked = _checked(request, office, _FACE_FHIR, question)
    text = packaged_catalogue().text(checked.finding.result_code, office.settings.language)
    question = replace(question, institution_code=code)
    response = fhir.write_response(data, question, checked.finding, at=office.clock.now(), text=text)
    return Response(response, media_type=_FHIR_JSON)


@endpoint("GET", "/fhir/metadata", roles=PUBLIC, tags=["fhir"], operation_id="capabilities", media_type=_FHIR_JSON)
def capabilities(request: AnyRequest) -> Response[dict[str, Any]]:
    """What the FHIR face offers (CapabilityStatement)."""
    office: Office = request.app.state.office
    url = str(request.base_url).rstrip("/") + "/fhir"
    statement = fhir.capability_statement(url, version=version("himozuke"), on=office.clock.today())
    return Response(statement, media_type=_FHIR_JSON)


def _checked(request: AnyRequest, office: Office, face: str, question: Question) -> tuple[str, Checked]:
    """Ask in the name of the caller's institution; its rate limit comes first.

    A question that shows nothing leaves a row in the evidence, where it can be seen that somebody walks
    through numbers; one that shows something leaves its row in the access log. InputRejectedError where a
    number holds a character that none on a certificate is.
    """
    visitor = request.scope.get("user")
    if not isinstance(visitor, Visitor) or visitor.actor.organisation_id is None:
        raise NotAllowedError("Only an institution may ask.")
    _refuse_control_characters(question)

    def admit(institution: Institution) -> None:
        wait = office.rate_limit.ask(institution.organisation_id, institution.requests_per_minute)
        if wait:
            raise TooManyRequestsError(f"{institution.name} asks too often. Ask again in {wait} seconds.", wait)

    asker = Asker(organisation_id=visitor.actor.organisation_id)
    with office.answering(Actor.system("eligibility")) as work:
        try:
            institution, checked = work.eligibility.service.answer(asker, question, admit=admit)
        except NotFoundError:
            raise NotAllowedError("The institution behind this key is not registered for eligibility.") from None
        if not checked.finding.shown:
            work.audit.record(
                "eligibility.show_nothing",
                subject="institution",
                subject_id=institution.code,
                details=_nothing_shown(office, face, question),
            )
        return institution.code, checked


def _refuse_control_characters(question: Question) -> None:
    key = question.key or InsuredKey("", "", "")
    if any(unicodedata.category(each) == "Cc" for each in "".join(_asked(key, None))):
        raise InputRejectedError("A number holds a control character. Send what is printed on the certificate.")


def _nothing_shown(office: Office, face: str, question: Question) -> dict[str, str]:
    """What the evidence keeps of a question: the insurer, and a keyed hash by which the same question is known again."""
    key = question.key or InsuredKey("", "", "")
    said = "\n".join(("himozuke question", *_asked(key, question.birth_date)))
    digest = hmac.digest(office.vault.ring.read().audit_key, said.encode(), "sha256").hex()[:16]
    is_number = len(key.insurer_number) in _INSURER_DIGITS and key.insurer_number.isascii()
    return {
        "face": face,
        "on": question.on.isoformat(),
        "insurer_number": key.insurer_number if is_number else "",
        "asked": f"q{digest}",
    }


def _asked(key: InsuredKey, birth_date: date | None) -> tuple[str, ...]:
    born = birth_date.isoformat() if birth_date else ""
    return (key.insurer_number, key.symbol, key.number, key.branch, born)


def _proof(office: Office, institution_code: str, tag: str, data: EligibilityRequest) -> str:
    """A signed statement that this institution asked this question and was given this answer at this moment.

    The question stands in it as HMAC-SHA-256, under a salt of its own, of the five values as they were sent,
    one a line: whoever holds the values can tell whether the proof is theirs, nobody reads them out of it.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    key = InsuredKey(data.insurer_number, data.symbol, data.number, data.branch)
    asked = hmac.digest(salt, "\n".join(_asked(key, data.birth_date)).encode(), "sha256")
    said = msgspec.json.encode(
        {
            "at": office.clock.now().isoformat(timespec="seconds"),
            "institution": institution_code,
            "on": data.on or office.clock.today(),
            "answer": tag,
            "salt": _base64(salt),
            "asked": _base64(asked),
        }
    )
    signature = Ed25519PrivateKey.from_private_bytes(office.vault.ring.read().audit_key).sign(said)
    return f"{_base64(said)}.{_base64(signature)}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _qualification(held: Qualification, checked: Checked) -> QualificationAnswer:
    limits = [
        LimitAnswer(one.certificate_class, one.income_class, one.valid_from, one.valid_until) for one in held.limits
    ]
    return QualificationAnswer(
        insurer_number=held.key.insurer_number,
        insurer_name=held.insurer_name,
        symbol=held.key.symbol,
        number=held.key.number,
        branch=held.key.branch,
        card_class=held.card_class,
        relation=held.relation,
        insured_name=held.insured_name,
        kanji_name=held.kanji_name,
        kana_name=held.kana_name,
        sex=held.sex,
        birth_date=held.birth_date,
        address=held.address,
        postal_code=held.postal_code,
        acquired_on=held.acquired_on,
        lost_on=held.lost_on,
        issued_on=held.issued_on,
        loss_reason=held.loss_reason,
        copay_percent=held.copay_percent,
        is_copay_by_age=held.is_copay_by_age,
        copay_basis=held.copay_basis,
        limits=limits,
        reference_number=checked.reference_numbers.get(held.link_id),
    )


HANDLERS: tuple[HTTPRouteHandler, ...] = (check_eligibility, proof_key, submit_fhir, capabilities)
