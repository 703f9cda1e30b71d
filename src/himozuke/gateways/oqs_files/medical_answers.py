"""Answers about medicines and checkups (YZK, TKK): their header and tags are not those of the other messages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from himozuke.eligibility.model import Qualification
from himozuke.eligibility.store import MedicalEntry
from himozuke.gateways.oqs_files.xml_text import CharacterCode, Element, render
from himozuke.identity.kana_width import half_width

_DONE = "1"
_FAILED = "2"


def medicines(
    shown: Qualification, entries: Sequence[MedicalEntry], months: tuple[str, str], code: CharacterCode
) -> bytes:
    """The answer to YZK: what was dispensed, by month and institution, latest first.

    The tree is the one public clients read: months, in each its days, in each its medicines.
    """
    header: list[Element] = [
        ("Name", shown.kanji_name),
        ("KanaName", half_width(shown.kana_name)),
        ("Birth", f"{shown.birth_date:%Y%m%d}" if shown.birth_date else ""),
        ("AdmGendCode", shown.sex),
    ]
    body: list[Element] = [("ResultCode", _DONE)]
    found = sorted(_within(entries, months), key=_place_and_day, reverse=True)
    for (month, institution), of_month in groupby(found, key=lambda entry: _place_and_day(entry)[:2]):
        days: list[Element] = [_dispensed(entry) for entry in of_month]
        body.append(
            ("MeTrMonthInf", [("MeTrMonth", month), ("MeTrDiHNm", institution), ("DiDateInfs", days)]),
        )
    return render(("XmlMsg", [("MessageHeader", [("QuaInf", header)]), ("MessageBody", body)]), code)


def checkups(shown: Qualification, entries: Sequence[MedicalEntry], code: CharacterCode) -> bytes:
    """The answer to TKK: the results of checkups, latest first."""
    header: list[Element] = [
        ("Name", shown.kanji_name),
        ("KanasName", half_width(shown.kana_name)),
        ("Birthday", f"{shown.birth_date:%Y%m%d}" if shown.birth_date else ""),
        ("AdministrativeGenderCode", shown.sex),
    ]
    told: list[Element] = [("SpecificHealthCheckupInfo", _examined(entry)) for entry in entries]
    body: list[Element] = [("ResultCode", _DONE), *told]
    return render(("XmlMsg", [("MessageHeader", [("QualificationsInfo", header)]), ("MessageBody", body)]), code)


def refused(reason: str, code: CharacterCode) -> bytes:
    """The answer when nothing may be shown, or the request cannot be understood."""
    body: list[Element] = [("ResultCode", _FAILED), ("MessageContents", reason)]
    return render(("XmlMsg", [("MessageHeader", []), ("MessageBody", body)]), code)


def _within(entries: Sequence[MedicalEntry], months: tuple[str, str]) -> list[MedicalEntry]:
    first, last = months[0] or "000000", months[1] or "999999"
    return [entry for entry in entries if first <= f"{entry.on:%Y%m}" <= last]


def _place_and_day(entry: MedicalEntry) -> tuple[str, str, str]:
    return (f"{entry.on:%Y%m}", entry.institution_name, f"{entry.on:%Y%m%d}")


def _dispensed(entry: MedicalEntry) -> Element:
    drugs: list[Element] = [
        (
            "DrugInf",
            [
                ("DrugC", drug.get("code", "")),
                ("DrugN", drug.get("name", "")),
                ("Qua1", drug.get("amount", "")),
                ("Unit", drug.get("unit", "")),
                ("Times", drug.get("times", "")),
                ("UsageN", drug.get("usage", "")),
            ],
        )
        for drug in entry.content
    ]
    return ("DiDateInf", [("DiDate", f"{entry.on:%Y%m%d}"), ("DrugInfs", drugs)])


def _examined(entry: MedicalEntry) -> list[Element]:
    results: list[Element] = [
        (
            "HealthCheckupResultAndQuestionInfo",
            [
                ("ItemCode", item.get("code", "")),
                ("ItemName", item.get("name", "")),
                ("DataType", item.get("type", "PQ")),
                ("DataValue", item.get("value", "")),
                ("Unit", item.get("unit", "")),
            ],
        )
        for item in entry.content
    ]
    return [("EffectiveTime", f"{entry.on:%Y%m%d}"), ("HealthCheckupResultAndQuestionInfos", results)]
