"""Checks a vendor's own request files: what would be refused, where and why; nothing is asked or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from himozuke.eligibility.by_law import first_day
from himozuke.errors import InputRejectedError
from himozuke.gateways.oqs_files.catalogue import Catalogue, MessageKind, RequestName, read_name
from himozuke.gateways.oqs_files.requests import Request, read_request
from himozuke.gateways.oqs_files.sealed_zip import open_sealed
from himozuke.gateways.oqs_files.xml_text import Message, MessageProblemError, Node, read_message
from himozuke.identity.coded_number import closes, institution_code_closes, plain_digits
from himozuke.rules.loader import load

#: Codes that stand for "unknown" by rule, whatever their check digit.
_BY_RULE = frozenset({"77777777", "77777779", "99999999"})
_KEY = {"InsurerNumber", "InsuredCardSymbol", "InsuredIdentificationNumber", "InsuredBranchNumber"}
_MEDICAL_KEY = {"InsurerNumber", "InsuranceCardSymbol", "InsuredPersonIdentificationNumber", "BranchNumber"}
#: Every element a request can have; others are passed over, which is worth knowing of a misspelt one.
_ELEMENTS = frozenset(
    {"XmlMsg", "MessageHeader", "MessageBody", "MedicalInstitutionCode", "ArbitraryFileIdentifier", "ReceptionNumber"}
    | {"QualificationConfirmationDate", "CharacterCodeIdentifier", "QualificationConfirmSearchInfo", "Birthdate"}
    | {"LimitApplicationCertificateRelatedConsFlg", "ArbitraryIdentifier", "ReferenceNumberRegistrationInfo"}
    | {"ReferenceNumber", "ConsentDateFrom", "ConsentDateTo", "ExaminationDateFrom", "ExaminationDateTo"}
    | {"MedicalTreatmentFlag", "MedicalTreatmentMonth", "StartDate", "EndDate", "FileCategory"}
    | {"PrDiInfClassification"}
    | _KEY
    | _MEDICAL_KEY
)
_NOTES = {
    "unknown_element": (
        "{name}という要素はありません。読み飛ばされます。つづりを確かめてください。",
        "There is no element {name}; it is passed over. Check its spelling.",
    ),
    "insurer_check_digit": (
        "InsurerNumber {name}の検証番号が合いません。該当なしになります。",
        "The check digit of InsurerNumber {name} is wrong; nothing will be found.",
    ),
    "institution_check_digit": (
        "MedicalInstitutionCode {name}の検証番号が合いません。登録したコードか確かめてください。",
        "The check digit of MedicalInstitutionCode {name} is wrong. Check that this is the registered code.",
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one file, or of one person in it: ``line`` is 0 where no line can be named."""

    file: str
    message: str
    result: Literal["accepted", "refused", "note"]
    line: int
    code: str
    reason: str


def check_requests(
    path: Path, catalogue: Catalogue, language: str, *, zip_password: str | None = None
) -> list[Checked]:
    """Check a request file, or every one in a folder; a file has a row for each thing worth saying.

    InputRejectedError when there is no file.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*")) if path.is_dir() else []
    found = [
        row
        for file in files
        if file.is_file() and (_may_be_request(file.name) or file == path)
        for row in _Check(catalogue, language, zip_password).file(file)
    ]
    if not found:
        raise InputRejectedError(f"{path} holds no request file. The name of one contains req_ and ends in .xml.")
    return found


def _may_be_request(name: str) -> bool:
    is_message = name.lower().endswith((".xml", ".zip"))
    return "req_" in name.lower() or (is_message and "res_" not in name.lower())


@dataclass(frozen=True, slots=True)
class _Check:
    catalogue: Catalogue
    language: str
    zip_password: str | None

    def file(self, file: Path) -> list[Checked]:
        name = read_name(file.name)
        kind = self.catalogue.kind(name.prefix) if name else None
        title = kind.title_ja if kind else ""
        try:
            message, request = self._read(file, name, kind)
        except MessageProblemError as problem:
            return [self._refused(file, title, problem)]
        parts: Sequence[object] = getattr(request, "people", ()) or getattr(request, "numbers", ())
        problems = [one for one in parts if isinstance(one, MessageProblemError)]
        refused = [self._refused(file, title, one) for one in problems]
        notes = [
            Checked(file.name, title, "note", line, "", _NOTES[note][self.language == "en"].format(name=about))
            for line, note, about in _worth_knowing(message.root)
        ]
        return refused + notes or [Checked(file.name, title, "accepted", 0, "", "")]

    def _read(self, file: Path, name: RequestName | None, kind: MessageKind | None) -> tuple[Message, Request]:
        if name is None or kind is None:
            raise MessageProblemError("HZ-F01", file.name)
        content = file.read_bytes()
        if name.extension == "zip":
            if self.zip_password is None:
                raise MessageProblemError("HZ-F07", "Name the password: --zip-password.")
            content = open_sealed(content, self.zip_password)
        message = read_message(content)
        return message, read_request(kind.code, message.root, since=first_day(load()))

    def _refused(self, file: Path, title: str, problem: MessageProblemError) -> Checked:
        reason = f"{self.catalogue.text(problem.code, self.language)} {problem.reason}".strip()
        return Checked(file.name, title, "refused", problem.line, self.catalogue.written(problem.code), reason)


def _worth_knowing(root: Node) -> Iterator[tuple[int, str, str]]:
    """What is not refused and still will not do what its sender thinks: line, note, what it is about."""
    if root.name not in _ELEMENTS:
        yield root.line, "unknown_element", root.name
    value = plain_digits(root.text)
    if root.name == "InsurerNumber" and value and value not in _BY_RULE and not closes(value):
        yield root.line, "insurer_check_digit", value
    if root.name == "MedicalInstitutionCode" and not institution_code_closes(value):
        yield root.line, "institution_check_digit", value
    for child in root.children:
        yield from _worth_knowing(child)
