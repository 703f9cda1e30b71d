"""A family shares insurer, symbol and number: whatever is asked, nothing of one goes to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from clinic_software import TKK_HEADER, Clinic
from database_fixture import SmallWorld
from desk_fixture import Desk
from institutions import CODE, Member, accesses, add_card, add_institution, add_medicine, add_member, desk

from himozuke.eligibility.model import Viewable
from himozuke.eligibility.service import CardReading
from himozuke.entrypoints.wiring import Office

MONTHS = "<StartDate>202601</StartDate><EndDate>202604</EndDate><FileCategory>2</FileCategory>"
CHECKUPS = "<FileCategory>2</FileCategory>"


@dataclass(frozen=True, slots=True)
class Relative:
    """One of the family as a test asks for them."""

    member: Member
    name: str
    branch: str
    born: date


@pytest.fixture
def family(office: SmallWorld) -> list[Relative]:
    """A father (00), a mother (01) and a daughter (03), each with medicines and a card, all of them consenting."""
    add_institution(office)
    told = [
        ("勝俣　和晃", "00", date(1967, 6, 13)),
        ("勝俣　香織", "01", date(1970, 2, 3)),
        ("勝俣　由子", "03", date(1999, 1, 2)),
    ]
    found = []
    for body, (name, branch, born) in enumerate(told, 1):
        key = ("06130488", "１２", "5678", branch)
        member = add_member(office, body, key=key, kanji_name=name, birth_date=born.isoformat())
        add_card(office, f"card-{branch}", member)
        add_medicine(office, member, date(2026, 3, 1), f"{name}の薬")
        found.append(Relative(member, name, branch, born))
    return found


@pytest.fixture
def clinic(family: list[Relative], office: SmallWorld, tmp_path: Path) -> Clinic:
    assert family
    return Clinic(office, tmp_path)


def consent(office: SmallWorld, *relatives: Relative) -> None:
    """They put their cards on the reader and allow medicines and checkups."""
    with office.system_work("reader") as work:
        service = desk(office, work).service
        for one in relatives:
            allowed = [Viewable.MEDICINES, Viewable.CHECKUPS]
            service.read_card(service.institution(CODE), CardReading(f"card-{one.branch}", "face", None, allowed))


def key(branch: str | None) -> str:
    told = f"<InsuredBranchNumber>{branch}</InsuredBranchNumber>" if branch is not None else ""
    return (
        "<InsurerNumber>06130488</InsurerNumber><InsuredCardSymbol>12</InsuredCardSymbol>"
        f"<InsuredIdentificationNumber>5678</InsuredIdentificationNumber>{told}"
    )


def search(branch: str | None, born: date) -> str:
    return (
        f"<QualificationConfirmSearchInfo>{key(branch)}<Birthdate>{born:%Y%m%d}</Birthdate>"
        "<LimitApplicationCertificateRelatedConsFlg>0</LimitApplicationCertificateRelatedConsFlg>"
        "</QualificationConfirmSearchInfo>"
    )


def registration(branch: str | None, number: str) -> str:
    return (
        f"<ReferenceNumberRegistrationInfo><ReferenceNumber>{number}</ReferenceNumber>{key(branch)}"
        "</ReferenceNumberRegistrationInfo>"
    )


def medical(clinic: Clinic, prefix: str, branch: str, name: str) -> ET.Element:
    header = TKK_HEADER.replace("<BranchNumber>01</BranchNumber>", f"<BranchNumber>{branch}</BranchNumber>")
    return clinic.ask(prefix, MONTHS if prefix.startswith("YZK") else CHECKUPS, header=header, name=name)


def names(told: ET.Element) -> list[str | None]:
    return [one.text for one in told.iter("Name")]


@pytest.mark.parametrize("told", ["own", "none", "00"])
def test_everybody_of_a_family_is_answered_by_branch_and_birth_date(
    family: list[Relative], clinic: Clinic, told: str
) -> None:
    for one in family:
        branch = {"own": one.branch, "none": None, "00": "00"}[told]
        answer = clinic.ask("OQSsiquc01", search(branch, one.born), name=one.branch)

        # 00 is the father's very branch: with another's birth date it names nobody
        is_meant = told != "00" or one.branch == "00"
        assert answer.findtext("MessageBody/QualificationValidity") == ("1" if is_meant else "4")
        assert names(answer) == ([one.name] if is_meant else [])


def test_a_bulk_answer_names_each_by_branch_and_birth_date(family: list[Relative], clinic: Clinic) -> None:
    accepted = clinic.ask("OQSmuquc01", "".join(search(one.branch, one.born) for one in family))
    assert clinic.answering.work_off()
    fetch = f"<ReceptionNumber>{accepted.findtext('MessageHeader/ReceptionNumber')}</ReceptionNumber>"

    assert names(clinic.ask("OQSmuquc02", fetch)) == [one.name for one in family]


@pytest.mark.parametrize("prefix", ["YZKsiquc01", "TKKsiquc01"])
@pytest.mark.parametrize("branch", ["00", "", "01", "02", "09"])
def test_only_the_medicines_and_checkups_of_the_very_branch_are_shown(
    office: SmallWorld, family: list[Relative], clinic: Clinic, prefix: str, branch: str
) -> None:
    daughter = family[2]
    consent(office, daughter)

    other = medical(clinic, prefix, branch, "other")
    own = medical(clinic, prefix, "03", "own")

    assert other.findtext("MessageBody/ResultCode") == "2"
    assert "由子" not in ET.tostring(other, encoding="unicode")
    assert own.findtext("MessageBody/ResultCode") == "1"
    assert "由子" in ET.tostring(own, encoding="unicode")


@pytest.mark.seed("S76", "S81")
def test_when_all_consent_each_sees_the_own_medicines_and_only_these(
    office: SmallWorld, family: list[Relative], clinic: Clinic
) -> None:
    consent(office, *family)

    for one in family:
        told = medical(clinic, "YZKsiquc01", one.branch, one.branch)
        assert [drug.text for drug in told.iter("DrugN")] == [f"{one.name}の薬"]
    looked = [link for link, viewer, _ in accesses(office) if viewer == "doctor"]
    assert looked == [one.member.link_id for one in family]
    assert medical(clinic, "YZKsiquc01", "", "any").findtext("MessageBody/ResultCode") == "2"


def kept_numbers(office: SmallWorld) -> dict[int, str]:
    with office.system_work() as work:
        rows = work.connection.execute("SELECT link_id, reference_number FROM reference_number").fetchall()
    return {row["link_id"]: row["reference_number"] for row in rows}


def test_a_reference_number_is_kept_with_the_very_branch_or_not_at_all(
    office: SmallWorld, family: list[Relative], clinic: Clinic
) -> None:
    father, _, daughter = family
    for branch, number in (("00", "HEAD1"), ("03", "CHILD1"), ("09", "X"), ("", "Y")):
        clinic.ask("OQSsiimm01", registration(branch, number), name=number)

    assert kept_numbers(office) == {father.member.link_id: "HEAD1", daughter.member.link_id: "CHILD1"}

    clinic.ask("OQSmuimm01", registration("00", "HEAD2") + registration("02", "X") + registration(None, "Y"))
    assert clinic.answering.work_off()
    assert kept_numbers(office) == {father.member.link_id: "HEAD2", daughter.member.link_id: "CHILD1"}


@pytest.fixture
def ask(visitor_desk: Desk, office: SmallWorld, wired: Office, family: list[Relative]) -> Callable[..., Any]:
    """A POST with the clinic's key."""
    assert family
    actor = office.actor("institution")
    assert actor.user_id is not None
    with wired.work(office.actor("administrator")) as work:
        secret = work.administration.issue_key(actor.user_id, name="レセコン")
    return lambda path, body: visitor_desk.post(path, json=body, headers={"Authorization": f"Bearer {secret}"}).json()


