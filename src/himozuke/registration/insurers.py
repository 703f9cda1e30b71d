"""Which kind of insurer a number stands for, and the scheme whose links it keeps."""

from __future__ import annotations

from himozuke.registration.model import InsurerKind

_NATIONAL_DIGITS = 6  # 国民健康保険 has no 法別番号 before its six digits
_DIGITS = 8
# 法別番号, the first two of eight digits (general knowledge, not re-read)
_KIND_BY_LAW = {
    "01": InsurerKind.ASSOCIATION,
    "02": InsurerKind.ASSOCIATION,  # 船員保険
    "03": InsurerKind.ASSOCIATION,  # 日雇特例
    "04": InsurerKind.ASSOCIATION,
    "06": InsurerKind.SOCIETY,
    "63": InsurerKind.SOCIETY,  # 特例退職
    "31": InsurerKind.MUTUAL_AID,
    "32": InsurerKind.MUTUAL_AID,
    "33": InsurerKind.MUTUAL_AID,
    "34": InsurerKind.MUTUAL_AID,
    "72": InsurerKind.MUTUAL_AID,
    "73": InsurerKind.MUTUAL_AID,
    "74": InsurerKind.MUTUAL_AID,
    "75": InsurerKind.MUTUAL_AID,
    "39": InsurerKind.ELDERLY,
    "67": InsurerKind.NATIONAL,  # 退職者医療
}
_SCHEME_BY_KIND = {
    InsurerKind.ASSOCIATION: "health_insurance",
    InsurerKind.SOCIETY: "health_insurance",
    InsurerKind.MUTUAL_AID: "health_insurance",
    InsurerKind.NATIONAL: "national_health_insurance",
    InsurerKind.ELDERLY: "elderly_medical",
}


def kind_of(insurer_number: str) -> InsurerKind | None:
    """The kind of insurer a number stands for; None where it is no insurer number.

    >>> kind_of("06130017"), kind_of("01130012"), kind_of("138057"), kind_of("x")
    (<InsurerKind.SOCIETY: 'society'>, <InsurerKind.ASSOCIATION: 'association'>, <InsurerKind.NATIONAL: 'national'>, None)
    """
    if not (insurer_number.isascii() and insurer_number.isdecimal()):
        return None
    if len(insurer_number) == _NATIONAL_DIGITS:
        return InsurerKind.NATIONAL
    return _KIND_BY_LAW.get(insurer_number[:2]) if len(insurer_number) == _DIGITS else None


def scheme_of(kind: InsurerKind) -> str:
    """The scheme whose links an insurer of this kind keeps."""
    return _SCHEME_BY_KIND[kind]
