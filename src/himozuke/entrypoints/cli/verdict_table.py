"""The verdict table as an official prints it, and what a change of rules does to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq

from himozuke.errors import UsageError
from himozuke.link.pattern import (
    Challenge,
    ItemClass,
    NameClass,
    Pattern,
    decode,
    encode,
    required_mask,
)
from himozuke.link.verdict import Decision, decide
from himozuke.rules.model import RuleBook

COLUMNS = (
    "pattern",
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "address",
    "challenge",
    "verdict",
    "action",
    "reasons",
)
_REQUIRED_KEY = "items.required.insurer"


def patterns(required: int) -> Iterator[Pattern]:
    """Every item pattern with every outcome of the challenge, for a plain living person."""
    kinds = (NameClass, NameClass, ItemClass, ItemClass, ItemClass, Challenge)
    for parts in product(*kinds):
        kanji, kana, birth, sex, address, challenge = (int(part) for part in parts)
        yield Pattern(kanji, kana, birth, sex, address, challenge, required=required)


def verdict_rows(book: RuleBook, on: date | None) -> tuple[Sequence[str], list[Mapping[str, object]]]:
    """One row per pattern of a medical insurer's link, by the items required on a day."""
    day = on or book.entries(_REQUIRED_KEY)[-1].since
    required = required_mask(book.items(_REQUIRED_KEY, day))
    return COLUMNS, [_row(pattern, decide(pattern)) for pattern in patterns(required)]


def _row(pattern: Pattern, found: Decision) -> Mapping[str, object]:
    names = (NameClass, NameClass, ItemClass, ItemClass, ItemClass, Challenge)
    parts = [kind(part).name.lower() for kind, part in zip(names, pattern, strict=False)]
    return dict(
        zip(
            COLUMNS,
            (encode(pattern), *parts, found.verdict.name, found.action.name.lower(), found.reasons),
            strict=True,
        )
    )


def verdict_changes(
    old: RuleBook, first: date, new: RuleBook, second: date, *, result: Path | None
) -> list[Mapping[str, object]]:
    """How many patterns get another verdict, and how many links of a result, by old and new verdict.

    UsageError when ``result`` holds no verdicts.
    """
    masks = [required_mask(book.items(_REQUIRED_KEY, day)) for book, day in ((old, first), (new, second))]
    links = _links_by_pattern(result) if result else {}
    counts: dict[tuple[str, str], list[int]] = {}
    for pattern in patterns(masks[0]):
        was, is_now = decide(pattern), decide(pattern._replace(required=masks[1]))
        if was.verdict != is_now.verdict:
            found = counts.setdefault((was.verdict.name, is_now.verdict.name), [0, 0])
            found[0] += 1
    for pattern, rows in links.items():
        was = decide(pattern._replace(required=masks[0]))
        is_now = decide(pattern._replace(required=masks[1]))
        if was.verdict != is_now.verdict:
            counts.setdefault((was.verdict.name, is_now.verdict.name), [0, 0])[1] += rows
    return [
        {"before": before, "after": after, "patterns": kinds, "links": rows if result else None}
        for (before, after), (kinds, rows) in sorted(counts.items())
    ]


def _links_by_pattern(result: Path) -> dict[Pattern, int]:
    path = result / "verdicts.parquet"
    if not path.is_file():
        raise UsageError(f"{result} holds no verdicts.parquet. Name the folder given to inspect --out.")
    counts = pq.read_table(path, columns=["pattern"]).column("pattern").value_counts()
    return {
        decode(int(value)): int(rows)
        for value, rows in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    }
