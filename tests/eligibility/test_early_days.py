"""A day before every rule is refused before anybody is looked for; a card past its certificate tells the qualification alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from institutions import CODE, add_card, add_institution, add_medicine, add_member, desk, set_link

from himozuke.eligibility.by_law import first_day
from himozuke.eligibility.decide import CARD_ENDS_SOON, NO_CONSENT
from himozuke.eligibility.model import InsuredKey, Question, Reference, Validity, Viewable
from himozuke.eligibility.service import CardReading, CardRefused, Checked
from himozuke.entrypoints.oqs.checking import check_requests
from himozuke.errors import ConflictError, InputRejectedError
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.requests import read_request
from himozuke.gateways.oqs_files.xml_text import MessageProblemError, read_message
from himozuke.rules.loader import load

EARLY = date(2015, 10, 4)
KEY = InsuredKey("06130488", "12", "5678", "01")
REQUEST = """<?xml version="1.0" encoding="UTF-8"?>
<XmlMsg><MessageHeader><QualificationConfirmationDate>20151004</QualificationConfirmationDate>
<MedicalInstitutionCode>1312345676</MedicalInstitutionCode></MessageHeader>
<MessageBody><QualificationConfirmSearchInfo><InsurerNumber>06130488</InsurerNumber>
<InsuredIdentificationNumber>5678</InsuredIdentificationNumber>{more}<Birthdate>19890331</Birthdate>
</QualificationConfirmSearchInfo></MessageBody></XmlMsg>"""


def ask(office: SmallWorld, key: InsuredKey, birth: date, on: date = EARLY) -> Checked:
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        return service.check(service.institution(CODE), Question(CODE, on, Reference.INSURED_NUMBER, key, birth))


def test_known_stopped_unknown_and_another_birth_date_are_refused_alike(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    stopped = add_member(office, 2, key=("06130488", "１２", "9", "00"))
    set_link(office, stopped, state="stopped", restriction="ALL", verdict="REFUTED")
    said = set()

    for key in (KEY, InsuredKey("06130488", "12", "9", ""), InsuredKey("06130488", "12", "404", "")):
        for birth in (date(1989, 3, 31), date(1950, 1, 1)):
            with pytest.raises(InputRejectedError) as refused:
                ask(office, key, birth)
            said.add(str(refused.value))

    assert said == {"2015-10-04 cannot be asked about: the rules on record begin on 2015-10-05."}
    assert ask(office, KEY, date(1989, 3, 31), on=date(2015, 10, 5)).finding.validity is Validity.NONE


def test_the_message_is_refused_with_the_element_and_so_says_the_check(tmp_path: Path) -> None:
    root = read_message(REQUEST.format(more="").encode()).root

    with pytest.raises(MessageProblemError) as refused:
        read_request("eligibility", root, since=first_day(load()))

    assert refused.value.code == "HZ-R02"
    assert "QualificationConfirmationDate" in refused.value.reason
    (tmp_path / "OQSsiquc01req_1.xml").write_text(REQUEST.format(more=""), encoding="utf-8")
    [row] = check_requests(tmp_path, packaged_catalogue(), "en")
    assert (row.result, row.code) == ("refused", "HZ-R02")


@pytest.mark.parametrize(
    ("branch", "is_read"), [("", True), ("1", True), ("０１", True), ("ABC", False), ("001", False)]
)
def test_a_branch_is_two_digits(branch: str, is_read: bool) -> None:
    text = REQUEST.format(more=f"<InsuredBranchNumber>{branch}</InsuredBranchNumber>")
    root = read_message(text.encode()).root
    if is_read:
        read_request("eligibility", root)
        return
    with pytest.raises(MessageProblemError) as refused:
        read_request("eligibility", root)

    assert refused.value.code == "HZ-R02"


def test_the_counter_says_that_the_day_is_too_early(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    add_institution(office)
    clinic = desk("institution")
    asked = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "birth_date": "1989-03-31"}

    answer = clinic.submit("/reception/number", asked | {"on": "2015-10-04"})

    assert answer.status_code == 422
    assert "平成27年10月5日より前の日は確認できません" in answer.text


@pytest.mark.seed("S81")
def test_after_the_end_of_the_certificate_the_qualification_alone_is_told(office: SmallWorld) -> None:
    add_institution(office, treats_at_home=True)
    member = add_member(office)
    add_medicine(office, member, date(2026, 3, 1))
    add_card(office, "card-1", member, certificate_until=date(2026, 3, 31))

    with office.system_work("reader") as work:
        service = desk(office, work).service
        institution = service.institution(CODE)
        read = service.read_card(institution, CardReading("card-1", "pin", "1234", list(Viewable)))
        medicines = service.medical(institution, KEY, Viewable.MEDICINES)
        at_home = service.consent_from_afar(institution, "card-1", "1234", [Viewable.MEDICINES], channel="home")

    assert isinstance(read, Checked)
    assert (read.finding.validity, read.finding.result_code) == (Validity.VALID, CARD_ENDS_SOON)
    assert read.finding.consents == {}
    assert (medicines.entries, medicines.refusal) == ((), NO_CONSENT)
    assert at_home == CardRefused("expired")
    assert "過ぎています" in packaged_catalogue().text(CARD_ENDS_SOON)


def test_one_number_of_an_institution_stands_for_one_patient(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    add_member(office, 2, key=("06130488", "１２", "9", "00"), linkage_code="code-2")
    other = InsuredKey("06130488", "12", "9", "")

    with office.system_work("oqs") as work:
        service = desk(office, work).service
        institution = service.institution(CODE)
        assert service.register_reference_number(institution, KEY, "P-1")
        assert service.register_reference_number(institution, KEY, "P-1")
        with pytest.raises(ConflictError):
            service.register_reference_number(institution, other, "P-1")
        assert service.register_reference_number(institution, other, "P-2")


def test_a_suspended_institution_is_told_so_and_sees_no_old_visit(
    office: SmallWorld, desk: Callable[..., Desk]
) -> None:
    add_institution(office)
    add_member(office)
    clinic = desk("institution")
    asked = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "birth_date": "1989-03-31"}
    came = str(clinic.submit("/reception/number", asked).url)
    with office.system_work() as work:
        work.connection.execute("UPDATE institution SET suspended_at = now()")

    for answer in (clinic.submit("/reception/number", asked), clinic.get("/reception"), clinic.get(came)):
        assert answer.status_code == 403
        assert "利用を停止されています" in answer.text
        assert "花子" not in answer.text


def test_the_payment_fund_sees_on_its_start_page_who_waits_for_its_call(
    office: SmallWorld, desk: Callable[..., Desk]
) -> None:
    add_institution(office, telephone="03-9999-0000")
    desk("institution").submit("/reception/outage", {"reason": "回線障害", "asked_by": "受付"})

    page = desk("fund_operator").get("/").text

    assert "障害時モードの折り返し" in page


@pytest.mark.parametrize(("months", "is_read"), [(("202601", "202603"), True), (("202603", "202601"), False)])
def test_months_must_not_run_backwards(months: tuple[str, str], is_read: bool) -> None:
    text = (
        "<XmlMsg><MessageHeader><MedicalInstitutionCode>1312345676</MedicalInstitutionCode>"
        "<InsurerNumber>06130488</InsurerNumber><InsuredPersonIdentificationNumber>5678</InsuredPersonIdentificationNumber>"
        f"</MessageHeader><MessageBody><StartDate>{months[0]}</StartDate><EndDate>{months[1]}</EndDate>"
        "<FileCategory>2</FileCategory></MessageBody></XmlMsg>"
    )
    root = read_message(text.encode()).root
    if is_read:
        read_request("medicines", root)
        return
    with pytest.raises(MessageProblemError) as refused:
        read_request("medicines", root)

    assert (refused.value.code, "EndDate" in refused.value.reason) == ("HZ-R02", True)
