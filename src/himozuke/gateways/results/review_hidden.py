"""``review.csv`` on its way out: who has come under protection since it was written is hidden (支援措置)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from himozuke.gateways.results.review_csv import HIDDEN, headers
from himozuke.inspection import words
from himozuke.inspection.model import ITEMS
from himozuke.ports.protected_people import ProtectedPeople

_SIDES = ("登録データ", "番号の持ち主", "当てはまる別人")
_PLACES = {name: place for place, name in enumerate(headers())}
_ITEM_PLACES = [{item: _PLACES[f"{words.label('item', item)}（{side}）"] for item in ITEMS} for side in _SIDES]
_MARK = _PLACES["支援措置"]


def names_protected(path: Path, people: ProtectedPeople) -> bool:
    """Tell whether a row is about somebody who is under protection today and was not when it was written."""
    return any(_is_newly_protected(row, people) for row in _rows(path))


def hidden_review(path: Path, people: ProtectedPeople) -> Iterator[str]:
    """The file line by line, without the addresses of rows about somebody who is under protection today."""
    yield "\ufeff" + _line(headers())
    for row in _rows(path):
        if _is_newly_protected(row, people):
            for places in _ITEM_PLACES:
                row[places["address"]] = HIDDEN if row[places["address"]] else ""
            row[_MARK] = "該当"
        yield _line(row)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        yield from rows


def _is_newly_protected(row: list[str], people: ProtectedPeople) -> bool:
    return not row[_MARK] and any(people.include(_items(row, places)) for places in _ITEM_PLACES)


def _items(row: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {item: row[place].removeprefix("'") for item, place in places.items()}


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
