"""What an insurer says of a certificate: one line of its file or form, and what it makes of what is on record.

The same certificate again (its kind, its code, the day it begins) takes the place of the one on record, so that a file
can be sent twice and a certificate is ended by sending it with its last day.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from himozuke.eligibility.model import CardClass, InsuredKey
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.identity.coded_number import plain_digits

#: Headings of the file in Japanese, and the names of ours; a file may use either, in any order.
COLUMNS: Mapping[str, str] = {
    "保険者番号": "insurer_number",
    "記号": "symbol",
    "番号": "number",
    "枝番": "branch",
    "種類": "kind",
    "区分": "code",
    "適用区分": "income_class",
    "割合": "ratio",
    "自己負担限度額": "self_pay",
    "交付日": "issued_on",
    "有効開始日": "valid_from",
    "有効終了日": "valid_until",
    "長期該当日": "long_term_from",
    "被保険者氏名": "insured_name",
    "郵便番号": "postal_code",
}
NEEDED = ("insurer_number", "number", "kind")
#: The kinds of certificate, by the words an insurer writes.
KINDS: Mapping[str, str] = {
    "証": "card",
    "限度額": "limit",
    "特定疾病": "disease",
    "高齢受給者証": "elderly",
    "負担割合": "ratio",
    "医療券": "ticket",
}
LIMIT_CLASSES = ("01", "02", "03")  # OQSCD011
INCOME_CLASSES = (*(f"A0{one}" for one in range(1, 7)), *(f"B{one:02d}" for one in range(1, 11)))  # OQSCD012
DISEASES = ("1", "2", "3")  # OQSCD013
RATIOS = (10, 20, 30)
_MOST_YEN = 1_000_000
_POSTAL_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be taken: the column, what stands there, and a code with texts for reason and remedy."""

    column: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate as the insurer says it; days are both included."""

    kind: str  # card, limit, disease, elderly, ratio, ticket
    key: InsuredKey
    valid_from: date | None
    valid_until: date | None = None
    issued_on: date | None = None
    code: str = ""  # OQSCD010, OQSCD011 or OQSCD013
    income_class: str = ""
    ratio: int = 0  # per cent
    self_pay: int = 0  # yen a month
    long_term_from: date | None = None
    insured_name: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What stands on the certificate of one period of insurance; days as ISO texts in the lists."""

    card_class: str = CardClass.GENERAL
    insured_name: str = ""
    postal_code: str = ""
    issued_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    elderly_ratio: int | None = None
    elderly_ratio_from: date | None = None
    elderly_ratio_until: date | None = None
    elderly: Mapping[str, Any] | None = None
    limits: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    diseases: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    tickets: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def read(cells: Mapping[str, str]) -> Entry | list[Fault]:
    """Understand one line, by our names of the columns; every fault of it where it cannot be."""
    told = {name: unicodedata.normalize("NFKC", cells.get(name, "")).strip() for name in COLUMNS.values()}
    kind = KINDS.get(told["kind"], told["kind"])
    faults: list[Fault] = []
    if kind not in KINDS.values():
        return [Fault("kind", told["kind"], "kind")]
    days: dict[str, date | None] = {}
    for name in ("issued_on", "valid_from", "valid_until", "long_term_from"):
        days[name] = whole_day(birth_date.parse(told[name])) if told[name] else None
        if told[name] and days[name] is None:
            faults.append(Fault(name, told[name], "day"))
    faults += [Fault(name, "", "missing") for name in NEEDED if not told[name]]
    began, ended = days["valid_from"], days["valid_until"]
    if kind != "card" and not told["valid_from"]:
        faults.append(Fault("valid_from", "", "missing"))
    if began and ended and ended < began:
        faults.append(Fault("valid_until", told["valid_until"], "order"))
    faults += _coded(kind, told)
    figures = {"ratio": _figure(told["ratio"].removesuffix("%")), "self_pay": _figure(told["self_pay"])}
    figures["ratio"] *= 10 if figures["ratio"] in {1, 2, 3} else 1  # in tenths, as certificates print it
    if kind in {"elderly", "ratio"} and figures["ratio"] not in RATIOS:
        faults.append(Fault("ratio", told["ratio"], "ratio"))
    if kind == "disease" and not 0 <= figures["self_pay"] <= _MOST_YEN:
        faults.append(Fault("self_pay", told["self_pay"], "yen"))
    postal = plain_digits(told["postal_code"])
    if postal and not (postal.isdecimal() and len(postal) == _POSTAL_DIGITS):
        faults.append(Fault("postal_code", told["postal_code"], "postal_code"))
    if faults:
        return faults
    return Entry(
        kind=kind,
        key=InsuredKey(
            plain_digits(told["insurer_number"]), cells.get("symbol", "").strip(), told["number"], told["branch"]
        ),
        code=told["code"],
        income_class=told["income_class"],
        insured_name=cells.get("insured_name", "").strip(),
        postal_code=f"{postal[:3]}-{postal[3:]}" if postal else "",
        valid_from=days["valid_from"],
        valid_until=days["valid_until"],
        issued_on=days["issued_on"],
        long_term_from=days["long_term_from"],
        ratio=figures["ratio"],
        self_pay=figures["self_pay"],
    )


