"""One row of a form file as notices about people, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from himozuke.gateways.shfd_csv import charset
from himozuke.gateways.shfd_csv.layout import Form, Item
from himozuke.identity import birth_date, individual_number
from himozuke.identity.calendar import CodeSystem, whole_day
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import TEXTS, Filing, NoticeKind, Problem

_KIND_BY_FORM = {"acquisition": NoticeKind.ACQUISITION, "loss": NoticeKind.LOSS}
_SEX_BY_CATEGORY = {"1": "1", "2": "2", "3": "1", "5": "1", "6": "2", "7": "1"}  # 坑内員 (3, 7): men in practice
_SEX_BY_DEPENDENT = {"1": "1", "2": "2", "3": "1", "4": "2"}
_ADDED, _REMOVED = "1", "2"
_SPOUSE = "配偶者"


def filing_of(texts: Sequence[str], form: Form, *, line: int, row: int) -> Iterator[Filing | Problem]:
    """The notice of a row about one person, or what is wrong with its items."""
    at = {"line": line, "row": row}
    problems = [problem for item in form.items for problem in _check(item, texts[item.place - 1], at)]
    values = {item.name: texts[item.place - 1].strip() for item in form.items if item.kind not in ("era", "day")}
    days, wrong = _days(texts, form, at)
    problems += wrong
    if problems:
        yield from problems
        return
    number, is_unreadable = _number(values.get("individual_number", ""))
    given = {name: values[name] for name in TEXTS if values.get(name)}
    given |= {"birth_date": str(days["birth_date"]), "symbol": _symbol(values)}
    if values.get("category"):
        given["sex"] = _SEX_BY_CATEGORY[values["category"]]
    pension = values.get("pension_office", "") + values.get("pension_serial", "")
    if pension:
        given["basic_pension_number"] = pension
    if values.get("postal_parent"):
        given["postal_code"] = f"{values['postal_parent']}-{values.get('postal_child', '')}"
    yield Filing(
        kind=_KIND_BY_FORM[form.kind],
        event_on=days["event_on"],
        texts=given,
        individual_number=number,
        number_is_unreadable=is_unreadable,
        establishment=_establishment(values),
        row=row,
        line=line,
    )


def people_of(texts: Sequence[str], form: Form, *, line: int, row: int) -> Iterator[Filing | Problem]:
    """The notices of a row about dependents: a spouse and up to three others."""
    at = {"line": line, "row": row}
    problems = [problem for item in form.items for problem in _check(item, texts[item.place - 1], at)]
    if problems:
        yield from problems
        return
    values = {item.name: texts[item.place - 1].strip() for item in form.items}
    blocks = [(form.blocks["spouse"], form.blocks["spouse"]["first"], _SPOUSE)]
    blocks += [(form.blocks["other"], first, "") for first in form.blocks["other"]["first"]]
    parts = [(texts[first - 1 : first - 1 + block["items"]], block, relation) for block, first, relation in blocks]
    filled = [(part, block, relation) for part, block, relation in parts if any(text.strip() for text in part)]
    if not filled:
        yield Problem("no_dependent", "", line=line, row=row)
    for part, block, relation in filled:
        yield _dependent(part, block, values, relation=relation, at=at)


def _dependent(
    part: Sequence[str], block: Mapping[str, Any], values: Mapping[str, str], *, relation: str, at: Mapping[str, int]
) -> Filing | Problem:
    def text(name: str) -> str:
        return part[block[name] - 1].strip() if name in block else ""

    side = "left" if values["change"] == _REMOVED else "joined"
    event, born = _day(text(f"{side}_era"), text(f"{side}_day")), _day(text("birth_era"), text("birth_day"))
    if event is None or born is None:
        return Problem("not_a_date", "異動年月日" if event is None else "生年月日", line=at["line"], row=at["row"])
    number, is_unreadable = _number(text("individual_number"))
    names = ("kana_name", "kanji_name", "address", "end_reason")
    given = {name: text(name) for name in names if text(name)}
    given |= {
        "symbol": _symbol(values),
        "number": values["number"],
        "birth_date": str(born),
        "sex": _SEX_BY_DEPENDENT.get(text("sex"), ""),
        "relation": relation or text("relation"),
    }
    kind = NoticeKind.DEPENDENT_REMOVED if side == "left" else NoticeKind.DEPENDENT_ADDED
    return Filing(kind, event, given, number, is_unreadable, _establishment(values), row=at["row"], line=at["line"])


def _check(item: Item, text: str, at: Mapping[str, int]) -> Iterator[Problem]:
    value = text.strip()
    if not value:
        if item.needed:
            yield Problem("missing", item.ja, line=at["line"], row=at["row"])
        return
    if item.kind == "digits" and not (value.isascii() and value.isdecimal()):
        yield Problem("not_digits", item.ja, value=_shown(item, value), line=at["line"], row=at["row"])
    if item.values and value not in item.values:
        yield Problem("not_a_code", item.ja, "・".join(item.values), value=value, line=at["line"], row=at["row"])
    if item.bytes and len(charset.encode(text)) > item.bytes:
        yield Problem("too_long", item.ja, str(item.bytes), line=at["line"], row=at["row"])
    if item.kind == "kana" and any(character > "\x7f" and not "\uff61" <= character <= "\uff9f" for character in value):
        yield Problem("not_half_kana", item.ja, value=value, line=at["line"], row=at["row"])
    if item.spaced and not any(space in value for space in " 　"):
        yield Problem("no_space_in_name", item.ja, value=value, line=at["line"], row=at["row"])


def _shown(item: Item, value: str) -> str:
    return individual_number.mask_digits(value) if item.name == "individual_number" else value


def _days(texts: Sequence[str], form: Form, at: Mapping[str, int]) -> tuple[dict[str, date], list[Problem]]:
    days: dict[str, date] = {}
    problems = []
    for era, day in zip(form.items, form.items[1:], strict=False):
        if era.kind != "era" or day.kind != "day":
            continue
        era_text, day_text = texts[era.place - 1].strip(), texts[day.place - 1].strip()
        found = _day(era_text, day_text)
        if found is not None:
            days[day.name] = found
        elif era_text or day_text:
            problems.append(
                Problem("not_a_date", day.ja, value=f"{era_text}-{day_text}", line=at["line"], row=at["row"])
            )
    return days, problems


def _day(era: str, day: str) -> date | None:
    """A day of an era in the digits of the forms: 5 and 500401 are 1 April 1975."""
    is_figures = len(era) == 1 and day.isdecimal()
    return whole_day(birth_date.parse(f"{era}{day}", CodeSystem.FORM)) if is_figures else None


def _number(text: str) -> tuple[IndividualNumber | None, bool]:
    value = individual_number.parse(text) if text else None
    return (IndividualNumber(value), False) if value is not None else (None, bool(text))


def _symbol(values: Mapping[str, str]) -> str:
    """Our symbol of a place of work: 都道府県コード, 郡市区符号, 事業所記号, as the notice of its number has them."""
    return "".join(values[name] for name in ("prefecture_code", "district_code", "establishment_symbol"))


def _establishment(values: Mapping[str, str]) -> dict[str, str]:
    names = ("prefecture_code", "district_code", "establishment_symbol", "establishment_number")
    return {name: values.get(name, "") for name in names}
