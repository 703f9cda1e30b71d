"""A link against a register entry, item by item, one pair at a time.

The column form of the same is :mod:`himozuke.link.compare_columns`. Names and addresses are compared
with everything the register holds of the person: what counts today, and former names and addresses, the
通称 and the 併記漢字.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from himozuke.identity import address, birth_date, kana_name, kanji_name, readings, sex
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.state import Comparison, How, ItemState, Parts
from himozuke.link.items import Agreement

_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class LinkItems:
    """The five items of a link, as the file has them; empty where not held."""

    kanji_name: str = ""
    kana_name: str = ""
    birth_date: str = ""
    sex: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class EntryItems:
    """What the register holds of one person; lists of former values are separated by ``|``."""

    kanji_name: str = ""
    kana_name: str = ""
    birth_date: str = ""
    sex: str = ""
    address: str = ""
    former_kanji_names: str = ""
    former_kana_names: str = ""
    former_addresses: str = ""
    alias: str = ""
    alias_kana: str = ""
    parallel_kanji_name: str = ""


def is_latin(text: str) -> bool:
    """Tell whether a name is written in Latin letters, as a foreign resident's is."""
    return any("A" <= c <= "Z" or "a" <= c <= "z" or "Ａ" <= c <= "ｚ" for c in text)


def split_values(text: str) -> list[str]:
    """Take apart a list of former values.

    >>> split_values("佐藤　花|高橋　花")
    ['佐藤　花', '高橋　花']
    """
    return [value for value in text.split(_SEPARATOR) if value]


def former_names(text: str, today: str) -> list[str]:
    """Every form of a person's former names; of a surname alone (旧氏) also the name with today's given name.

    >>> former_names("大貫|高橋　花", "浮田　香苗")
    ['大貫', '大貫　香苗', '高橋　花']
    """
    found = []
    _, _, given = " ".join(today.split()).partition(" ")
    for name in split_values(text):
        found.append(name)
        if given and len(name.split()) == 1 and not is_latin(today):
            found.append(f"{name.strip()}　{given}")
    return found


def other_kanji_names(entry: EntryItems) -> Iterator[tuple[str, How]]:
    """Every other name that may stand in the kanji column for this person."""
    for name in former_names(entry.former_kanji_names, entry.kanji_name):
        yield name, How.FORMER
    if entry.alias:
        yield entry.alias, How.ALIAS
    if entry.parallel_kanji_name:
        yield entry.parallel_kanji_name, How.PARALLEL_KANJI
    if is_latin(entry.kanji_name) and entry.kana_name:
        yield entry.kana_name, How.KANA_SPELLING


def other_kana_names(entry: EntryItems) -> Iterator[tuple[str, How]]:
    """Every other name that may stand in the kana column for this person."""
    for name in former_names(entry.former_kana_names, entry.kana_name):
        yield name, How.FORMER
    if entry.alias_kana:
        yield entry.alias_kana, How.ALIAS


def other_addresses(entry: EntryItems) -> Iterator[tuple[str, How]]:
    """Every former address of this person."""
    for text in split_values(entry.former_addresses):
        yield text, How.FORMER


def compare_entry(link: LinkItems, entry: EntryItems, gazetteer: Gazetteer | None = None) -> Agreement:
    """Compare the five items of a link with one register entry."""
    kanji, kanji_parts = _best_name(kanji_name, link.kanji_name, entry.kanji_name, other_kanji_names(entry))
    kana, kana_parts = _best_name(kana_name, link.kana_name, entry.kana_name, other_kana_names(entry))
    if kanji.state.agrees and not kana.state.agrees and kana.state in (ItemState.DIFFERENT, ItemState.NEAR):
        if readings.another_reading(link.kanji_name, link.kana_name, entry.kana_name):
            kana = Comparison(ItemState.NEAR, How.READING, f"{link.kana_name}/{entry.kana_name}")
    place = _best(lambda other: address.compare(link.address, other, gazetteer), entry.address, other_addresses(entry))
    return Agreement(
        kanji_name=_missing_where(kanji, link.kanji_name),
        kana_name=_missing_where(kana, link.kana_name),
        birth_date=_missing_where(birth_date.compare(link.birth_date, entry.birth_date), link.birth_date),
        sex=_missing_where(sex.compare(link.sex, entry.sex), link.sex),
        address=_missing_where(place, link.address),
        kanji_parts=kanji_parts,
        kana_parts=kana_parts,
    )


def _missing_where(found: Comparison, ours: str) -> Comparison:
    """Say of a missing item whether the link holds it, so that only the register lacks it."""
    if found.state is ItemState.MISSING and ours:
        return Comparison(ItemState.MISSING, How.EMPTY_IN_REGISTER)
    return found


def _best(compare: Callable[[str], Comparison], current: str, others: Iterable[tuple[str, How]]) -> Comparison:
    """The strongest state over today's value and the others; ties go to the earlier one."""
    best = compare(current)
    for value, how in others:
        if best.state.agrees:
            break
        found = compare(value)
        if found.state < best.state:
            best = Comparison(ItemState.VARIANT, how, value) if found.state.agrees else found
    return best


def _best_name(field: object, ours: str, current: str, others: Iterable[tuple[str, How]]) -> tuple[Comparison, Parts]:
    names = [(current, How.BYTES), *others]
    best, parts = None, Parts.NONE
    for value, how in names:
        if best is not None and best.state.agrees:
            break
        found: Comparison = field.compare(ours, value)  # type: ignore[attr-defined]
        if best is None or found.state < best.state:
            agrees_by_other = found.state.agrees and how is not How.BYTES
            best = Comparison(ItemState.VARIANT, how, value) if agrees_by_other else found
            parts = field.parts(ours, value)  # type: ignore[attr-defined]
    if best is None:
        raise AssertionError("a name is always compared with today's")
    return best, parts