def test_over_http_everybody_is_answered_by_branch_and_birth_date(
    family: list[Relative], ask: Callable[..., Any]
) -> None:
    asked = {"insurer_number": "06130488", "symbol": "12", "number": "5678"}
    for one in family:
        born = {"birth_date": one.born.isoformat()}
        for branch in ({"branch": one.branch}, {"branch": ""}, {}):
            told = ask("/api/v1/eligibility", asked | branch | born)
            assert [each["kanji_name"] for each in told["qualifications"]] == [one.name]
        patient = {"resourceType": "Patient", "birthDate": born["birth_date"]}
        coverage = {"identifier": {"value": f"06130488:12:5678:{one.branch}"}}
        told = ask(
            "/fhir/CoverageEligibilityRequest/$submit",
            {
                "resourceType": "CoverageEligibilityRequest",
                "status": "active",
                "purpose": ["validation"],
                "created": "2026-04-01",
                "patient": {"display": "somebody"},
                "insurer": {"display": "an insurer"},
                "insurance": [{"coverage": coverage}],
                "contained": [patient],
            },
        )
        shown = [each for each in told["contained"] if each["resourceType"] == "Patient"]
        assert [each["name"][0]["text"] for each in shown] == [one.name]


def test_at_the_counter_the_answer_and_the_medicines_are_those_of_the_very_person(
    office: SmallWorld, family: list[Relative], desk: Callable[..., Desk]
) -> None:
    counter = desk("institution")
    consent(office, *family[1:])
    number = {"insurer_number": "06130488", "symbol": "12", "number": "5678"}

    for one in family:
        asked = number | {"branch": one.branch, "birth_date": one.born.isoformat()}
        came = counter.submit("/reception/number", asked)
        assert one.name in came.text
        medicines = counter.get(f"{came.url.path}/medical/medicines").text
        drugs = [other.name for other in family if f"{other.name}の薬" in medicines]
        assert drugs == ([one.name] if one is not family[0] else [])


