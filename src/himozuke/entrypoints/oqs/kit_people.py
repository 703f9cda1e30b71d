"""The synthetic person of the vendor kit, and requests about her as clinics' software writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from himozuke.eligibility.model import CardClass, InsuredKey, LimitCertificate, Qualification, Relation
from himozuke.gateways.oqs_files.requests import SearchInfo
from himozuke.gateways.oqs_files.xml_text import CharacterCode, Element, render

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
TODAY = NOW.date()
INSTITUTION = "1312345676"
FILE_IDENTIFIER = "hz-0001"
KEY = InsuredKey("06130488", "１２－３４", "5678", "01")
NEWER_KEY = InsuredKey("06132013", "９", "1", "01")
BIRTH = date(1989, 3, 31)
CODE = CharacterCode.SHIFT_JIS


def qualification() -> Qualification:
    """紐付花子, insured since April 2024, with a limit certificate."""
    return Qualification(
        qualification_id=1,
        link_id=1,
        key=KEY,
        insurer_name="ひも健康保険組合",
        card_class=CardClass.GENERAL,
        relation=Relation.INSURED,
        insured_name="紐付　花子",
        kanji_name="紐付　花子",
        kana_name="ヒモヅケ　ハナコ",
        sex="2",
        birth_date=BIRTH,
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


def key_elements() -> list[tuple[str, str]]:
    """What is printed on her certificate, in the tags of most messages."""
    return [
        ("InsurerNumber", KEY.insurer_number),
        ("InsuredCardSymbol", KEY.symbol),
        ("InsuredIdentificationNumber", KEY.number),
        ("InsuredBranchNumber", KEY.branch),
    ]


def search(birth: str = "19890331") -> Element:
    """A question about her."""
    rest = [("Birthdate", birth), ("LimitApplicationCertificateRelatedConsFlg", "1")]
    return ("QualificationConfirmSearchInfo", [*key_elements(), *rest])


def search_info() -> SearchInfo:
    """The same question as the gateway understands it."""
    rest = [("Birthdate", "19890331"), ("LimitApplicationCertificateRelatedConsFlg", "1")]
    return SearchInfo(KEY, BIRTH, True, (*key_elements(), *rest))


def medical_header() -> list[Element]:
    """The header of TKK and YZK, whose tags are their own."""
    return [
        ("MedicalInstitutionCode", INSTITUTION),
        ("InsurerNumber", KEY.insurer_number),
        ("InsuranceCardSymbol", KEY.symbol),
        ("InsuredPersonIdentificationNumber", KEY.number),
        ("BranchNumber", KEY.branch),
        ("ArbitraryFileIdentifier", FILE_IDENTIFIER),
    ]


def request(body: Sequence[Element], *, header: Sequence[Element] | None = None) -> bytes:
    """A request file."""
    told = header or [
        ("QualificationConfirmationDate", f"{TODAY:%Y%m%d}"),
        ("MedicalInstitutionCode", INSTITUTION),
        ("ArbitraryFileIdentifier", FILE_IDENTIFIER),
    ]
    return render(("XmlMsg", [("MessageHeader", told), ("MessageBody", body)]), CODE)
