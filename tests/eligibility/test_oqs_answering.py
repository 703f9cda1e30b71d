"""Request files answered from the database, as a clinic's software would put them and read them."""

from __future__ import annotations

import io
import threading
import time
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import pyzipper
from clinic_software import KEY, SEARCH, TKK_HEADER, Clinic, message, parsed
from database_fixture import SmallWorld
from institutions import (
    CODE,
    Member,
    accesses,
    add_card,
    add_death,
    add_institution,
    add_medicine,
    add_member,
    desk,
    set_link,
)

from himozuke.eligibility.model import InsuredKey, Question, Viewable
from himozuke.eligibility.service import CardReading, Checked, EligibilityService
from himozuke.eligibility.store import Institution
from himozuke.entrypoints.oqs.answering import told
from himozuke.gateways.oqs_files.answers import AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue, read_name
from himozuke.gateways.oqs_files.folder import Gateway, Share, put_in_place
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.sealed_zip import open_sealed, seal
from himozuke.gateways.oqs_files.xml_text import CharacterCode

MONTHS = "<StartDate>202602</StartDate><EndDate>202604</EndDate><FileCategory>2</FileCategory>"


@pytest.fixture
def clinic(office: SmallWorld, tmp_path: Path) -> Clinic:
    add_institution(office, treats_at_home=True)
    return Clinic(office, tmp_path)


def search(number: str = "5678", mark: str = "") -> str:
    return SEARCH.format(number=number, mark=mark)


def test_a_request_file_is_answered_from_the_database(office: SmallWorld, clinic: Clinic) -> None:
    limit = {"certificate_class": "01", "income_class": "A03", "valid_from": "2026-01-01"}
    member = add_member(office, certificate={"limits": [limit], "postal_code": "100-0013", "card_class": "01"})

    told = clinic.ask("OQSsiquc01", search())

    assert told.findtext("MessageBody/QualificationValidity") == "1"
    result = told.find("MessageBody/ResultList/ResultOfQualificationConfirmation")
    assert result is not None
    assert result.findtext("Name") == "紐付　花子"
    assert result.findtext("PostNumber") == "100-0013"
    assert (
        result.findtext("LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag") == "A03"
    )
    assert accesses(office) == [(member.link_id, "reception", ["qualification", "limits"])]


def put_again(clinic: Clinic, prefix: str, body: str, *, header: str | None = None) -> ET.Element:
    """The same file, name and bytes, after its answer was taken away."""
    (clinic.share / "res" / f"{prefix}res_1.xml").unlink()
    return clinic.ask(prefix, body, header=header)


def stop(office: SmallWorld, member: Member) -> None:
    set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")


def test_the_same_file_again_is_a_question_of_its_own(office: SmallWorld, clinic: Clinic) -> None:
    member = add_member(office)
    clinic.ask("OQSsiquc01", search())
    office.clock.set("2026-04-01T12:00:00+09:00")

    again = put_again(clinic, "OQSsiquc01", search())

    assert again.findtext("MessageHeader/ProcessExecutionTime") == "20260401120000"
    assert again.findtext("MessageBody/QualificationValidity") == "1"
    assert accesses(office) == [(member.link_id, "reception", ["qualification"])] * 2


@pytest.mark.seed("S76")
def test_the_same_file_after_a_stop_shows_nothing(office: SmallWorld, clinic: Clinic) -> None:
    member = add_member(office)
    clinic.ask("OQSsiquc01", search())
    stop(office, member)

    again = put_again(clinic, "OQSsiquc01", search())

    assert again.findtext("MessageBody/QualificationValidity") == "4"
    assert "紐付" not in ET.tostring(again, encoding="unicode")
    assert len(accesses(office)) == 1


@pytest.mark.seed("S76", "S81")
@pytest.mark.parametrize("restriction", ["MEDICAL", "ALL"])
def test_the_same_file_after_a_stop_shows_no_medicines(office: SmallWorld, clinic: Clinic, restriction: str) -> None:
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))
    consent_to_medicines(office)
    assert list(clinic.ask("YZKsiquc01", MONTHS, header=TKK_HEADER).iter("DrugN"))
    logged = len(accesses(office))
    set_link(office, member, state="stopped", restriction=restriction, verdict="DOUBTFUL")

    again = put_again(clinic, "YZKsiquc01", MONTHS, header=TKK_HEADER)

    assert again.findtext("MessageBody/ResultCode") == "2"
    assert not list(again.iter("DrugN"))
    assert len(accesses(office)) == logged


