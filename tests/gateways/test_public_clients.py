"""What public clients expect of our answers, restated from their parsers; and those parsers themselves where supplied.

Strict client: hangilc/myclinic-ts (onshi-result). Bulk and medicines: YUKI-ENT/OQSDrug2. Nothing of their code is
here. With ``HIMOZUKE_MYCLINIC_TS`` naming a checkout (or one beside the project under ``shared/data/myclinic-ts``)
its parser reads every answer of the kit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from qualifications import TODAY, qualification

from himozuke.eligibility.model import (
    CardClass,
    ElderlyCertificate,
    Finding,
    GivenConsent,
    LimitCertificate,
    LossReason,
    Reference,
    SpecificDisease,
    Validity,
    Viewable,
)
from himozuke.eligibility.store import MedicalEntry
from himozuke.entrypoints.oqs.kit_people import NOW
from himozuke.entrypoints.oqs.kit_samples import PASSWORD, Sample, samples
from himozuke.gateways.oqs_files import medical_answers
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.sealed_zip import open_sealed
from himozuke.gateways.oqs_files.xml_text import CharacterCode

CHECKOUT = Path(
    os.environ.get("HIMOZUKE_MYCLINIC_TS", Path(__file__).parents[2] / ".." / "shared" / "data" / "myclinic-ts")
)
#: Elements the strict client throws without; texts, never numbers or lists.
HEADER = (
    "ProcessExecutionTime",
    "QualificationConfirmationDate",
    "MedicalInstitutionCode",
    "ReferenceClassification",
    "SegmentOfResult",
    "CharacterCodeIdentifier",
)
RESULT = ("InsuredCardClassification", "Name", "Sex1", "Birthdate", "InsurerName")
#: Values it knows; it throws on others.
CODES = {
    "ReferenceClassification": "1 2",
    "SegmentOfResult": "1 2 9",
    "CharacterCodeIdentifier": "0 1",
    "ProcessingResultStatus": "1 2",
    "QualificationValidity": "1 2 3 4 5",
    "InsuredCardClassification": "01 02 03 04 05 06 07 A1",
    "PersonalFamilyClassification": "1 2",
    "Sex1": "1 2 3",
    "ReasonOfLoss": "01 02 03 99",
    "LimitApplicationCertificateRelatedConsFlg": "0 1",
    "LimitApplicationCertificateClassification": "01 02 03",
    "LimitApplicationCertificateClassificationFlag": "A01 A02 A03 A04 A05 A06 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10",
    "SpecificDiseasesDiseaseCategory": "1 2 3",
}


def parsed(content: bytes) -> ET.Element:
    told = open_sealed(content, PASSWORD) if content.startswith(b"PK") else content
    text = told.decode("cp932" if b"Shift_JIS" in told[:80] else "utf-8")
    return ET.fromstring(text.partition("?>")[2])  # noqa: S314  # our own output


def single_answers() -> Iterator[Sample]:
    """The answers to one person, which is all the strict client reads."""
    for one in samples():
        is_read = one.answer_name.startswith("OQSsiquc01")
        if is_read and not re.search("HZ-F|HZ-S", one.folder):  # where nothing could be read, nothing is given back
            yield one


SINGLE = {one.folder: one for one in single_answers()}


@pytest.mark.parametrize("folder", SINGLE)
def test_the_strict_client_finds_what_it_throws_without(folder: str) -> None:
    tree = parsed(SINGLE[folder].answer)

    header, body = tree.find("MessageHeader"), tree.find("MessageBody")
    assert header is not None
    assert body is not None
    missing = [name for name in HEADER if not header.findtext(name)]
    assert missing == []
    assert body.findtext("ProcessingResultStatus")
    for result in tree.iter("ResultOfQualificationConfirmation"):
        assert [name for name in RESULT if not result.findtext(name)] == []


@pytest.mark.parametrize("folder", [one.folder for one in samples()])
def test_no_value_is_outside_the_lists_of_the_clients(folder: str) -> None:
    [sample] = [one for one in samples() if one.folder == folder]

    for element in parsed(sample.answer).iter():
        if element.tag in CODES and element.text:
            assert element.text in CODES[element.tag].split(), element.tag


def everything() -> ET.Element:
    """An answer with every group of elements in it."""
    held = replace(
        qualification(),
        card_class=CardClass.SPECIAL_COST,
        loss_reason=LossReason.OTHER_INSURANCE,
        lost_on=date(2026, 12, 1),
        elderly=ElderlyCertificate(None, date(2026, 8, 1), date(2027, 7, 31), 20),
        limits=(
            LimitCertificate("01", "A04", None, date(2025, 8, 1), date(2026, 7, 31)),
            LimitCertificate("01", "A03", None, date(2026, 8, 1), date(2027, 7, 31)),
            LimitCertificate("02", "B05", None, date(2026, 12, 1), None),
        ),
        diseases=(SpecificDisease("1", None, date(2026, 4, 1), None, 10_000),) * 2,
    )
    frame = Frame(Header("1312345676", ""), NOW, CharacterCode.UTF_8, TODAY, Reference.CARD)
    allowed = {one: GivenConsent(one, NOW, NOW + timedelta(hours=24)) for one in (Viewable.LIMITS, Viewable.DISEASES)}
    finding = Finding(Validity.VALID, (held,), consents=allowed)
    return parsed(AnswerWriter(packaged_catalogue()).eligibility(frame, Answered(finding)))


def test_what_clients_read_as_one_object_is_there_once() -> None:
    [result] = everything().iter("ResultOfQualificationConfirmation")

    tags = [element.tag for element in result]
    assert [tag for tag in tags if tags.count(tag) > 1] == []
    flag = "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag"
    assert result.findtext(flag) == "A03"


def test_numbers_keep_their_zeros_and_days_are_eight_digits() -> None:
    [result] = everything().iter("ResultOfQualificationConfirmation")

    assert result.findtext("ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio") == "020"
    days = [one.text or "" for one in result.iter() if one.tag.endswith("date") or one.tag.endswith("Date")]
    assert len(days) > 8
    assert [day for day in days if not re.fullmatch(r"\d{8}", day)] == []


def test_the_bulk_client_finds_reception_number_and_state_anywhere_in_the_answer() -> None:
    for one in samples():
        if "-ask" in one.folder:
            assert re.fullmatch(r"R\d{14}", parsed(one.answer).findtext(".//ReceptionNumber") or "")
        if "-fetch" in one.folder:
            state = "2" if "running" in one.folder else "1"
            assert parsed(one.answer).findtext(".//SegmentOfResult") == state


@pytest.mark.parametrize("prefix", ["OQSmuquc", "OQSmuimm", "OQSmuhvq", "OQSmuonq"])
def test_the_bulk_client_finds_the_answer_by_its_name(prefix: str) -> None:
    names = [(one.name, one.answer_name) for one in samples() if one.name.startswith(prefix)]

    assert names
    for asked, answered in names:
        assert answered == asked.replace("01req_", "01res_").replace("02req_", "02res_")


def test_the_medicine_client_walks_month_day_and_medicine() -> None:
    drug = {"code": "612170709", "name": "アムロジピン錠５ｍｇ", "amount": "1.5", "unit": "錠", "times": "28"}
    entries = [
        MedicalEntry(1, date(2026, 11, 2), "ひもづけ薬局", [drug, drug]),
        MedicalEntry(1, date(2026, 11, 1), "べつの薬局", [drug]),
        MedicalEntry(1, date(2026, 11, 1), "ひもづけ薬局", [drug]),
        MedicalEntry(1, date(2026, 9, 30), "ひもづけ薬局", [drug]),
    ]

    tree = parsed(medical_answers.medicines(qualification(), entries, ("", ""), CharacterCode.SHIFT_JIS))

    header = tree.find("MessageHeader/QuaInf")
    assert header is not None
    assert (header.findtext("Name"), header.findtext("Birth")) == ("紐付　花子", "19890331")
    read = [
        (month.findtext("MeTrMonth"), month.findtext("MeTrDiHNm"), day.findtext("DiDate"), medicine.findtext("DrugC"))
        for month in tree.findall("MessageBody/MeTrMonthInf")
        for day in month.findall("DiDateInfs/DiDateInf")
        for medicine in day.findall("DrugInfs/DrugInf")
    ]
    assert sorted(read, key=str) == sorted(
        [
            ("202611", "ひもづけ薬局", "20261102", "612170709"),
            ("202611", "ひもづけ薬局", "20261102", "612170709"),
            ("202611", "べつの薬局", "20261101", "612170709"),
            ("202611", "ひもづけ薬局", "20261101", "612170709"),
            ("202609", "ひもづけ薬局", "20260930", "612170709"),
        ],
        key=str,
    )
    for medicine in tree.iter("DrugInf"):
        assert float(medicine.findtext("Qua1") or "") == 1.5
        assert int(medicine.findtext("Times") or "") == 28


def test_the_checkup_client_finds_day_and_items() -> None:
    item = {"code": "9A755000000000001", "name": "収縮期血圧", "value": "128", "unit": "mm[Hg]"}
    entries = [MedicalEntry(1, date(2026, 6, 2), "ひもづけ健診センター", [item])]

    tree = parsed(medical_answers.checkups(qualification(), entries, CharacterCode.SHIFT_JIS))

    header = tree.find("MessageHeader/QualificationsInfo")
    assert header is not None
    assert [header.findtext(name) for name in ("Name", "Birthday", "AdministrativeGenderCode")] == [
        "紐付　花子",
        "19890331",
        "2",
    ]
    [checkup] = tree.iter("SpecificHealthCheckupInfo")
    assert checkup.findtext("EffectiveTime") == "20260602"
    [found] = checkup.findall("HealthCheckupResultAndQuestionInfos/HealthCheckupResultAndQuestionInfo")
    assert (found.findtext("ItemCode"), found.findtext("DataValue")) == ("9A755000000000001", "128")


READ = """
import { XMLParser } from 'fast-xml-parser';
import { XmlMsg } from './packages/onshi-result/XmlMsg';
import * as fs from 'fs';
console.log = () => {};
const parser = new XMLParser({ parseTagValue: false, trimValues: false });
const out: Record<string, unknown> = {};
for (const file of process.argv.slice(2)) {
  try {
    const json = parser.parse(fs.readFileSync(file, 'utf8'));
    const body = json.XmlMsg.MessageBody;
    if (body.ResultList !== undefined && !Array.isArray(body.ResultList)) {
      const list = body.ResultList.ResultOfQualificationConfirmation;
      body.ResultList = (Array.isArray(list) ? list : [list]).map((one: unknown) => (
        { ResultOfQualificationConfirmation: one }));
    }
    out[file] = JSON.parse(JSON.stringify(XmlMsg.cast(json.XmlMsg)));
  } catch (error) { out[file] = { threw: String(error) }; }
}
process.stdout.write(JSON.stringify(out));
"""


@pytest.mark.skipif(not CHECKOUT.exists(), reason="no checkout of hangilc/myclinic-ts is supplied")
@pytest.mark.skipif(shutil.which("npm") is None, reason="node and npm are not installed")
def test_the_strict_client_itself_reads_every_answer_to_one_person(tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "packages" / "onshi-result", tmp_path / "packages" / "onshi-result")
    (tmp_path / "read.ts").write_text(READ, encoding="utf-8")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "fast-xml-parser@4", "esbuild@0.25"]
    got = subprocess.run(install, cwd=tmp_path, check=False, capture_output=True, timeout=240)
    if got.returncode != 0:
        pytest.skip("the packages fast-xml-parser and esbuild cannot be had")
    bundle = ["npx", "esbuild", "read.ts", "--bundle", "--platform=node", "--outfile=read.cjs", "--log-level=error"]
    subprocess.run(bundle, cwd=tmp_path, check=True, timeout=120)
    files = []
    for one in SINGLE.values():
        text = ET.tostring(parsed(one.answer), encoding="unicode")
        (tmp_path / f"{one.folder}.xml").write_text(text, encoding="utf-8")
        files.append(f"{one.folder}.xml")

    done = subprocess.run(["node", "read.cjs", *files], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    read = json.loads(done.stdout)
    assert {file: told["threw"] for file, told in read.items() if "threw" in told} == {}
    assert "紐付　花子" in json.dumps(read["01-valid.xml"], ensure_ascii=False)
