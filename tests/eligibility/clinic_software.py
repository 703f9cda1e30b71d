"""A clinic's software for tests: what it puts into its folder, and how it reads the answers."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from database_fixture import SmallWorld
from institutions import CODE, desk

from himozuke.entrypoints.oqs.answering import FolderAnswering
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.folder import Gateway, put_in_place

KEY = (
    "<InsurerNumber>06130488</InsurerNumber><InsuredCardSymbol>１２</InsuredCardSymbol>"
    "<InsuredIdentificationNumber>{number}</InsuredIdentificationNumber><InsuredBranchNumber>01</InsuredBranchNumber>"
)
SEARCH = (
    f"<QualificationConfirmSearchInfo>{KEY}<Birthdate>19890331</Birthdate>"
    "<LimitApplicationCertificateRelatedConsFlg>1</LimitApplicationCertificateRelatedConsFlg>"
    "<ArbitraryIdentifier>{mark}</ArbitraryIdentifier></QualificationConfirmSearchInfo>"
)
TKK_HEADER = (
    f"<MessageHeader><MedicalInstitutionCode>{CODE}</MedicalInstitutionCode><InsurerNumber>06130488</InsurerNumber>"
    "<InsuranceCardSymbol>12</InsuranceCardSymbol><InsuredPersonIdentificationNumber>5678</InsuredPersonIdentificationNumber>"
    "<BranchNumber>01</BranchNumber></MessageHeader>"
)


def message(body: str, header: str | None = None, code: str = CODE) -> bytes:
    told = header or (
        "<MessageHeader><QualificationConfirmationDate>20260401</QualificationConfirmationDate>"
        f"<MedicalInstitutionCode>{code}</MedicalInstitutionCode><ArbitraryFileIdentifier>hz-1</ArbitraryFileIdentifier>"
        "</MessageHeader>"
    )
    text = f'<?xml version="1.0" encoding="Shift_JIS" standalone="no"?><XmlMsg>{told}<MessageBody>{body}</MessageBody></XmlMsg>'
    return text.encode("cp932")


class Clinic:
    """A clinic's software: puts requests, runs the gateway, reads answers."""

    def __init__(self, office: SmallWorld, root: Path) -> None:
        self.share = root / CODE
        (self.share / "req").mkdir(parents=True)
        self.answering = FolderAnswering(office.database, lambda work: desk(office, work), packaged_catalogue())
        self._root = root

    def put(self, name: str, content: bytes) -> None:
        put_in_place(self.share / "req", name, content)

    def run(self) -> None:
        with Gateway(self._root, self.answering, settling_seconds=0.1) as gateway:
            gateway.run_once()

    def answer(self, name: str) -> ET.Element:
        content = (self.share / "res" / name).read_bytes()
        return ET.fromstring(content.decode("cp932").partition("?>")[2])  # noqa: S314  # our own output

    def ask(self, prefix: str, body: str, *, name: str = "1", header: str | None = None) -> ET.Element:
        self.put(f"{prefix}req_{name}.xml", message(body, header))
        self.run()
        return self.answer(f"{prefix}res_{name}.xml")


def parsed(content: bytes) -> ET.Element:
    encoding = "cp932" if b"Shift_JIS" in content[:80] else "utf-8"
    return ET.fromstring(content.decode(encoding).partition("?>")[2])  # noqa: S314  # our own output