def test_an_answer_that_did_not_reach_the_folder_is_made_anew_to_the_byte_and_logged_once(
    office: SmallWorld, clinic: Clinic
) -> None:
    add_member(office)
    name = read_name("OQSsiquc01req_1.xml")
    assert name is not None
    share, content = Share(clinic.share), message(search())
    first = clinic.answering.answer(share, name, content, is_settled=True, is_retaken=False)
    office.clock.set("2026-04-01T12:00:00+09:00")

    again = clinic.answering.answer(share, name, content, is_settled=True, is_retaken=True)

    assert first is not None
    assert again == first
    assert len(accesses(office)) == 1


@pytest.mark.seed("S76")
def test_an_answer_that_did_not_reach_the_folder_shows_nothing_after_a_stop(office: SmallWorld, clinic: Clinic) -> None:
    member = add_member(office)
    name = read_name("OQSsiquc01req_1.xml")
    assert name is not None
    share, content = Share(clinic.share), message(search())
    clinic.answering.answer(share, name, content, is_settled=True, is_retaken=False)
    stop(office, member)

    again = clinic.answering.answer(share, name, content, is_settled=True, is_retaken=True)
    set_link(office, member, state="released", restriction="NONE", verdict="PROVEN")
    released = clinic.answering.answer(share, name, content, is_settled=True, is_retaken=True)

    assert again is not None
    assert parsed(again.content).findtext("MessageBody/QualificationValidity") == "4"
    assert released is not None
    assert parsed(released.content).findtext("MessageBody/QualificationValidity") == "1"
    assert len(accesses(office)) == 2  # at the first try, and when it was shown after the release


def test_the_same_bulk_file_is_taken_in_once(clinic: Clinic) -> None:
    first = clinic.ask("OQSmuquc01", search()).findtext("MessageHeader/ReceptionNumber")

    again = put_again(clinic, "OQSmuquc01", search()).findtext("MessageHeader/ReceptionNumber")

    assert first == again
    assert clinic.answering.work_off()
    assert not clinic.answering.work_off()


@pytest.mark.seed("S76")
def test_the_people_of_a_bulk_request_are_judged_at_each_fetch_and_logged_then(
    office: SmallWorld, clinic: Clinic
) -> None:
    member = add_member(office)
    reception = clinic.ask("OQSmuquc01", search()).findtext("MessageHeader/ReceptionNumber")
    assert clinic.answering.work_off()
    assert accesses(office) == []
    fetch = f"<ReceptionNumber>{reception}</ReceptionNumber>"

    before = clinic.ask("OQSmuquc02", fetch)
    assert len(accesses(office)) == 1
    stop(office, member)
    after = [put_again(clinic, "OQSmuquc02", fetch), clinic.ask("OQSmuquc02", fetch, name="2")]

    assert before.findtext("MessageBody/BulkConfirmUnit/QualificationValidity") == "1"
    for each in after:
        assert each.findtext("MessageBody/BulkConfirmUnit/QualificationValidity") == "4"
        assert "紐付" not in ET.tostring(each, encoding="unicode")
    assert len(accesses(office)) == 1


