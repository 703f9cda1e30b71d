"""The vendor kit: a request with its expected answer for every message and error, and a check of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from himozuke.eligibility.decide import find
from himozuke.eligibility.model import (
    CardClass,
    Finding,
    GivenConsent,
    InsuredKey,
    LimitCertificate,
    Qualification,
    Reference,
    Relation,
    Viewable,
)
from himozuke.eligibility.store import MedicalEntry
from himozuke.errors import InputRejectedError
from himozuke.gateways.oqs_files import medical_answers
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import Catalogue, packaged_catalogue, read_name
from himozuke.gateways.oqs_files.requests import Header, ReferenceNumber, SearchInfo, read_request
from himozuke.gateways.oqs_files.xml_text import (
    CharacterCode,
    Element,
    MessageProblemError,
    read_message,
    render,
)

_NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
_TODAY = _NOW.date()
_INSTITUTION = "1312345676"
_RECEPTION = "R20261123000001"
_KEY = InsuredKey("06130488", "１２－３４", "5678", "01")
_CODE = CharacterCode.SHIFT_JIS
_README = """# Requests and answers

Each folder holds a request as clinics' software writes it and the answer it gets. Everybody in them is synthetic.
The answer to an error bears a code beginning with HZ-: the national codes are not public, so ours have a prefix of
their own, and a file of yours can replace them (`himozuke oqs ROOT --result-codes FILE`).

| Folder | What it shows |
|---|---|
{rows}

Check requests of your own with `himozuke oqs check FOLDER`: nothing is asked and nothing is changed.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair: what it shows, the names of the files, what is asked and what is answered."""

    folder: str
    shows: str
    name: str
    request: bytes
    answer: bytes
    answer_name: str = ""


def write_kit(folder: Path) -> int:
    """Write every sample into a folder of its own, and a list of them; returns how many there are."""
    samples = list(_samples())
    for sample in samples:
        place = folder / sample.folder
        place.mkdir(parents=True, exist_ok=True)
        (place / sample.name).write_bytes(sample.request)
        name = read_name(sample.name)
        answer = sample.answer_name or (f"{name.answer}.xml" if name else "")
        (place / answer).write_bytes(sample.answer)
    rows = "\n".join(f"| {sample.folder} | {sample.shows} |" for sample in samples)
    (folder / "README.md").write_text(_README.format(rows=rows), encoding="utf-8")
    return len(samples)


def check_requests(path: Path, catalogue: Catalogue, language: str) -> list[tuple[str, str, str, str, str]]:
    """Say of each request file: its name, the message, ``accepted`` or ``refused``, the code and the reason.

    InputRejectedError when there is no file.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
    found = [_checked(file, catalogue, language) for file in files if file.is_file() and "req_" in file.name]
    if not found:
        raise InputRejectedError(f"{path} holds no request file. The name of one contains req_ and ends in .xml.")
    return found


def _checked(file: Path, catalogue: Catalogue, language: str) -> tuple[str, str, str, str, str]:
    name = read_name(file.name)
    kind = catalogue.kind(name.prefix) if name else None
    if kind is None:
        return file.name, "", "refused", "HZ-F01", catalogue.text("HZ-F01", language)
    try:
        request = read_request(kind.code, read_message(file.read_bytes()).root)
    except MessageProblemError as problem:
        return (
            file.name,
            kind.title_ja,
            "refused",
            problem.code,
            f"{catalogue.text(problem.code, language)} {problem.reason}",
        )
    parts: Sequence[object] = getattr(request, "people", ()) or getattr(request, "numbers", ())
    for number, one in enumerate(parts, 1):
        if isinstance(one, MessageProblemError):
            reason = f"{number}: {catalogue.text(one.code, language)} {one.reason}"
            return file.name, kind.title_ja, "refused", one.code, reason
    return file.name, kind.title_ja, "accepted", "", ""


def _samples() -> Iterator[Sample]:
    yield from _eligibility_samples()
    yield from _reference_samples()
    yield from _bulk_samples()
    yield from _medical_samples()
    yield from _error_samples()


