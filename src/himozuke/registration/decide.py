"""What is done with a notice: taken, inquired about, kept for its day, or given back. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from himozuke.errors import RuleRefusedError
from himozuke.identity import birth_date, sex
from himozuke.identity.calendar import is_whole
from himozuke.identity.individual_number import has_valid_check_digit, mask
from himozuke.registration.model import (
    CODES,
    VOLUNTARY,
    Acceptance,
    Decision,
    Filing,
    Insurer,
    InsurerKind,
    NoticeKind,
    Problem,
)
from himozuke.rules.deadline import last_day
from himozuke.rules.model import RuleBook
from himozuke.rules.schema import FIRST_DAY, first_matching
from himozuke.schemes.model import Scheme

_LAST_YEAR = 2030  # the calendar of rules/holidays.toml ends here
_PENSION_DIGITS = 10
_YEN = re.compile(r"\d+(,\d{3})*円?")

#: The texts that stand for one item of the form (S66).
PARTS: Mapping[str, tuple[str, ...]] = {
    "establishment": ("establishment_name", "establishment_address", "employer_name"),
    "pay": ("pay_in_cash",),
}
_CODED: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.ACQUISITION: ("category", "acquisition_kind", "has_dependents"),
    NoticeKind.LOSS: ("end_reason",),
}
_NOT_OF_TEXT = ("individual_number", "qualified_on", "remarks")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a filing is judged by: rules, the scheme, the insurer, the day it came, and who filed it."""

    rules: RuleBook
    scheme: Scheme
    insurer: Insurer
    received_on: date
    is_by_employer: bool = False


def accept(filing: Filing, desk: Desk) -> Decision:
    """Decide what to do with a filing by the rules of the day of the fact.

    A filing is taken with its number, or with all the items an inquiry needs; otherwise it goes back to the
    employer (R-JLIS). Before the day of the fact it is kept, and no period runs (S101).
    """
    if not FIRST_DAY <= filing.event_on <= date(_LAST_YEAR, 12, 31):
        return Decision(Acceptance.RETURN, (Problem("event_out_of_range", "qualified_on"),))
    problems = tuple(_problems(filing, desk))
    due = _due_days(filing, desk)
    if problems:
        return Decision(Acceptance.RETURN, problems, *due)
    if filing.event_on > desk.received_on:
        return Decision(Acceptance.PREPARE, (), *due)
    if filing.kind.begins and filing.individual_number is None:
        return Decision(Acceptance.INQUIRE, (), *due, items=items_to_inquire(filing, desk.scheme, desk.rules))
    return Decision(Acceptance.TAKE, (), *due)


def items_to_inquire(filing: Filing, scheme: Scheme, rules: RuleBook) -> tuple[str, ...]:
    """The items an inquiry for a missing number must be made with: all that the rule of the day asks for.

    RuleRefusedError, citing the rule, when one is not given: no inquiry is made with fewer (S61).
    """
    required = scheme.items_required(rules, filing.event_on)
    missing = [item for item in required if not filing.text(item).strip()]
    if missing or not required:
        entry = rules.entry(scheme.required_items_key, filing.event_on)
        raise RuleRefusedError(
            f"No inquiry for this notice: {', '.join(missing) or 'every item'} missing; from {entry.since} "
            f"{len(required) or 'all'} items are needed ({entry.source}). Return the notice to the employer."
        )
    return required


def _problems(filing: Filing, desk: Desk) -> Iterator[Problem]:
    if desk.is_by_employer and filing.text("acquisition_kind") == VOLUNTARY:
        yield Problem("voluntary_by_employer", "acquisition_kind")  # S67
    needed = _needs(filing, desk)
    for item in needed:
        for part in PARTS.get(item, (item,)):
            if not filing.text(part).strip():
                yield Problem("missing", part)
    yield from _unreadable(filing)
    if filing.kind.begins:
        yield from _number_problems(filing, desk, set(needed))


def _needs(filing: Filing, desk: Desk) -> list[str]:
    """The items that must be there whatever else is (S66)."""
    if filing.kind is NoticeKind.ACQUISITION:
        return [item for item in _form_items(desk, filing.event_on) if _is_needed(item, filing, desk)]
    if filing.kind is NoticeKind.DEPENDENT_ADDED:
        return ["symbol", "number", "kanji_name", "kana_name", "birth_date", "sex", "relation"]
    reasons = ["end_reason"] if filing.kind is NoticeKind.LOSS else []
    return ["number", "kana_name", "birth_date", *reasons]


