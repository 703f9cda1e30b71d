"""Every sample of the vendor kit: what is asked, what is answered, and what is on record for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from himozuke.eligibility.decide import CARD_ENDS_SOON, find
from himozuke.eligibility.model import Finding, GivenConsent, Qualification, Reference, Viewable
from himozuke.eligibility.store import MedicalEntry
from himozuke.entrypoints.oqs.answering import frame_of_refusal
from himozuke.entrypoints.oqs.kit_people import (
    CODE,
    FILE_IDENTIFIER,
    INSTITUTION,
    KEY,
    NEWER_KEY,
    NOW,
    TODAY,
    key_elements,
    medical_header,
    qualification,
    request,
    search,
    search_info,
)
from himozuke.gateways.oqs_files import medical_answers
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import Catalogue, packaged_catalogue, read_name
from himozuke.gateways.oqs_files.requests import EligibilityRequest, Header, ReferenceNumber, read_request
from himozuke.gateways.oqs_files.sealed_zip import open_sealed, seal
from himozuke.gateways.oqs_files.xml_text import CharacterCode, Element, MessageProblemError, read_message

RECEPTION = "R20261123000001"
PASSWORD = "himitsu"  # noqa: S105  # of the encrypted samples, told to every vendor
#: What is on record, in Japanese and English, by the word the samples bear.
WORLDS: Mapping[str, tuple[str, str]] = {
    "nobody": ("該当者なし", "nobody"),
    "insured": ("加入中、同意なし", "insured, no consent"),
    "ended": ("資格喪失、新しい資格なし", "insurance ended, no other"),
    "moved": ("資格喪失、別の保険者に加入中", "insurance ended, insured elsewhere"),
    "stopped": ("閲覧停止中", "viewing stopped"),
    "consented": ("加入中、薬剤と健診に同意（来院・訪問・オンライン）", "insured; consent to medicines and checkups"),
    "medical_stopped": ("医療情報のみ閲覧停止中、同意あり", "medical information stopped, consent given"),
    "several": ("2つの保険者に加入中", "insured twice on one day"),
    "ends_soon": ("カードの電子証明書の期限が近い", "the certificate on the card ends soon"),
    "no_remote": ("訪問・オンライン診療を行わない機関", "an institution that treats at its own place only"),
    "fault": ("サービスの障害", "a fault of the service"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair; ``request`` is None where the reader pushes the answer into ``face``."""

    folder: str
    world: str
    shows_ja: str
    shows: str
    name: str
    request: bytes | None
    answer: bytes
    face_name: str = ""

    @property
    def answer_name(self) -> str:
        """The name of the answer: that of the request, or of the file in ``face``."""
        name = read_name(self.name)
        return f"{name.answer}.{name.extension}" if name else self.face_name


def samples(catalogue: Catalogue | None = None) -> list[Sample]:
    """Every sample, in the order of their folders; with a vendor's own result codes where they are given."""
    catalogue = catalogue or packaged_catalogue()
    return [
        *_eligibility(catalogue),
        *_face(catalogue),
        *_reference_number(catalogue),
        *_bulk(catalogue),
        *_medical(catalogue),
        *_refused(catalogue),
    ]


def _eligibility(catalogue: Catalogue) -> Iterator[Sample]:
    held = qualification()
    old = replace(held, lost_on=date(2026, 10, 1))
    newer = replace(held, qualification_id=2, link_id=2, key=NEWER_KEY)
    asked = request([search()])
    cases: Sequence[tuple[str, str, str, str, list[Qualification]]] = (
        ("01-valid", "insured", "有効、限度額適用認定証あり", "valid, with a limit certificate", [held]),
        ("02-invalid", "ended", "無効", "ended, no other insurance known", [old]),
        ("03-invalid-newer", "moved", "無効（新しい資格あり）", "ended, insured elsewhere since", [old, newer]),
        ("04-not-found", "nobody", "該当資格なし", "nobody with this number", []),
        (
            "05-withheld",
            "stopped",
            "表示できない。次の手段だけを示す",
            "withheld; the next step, not the reason",
            [held],
        ),
    )
    for folder, world, shows_ja, shows, found in cases:
        stood = [replace(one, restriction="ALL") for one in found] if world == "stopped" else found
        yield Sample(folder, world, shows_ja, shows, f"OQSsiquc01req_{folder}.xml", asked, _answer(catalogue, stood))
    sealed = seal("OQSsiquc01req_08-encrypted.xml", asked, PASSWORD)
    name = "OQSsiquc01req_08-encrypted.zip"
    told = seal("OQSsiquc01res_08-encrypted.xml", _answer(catalogue, [held]), PASSWORD)
    yield Sample("08-encrypted", "insured", "パスワード付きZIP（AES-256）", "in a ZIP (AES-256)", name, sealed, told)


