"""Synthetic notices for the tests of registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from factories import number

from himozuke.gateways.shfd_csv import Sender
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import Filing, NoticeKind

TEXTS = {
    "insurer_number": "06130017",
    "symbol": "2101ｹｲﾄ",
    "number": "17",
    "kanji_name": "山田　太郎",
    "kana_name": "ﾔﾏﾀﾞ ﾀﾛｳ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "category": "1",
    "acquisition_kind": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "postal_code": "100-0013",
    "address": "東京都千代田区霞が関一丁目２番３号",
    "address_kana": "ﾄｳｷｮｳﾄ ﾁﾖﾀﾞｸ ｶｽﾐｶﾞｾｷ 1-2-3",
    "establishment_name": "けいと工業株式会社",
    "establishment_address": "東京都千代田区霞が関一丁目２番３号",
    "employer_name": "健保　良一",
}

SENDER = Sender(
    prefecture_code="21",
    district_code="01",
    establishment_symbol="ｹｲﾄ",
    establishment_number="12345",
    postal_code="100-0013",
    address="東京都千代田区霞が関一丁目２番３号",
    name="けいと工業株式会社",
    employer_name="健保　良一",
    telephone="03-1234-5678",
)


def filing(
    body: int | None = 1001,
    items: Mapping[str, str] = MappingProxyType({}),
    *,
    event_on: date = date(2026, 4, 1),
    **texts: str,
) -> Filing:
    """A complete notice of acquisition, save these items; ``body`` None leaves the number out."""
    return Filing(
        NoticeKind.ACQUISITION,
        event_on,
        TEXTS | dict(items) | texts,
        None if body is None else IndividualNumber(int(number(body))),
    )


def shfd(*rows: bytes, head: bytes = b"21,01,\xb9\xb2\xc4,001,20260401,22223") -> bytes:
    """A file of the pension service around raw data rows."""
    place = ["21", "01", "ｹｲﾄ", "12345", "100", "0013", "東京都千代田区", "けいと工業", "健保　良一"]
    place += ["03", "1234", "5678"]
    lines = [head, b"[kanri]", b",001", ",".join(place).encode("shift_jis"), b"[data]", *rows]
    return b"".join(line + b"\r\n" for line in lines)


def acquisition_row(**items: str) -> bytes:
    """A row of form 2200700; items by their place, such as ``i13``."""
    fields = [""] * 34
    fields[:12] = ["2200700", "21", "01", "ｹｲﾄ", "12345", "17", "ﾔﾏﾀﾞ ﾀﾛｳ", "山田　太郎", "5", "500402", "1", "1"]
    fields[12] = number(1001)
    fields[17:23] = ["9", "080401", "0", "260000", "", "260000"]
    for name, value in items.items():
        fields[int(name[1:]) - 1] = value
    return ",".join(fields).encode("cp932")