def _coded(kind: str, told: Mapping[str, str]) -> list[Fault]:
    """Codes outside their list; a card may leave its class out."""
    lists: Mapping[str, Sequence[str]] = {
        "card": ("", *CardClass),
        "limit": LIMIT_CLASSES,
        "disease": DISEASES,
    }
    faults = [Fault("code", told["code"], "code")] if kind in lists and told["code"] not in lists[kind] else []
    if kind == "limit" and told["income_class"] not in INCOME_CLASSES:
        faults.append(Fault("income_class", told["income_class"], "code"))
    return faults


def _figure(text: str) -> int:
    """A figure with or without commas; -1 for what is none."""
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and digits.isdecimal() else -1 if digits else 0


def applied(entry: Entry, record: OnRecord) -> OnRecord:
    """What is on record once an entry is taken."""
    match entry.kind:
        case "card":
            return replace(
                record,
                card_class=entry.code or record.card_class,
                insured_name=entry.insured_name or record.insured_name,
                postal_code=entry.postal_code or record.postal_code,
                issued_on=entry.issued_on or record.issued_on,
                valid_from=entry.valid_from or record.valid_from,
                valid_until=entry.valid_until or record.valid_until,
            )
        case "limit":
            limit = {
                "certificate_class": entry.code,
                "income_class": entry.income_class,
                **_days(entry),
                "long_term_from": entry.long_term_from.isoformat() if entry.long_term_from else None,
            }
            return replace(record, limits=_put(record.limits, limit, ("certificate_class", "valid_from")))
        case "disease":
            disease = {"disease": entry.code, **_days(entry), "self_pay": entry.self_pay}
            return replace(record, diseases=_put(record.diseases, disease, ("disease", "valid_from")))
        case "ticket":
            ticket = {name: day for name, day in _days(entry).items() if name != "issued_on"}
            return replace(record, tickets=_put(record.tickets, ticket, ("valid_from",)))
        case "elderly":
            return replace(record, elderly={**_days(entry), "ratio": entry.ratio})
        case _:
            return replace(
                record,
                elderly_ratio=entry.ratio,
                elderly_ratio_from=entry.valid_from,
                elderly_ratio_until=entry.valid_until,
            )


def _days(entry: Entry) -> dict[str, str | None]:
    days = {"issued_on": entry.issued_on, "valid_from": entry.valid_from, "valid_until": entry.valid_until}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _put(held: Sequence[Mapping[str, Any]], told: Mapping[str, Any], same: Sequence[str]) -> list[Mapping[str, Any]]:
    """The list with one more, in the place of the same one; by the day they begin."""
    others = [one for one in held if any(one.get(name) != told[name] for name in same)]
    return sorted([*others, told], key=lambda one: str(one["valid_from"]))
