"""Reading SHFD0006.CSV: the file is checked as a whole, then row by row; good rows go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.shfd_csv import charset
from himozuke.gateways.shfd_csv.layout import Form, file_layout, forms
from himozuke.gateways.shfd_csv.person import filing_of, people_of
from himozuke.registration.model import Filing, Problem

_LINE_END = b"\r\n"
_KANRI, _DATA = b"[kanri]", b"[data]"
_NAMES = (
    "prefecture_code",
    "district_code",
    "establishment_symbol",
    "establishment_number",
    "postal_parent",
    "postal_child",
    "address",
    "name",
    "employer_name",
    "telephone_area",
    "telephone_exchange",
    "telephone_number",
)


@dataclass(frozen=True, slots=True)
class ShfdFile:
    """A file that was read: notices of good rows and the problems of the others.

    ``rows`` counts the data rows; a row with a problem gives no notice. Problems carry the physical line
    (1 = first line of the file), the row (1 = first data row), the item's name in Japanese and the byte of the
    line from which a character cannot be read (1 = first).
    """

    filings: Sequence[Filing]
    problems: Sequence[Problem]
    rows: int
    establishments: Sequence[dict[str, str]]
    created_on: date | None


def read_shfd(data: bytes, *, name: str = "SHFD0006.CSV") -> ShfdFile:
    """Read a whole file.

    InputRejectedError, in one sentence, when it is none: too large, line ends other than CRLF, no [kanri] or
    [data], a first line of another width.
    """
    lines = _lines(data, name)
    at_kanri, at_data = _marks(lines, name)
    created_on = _management(lines[:at_kanri], name)
    establishments = [_establishment(line, number, name) for number, line in _head(lines, at_kanri, at_data)]
    by_key = {_key(establishment): establishment for establishment in establishments}
    filings: list[Filing] = []
    problems: list[Problem] = []
    rows = 0
    for number, line in enumerate(lines[at_data + 1 :], at_data + 2):
        rows += 1
        found = list(_row(line, line_number=number, row=rows))
        wrong = [part for part in found if isinstance(part, Problem)]
        if wrong:
            problems.extend(wrong)
            continue
        filings.extend(_placed(part, by_key) for part in found if isinstance(part, Filing))
    return ShfdFile(filings, problems, rows, establishments, created_on)


def _lines(data: bytes, name: str) -> list[bytes]:
    layout = file_layout()
    if len(data) >= layout.most_bytes:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。{len(data):,}バイトあります。この様式は{layout.most_bytes:,}バイト未満です。分けて送ってください。",
                f"Cannot read {name}: {len(data):,} bytes; these files must be smaller than {layout.most_bytes:,}. "
                "Divide it and send the parts one by one.",
            )
        )
    lines = data.split(_LINE_END)
    if lines.pop() or not lines:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。最後の行がCR LFで終わっていません。書き出し直してください。",
                f"Cannot read {name}: its last line does not end with CR LF; write the file again.",
            )
        )
    for number, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line:
            raise InputRejectedError(
                Sentence(
                    f"{name}を読めません。{number}行目にCRだけ、又はLFだけの改行があります。行の終わりはCR LFとし、項目の中で改行しないでください。",
                    f"Cannot read {name}: line {number} holds a bare CR or LF; every line must end with CR LF "
                    "and no item may hold a line break.",
                )
            )
    return lines


def _marks(lines: Sequence[bytes], name: str) -> tuple[int, int]:
    places = []
    for mark in (_KANRI, _DATA):
        found = [place for place, line in enumerate(lines) if line == mark]
        if len(found) != 1:
            raise InputRejectedError(
                Sentence(
                    f"{name}を読めません。{mark.decode()}の行が{len(found)}回あります。1回だけ書いてください。",
                    f"Cannot read {name}: the line {mark.decode()} stands {len(found)} times; it must stand once.",
                )
            )
        places.append(found[0])
    if places[0] != 1 or places[1] < places[0] + 2:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。最初の行、[kanri]、事業所の行、[data]をこの順に書いてください。",
                f"Cannot read {name}: the first line, [kanri], the places of work and [data] must follow each other.",
            )
        )
    return places[0], places[1]


def _management(lines: Sequence[bytes], name: str) -> date | None:
    fields = _fields(lines[0], name)
    if len(fields) != file_layout().management_items:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。最初の行の項目が{len(fields)}個あります。{file_layout().management_items}個にしてください。",
                f"Cannot read {name}: its first line has {len(fields)} items, not {file_layout().management_items}.",
            )
        )
    made = fields[4]
    try:
        return date(int(made[:4]), int(made[4:6]), int(made[6:8])) if made else None
    except ValueError:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。最初の行の5番目の項目が日付（YYYYMMDD）ではありません。",
                f"Cannot read {name}: item 5 of its first line is no day (YYYYMMDD).",
            )
        ) from None


def _head(lines: Sequence[bytes], at_kanri: int, at_data: int) -> Iterator[tuple[int, bytes]]:
    """The places of work: lines between the count of them and [data]."""
    for place in range(at_kanri + 2, at_data):
        yield place + 1, lines[place]


def _establishment(line: bytes, number: int, name: str) -> dict[str, str]:
    fields = _fields(line, name)
    if len(fields) != file_layout().establishment_items:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。{number}行目（事業所）の項目が{len(fields)}個あります。{file_layout().establishment_items}個にしてください。",
                f"Cannot read {name}: line {number} (a place of work) has {len(fields)} items, "
                f"not {file_layout().establishment_items}.",
            )
        )
    return dict(zip(_NAMES, fields, strict=True))


def _fields(line: bytes, name: str) -> list[str]:
    text, foreign = charset.decode(line)
    if foreign:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。見出しの行の{foreign[0].byte + 1}バイト目（{foreign[0].code}）がJIS X 0208の文字ではありません。事業所名をほかの文字で書いてください。",
                f"Cannot read {name}: byte {foreign[0].byte + 1} of a head line ({foreign[0].code}) is no character of "
                "JIS X 0208; write the name of the place of work in other characters.",
            )
        )
    return text.split(",")


def _key(establishment: dict[str, str]) -> tuple[str, ...]:
    return tuple(establishment[name] for name in ("prefecture_code", "district_code", "establishment_symbol"))


def _placed(filing: Filing, by_key: dict[tuple[str, ...], dict[str, str]]) -> Filing:
    """The notice with the name, address and employer of its place of work, told once for the file."""
    place = by_key.get(_key(dict(filing.establishment)))
    if place is None:
        return filing
    texts = {
        "establishment_name": place["name"],
        "establishment_address": place["address"],
        "employer_name": place["employer_name"],
    }
    telephone = "-".join(place[part] for part in ("telephone_area", "telephone_exchange", "telephone_number"))
    filing = filing.with_texts(**texts)
    return Filing(
        filing.kind,
        filing.event_on,
        filing.texts,
        filing.individual_number,
        filing.number_is_unreadable,
        {**filing.establishment, **place, "telephone": telephone.strip("-")},
        row=filing.row,
        line=filing.line,
    )


def _row(line: bytes, *, line_number: int, row: int) -> Iterator[Filing | Problem]:
    fields = line.split(b",")
    form = forms().get(fields[0].decode("ascii", "replace"))
    if form is None:
        value = fields[0][:20].decode("ascii", "replace")
        yield Problem("unknown_form", "様式コード", value=value, line=line_number, row=row)
        return
    if len(fields) != form.width:
        code = "layout_not_public" if len(fields) == form.refused_width else "wrong_field_count"
        yield Problem(code, "", f"{form.width}/{len(fields)}", line=line_number, row=row)
        return
    texts, problems = _texts(fields, form, line=line_number, row=row)
    if problems:
        yield from problems
        return
    if form.kind == "dependents":
        yield from people_of(texts, form, line=line_number, row=row)
    else:
        yield from filing_of(texts, form, line=line_number, row=row)


def _texts(fields: Sequence[bytes], form: Form, *, line: int, row: int) -> tuple[list[str], list[Problem]]:
    """Every item as text; what is no character of JIS X 0208 is told by item and byte (外字)."""
    names = {item.place: item.ja for item in form.items}
    texts, problems = [], []
    start = 1
    for place, data in enumerate(fields, 1):
        text, foreign = charset.decode(data)
        item = names.get(place, f"項目{place}")
        problems += [
            Problem(f"foreign_{found.what}", item, value=found.code, line=line, row=row, byte=start + found.byte)
            for found in foreign
        ]
        if '"' in text:
            problems.append(Problem("quoted", item, line=line, row=row, byte=start + text.index('"')))
        texts.append(text)
        start += len(data) + 1
    return texts, problems