def test_a_family_without_branches_is_told_apart_by_birth_date_alone(
    office: SmallWorld, clinic: Clinic, desk: Callable[..., Desk]
) -> None:
    """Some insurers hold no branch: where no birth date is asked, nobody is then answered for."""
    people = [("平　一", date(1980, 1, 1), date(2026, 6, 1)), ("平　二", date(2010, 2, 2), None)]
    relatives = []
    for body, (name, born, ended_on) in enumerate(people, 7):
        member = add_member(
            office,
            body,
            key=("06132013", "", "77", ""),
            ended_on=ended_on,
            kanji_name=name,
            birth_date=born.isoformat(),
        )
        add_card(office, f"card-{body}", member)
        add_medicine(office, member, date(2026, 3, 1), f"{name}の薬")
        relatives.append(Relative(member, name, str(body), born))
    consent(office, *relatives)
    header = (
        f"<MessageHeader><MedicalInstitutionCode>{CODE}</MedicalInstitutionCode><InsurerNumber>06132013</InsurerNumber>"
        "<InsuredPersonIdentificationNumber>77</InsuredPersonIdentificationNumber></MessageHeader>"
    )
    counter = desk("institution")

    assert clinic.ask("YZKsiquc01", MONTHS, header=header).findtext("MessageBody/ResultCode") == "2"
    for one in relatives:
        asked = {"insurer_number": "06132013", "number": "77", "birth_date": one.born.isoformat()}
        came = counter.submit("/reception/number", asked)
        medicines = counter.get(f"{came.url.path}/medical/medicines").text
        assert one.name in came.text
        assert [other.name for other in relatives if f"{other.name}の薬" in medicines] == [one.name]


def test_while_a_key_is_changed_one_person_under_two_versions_is_still_one(
    office: SmallWorld, family: list[Relative], clinic: Clinic
) -> None:
    """An ended record sealed under the old key and an open one under the new one name one person, not two."""
    mother = family[1]
    office.vault.ring.add_version()
    ended_on = date(2024, 4, 1)
    anew = add_member(
        office,
        2,
        key=("06130488", "１２", "5678", "01"),
        kanji_name=mother.name,
        birth_date=mother.born.isoformat(),
        began_on=date(2023, 4, 1),
        ended_on=ended_on,
    )
    assert anew.sealed != mother.member.sealed
    consent(office, mother)

    told = medical(clinic, "YZKsiquc01", "01", "1")

    assert [drug.text for drug in told.iter("DrugN")] == [f"{mother.name}の薬"]