def _form_items(desk: Desk, on: date) -> list[str]:
    rows = desk.rules.rows("filing.items.acquisition", on)
    return [item for item in dict.fromkeys(str(row["item"]) for row in rows) if item not in _NOT_OF_TEXT]


def need_of(item: str, insurer: InsurerKind, rules: RuleBook, on: date) -> str:
    """How far an item of the form is needed by the rule of a day: the word of ``filing.items.acquisition``."""
    rows = rules.rows("filing.items.acquisition", on)
    return str(first_matching(rows, {"item": item, "insurer": insurer.value})["need"])


def _is_needed(item: str, filing: Filing, desk: Desk) -> bool:
    if filing.text("acquisition_kind") == VOLUNTARY and item in {"establishment", "pay", "has_dependents"}:
        return False  # the person asks, not the employer (S67)
    need = need_of(item, desk.insurer.kind, desk.rules, filing.event_on)
    if need == "unless_confirmed":
        return not desk.insurer.confirms_items
    if need == "unless_not_asked":
        return desk.insurer.asks_address
    return need == "required"


def _unreadable(filing: Filing) -> Iterator[Problem]:
    born = birth_date.parse(filing.text("birth_date"))
    if filing.text("birth_date").strip():
        if born is None or not is_whole(born):
            yield Problem("not_a_date", "birth_date")
        elif born > filing.event_on.year * 10000 + filing.event_on.month * 100 + filing.event_on.day:
            yield Problem("born_after_event", "birth_date")
    if filing.text("sex").strip() and sex.parse(filing.text("sex")) not in (sex.MAN, sex.WOMAN, sex.MINER):
        yield Problem("not_a_sex", "sex")
    for item in _CODED.get(filing.kind, ()):
        code = unicodedata.normalize("NFKC", filing.text(item)).strip()
        if code and code not in CODES[item]:
            yield Problem("not_a_code", item, "・".join(CODES[item]), value=mask(code)[:40])
    for pay in ("pay_in_cash", "pay_in_kind"):
        if filing.text(pay).strip() and not _YEN.fullmatch(unicodedata.normalize("NFKC", filing.text(pay)).strip()):
            yield Problem("not_digits", pay)
    for item, text in filing.texts.items():
        private = next((character for character in text if unicodedata.category(character) == "Co"), "")
        if private:  # 外字: nobody else can read it, so it is refused as in SHFD0006.CSV
            yield Problem("foreign_private", item, value=f"U+{ord(private):04X}")
    pension = filing.text("basic_pension_number").replace("-", "")
    if pension and not (pension.isdecimal() and len(pension) == _PENSION_DIGITS):
        yield Problem("not_a_pension_number", "basic_pension_number")


def _number_problems(filing: Filing, desk: Desk, already: set[str]) -> Iterator[Problem]:
    number = filing.individual_number
    if filing.number_is_unreadable:
        yield Problem("not_a_number", "individual_number")
    elif number is not None:
        if not has_valid_check_digit(number.value):
            yield Problem("check_digit", "individual_number")
    else:
        missing = [
            item
            for item in desk.scheme.items_required(desk.rules, filing.event_on)
            if item not in already and not filing.text(item).strip()
        ]
        for item in missing:
            yield Problem("needed_without_number", item)
        if missing:
            yield Problem("number_missing", "individual_number")


def _due_days(filing: Filing, desk: Desk) -> tuple[date | None, date | None]:
    """The last days of both periods: from the fact to the notice, from the receipt to the registration."""
    to_file = desk.rules.count("filing.employer_days", filing.event_on)
    to_register = desk.rules.count("filing.insurer_register_days", max(desk.received_on, FIRST_DAY))
    is_filed = filing.text("acquisition_kind") != VOLUNTARY
    received = max(desk.received_on, filing.event_on)
    return (
        last_day(filing.event_on, to_file) if is_filed and to_file else None,
        last_day(received, to_register) if to_register else None,
    )


def scheme_parts(filing: Filing) -> Sequence[str]:
    """Insurer number, symbol, number and branch as they make up the scheme number."""
    return [filing.text(name) for name in ("insurer_number", "symbol", "number", "branch")]