def _eligibility_samples() -> Iterator[Sample]:
    held = _qualification()
    old = replace(held, lost_on=date(2026, 10, 1))
    newer = replace(held, qualification_id=2, key=InsuredKey("06132013", "9", "1", "00"))
    stopped = replace(held, restriction="ALL")
    for folder, shows, found in (
        ("01-valid", "valid, with a limit certificate", [held]),
        ("02-invalid", "ended, no other insurance known", [old]),
        ("03-invalid-newer", "ended, insured elsewhere since", [old, newer]),
        ("04-not-found", "nobody with this number", []),
        ("05-withheld", "nothing can be shown; the next step is named, the reason is not", [stopped]),
    ):
        finding = find(found, on=_TODAY, reference=Reference.INSURED_NUMBER, key=_KEY)
        name = f"OQSsiquc01req_{folder}.xml"
        yield Sample(
            folder, shows, name, _request(_search()), _writer().eligibility(_frame(), Answered(finding, _info()))
        )
    yield from _face_samples(held, newer)


def _face_samples(held: Qualification, newer: Qualification) -> Iterator[Sample]:
    """Answers a reader pushes into ``face``: they have no request."""
    consent = GivenConsent(Viewable.MEDICINES, _NOW, _NOW + timedelta(hours=24))
    frame = replace(_frame(), reference=Reference.CARD)
    for folder, shows, finding in (
        ("06-card", "pushed by the reader, consent for medicines", _by_card([held], {Viewable.MEDICINES: consent})),
        ("07-card-several", "pushed by the reader, two insurers on one day", _by_card([held, newer], {})),
    ):
        answer = _writer().eligibility(frame, Answered(finding))
        face = f"OQSsiquc01res_face_{_INSTITUTION}0a1b2c3d_20261123100000.xml"
        yield Sample(
            folder, shows, "README.txt", b"No request: the reader writes this answer into face/.\n", answer, face
        )


def _reference_samples() -> Iterator[Sample]:
    number = ReferenceNumber(_KEY, "24434", (("ReferenceNumber", "24434"), *_key_elements()))
    info: Element = ("ReferenceNumberRegistrationInfo", list(number.echo))
    yield Sample(
        "10-reference-number",
        "the institution's own number of a patient is kept",
        "OQSsiimm01req_10.xml",
        _request([info]),
        _writer().registered(_frame(), number),
    )


def _bulk_samples() -> Iterator[Sample]:
    writer = _writer()
    found = Answered(find([_qualification()], on=_TODAY, reference=Reference.INSURED_NUMBER, key=_KEY), _info())
    number = ReferenceNumber(_KEY, "24434", (("ReferenceNumber", "24434"), *_key_elements()))
    problem = MessageProblemError("HZ-R01", "Birthdate is missing.")
    consented: list[Element] = [
        (
            "QualificationConfirmSearchInfo",
            [("ConsentDateFrom", "20261101"), ("ConsentDateTo", "20261123"), ("MedicalTreatmentFlag", "{flag}")],
        )
    ]
    fetch: list[Element] = [("ReceptionNumber", _RECEPTION)]
    asks: Sequence[tuple[str, str, Sequence[Element], bytes]] = (
        (
            "20",
            "OQSmuquc",
            [*_search(), *_search()],
            writer.bulk_eligibility(_frame(), _RECEPTION, [found, (_info(), problem)]),
        ),
        (
            "22",
            "OQSmuimm",
            [("ReferenceNumberRegistrationInfo", list(number.echo))],
            writer.bulk_registered(_frame(), _RECEPTION, [number]),
        ),
        ("24", "OQSmuhvq", _with_flag(consented, "2"), writer.bulk_eligibility(_frame(), _RECEPTION, [found])),
        ("26", "OQSmuonq", _with_flag(consented, "3"), writer.bulk_eligibility(_frame(), _RECEPTION, [found])),
    )
    for place, prefix, asked, result in asks:
        accepted = writer.accepted(_frame(), _RECEPTION)
        yield Sample(
            f"{place}-{prefix}-ask",
            "a bulk request is taken in",
            f"{prefix}01req_{place}.xml",
            _request(asked),
            accepted,
        )
        yield Sample(
            f"{place}-{prefix}-fetch", "its result is fetched", f"{prefix}02req_{place}.xml", _request(fetch), result
        )
    running = writer.running(_frame(), _RECEPTION)
    yield Sample("28-running", "fetched too early", "OQSmuquc02req_28.xml", _request(fetch), running)


