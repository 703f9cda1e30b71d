"""Synthetic people and links for tests: numbers from the reserved range, nobody real."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from himozuke.identity.individual_number import check_digit

REGISTER_COLUMNS = (
    "individual_number",
    "kanji_name",
    "kana_name",
    "furigana_certified",
    "birth_date",
    "sex",
    "address",
    "former_kanji_names",
    "former_kana_names",
    "former_addresses",
    "alias",
    "alias_kana",
    "parallel_kanji_name",
    "status",
    "status_on",
    "previous_number",
    "protected",
)


def number(body: int) -> str:
    """The synthetic Individual Number with this body (bodies start with 00)."""
    if not 0 <= body < 10**9:
        raise ValueError(body)
    return f"{body:011d}{check_digit(body)}"


def person(body: int, **items: str) -> dict[str, str]:
    """A register row; items that are not given have plain values."""
    row = {
        "individual_number": number(body),
        "kanji_name": "山田　太郎",
        "kana_name": "ヤマダ　タロウ",
        "furigana_certified": "1",
        "birth_date": "1975-04-02",
        "sex": "1",
        "address": "東京都千代田区霞が関一丁目2番3号",
        "status": "current",
    }
    return dict.fromkeys(REGISTER_COLUMNS, "") | row | items


def link_to(someone: dict[str, str], **items: str) -> dict[str, str]:
    """A link that holds somebody's own items, save those given."""
    names = ("individual_number", "kanji_name", "kana_name", "birth_date", "sex", "address")
    row = {name: someone[name] for name in names}
    row |= {"acquired_by": "person", "valid_from": "2020-04-01", "acquired_on": "2024-04-01"}
    return row | items


def table(rows: list[dict[str, str]]) -> pa.Table:
    """Rows as a table in which every column is text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names})


@dataclass(slots=True)
class World:
    """A register and a file of links under construction."""

    register: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    _next: int = 1000

    def person(self, **items: str) -> dict[str, str]:
        """Add somebody to the register, with the next number."""
        self._next += 7
        row = person(self._next, **items)
        self.register.append(row)
        return row

    def link(self, someone: dict[str, str], link_id: str = "", **items: str) -> dict[str, str]:
        """Add a link that holds somebody's items, save those given."""
        row = link_to(someone, **items)
        row["link_id"] = link_id or f"L{len(self.links) + 1}"
        row.setdefault("scheme_number", f"S{len(self.links) + 1:06d}")
        self.links.append(row)
        return row
