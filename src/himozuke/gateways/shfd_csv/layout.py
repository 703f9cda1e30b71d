"""The layout of the form files, read from ``layout.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a row, counted from 1; without a name it is not confirmed by public sources."""

    place: int
    name: str
    ja: str
    kind: str = "text"
    bytes: int | None = None
    values: Sequence[str] = ()
    needed: bool = False
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One form (様式) and its items; ``blocks`` places several people in one row."""

    code: str
    kind: str
    name_ja: str
    width: int
    items: Sequence[Item]
    refused_width: int | None = None
    blocks: Mapping[str, Any] = field(default_factory=dict)

    def places(self, name: str) -> list[int]:
        """Where the items of a name stand, from 0; an era stands before its day."""
        return [item.place - 1 for item in self.items if item.name == name]


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What holds for the file as a whole."""

    name: str
    most_bytes: int
    representative_code: str
    establishment_items: int
    management_items: int


@cache
def forms() -> Mapping[str, Form]:
    """Every form that is known, by its code."""
    return {code: _form(code, table) for code, table in _table()["form"].items()}


@cache
def file_layout() -> FileLayout:
    """What holds for the file as a whole."""
    return FileLayout(**_table()["file"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("himozuke.gateways.shfd_csv") / "layout.toml").read_text("utf-8"))


def _form(code: str, table: Mapping[str, Any]) -> Form:
    items = tuple(Item(place=int(place), **item) for place, item in table["item"].items())
    blocks = {name: table[name] for name in ("spouse", "other") if name in table}
    return Form(code, table["kind"], table["name_ja"], table["items"], items, table.get("refused_items"), blocks)