def _medical_samples() -> Iterator[Sample]:
    held = _qualification()
    drug = {"code": "612170709", "name": "アムロジピン錠５ｍｇ", "amount": "1", "unit": "錠", "times": "28"}
    examined = {"code": "9A755000000000001", "name": "収縮期血圧", "value": "128", "unit": "mm[Hg]"}
    body: list[Element] = [("StartDate", "202609"), ("EndDate", "202611"), ("FileCategory", "2")]
    medicines = [MedicalEntry(1, date(2026, 11, 2), "ひもづけ薬局", [drug])]
    checkup = [MedicalEntry(1, date(2026, 6, 2), "ひもづけ健診センター", [examined])]
    refused = _writer().said(MessageProblemError("HZ-M02", ""))
    withheld = _writer().said(MessageProblemError("HZ-M01", ""))
    for folder, shows, prefix, answer in (
        (
            "30-medicines",
            "medicines by month",
            "YZKsiquc01",
            medical_answers.medicines(held, medicines, ("202609", "202611"), _CODE),
        ),
        (
            "31-medicines-no-consent",
            "no live consent",
            "YZKsiquc01",
            medical_answers.refused(f"HZ-M02 {refused}", _CODE),
        ),
        (
            "32-medicines-withheld",
            "medical information is stopped",
            "YZKsiquc01",
            medical_answers.refused(f"HZ-M01 {withheld}", _CODE),
        ),
        ("33-checkups", "results of a checkup", "TKKsiquc01", medical_answers.checkups(held, checkup, _CODE)),
    ):
        yield Sample(folder, shows, f"{prefix}req_{folder}.xml", _request(body, header=_medical_header()), answer)


def _error_samples() -> Iterator[Sample]:
    """A request for every code with which a file or a request is refused."""
    whole = _request(_search())
    broken: Mapping[str, tuple[str, bytes]] = {
        "HZ-F01": ("OQSxxxxx99req_HZ-F01.xml", whole),
        "HZ-F02": ("OQSsiquc01req_HZ-F02.xml", b""),
        "HZ-F03": ("OQSsiquc01req_HZ-F03.xml", whole.replace(b"5678", b"\x855678")),
        "HZ-F04": ("OQSsiquc01req_HZ-F04.xml", whole[:-30]),
        "HZ-F05": ("OQSsiquc01req_HZ-F05.xml", b"<!DOCTYPE x><XmlMsg/>"),
        "HZ-F06": ("OQSsiquc01req_HZ-F06.xml", b"<a>" * 40 + b"</a>" * 40),
        "HZ-R01": ("OQSsiquc01req_HZ-R01.xml", whole.replace(b"<Birthdate>19890331</Birthdate>", b"")),
        "HZ-R02": ("OQSsiquc01req_HZ-R02.xml", whole.replace(b"19890331", b"19890230")),
        "HZ-R03": ("OQSsiquc01req_HZ-R03.xml", whole.replace(_INSTITUTION.encode(), b"1398765432")),
        "HZ-R05": ("OQSmuquc02req_HZ-R05.xml", _request([("ReceptionNumber", "R20261123999999")])),
        "HZ-R06": ("OQSsiimm01req_HZ-R06.xml", _request([_long_reference()])),
    }
    for number, (code, (name, content)) in enumerate(broken.items(), 40):
        answer = _writer().refused(_frame(), MessageProblemError(code, _reason(name, content)))
        yield Sample(f"{number}-{code}", packaged_catalogue().text(code, "en"), name, content, answer)


