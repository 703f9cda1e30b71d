"""Links given as columns by name, folded as a file of them would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from himozuke.engines.judge import LinkFacts
from himozuke.engines.staging import number_columns, without_unheld
from himozuke.identity.column import utf8_column
from himozuke.link.items import ITEMS
from himozuke.link.keys import block_keys
from himozuke.ports.challenge import LinkKeys
from himozuke.schemes.model import Scheme


class ReadBatch(Protocol):
    """Links that were read: texts and typed columns as of a file, and by row from 1 what was refused."""

    @property
    def texts(self) -> pa.RecordBatch:
        """Text columns, ``row`` first."""

    @property
    def typed(self) -> pa.RecordBatch:
        """Numbers, days and codes of the same rows."""

    @property
    def refused(self) -> Mapping[int, Exception]:
        """Why other rows cannot be understood."""


class ReadClaims(Protocol):
    """The reader of links that are given as columns by name."""

    def __call__(self, claims: Sequence[Mapping[str, str]], on: date) -> ReadBatch:
        """Read links on a day."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Understood links of one scheme and day.

    ``sides`` holds the five items with ``birth`` and ``sex_code``, as comparing takes them; ``numbers``
    the columns of a staged file; ``items`` the texts of the five items, row by row.
    """

    sides: pa.RecordBatch
    numbers: Mapping[str, Sequence[Any]]
    items: Sequence[tuple[str, ...]]

    def facts(self, row: int) -> LinkFacts:
        """What a verdict needs of one link beside its items."""
        of = self.numbers
        return LinkFacts(
            has_valid_check_digit=of["check_ok"][row],
            acquired_by=of["acquired_by"][row],
            acquired_items=of["acquired_items"][row],
            acquired_hits=of["acquired_hits"][row],
            acquired_on=of["acquired_on"][row],
            valid_from=of["valid_from"][row],
            valid_to=of["valid_to"][row],
        )

    def keys(self, rows: Sequence[int]) -> list[LinkKeys]:
        """What some of the links are looked for under."""
        chosen = self.sides.take(pa.array(np.array(rows, np.int64)))
        kanji, kana, place = (utf8_column(chosen.column(item)) for item in ("kanji_name", "kana_name", "address"))
        columns = [key.view(np.int64).tolist() for key in block_keys(kanji, kana, place)]
        return [LinkKeys(*row) for row in zip(chosen.column("birth").to_pylist(), *columns, strict=True)]


def stage_claims(batch: ReadBatch, scheme: Scheme) -> Claims:
    """Fold links; items that the scheme's records have no room for are left empty."""
    held = without_unheld(batch.texts, batch.typed, scheme)
    numbers = number_columns(held, batch.typed, scheme)
    sides = held.select(ITEMS)
    sides = sides.append_column("birth", pa.array(numbers["birth"])).append_column("sex_code", pa.array(numbers["sex"]))
    items = list(zip(*(held.column(item).to_pylist() for item in ITEMS), strict=True))
    return Claims(sides, {name: column.tolist() for name, column in numbers.items()}, items)