def _answer(catalogue: Catalogue, held: Sequence[Qualification]) -> bytes:
    finding = find(held, on=TODAY, reference=Reference.INSURED_NUMBER, key=KEY)
    return _writer(catalogue).eligibility(_asked_frame(), Answered(finding, search_info()))


def _face(catalogue: Catalogue) -> Iterator[Sample]:
    """Answers a reader pushes into ``face``: they have no request."""
    held = qualification()
    newer = replace(held, qualification_id=2, link_id=2, key=NEWER_KEY, issued_on=date(2025, 4, 1), limits=())
    frame = replace(_plain_frame(), header=Header(INSTITUTION, ""), on=TODAY, reference=Reference.CARD)
    frame = replace(frame, code=CharacterCode.UTF_8)
    one, two = _by_card([held], _consents(Viewable.MEDICINES)), _by_card([held, newer])
    cases = (
        ("06-card", "insured", "カード読み取り、薬剤情報に同意", "pushed by the reader, consent for medicines", one),
        ("07-card-several", "several", "カード読み取り、複数該当", "pushed by the reader, two insurers", two),
        (
            "09-card-ends-soon",
            "ends_soon",
            "カード読み取り、電子証明書の更新時期",
            "pushed by the reader, the certificate ends soon",
            replace(_by_card([held]), result_code=CARD_ENDS_SOON),
        ),
    )
    for folder, world, shows_ja, shows, finding in cases:
        face = f"OQSsiquc01res_face_{INSTITUTION}0a1b2c3d_20261123100000.xml"
        told = _writer(catalogue).eligibility(frame, Answered(finding))
        yield Sample(folder, world, shows_ja, shows, "", None, told, face)


def _reference_number(catalogue: Catalogue) -> Iterator[Sample]:
    number = _number("24434")
    info: Element = ("ReferenceNumberRegistrationInfo", list(number.echo))
    told = _writer(catalogue).registered(_plain_frame(), number)
    name = "OQSsiimm01req_10.xml"
    yield Sample("10-reference-number", "insured", "照会番号の登録", "a patient's number", name, request([info]), told)
    refused = _refusal(catalogue, "OQSsiimm01req_11.xml", request([info]), "HZ-Q01")
    shows = ("照会番号の登録、該当資格なし", "a patient's number, nobody found")
    yield Sample("11-reference-number-nobody", "nobody", *shows, "OQSsiimm01req_11.xml", request([info]), refused)