def _reason(name: str, content: bytes) -> str:
    """What the reader says of the element, where it is the reader that refuses."""
    read = read_name(name)
    kind = packaged_catalogue().kind(read.prefix) if read else None
    try:
        read_request(kind.code if kind else "eligibility", read_message(content).root)
    except MessageProblemError as problem:
        return problem.reason
    return ""


def _long_reference() -> Element:
    return ("ReferenceNumberRegistrationInfo", [("ReferenceNumber", "9" * 51), *_key_elements()])


def _qualification() -> Qualification:
    return Qualification(
        qualification_id=1,
        link_id=1,
        key=_KEY,
        insurer_name="ひも健康保険組合",
        card_class=CardClass.GENERAL,
        relation=Relation.INSURED,
        insured_name="紐付　花子",
        kanji_name="紐付　花子",
        kana_name="ヒモヅケ　ハナコ",
        sex="2",
        birth_date=date(1989, 3, 31),
        address="東京都千代田区",
        postal_code="100-0001",
        acquired_on=date(2024, 4, 1),
        lost_on=None,
        issued_on=date(2024, 4, 1),
        card_valid_from=date(2024, 4, 1),
        card_valid_until=None,
        restriction="NONE",
        verdict="PROVEN",
        is_released=False,
        limits=(LimitCertificate("01", "A03", date(2026, 11, 1), date(2026, 11, 1), None),),
    )


def _by_card(held: Sequence[Qualification], consents: Mapping[Viewable, GivenConsent]) -> Finding:
    return replace(find(held, on=_TODAY, reference=Reference.CARD), consents=consents)


def _key_elements() -> list[tuple[str, str]]:
    return [
        ("InsurerNumber", _KEY.insurer_number),
        ("InsuredCardSymbol", _KEY.symbol),
        ("InsuredIdentificationNumber", _KEY.number),
        ("InsuredBranchNumber", _KEY.branch),
    ]


def _info() -> SearchInfo:
    [(_, content)] = _search()
    assert not isinstance(content, str)  # noqa: S101  # _search makes it
    echo = tuple((name, text) for name, text in content if isinstance(text, str))
    return SearchInfo(_KEY, date(1989, 3, 31), True, echo)


def _search() -> list[Element]:
    rest: list[Element] = [("Birthdate", "19890331"), ("LimitApplicationCertificateRelatedConsFlg", "1")]
    return [("QualificationConfirmSearchInfo", [*_key_elements(), *rest])]


def _with_flag(body: Sequence[Element], flag: str) -> list[Element]:
    [(name, content)] = body
    assert not isinstance(content, str)  # noqa: S101  # made above
    return [(name, [(tag, flag if text == "{flag}" else text) for tag, text in content])]


def _medical_header() -> list[Element]:
    return [
        ("MedicalInstitutionCode", _INSTITUTION),
        ("InsurerNumber", _KEY.insurer_number),
        ("InsuranceCardSymbol", _KEY.symbol),
        ("InsuredPersonIdentificationNumber", _KEY.number),
        ("BranchNumber", _KEY.branch),
        ("ArbitraryFileIdentifier", "hz-0001"),
    ]


def _request(body: Sequence[Element], *, header: Sequence[Element] | None = None) -> bytes:
    told = header or [
        ("QualificationConfirmationDate", f"{_TODAY:%Y%m%d}"),
        ("MedicalInstitutionCode", _INSTITUTION),
        ("ArbitraryFileIdentifier", "hz-0001"),
    ]
    return render(("XmlMsg", [("MessageHeader", told), ("MessageBody", body)]), _CODE)


def _frame() -> Frame:
    return Frame(Header(_INSTITUTION, "hz-0001"), _NOW, _CODE, _TODAY, Reference.INSURED_NUMBER)


def _writer() -> AnswerWriter:
    return AnswerWriter(packaged_catalogue())