def test_a_result_is_fetched_by_its_own_message_in_the_code_of_the_fetch(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    number = f"<ReferenceNumberRegistrationInfo><ReferenceNumber>7</ReferenceNumber>{KEY.format(number='5678')}</ReferenceNumberRegistrationInfo>"
    fetches = {
        prefix: clinic.ask(f"{prefix}01", body).findtext("MessageHeader/ReceptionNumber")
        for prefix, body in (("OQSmuquc", search()), ("OQSmuimm", number))
    }
    while clinic.answering.work_off():
        pass

    crossed = clinic.ask("OQSmuimm02", f"<ReceptionNumber>{fetches['OQSmuquc']}</ReceptionNumber>", name="crossed")
    assert crossed.findtext("MessageHeader/ErrorCode") == "HZ-R05"
    for prefix, reception in fetches.items():
        fetch = message(f"<ReceptionNumber>{reception}</ReceptionNumber>").decode("cp932").replace("Shift_JIS", "UTF-8")
        clinic.put(f"{prefix}02req_utf8.xml", fetch.encode())
        clinic.run()
        content = (clinic.share / "res" / f"{prefix}02res_utf8.xml").read_bytes()
        assert b'encoding="UTF-8"' in content
        told = parsed(content)
        assert told.findtext("MessageHeader/CharacterCodeIdentifier") == "0"
        assert told.findtext("MessageHeader/SegmentOfResult") == "1"
        assert "１２" in ET.tostring(told, encoding="unicode")


def test_a_stopped_link_answers_like_nothing_found_with_the_next_step(office: SmallWorld, clinic: Clinic) -> None:
    set_link(office, add_member(office), state="stopped", restriction="ALL", verdict="REFUTED")

    told = clinic.ask("OQSsiquc01", search())

    assert told.findtext("MessageHeader/SegmentOfResult") == "1"
    assert told.findtext("MessageBody/QualificationValidity") == "4"
    assert told.findtext("MessageBody/ProcessingResultCode") == "HZ-Q01"
    said = told.findtext("MessageBody/ProcessingResultMessage") or ""
    assert "資格確認書" in said
    assert "疑" not in said


def consent_to_medicines(office: SmallWorld) -> None:
    """The patient puts card-1 on the reader and allows medicines."""
    with office.system_work("reader") as work:
        service = desk(office, work).service
        service.read_card(service.institution(CODE), CardReading("card-1", "face", None, [Viewable.MEDICINES]))


def without_marks(told: ET.Element) -> str:
    """An answer without what depends on the question alone."""
    for parent in list(told.iter()):
        for child in list(parent):
            if child.tag in {"ProcessExecutionTime", "InsuredIdentificationNumber"}:
                parent.remove(child)
    return ET.tostring(told, encoding="unicode")


@pytest.mark.seed("S76")
def test_stopped_and_unknown_get_the_same_answer_in_every_message(office: SmallWorld, clinic: Clinic) -> None:
    set_link(office, add_member(office), state="stopped", restriction="ALL", verdict="REFUTED")
    number = (
        f"<ReferenceNumberRegistrationInfo><ReferenceNumber>7</ReferenceNumber>{KEY}</ReferenceNumberRegistrationInfo>"
    )
    medical = TKK_HEADER.replace("5678", "{number}")
    body = "<StartDate>202601</StartDate><EndDate>202604</EndDate><FileCategory>2</FileCategory>"

    answers = {
        name: [
            without_marks(
                clinic.ask(name, asked.format(number=each), name=each, header=told and told.format(number=each))
            )
            for each in ("5678", "99999")
        ]
        for name, asked, told in (
            ("OQSsiquc01", SEARCH.replace("{mark}", ""), None),
            ("OQSsiimm01", number, None),
            ("YZKsiquc01", body, medical),
            ("TKKsiquc01", body, medical),
        )
    }

    for stopped, unknown in answers.values():
        assert stopped == unknown
    with office.system_work() as work:
        assert work.connection.execute("SELECT FROM reference_number").rowcount == 0


@pytest.mark.seed("S76", "S81")
def test_with_consents_from_the_reader_stopped_and_unknown_are_not_told_apart(
    office: SmallWorld, clinic: Clinic
) -> None:
    member = add_member(office)
    add_card(office, "card-1", member)
    stop(office, member)
    with office.system_work("reader") as work:
        service = desk(office, work).service
        allowed = [Viewable.MEDICINES, Viewable.CHECKUPS]
        service.read_card(service.institution(CODE), CardReading("card-1", "face", None, allowed))

    for prefix in ("YZKsiquc01", "TKKsiquc01"):
        stopped = clinic.ask(prefix, MONTHS, header=TKK_HEADER, name="stopped")
        unknown = clinic.ask(prefix, MONTHS, header=TKK_HEADER.replace("5678", "9999"), name="unknown")

        assert ET.tostring(stopped) == ET.tostring(unknown)
        assert "HZ-M02" in (stopped.findtext("MessageBody/MessageContents") or "")


@pytest.mark.parametrize("state", ["insured", "stopped", "nobody"])
def test_without_consent_medicines_tell_nothing_of_whether_somebody_exists(
    office: SmallWorld, clinic: Clinic, state: str
) -> None:
    if state != "nobody":
        member = add_member(office)
        if state == "stopped":
            set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")

    told = clinic.ask("YZKsiquc01", "<FileCategory>2</FileCategory>", header=TKK_HEADER)

    assert (told.findtext("MessageBody/MessageContents") or "").startswith("HZ-M02")


def test_the_dead_are_not_valid_from_the_day_after(office: SmallWorld, clinic: Clinic) -> None:
    add_death(office, add_member(office), date(2026, 3, 31))

    told = clinic.ask("OQSsiquc01", search())

    assert told.findtext("MessageBody/QualificationValidity") == "2"
    result = "MessageBody/ResultList/ResultOfQualificationConfirmation"
    assert told.findtext(f"{result}/ReasonOfLoss") == "01"
    assert told.findtext(f"{result}/DisqualificationDate") == "20260401"


def test_from_70_on_the_ratio_is_told(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office, birth_date="1953-09-01")
    add_member(office, 2, key=("39131156", "", "00012345", ""), birth_date="1943-10-30")
    result = "MessageBody/ResultList/ResultOfQualificationConfirmation"
    elderly = (
        "<QualificationConfirmSearchInfo><InsurerNumber>39131156</InsurerNumber><InsuredIdentificationNumber>00012345"
        "</InsuredIdentificationNumber><Birthdate>19431030</Birthdate></QualificationConfirmSearchInfo>"
    )

    seventy = clinic.ask("OQSsiquc01", search().replace("19890331", "19530901"))
    eighty = clinic.ask("OQSsiquc01", elderly, name="2")

    assert seventy.findtext(f"{result}/ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio") == "020"
    assert eighty.findtext(f"{result}/InsuredPartialContributionRatio") == "010"


def test_a_request_for_one_that_names_two_is_refused(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)

    told = clinic.ask("OQSsiquc01", search() + search("9999"))

    assert told.findtext("MessageHeader/SegmentOfResult") == "9"
    assert "OQSmuquc01" in ET.tostring(told, encoding="unicode")
    assert accesses(office) == []


def test_a_reference_number_comes_back_with_the_next_answer(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    body = f"<ReferenceNumberRegistrationInfo><ReferenceNumber>24434</ReferenceNumber>{KEY.format(number='5678')}</ReferenceNumberRegistrationInfo>"

    told = clinic.ask("OQSsiimm01", body)

    assert told.findtext("MessageBody/ProcessingResultStatus") == "1"
    assert told.findtext("MessageBody/ReferenceNumberRegistrationInfo/ReferenceNumber") == "24434"
    again = clinic.ask("OQSsiquc01", search())
    assert again.findtext("MessageBody/ResultList/ResultOfQualificationConfirmation/ReferenceNumber") == "24434"


def test_a_bulk_request_is_accepted_worked_off_and_fetched(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    broken = search().replace("19890331", "")

    accepted = clinic.ask("OQSmuquc01", search(mark="a") + broken + search("9999", "c"))
    reception = accepted.findtext("MessageHeader/ReceptionNumber") or ""
    assert reception.startswith("R20260401")
    fetch = f"<ReceptionNumber>{reception}</ReceptionNumber>"
    early = clinic.ask("OQSmuquc02", fetch, name="early")
    assert clinic.answering.work_off()
    assert not clinic.answering.work_off()
    done = clinic.ask("OQSmuquc02", fetch, name="late")

    assert early.findtext("MessageHeader/SegmentOfResult") == "2"
    assert done.findtext("MessageHeader/SegmentOfResult") == "1"
    assert done.findtext("MessageHeader/NumberOfProcessingResult") == "3"
    assert done.findtext("MessageHeader/NumberOfError") == "1"
    units = done.findall("MessageBody/BulkConfirmUnit")
    assert [unit.findtext("QualificationValidity") for unit in units] == ["1", None, "4"]
    assert units[0].findtext("QualificationConfirmSearchInfo/ArbitraryIdentifier") == "a"
    assert units[1].findtext("ProcessingResultCode") == "HZ-R01"


def test_another_institution_cannot_fetch_the_result(office: SmallWorld, clinic: Clinic) -> None:
    accepted = clinic.ask("OQSmuquc01", search())
    reception = accepted.findtext("MessageHeader/ReceptionNumber")
    other = "1398765432"
    add_institution(office, other)
    (clinic.share.parent / other / "req").mkdir(parents=True)
    content = message(f"<ReceptionNumber>{reception}</ReceptionNumber>", code=other)
    put_in_place(clinic.share.parent / other / "req", "OQSmuquc02req_1.xml", content)
    clinic.run()

    told = (clinic.share.parent / other / "res" / "OQSmuquc02res_1.xml").read_bytes().decode("cp932")

    assert "HZ-R05" in told


def test_a_request_with_the_code_of_another_institution_is_refused(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    clinic.put("OQSsiquc01req_1.xml", message(search(), code="1398765432"))
    clinic.run()

    told = clinic.answer("OQSsiquc01res_1.xml")

    assert told.findtext("MessageHeader/ErrorCode") == "HZ-R03"
    assert accesses(office) == []
    assert (clinic.share / "aside" / "OQSsiquc01req_1.xml").exists()


def test_an_unknown_kind_of_request_is_answered_with_an_error(clinic: Clinic) -> None:
    clinic.put("OQSxxxxx99req_1.xml", message(search()))
    clinic.run()

    content = (clinic.share / "res" / "OQSxxxxx99res_1.xml").read_bytes()

    assert b"HZ-F01" in content


def test_a_folder_of_nobody_is_answered_with_an_error(clinic: Clinic) -> None:
    stranger = clinic.share.parent / "4444444444" / "req"
    stranger.mkdir(parents=True)
    put_in_place(stranger, "OQSsiquc01req_1.xml", message(search()))
    clinic.run()

    assert b"HZ-R03" in (stranger.parent / "res" / "OQSsiquc01res_1.xml").read_bytes()


def test_medicines_are_told_by_month_with_consent_only(office: SmallWorld, clinic: Clinic) -> None:
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))
    add_medicine(office, member, date(2025, 1, 1), "古い薬")
    body = "<StartDate>202602</StartDate><EndDate>202604</EndDate><FileCategory>2</FileCategory>"

    without = clinic.ask("YZKsiquc01", body, header=TKK_HEADER, name="1")
    consent_to_medicines(office)
    told = clinic.ask("YZKsiquc01", body, header=TKK_HEADER, name="2")

    assert without.findtext("MessageBody/ResultCode") == "2"
    assert "HZ-M02" in (without.findtext("MessageBody/MessageContents") or "")
    assert told.findtext("MessageBody/ResultCode") == "1"
    assert told.findtext("MessageHeader/QuaInf/Name") == "紐付　花子"
    drugs = [drug.text for drug in told.iter("DrugN")]
    assert drugs == ["アムロジピン錠５ｍｇ"]


def test_people_who_consented_at_home_are_listed(office: SmallWorld, clinic: Clinic) -> None:
    add_card(office, "card-1", add_member(office))
    with office.system_work("web") as work:
        service = desk(office, work).service
        service.consent_from_afar(service.institution(CODE), "card-1", "1234", [Viewable.MEDICINES], channel="home")
    body = (
        "<QualificationConfirmSearchInfo><ConsentDateFrom>20260401</ConsentDateFrom><ConsentDateTo>20260401</ConsentDateTo>"
        "<MedicalTreatmentFlag>{flag}</MedicalTreatmentFlag></QualificationConfirmSearchInfo>"
    )

    accepted = clinic.ask("OQSmuhvq01", body.format(flag="2"))
    assert clinic.answering.work_off()
    fetch = f"<ReceptionNumber>{accepted.findtext('MessageHeader/ReceptionNumber')}</ReceptionNumber>"
    done = clinic.ask("OQSmuhvq02", fetch)
    refused = clinic.ask("OQSmuonq01", body.format(flag="3"))

    result = done.find("MessageBody/BulkConfirmUnit/ResultOfQualificationConfirmation")
    assert result is not None
    assert result.findtext("PharmacistsInfoConsFlg") == "1"
    assert refused.findtext("MessageHeader/ErrorCode") == "HZ-R04"


@pytest.mark.parametrize(
    ("change", "element"),
    [
        (("<ConsentDateTo>20260401", "<ConsentDateTo>20260331"), "ConsentDateTo"),
        (("<MedicalTreatmentFlag>2", "<MedicalTreatmentFlag>3"), "MedicalTreatmentFlag"),
    ],
)
def test_days_in_reverse_and_the_flag_of_the_other_message_are_refused(
    clinic: Clinic, change: tuple[str, str], element: str
) -> None:
    body = (
        "<QualificationConfirmSearchInfo><ConsentDateFrom>20260401</ConsentDateFrom><ConsentDateTo>20260401</ConsentDateTo>"
        "<MedicalTreatmentFlag>2</MedicalTreatmentFlag></QualificationConfirmSearchInfo>"
    )

    told = clinic.ask("OQSmuhvq01", body.replace(*change))

    assert told.findtext("MessageHeader/ErrorCode") == "HZ-R02"
    assert element in (told.findtext("MessageHeader/ErrorMessage") or "")


def test_an_encrypted_request_gets_an_encrypted_answer(office: SmallWorld, tmp_path: Path) -> None:
    sealed = office.vault.box.seal(b"himitsu", purpose="zip_password")
    add_institution(office, zip_password_sealed=sealed)
    add_member(office)
    clinic = Clinic(office, tmp_path)
    clinic.put("OQSsiquc01req_1.zip", seal("OQSsiquc01req_1.xml", message(search()), "himitsu"))
    clinic.run()

    content = (clinic.share / "res" / "OQSsiquc01res_1.zip").read_bytes()

    assert "紐付　花子".encode("cp932") in open_sealed(content, "himitsu")
    assert "紐付".encode("cp932") not in content


def _zip(*entries: tuple[str, bytes], password: str = "himitsu") -> bytes:  # noqa: S107  # of a test
    written = io.BytesIO()
    with pyzipper.AESZipFile(written, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, content in entries:
            archive.writestr(name, content)
    return written.getvalue()


_WHOLE = _zip(("OQSsiquc01req_1.xml", message(search())))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(_WHOLE[: len(_WHOLE) // 2], "HZ-F07", id="cut in the middle"),
        pytest.param(_WHOLE[:-10], "HZ-F07", id="cut at the end"),
        pytest.param(_WHOLE[:60] + bytes(40) + _WHOLE[100:], "HZ-F07", id="damaged"),
        pytest.param(_zip(("OQSsiquc01req_1.xml", message(search())), password="other"), "HZ-F07", id="other password"),  # noqa: S106
        pytest.param(_zip(("../../OQSsiquc01req_1.xml", message(search()))), "HZ-F07", id="out of its folder"),
        pytest.param(_zip(("..\\..\\evil.xml", message(search()))), "HZ-F07", id="out of its folder, backwards"),
        pytest.param(_zip(("a.xml", message(search())), ("../evil.txt", b"x")), "HZ-F07", id="beside the message"),
        pytest.param(_zip(("a.xml", message(search())), ("b.xml", message(search()))), "HZ-F07", id="two messages"),
        pytest.param(_zip(("a.xml", bytes(300 * 1024 * 1024))), "HZ-F06", id="bomb"),
        pytest.param(_zip(("a.xml", b"no message")), "HZ-F04", id="no message in it"),
    ],
)
def test_a_zip_that_is_no_request_is_answered_kept_aside_and_writes_nothing_outside(
    office: SmallWorld, tmp_path: Path, content: bytes, code: str
) -> None:
    add_institution(office, zip_password_sealed=office.vault.box.seal(b"himitsu", purpose="zip_password"))
    add_member(office)
    root = tmp_path / "deep" / "root"
    clinic = Clinic(office, root)
    clinic.put("OQSsiquc01req_1.zip", content)
    before = set(tmp_path.rglob("*"))

    clinic.run()

    [answer] = (clinic.share / "res").iterdir()
    told = open_sealed(answer.read_bytes(), "himitsu") if answer.suffix == ".zip" else answer.read_bytes()
    assert f"<ErrorCode>{code}</ErrorCode>".encode() in told
    assert [path.name for path in (clinic.share / "aside").iterdir()] == ["OQSsiquc01req_1.zip"]
    assert list((clinic.share / "req").iterdir()) == []
    assert accesses(office) == []
    made = set(tmp_path.rglob("*")) - before
    assert [path for path in made if not path.is_relative_to(clinic.share)] == []


def test_a_request_whose_second_half_comes_late_is_answered_when_it_is_whole(
    office: SmallWorld, clinic: Clinic
) -> None:
    add_member(office)
    whole = message(search())
    target = clinic.share / "req" / "OQSsiquc01req_1.xml"
    stop = threading.Event()
    with Gateway(clinic.share.parent, clinic.answering, settling_seconds=0.4) as gateway, target.open("wb") as file:
        thread = threading.Thread(target=gateway.run, args=(stop,))
        thread.start()
        for start in range(0, len(whole), len(whole) // 3 + 1):
            file.write(whole[start : start + len(whole) // 3 + 1])
            file.flush()
            time.sleep(0.8)  # twice what a file that is whole is given
        for _ in range(200):
            if (clinic.share / "res" / "OQSsiquc01res_1.xml").exists():
                break
            time.sleep(0.05)
        stop.set()
        thread.join()

    assert clinic.answer("OQSsiquc01res_1.xml").findtext("MessageBody/QualificationValidity") == "1"
    assert list((clinic.share / "aside").iterdir()) == []


def test_a_request_that_never_becomes_whole_is_answered_with_an_error(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    clinic.put("OQSsiquc01req_1.xml", message(search())[:-30])

    clinic.run()

    told = (clinic.share / "res" / "OQSsiquc01res_1.xml").read_bytes()
    assert b"<ErrorCode>HZ-F04</ErrorCode>" in told


def test_many_files_at_once_are_all_answered_and_each_is_logged_once(office: SmallWorld, clinic: Clinic) -> None:
    add_member(office)
    for number in range(200):
        clinic.put(f"OQSsiquc01req_{number}.xml", message(search()))
    clinic.run()

    assert len(list((clinic.share / "res").glob("*.xml"))) == 200
    assert len(accesses(office)) == 200


def test_each_qualification_bears_the_number_kept_under_its_own_insurer(office: SmallWorld) -> None:
    add_institution(office)
    first = add_member(office)
    second = add_member(office, insurer=office.other_insurer, key=("06279998", "7", "88", "00"))
    add_card(office, "card-1", first)
    with office.system_work("oqs") as work:
        bench = desk(office, work)
        at_clinic = bench.service.institution(CODE)
        for member, number in ((first, "A-1"), (second, "B-2")):
            bench.store.keep_reference_number(at_clinic, member.link_id, number)
        answer = bench.service.read_card(at_clinic, CardReading("card-1", "face", None, []))
        assert isinstance(answer, Checked)
        now = bench.clock.now()
    frame = Frame(Header(CODE, ""), now, CharacterCode.UTF_8)
    writer = AnswerWriter(packaged_catalogue())
    single = parsed(writer.eligibility(frame, told(answer, None)))
    bulk = parsed(writer.bulk_eligibility(frame, "R1", [told(answer, None)]))

    for tree in (single, bulk):
        shown = list(tree.iter("ResultOfQualificationConfirmation"))
        numbers = {one.findtext("InsurerNumber"): one.findtext("ReferenceNumber") for one in shown}
        assert numbers == {"06130488": "A-1", "06279998": "B-2"}
    of_unit = bulk.findall("MessageBody/BulkConfirmUnit/ReferenceNumber")
    assert sorted(one.text or "" for one in of_unit) == ["A-1", "B-2"]


def test_a_fault_of_ours_is_an_answer_and_the_others_go_on(
    office: SmallWorld, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_member(office)
    clinic.put("OQSsiquc01req_bad.xml", message(search("faulty")))
    clinic.put("OQSsiquc01req_good.xml", message(search()))
    whole = EligibilityService.check

    def faulty(self: EligibilityService, institution: Institution, question: Question, **more: str) -> Checked:
        assert question.key is not None
        if question.key.number == "faulty":
            raise ArithmeticError
        return whole(self, institution, question, **more)

    monkeypatch.setattr(EligibilityService, "check", faulty)
    clinic.run()

    bad = parsed((clinic.share / "res" / "OQSsiquc01res_bad.xml").read_bytes())
    assert bad.findtext("MessageHeader/ErrorCode") == "HZ-S01"
    assert clinic.answer("OQSsiquc01res_good.xml").findtext("MessageBody/QualificationValidity") == "1"
    assert [path.name for path in (clinic.share / "aside").iterdir()] == ["OQSsiquc01req_bad.xml"]
    monkeypatch.undo()
    assert clinic.ask("OQSsiquc01", search(), name="bad").findtext("MessageBody/QualificationValidity") == "1"


def test_a_bulk_request_that_cannot_be_worked_off_does_not_stop_the_next(
    office: SmallWorld, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_member(office)
    body = "<ReferenceNumberRegistrationInfo><ReferenceNumber>{}</ReferenceNumber>{}</ReferenceNumberRegistrationInfo>"
    bodies = [body.format(number, KEY.format(number="5678")) for number in ("faulty", "7")]
    first, second = (
        clinic.ask("OQSmuimm01", body, name=f"{number}").findtext("MessageHeader/ReceptionNumber")
        for number, body in enumerate(bodies)
    )
    whole = EligibilityService.register_reference_number

    def faulty(self: EligibilityService, institution: Institution, key: InsuredKey, reference_number: str) -> bool:
        if reference_number == "faulty":
            raise ArithmeticError
        return whole(self, institution, key, reference_number)

    monkeypatch.setattr(EligibilityService, "register_reference_number", faulty)
    assert clinic.answering.work_off()
    assert clinic.answering.work_off()
    assert not clinic.answering.work_off()

    failed, done = (
        clinic.ask("OQSmuimm02", f"<ReceptionNumber>{reception}</ReceptionNumber>", name=str(reception))
        for reception in (first, second)
    )
    assert failed.findtext("MessageHeader/SegmentOfResult") == "9"
    assert failed.findtext("MessageHeader/ErrorCode") == "HZ-S01"
    assert done.findtext("MessageHeader/SegmentOfResult") == "1"


def test_a_fault_at_the_fetch_is_an_answer_too(
    office: SmallWorld, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_member(office)
    reception = clinic.ask("OQSmuquc01", search()).findtext("MessageHeader/ReceptionNumber")
    assert clinic.answering.work_off()

    def faulty(*_asked: object, **_more: object) -> Checked:
        raise ArithmeticError

    monkeypatch.setattr(EligibilityService, "check", faulty)
    clinic.put("OQSmuquc02req_1.xml", message(f"<ReceptionNumber>{reception}</ReceptionNumber>"))
    clinic.run()

    failed = parsed((clinic.share / "res" / "OQSmuquc02res_1.xml").read_bytes())
    assert failed.findtext("MessageHeader/SegmentOfResult") == "9"
    assert failed.findtext("MessageHeader/ErrorCode") == "HZ-S01"
    assert accesses(office) == []


def test_a_wrong_person_of_many_is_given_back_so_that_its_sender_knows_who_it_was(clinic: Clinic) -> None:
    accepted = clinic.ask("OQSmuquc01", search("1", "a") + search("2", "b").replace("19890331", "昭和64年"))
    assert clinic.answering.work_off()
    fetch = f"<ReceptionNumber>{accepted.findtext('MessageHeader/ReceptionNumber')}</ReceptionNumber>"

    units = clinic.ask("OQSmuquc02", fetch).findall("MessageBody/BulkConfirmUnit")

    assert [unit.findtext("ProcessingResultCode") for unit in units] == ["HZ-Q01", "HZ-R02"]
    assert units[1].findtext("QualificationConfirmSearchInfo/ArbitraryIdentifier") == "b"
    assert units[1].findtext("QualificationConfirmSearchInfo/Birthdate") == "昭和64年"