def _bulk(catalogue: Catalogue) -> Iterator[Sample]:
    """Bulk pairs: the request under ``ask`` first, then the fetch with the reception number it was given."""
    writer = _writer(catalogue)
    found = Answered(find([qualification()], on=TODAY, reference=Reference.INSURED_NUMBER, key=KEY), search_info())
    number = _number("24434")
    eligibility = request([search(), search("")])
    [_, wrong] = _people(eligibility)
    assert isinstance(wrong, MessageProblemError)  # noqa: S101  # made above
    consents = _consents(Viewable.MEDICINES, Viewable.CHECKUPS)
    away = [Answered(_by_card([qualification()], consents))]
    away_frame = replace(_plain_frame(), on=TODAY, reference=Reference.CARD)
    fetch = request([("ReceptionNumber", RECEPTION)])
    cases: Sequence[tuple[str, str, str, str, str, bytes, bytes]] = (
        (
            "20-OQSmuquc",
            "insured",
            "一括照会。1人は誤り",
            "many people, one of them wrong",
            "OQSmuquc",
            eligibility,
            writer.bulk_eligibility(_asked_frame(), RECEPTION, [found, wrong]),
        ),
        (
            "22-OQSmuimm",
            "insured",
            "照会番号の一括登録",
            "numbers of many patients",
            "OQSmuimm",
            request([("ReferenceNumberRegistrationInfo", list(number.echo))]),
            writer.bulk_registered(_plain_frame(), RECEPTION, [number]),
        ),
        (
            "24-OQSmuhvq",
            "consented",
            "訪問診療等の同意者",
            "who consented for visits",
            "OQSmuhvq",
            request([_period("2")]),
            writer.bulk_eligibility(away_frame, RECEPTION, away),
        ),
        (
            "26-OQSmuonq",
            "consented",
            "オンライン診療等の同意者",
            "who consented for online care",
            "OQSmuonq",
            request([_period("3")]),
            writer.bulk_eligibility(away_frame, RECEPTION, away),
        ),
    )
    accepted = writer.accepted(_plain_frame(), RECEPTION)
    for folder, world, shows_ja, shows, prefix, asked, result in cases:
        place, ask, get = folder[:2], f"{folder}-ask", f"{folder}-fetch"
        taken = (f"{shows_ja}（要求）", f"{shows}: taken in")
        fetched = (f"{shows_ja}（結果）", f"{shows}: fetched")
        yield Sample(ask, world, *taken, f"{prefix}01req_{place}.xml", asked, accepted)
        yield Sample(get, world, *fetched, f"{prefix}02req_{place}.xml", fetch, result)
    running = writer.running(_plain_frame(), RECEPTION)
    asked = request([search()])
    first = ("処理中の結果を取りに行く（要求）", "fetched too early: taken in")
    early = ("処理中の結果を取りに行く（結果）", "fetched too early")
    yield Sample("28-running-ask", "insured", *first, "OQSmuquc01req_28.xml", asked, accepted)
    yield Sample("28-running-fetch", "insured", *early, "OQSmuquc02req_28.xml", fetch, running)


def _medical(catalogue: Catalogue) -> Iterator[Sample]:
    held = qualification()
    drug = {"code": "612170709", "name": "アムロジピン錠５ｍｇ", "amount": "1", "unit": "錠", "times": "28"}
    examined = {"code": "9A755000000000001", "name": "収縮期血圧", "value": "128", "unit": "mm[Hg]"}
    body: list[Element] = [("StartDate", "202609"), ("EndDate", "202611"), ("FileCategory", "2")]
    asked = request(body, header=medical_header())
    dispensed = [MedicalEntry(1, date(2026, 11, 2), "ひもづけ薬局", [drug])]
    checkup = [MedicalEntry(1, date(2026, 6, 2), "ひもづけ健診センター", [examined])]
    medicines = medical_answers.medicines(held, dispensed, ("202609", "202611"), CODE)
    checkups = medical_answers.checkups(held, checkup, CODE)
    cases = (
        ("30-medicines", "consented", "薬剤情報", "medicines by month", "YZK", medicines),
        (
            "31-medicines-no-consent",
            "insured",
            "同意がない",
            "no live consent",
            "YZK",
            _medical_refusal(catalogue, "HZ-M02"),
        ),
        (
            "32-medicines-withheld",
            "medical_stopped",
            "医療情報を表示できない",
            "medical information is stopped",
            "YZK",
            _medical_refusal(catalogue, "HZ-M01"),
        ),
        ("33-checkups", "consented", "特定健診情報", "results of a checkup", "TKK", checkups),
    )
    for folder, world, shows_ja, shows, kind, told in cases:
        yield Sample(folder, world, shows_ja, shows, f"{kind}siquc01req_{folder}.xml", asked, told)


