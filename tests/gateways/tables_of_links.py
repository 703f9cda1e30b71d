"""Rows of links for tests: synthetic people only, and twenty ways to damage a row."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

ON = dt.date(2026, 10, 1)
HEADERS = {
    "link_id": "紐付けID",
    "insurer_number": "保険者番号",
    "symbol": "記号",
    "number": "番号",
    "branch": "枝番",
    "individual_number": "個人番号",
    "kanji_name": "漢字氏名",
    "kana_name": "カナ氏名",
    "birth_date": "生年月日",
    "sex": "性別",
    "address": "住所",
    "acquired_on": "取得年月日",
    "registered_on": "登録年月日",
    "valid_from": "資格取得年月日",
    "valid_to": "資格喪失年月日",
    "remark": "備考",
}


def link(i: int, **changed: str) -> dict[str, str]:
    """One link as text, by canonical column."""
    return {
        "link_id": f"L{i:04d}",
        "insurer_number": "06130017",
        "symbol": "１２",
        "number": f"{i:05d}",
        "branch": "00",
        "individual_number": f"{i:012d}",
        "kanji_name": "見本　太郎",
        "kana_name": "ミホン　タロウ",
        "birth_date": "昭和50年4月1日",
        "sex": "男",
        "address": "東京都千代田区霞が関1丁目2番3号",
        "acquired_on": "2020-01-31",
        "registered_on": "20200401",
        "valid_from": "R2.4.1",
        "valid_to": "99991231",
        "remark": "控え",
        **changed,
    }


class Damage(NamedTuple):
    """A way to damage a row: the code it must be set aside with, and the column (empty: the row)."""

    code: str
    column: str
    changed: dict[str, str]


VALUE_DAMAGES = [
    Damage("number_missing", "individual_number", {"individual_number": ""}),
    Damage("number_missing", "individual_number", {"individual_number": "　"}),
    Damage("number_not_12_digits", "individual_number", {"individual_number": "00000012345"}),
    Damage("number_not_12_digits", "individual_number", {"individual_number": "0000000012345"}),
    Damage("number_not_12_digits", "individual_number", {"individual_number": "00000001234A"}),
    Damage("number_not_12_digits", "individual_number", {"individual_number": "不明"}),
    Damage("number_in_exponent", "individual_number", {"individual_number": "1.23E+11"}),
    Damage("number_in_exponent", "individual_number", {"individual_number": "１．２３Ｅ＋１１"}),
    Damage("date_impossible", "birth_date", {"birth_date": "1975-02-30"}),
    Damage("date_impossible", "birth_date", {"birth_date": "昭和65年1月1日"}),
    Damage("date_impossible", "birth_date", {"birth_date": "27485"}),
    Damage("date_impossible", "registered_on", {"registered_on": "2020/13/01"}),
    Damage("date_impossible", "valid_to", {"valid_to": "20210229"}),
    Damage("date_code_undeclared", "birth_date", {"birth_date": "5050301"}),
    Damage("date_after_snapshot", "birth_date", {"birth_date": "2026-10-02"}),
    Damage("date_after_snapshot", "acquired_on", {"acquired_on": "令和9年1月1日"}),
    Damage("date_after_snapshot", "registered_on", {"registered_on": "2027-04-01"}),
    Damage("sex_unknown_code", "sex", {"sex": "X"}),
    Damage("sex_unknown_code", "sex", {"sex": "8"}),
]


class BrokenLine(NamedTuple):
    """A way to damage the bytes of a line."""

    code: str
    encodings: frozenset[str]

    def of(self, line: bytes, delimiter: bytes, encoding: str, way: str) -> bytes:
        """The damaged line."""
        name = "太郎".encode("cp932" if encoding == "cp932" else "utf-8")
        return {
            "field more": line + delimiter + b"x",
            "field less": line.rsplit(delimiter, 1)[0],
            "separator lost": line.replace(delimiter, b"", 1),
            "CR inside": line.replace(name, b"\r", 1),
            "nul": line.replace(name, b"\x00"),
            "quote opened": b'"' + line,
            "quote opened inside": line.replace(delimiter, delimiter + b'"', 1),
            "quote closed early": line.replace(name, b"", 1).replace(delimiter, delimiter + b'"a"b', 1),
            "byte 80": line.replace(name, b"\x80"),
            "byte A0": line.replace(name, b"\xa0"),
            "byte FD": line.replace(name, b"\xfd"),
            "byte FE": line.replace(name, b"\xfe"),
            "byte FF": line.replace(name, b"\xff"),
            "half a character": line.replace(name, name[:-1], 1),
            "lead byte at the end": line + b"\x81",
        }[way]


ANY = frozenset({"cp932", "utf-8", "utf-8-sig"})
LINE_DAMAGES = {
    "field more": BrokenLine("wrong_field_count", ANY),
    "field less": BrokenLine("wrong_field_count", ANY),
    "separator lost": BrokenLine("wrong_field_count", ANY),
    "CR inside": BrokenLine("line_end_inside", ANY),
    "nul": BrokenLine("nul", ANY),
    "quote opened": BrokenLine("unbalanced_quote", ANY),
    "quote opened inside": BrokenLine("unbalanced_quote", ANY),
    "quote closed early": BrokenLine("unbalanced_quote", ANY),
    "byte 80": BrokenLine("bad_bytes", ANY),
    "byte A0": BrokenLine("bad_bytes", ANY),
    "byte FD": BrokenLine("bad_bytes", ANY),
    "byte FE": BrokenLine("bad_bytes", ANY),
    "byte FF": BrokenLine("bad_bytes", ANY),
    "half a character": BrokenLine("bad_bytes", ANY),
    "lead byte at the end": BrokenLine("bad_bytes", ANY),
}


def line_of(values: dict[str, str], encoding: str, delimiter: str = ",") -> bytes:
    """A row as the bytes of a line without its end."""
    return delimiter.join(values.values()).encode("cp932" if encoding == "cp932" else "utf-8")


def header_line(encoding: str, delimiter: str = ",") -> bytes:
    """The header as the bytes of a line without its end."""
    return line_of(HEADERS, encoding, delimiter)
