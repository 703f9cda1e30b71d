"""Messages of the folder: read as clinics' software writes them, written as it reads them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qualifications import TODAY, qualification

from himozuke.eligibility.decide import find
from himozuke.eligibility.model import Finding, InsuredKey, LimitCertificate, Qualification, Reference
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue, read_name
from himozuke.gateways.oqs_files.requests import EligibilityRequest, ReferenceNumberRequest, SearchInfo, read_request
from himozuke.gateways.oqs_files.xml_text import CharacterCode, MessageProblemError, read_message, render

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=9)))
SEARCH = (
    "<QualificationConfirmSearchInfo><InsurerNumber>{insurer}</InsurerNumber><InsuredCardSymbol>１２－３４</InsuredCardSymbol>"
    "<InsuredIdentificationNumber>5678</InsuredIdentificationNumber><InsuredBranchNumber></InsuredBranchNumber>"
    "<Birthdate>{birth}</Birthdate><LimitApplicationCertificateRelatedConsFlg>1</LimitApplicationCertificateRelatedConsFlg>"
    "</QualificationConfirmSearchInfo>"
)


def request(*people: str, encoding: str = "Shift_JIS", code: str = "1312345676") -> bytes:
    body = "".join(people) or SEARCH.format(insurer="06130488", birth="19890331")
    text = (
        f'<?xml version="1.0" encoding="{encoding}" standalone="no"?>\r\n<XmlMsg><MessageBody>{body}</MessageBody>'
        f"<MessageHeader><ArbitraryFileIdentifier>hz-0001</ArbitraryFileIdentifier><MedicalInstitutionCode>{code}"
        "</MedicalInstitutionCode><QualificationConfirmationDate>20261123</QualificationConfirmationDate></MessageHeader></XmlMsg>"
    )
    return text.encode("cp932" if encoding == "Shift_JIS" else "utf-8")


def asked(content: bytes, kind: str = "eligibility") -> EligibilityRequest:
    read = read_request(kind, read_message(content).root)
    assert isinstance(read, EligibilityRequest)
    return read


def answer(*held: Qualification, code: CharacterCode = CharacterCode.UTF_8) -> ET.Element:
    read = asked(request())
    search = read.people[0]
    assert isinstance(search, SearchInfo)
    found = find(held, on=TODAY, reference=Reference.INSURED_NUMBER, key=search.key)
    return tree(written(read, found, search, code=code))


def written(read: EligibilityRequest, found: Finding, search: SearchInfo, *, code: CharacterCode) -> bytes:
    frame = Frame(read.header, NOW, code, read.on, Reference.INSURED_NUMBER)
    return AnswerWriter(packaged_catalogue()).eligibility(frame, Answered(found, search, {1: "24434"}))


def tree(content: bytes) -> ET.Element:
    text = content.decode("cp932" if b"Shift_JIS" in content[:80] else "utf-8")
    return ET.fromstring(text.partition("?>")[2])  # noqa: S314  # our own output


def code_of(content: bytes) -> str:
    """The code a request is refused with; empty where it is understood."""
    try:
        asked(content)
    except MessageProblemError as problem:
        return problem.code
    return ""


@pytest.mark.parametrize("encoding", ["Shift_JIS", "UTF-8"])
def test_a_request_is_understood_in_both_codes_and_any_order(encoding: str) -> None:
    read = asked(request(encoding=encoding))

    assert read.header.institution_code == "1312345676"
    assert read.on == TODAY
    [person] = read.people
    assert isinstance(person, SearchInfo)
    assert (person.key, person.wants_limits) == (InsuredKey("06130488", "１２－３４", "5678", ""), True)


def test_the_insurer_number_of_a_municipality_comes_padded_with_blanks_and_goes_so() -> None:
    read = asked(request(SEARCH.format(insurer="  138057", birth="19890331")))
    [person] = read.people
    assert isinstance(person, SearchInfo)
    assert person.key.insurer_number == "138057"

    held = qualification(key=InsuredKey("138057", "１２－３４", "5678"))
    told = written(read, find([held], on=TODAY, reference=Reference.CARD), person, code=CharacterCode.SHIFT_JIS)

    assert "<InsurerNumber>  138057</InsurerNumber>".encode("cp932") in told


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "HZ-F02"),
        (request()[:-40], "HZ-F04"),
        (b"<?xml version='1.0' encoding='EUC-JP'?><XmlMsg/>", "HZ-F03"),
        (request().replace(b"5678", b"\x855678"), "HZ-F03"),
        (b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><XmlMsg>&a;</XmlMsg>", "HZ-F05"),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><XmlMsg/>", "HZ-F05"),
        (b"<a>" * 500 + b"</a>" * 500, "HZ-F06"),
        (request().replace(b"20261123", b"20261131"), "HZ-R02"),
        (request().replace(b"19890331", b""), "HZ-R01"),
        (request(code="99"), "HZ-R02"),
        (b"<XmlMsg/>", "HZ-R01"),
    ],
)
def test_what_cannot_be_understood_is_named(content: bytes, code: str) -> None:
    with pytest.raises(MessageProblemError) as problem:
        asked(content)

    assert problem.value.code == code
    assert packaged_catalogue().text(code, "ja")
    assert packaged_catalogue().text(code, "en")


def test_a_wrong_person_in_a_bulk_request_does_not_stop_the_others() -> None:
    good = SEARCH.format(insurer="06130488", birth="19890331")
    bad = SEARCH.format(insurer="", birth="19890331")

    read = asked(request(good, bad, good), kind="bulk_eligibility")

    assert [type(person).__name__ for person in read.people] == ["SearchInfo", "MessageProblemError", "SearchInfo"]
    assert len(read.questions()) == 2


def test_a_valid_answer_holds_what_the_strict_clients_need() -> None:
    told = answer(qualification())

    assert told.findtext("MessageHeader/SegmentOfResult") == "1"
    assert told.findtext("MessageHeader/ReferenceClassification") == "2"
    assert told.findtext("MessageHeader/CharacterCodeIdentifier") == "0"
    assert told.findtext("MessageHeader/ProcessExecutionTime") == "20261123100000"
    assert told.findtext("MessageHeader/ArbitraryFileIdentifier") == "hz-0001"
    assert told.findtext("MessageBody/ProcessingResultStatus") == "1"
    assert told.findtext("MessageBody/QualificationValidity") == "1"
    result = told.find("MessageBody/ResultList/ResultOfQualificationConfirmation")
    assert result is not None
    for name in ("InsuredCardClassification", "InsurerName", "Name", "Sex1", "Birthdate"):
        assert result.findtext(name)
    assert result.findtext("NameKana") == "ﾋﾓﾂﾞｹ ﾊﾅｺ"
    assert result.findtext("ReferenceNumber") == "24434"


def test_nothing_found_is_a_normal_answer_without_a_list() -> None:
    told = answer()

    assert told.findtext("MessageBody/QualificationValidity") == "4"
    assert told.find("MessageBody/ResultList") is None


def test_the_request_is_given_back_element_by_element() -> None:
    told = answer(qualification())

    assert told.findtext("MessageBody/QualificationConfirmSearchInfo/InsuredCardSymbol") == "１２－３４"


def test_a_limit_certificate_is_told_where_it_was_asked_for() -> None:
    limit = LimitCertificate("01", "A03", None, date(2026, 11, 1), None)

    told = answer(qualification(limits=(limit,)))

    path = "MessageBody/ResultList/ResultOfQualificationConfirmation/LimitApplicationCertificateRelatedInfo/"
    assert told.findtext(path + "LimitApplicationCertificateClassificationFlag") == "A03"
    assert told.findtext(path + "LimitApplicationCertificateValidStartDate") == "20261101"


def test_a_character_shift_jis_lacks_becomes_the_black_circle() -> None:
    held = qualification(kanji_name="𠮷田　葛" + chr(0xE0100) + "子", insured_name="髙﨑")

    told = answer(held, code=CharacterCode.SHIFT_JIS)

    result = told.find("MessageBody/ResultList/ResultOfQualificationConfirmation")
    assert result is not None
    assert result.findtext("Name") == "●田　葛子"
    assert result.findtext("InsuredName") == "髙﨑"


def test_a_refusal_says_the_code_in_header_and_body() -> None:
    problem = MessageProblemError("HZ-R01", "Birthdate is missing.")
    frame = Frame(asked(request()).header, NOW, CharacterCode.UTF_8)

    told = tree(AnswerWriter(packaged_catalogue()).refused(frame, problem))

    assert told.findtext("MessageHeader/SegmentOfResult") == "9"
    assert told.findtext("MessageHeader/ErrorCode") == "HZ-R01"
    assert told.findtext("MessageBody/ProcessingResultStatus") == "2"


@pytest.mark.parametrize(
    ("name", "answer_name"),
    [
        ("OQSsiquc01req_202611230001.xml", "OQSsiquc01res_202611230001"),
        ("OQSmuquc02req_1700000000_7.zip", "OQSmuquc02res_1700000000_7"),
        ("YZKsiquc01req_a.xml", "YZKsiquc01res_a"),
    ],
)
def test_the_answer_bears_the_name_of_the_request(name: str, answer_name: str) -> None:
    read = read_name(name)

    assert read is not None
    assert read.answer == answer_name
    assert packaged_catalogue().kind(read.prefix) is not None


@pytest.mark.parametrize("name", ["readme.txt", "OQSsiquc01res_1.xml", "../OQSsiquc01req_1.exe", "req_1.xml"])
def test_other_names_are_no_requests(name: str) -> None:
    assert read_name(name) is None


def test_reference_numbers_are_read_with_their_blanks_and_length() -> None:
    body = (
        "<ReferenceNumberRegistrationInfo><ReferenceNumber>24434</ReferenceNumber><InsurerNumber>  123456</InsurerNumber>"
        "<InsuredCardSymbol>記</InsuredCardSymbol><InsuredIdentificationNumber>001</InsuredIdentificationNumber>"
        "</ReferenceNumberRegistrationInfo>"
    )
    read = read_request("reference_number", read_message(request(body)).root)

    assert isinstance(read, ReferenceNumberRequest)
    with pytest.raises(MessageProblemError, match="at most 50"):
        read_request("reference_number", read_message(request(body.replace("24434", "1" * 51))).root)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_code(content: bytes) -> None:
    assert code_of(content) in {"", *packaged_catalogue().result_codes}


@given(st.integers(0, 600), st.binary(min_size=1, max_size=6))
def test_a_damaged_request_is_read_or_refused_with_a_code(place: int, damage: bytes) -> None:
    whole = request()

    assert code_of(whole[:place] + damage + whole[place:]) in {"", *packaged_catalogue().result_codes}


@given(st.text(max_size=30), st.sampled_from(CharacterCode))
def test_any_text_leaves_as_a_message_that_is_read_again(text: str, code: CharacterCode) -> None:
    content = render(("XmlMsg", [("Name", text)]), code)

    read = read_message(content)

    assert read.code is code
    if code is CharacterCode.UTF_8 and text.isascii() and text.isprintable():
        assert read.root.value("Name") == text.strip("\t\n\r ")