def _refused(catalogue: Catalogue) -> Iterator[Sample]:
    """A request for every code with which a file or a request is refused."""
    whole = request([search()])
    long_number: Element = ("ReferenceNumberRegistrationInfo", [("ReferenceNumber", "9" * 51), *key_elements()])
    other = seal("OQSsiquc01req_HZ-F07.xml", whole, "another password")
    broken: Mapping[str, tuple[str, str, bytes]] = {
        "HZ-F01": ("insured", "OQSxxxxx99req_HZ-F01.xml", whole),
        "HZ-F02": ("insured", "OQSsiquc01req_HZ-F02.xml", b""),
        "HZ-F03": ("insured", "OQSsiquc01req_HZ-F03.xml", whole.replace(b"5678", b"\x855678")),
        "HZ-F04": ("insured", "OQSsiquc01req_HZ-F04.xml", whole[:-30]),
        "HZ-F05": ("insured", "OQSsiquc01req_HZ-F05.xml", b"<!DOCTYPE x><XmlMsg/>"),
        "HZ-F06": ("insured", "OQSsiquc01req_HZ-F06.xml", b"<a>" * 40 + b"</a>" * 40),
        "HZ-F07": ("insured", "OQSsiquc01req_HZ-F07.zip", other),
        "HZ-R01": ("insured", "OQSsiquc01req_HZ-R01.xml", whole.replace(b"<Birthdate>19890331</Birthdate>", b"")),
        "HZ-R02": ("insured", "OQSsiquc01req_HZ-R02.xml", whole.replace(b"19890331", b"19890230")),
        "HZ-R03": ("insured", "OQSsiquc01req_HZ-R03.xml", whole.replace(INSTITUTION.encode(), b"1398765432")),
        "HZ-R04": ("no_remote", "OQSmuonq01req_HZ-R04.xml", request([_period("3")])),
        "HZ-R05": ("insured", "OQSmuquc02req_HZ-R05.xml", request([("ReceptionNumber", "R20261123999999")])),
        "HZ-R06": ("insured", "OQSsiimm01req_HZ-R06.xml", request([long_number])),
        "HZ-S01": ("fault", "OQSsiquc01req_HZ-S01.xml", whole),
    }
    for number, (code, (world, name, content)) in enumerate(broken.items(), 40):
        shows = (catalogue.text(code, "ja"), catalogue.text(code, "en"))
        yield Sample(f"{number}-{code}", world, *shows, name, content, _refusal(catalogue, name, content, code))


def _refusal(catalogue: Catalogue, name: str, content: bytes, code: str) -> bytes:
    """The answer to what is refused, with what the reader says of the element where it is the reader that refuses."""
    read = read_name(name)
    assert read is not None  # noqa: S101  # a name of this module
    kind = catalogue.kind(read.prefix)
    frame = Frame(Header(INSTITUTION if code != "HZ-S01" else "", ""), NOW, CharacterCode.UTF_8)
    reason = {"HZ-F01": f"The prefix {read.prefix} is not known.", "HZ-R03": "1398765432"}.get(code, "")
    reason = "R20261123999999" if code == "HZ-R05" else reason
    try:
        message = read_message(open_sealed(content, PASSWORD) if read.extension == "zip" else content)
        if code != "HZ-S01":
            frame = frame_of_refusal(message, kind, INSTITUTION, NOW)
        read_request(kind.code if kind else "eligibility", message.root)
    except MessageProblemError as problem:
        reason = problem.reason
    told = _writer(catalogue).refused(frame, MessageProblemError(code, reason))
    return seal(f"{read.answer}.xml", told, PASSWORD) if read.extension == "zip" else told


def _medical_refusal(catalogue: Catalogue, code: str) -> bytes:
    return medical_answers.refused(f"{catalogue.written(code)} {catalogue.text(code)}", CODE)


def _people(content: bytes) -> Sequence[object]:
    read = read_request("bulk_eligibility", read_message(content).root)
    assert isinstance(read, EligibilityRequest)  # noqa: S101  # what this kind is read as
    return read.people


def _number(reference: str) -> ReferenceNumber:
    return ReferenceNumber(KEY, reference, (("ReferenceNumber", reference), *key_elements()))


def _period(flag: str) -> Element:
    days = [("ConsentDateFrom", "20261101"), ("ConsentDateTo", "20261123"), ("MedicalTreatmentFlag", flag)]
    return ("QualificationConfirmSearchInfo", days)


def _consents(*allowed: Viewable) -> Mapping[Viewable, GivenConsent]:
    return {one: GivenConsent(one, NOW, NOW + timedelta(hours=24)) for one in allowed}


def _by_card(held: Sequence[Qualification], consents: Mapping[Viewable, GivenConsent] | None = None) -> Finding:
    return replace(find(held, on=TODAY, reference=Reference.CARD), consents=consents or {})


def _plain_frame() -> Frame:
    return Frame(Header(INSTITUTION, FILE_IDENTIFIER), NOW, CODE)


def _asked_frame() -> Frame:
    return replace(_plain_frame(), on=TODAY, reference=Reference.INSURED_NUMBER)


def _writer(catalogue: Catalogue) -> AnswerWriter:
    return AnswerWriter(catalogue)
