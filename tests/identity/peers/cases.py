"""Pairs of addresses from the test data of peers, and which of them have a definite answer."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SHARED = Path(__file__).parents[3].parent / "shared/data"
GEOLONIA = SHARED / "addresses/geolonia/addresses.csv"
ABR = SHARED / "addresses/abr-geocoder"
MERGERS = SHARED / "municipalities/absorption_separation.csv"
REASON = "the test data of peers does not lie beside the project"

PARTS = ("都道府県", "市区町村", "町字", "番地号", "その他")
# The same query with other options: which of two addresses it means depends on a register of lots.
BY_OPTION = ("parcel-expects.json", "residential-expects.json")
IDENTITY = ("lg_code", "machiaza_id", "blk_num", "rsdt_num", "rsdt_num2", "prc_num1", "prc_num2", "prc_num3")


class Pair(NamedTuple):
    """Two addresses that mean the same according to a peer."""

    a: str
    b: str


def geolonia() -> list[Pair]:
    """Input and expected result, the parts joined: 7,191 pairs."""
    with GEOLONIA.open(encoding="utf-8", newline="") as lines:
        return [Pair(row["住所"], "".join(row[part] for part in PARTS)) for row in csv.DictReader(lines)]


def abr_rows() -> Iterator[dict[str, Any]]:
    """Every query with its result that has a definite answer: 630 rows.

    Not definite: no town was found (``match_level`` city or less), or the answer depends on an option.
    """
    for path in sorted(ABR.glob("*/*expects.json")):
        if path.name not in BY_OPTION:
            rows = json.loads(path.read_text("utf-8"))
            yield from (row for row in rows if row["result"]["match_level"] not in {"unknown", "prefecture", "city"})


def abr() -> list[Pair]:
    """Query and expected result."""
    return [Pair(row["query"]["input"], row["result"]["output"]) for row in abr_rows()]


def abr_identity(row: dict[str, Any]) -> tuple[object, ...]:
    """What tells one place of the Address Base Registry from another."""
    result = row["result"]
    return (*(result[name] for name in IDENTITY), *result["others"])
