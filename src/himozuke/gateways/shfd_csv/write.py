"""Writing SHFD0006.CSV: nothing is written when one item cannot be held as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from himozuke.errors import InputRejectedError
from himozuke.gateways.shfd_csv import charset
from himozuke.gateways.shfd_csv.layout import Item, file_layout, forms
from himozuke.identity import birth_date
from himozuke.identity.calendar import ERAS
from himozuke.registration.model import Filing, NoticeKind

_LAST_SERIAL = 999
_FORM_BY_KIND = {NoticeKind.ACQUISITION: "2200700", NoticeKind.LOSS: "2201700"}


@dataclass(frozen=True, slots=True)
class Sender:
    """The place of work a file is made for; ``serial`` is the number of the file (001 to 999)."""

    prefecture_code: str
    district_code: str
    establishment_symbol: str
    establishment_number: str
    postal_code: str
    address: str
    name: str
    employer_name: str
    telephone: str
    serial: int = 1


def write_shfd(filings: Sequence[Filing], sender: Sender, *, made_on: date) -> bytes:
    """Write notices of acquisition and loss into one file, in their order.

    InputRejectedError names the first row and item that cannot be written: a character outside JIS X 0208, a
    comma, a text that is too long, a kind of notice without a public layout, a file of 4.5 MB or more.
    """
    if not 1 <= sender.serial <= _LAST_SERIAL:
        raise InputRejectedError(f"The serial number of a file is 1 to {_LAST_SERIAL}, not {sender.serial}.")
    layout = file_layout()
    postal, telephone = _parts(sender.postal_code, 2), _parts(sender.telephone, 3)
    place = (sender.prefecture_code, sender.district_code, charset.half_kana(sender.establishment_symbol))
    head = [
        (*place, f"{sender.serial:03}", f"{made_on:%Y%m%d}", layout.representative_code),
        ("[kanri]",),
        ("", "001"),
        (
            *place,
            sender.establishment_number,
            *postal,
            charset.full_text(sender.address),
            charset.full_text(sender.name),
            charset.full_text(sender.employer_name),
            *telephone,
        ),
        ("[data]",),
    ]
    rows = [_row(filing, sender, number) for number, filing in enumerate(filings, 1)]
    lines = [_line(fields, "the head of the file") for fields in head]
    lines += [_line(fields, f"notice {number}") for number, fields in enumerate(rows, 1)]
    data = b"".join(line + b"\r\n" for line in lines)
    if len(data) >= layout.most_bytes:
        raise InputRejectedError(f"{len(data):,} bytes are too many for one file; divide the notices into several.")
    return data


def _line(fields: Sequence[str], what: str) -> bytes:
    for field in fields:
        foreign = charset.unwritable(field)
        if foreign:
            shown = "、".join(f"{character} (U+{ord(character):04X})" for character in foreign)
            raise InputRejectedError(
                f"Cannot write {what}: {shown} cannot stand in these files (JIS X 0208, no comma, no quote). "
                "Write the name in characters of JIS X 0208 and tell the insurer the right ones in the remarks."
            )
    return charset.encode(",".join(fields))


def _row(filing: Filing, sender: Sender, number: int) -> list[str]:
    code = _FORM_BY_KIND.get(filing.kind)
    if code is None:
        raise InputRejectedError(
            f"Cannot write notice {number}: the layout of the form for dependents is not public; use the template."
        )
    form = forms()[code]
    values = dict(_values(filing, sender))
    fields = [""] * form.width
    fields[0] = code
    for item in form.items[1:]:
        fields[item.place - 1] = _fitting(item, values.get(_value_name(item), ""), number)
    return fields


def _value_name(item: Item) -> str:
    return f"{item.name}_{item.kind}" if item.kind in ("era", "day") else item.name


def _values(filing: Filing, sender: Sender) -> Iterator[tuple[str, str]]:
    yield from filing.texts.items()
    yield "prefecture_code", sender.prefecture_code
    yield "district_code", sender.district_code
    yield "establishment_symbol", sender.establishment_symbol
    yield "establishment_number", sender.establishment_number
    pension = filing.text("basic_pension_number").replace("-", "")
    yield "pension_office", pension[:4]
    yield "pension_serial", pension[4:]
    yield from zip(("postal_parent", "postal_child"), _parts(filing.text("postal_code"), 2), strict=True)
    yield "individual_number", filing.individual_number.reveal() if filing.individual_number else ""
    yield "pay_total", _total(filing)
    yield from _era("event_on", filing.event_on.year * 10000 + filing.event_on.month * 100 + filing.event_on.day)
    yield from _era("birth_date", birth_date.parse(filing.text("birth_date")) or 0)
    if filing.text("category") == "" and filing.kind is NoticeKind.ACQUISITION:
        yield "category", filing.text("sex")


def _total(filing: Filing) -> str:
    parts = [filing.text(name) for name in ("pay_in_cash", "pay_in_kind")]
    return str(sum(int(part) for part in parts if part.isdecimal())) if any(parts) else ""


def _era(name: str, day: int) -> Iterator[tuple[str, str]]:
    for era in ERAS:
        if era.first <= day <= era.last:
            yield f"{name}_era", era.form_digit
            yield f"{name}_day", f"{day // 10000 - era.base:02}{day % 10000:04}"


def _fitting(item: Item, value: str, number: int) -> str:
    text = value
    if item.kind == "kana":
        text = charset.half_kana(value)
    elif item.kind == "text":
        text = charset.full_text(value)
    if item.bytes and not charset.unwritable(text) and len(charset.encode(text)) > item.bytes:
        raise InputRejectedError(f"Cannot write notice {number}: {item.ja} takes {item.bytes} bytes at most.")
    return text


def _parts(text: str, count: int) -> list[str]:
    """The parts of a postal code or telephone number written with hyphens; a bare postal code is cut after three."""
    parts = text.split("-") if "-" in text else [text[:3], text[3:]] if count == 2 else [text]  # noqa: PLR2004 - parent and child
    return (parts + [""] * count)[:count]
