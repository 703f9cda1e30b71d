"""Links that come one by one, understood by the very rules of a file of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from himozuke.errors import LinkRejectedError
from himozuke.gateways.tables.batches import Understanding, read_links
from himozuke.gateways.tables.columns import LINKS, column_by_header, folded
from himozuke.gateways.tables.quarantine import Quarantined
from himozuke.gateways.tables.raw import RawBlock
from himozuke.gateways.tables.understood import Named
from himozuke.identity.column import text_array

_NUMBER = "individual_number"


class ClaimBatch(NamedTuple):
    """Understood links, ``row`` counting the given ones from 1, and by row why others cannot be understood."""

    texts: pa.RecordBatch
    typed: pa.RecordBatch
    refused: Mapping[int, LinkRejectedError]


class ClaimReader:
    """Reads links given as columns by name, English or Japanese; remembers distinct values it has read."""

    def __init__(self) -> None:
        """Know the names of all columns of a link."""
        self._column_by_header = column_by_header(LINKS)
        self._understanding = Understanding(Named({}), None)

    def __call__(self, claims: Sequence[Mapping[str, str]], on: date) -> ClaimBatch:
        """Read links on a day; what a file would set aside is refused with the same code and sentence."""
        rows = [self.canonical(claim) for claim in claims]
        names = list(dict.fromkeys(name for row in rows for name in row))
        if _NUMBER not in names:
            names.append(_NUMBER)
        columns = {name: text_array([row.get(name, "") for row in rows]) for name in names}
        at = np.arange(1, len(rows) + 1, dtype=np.int64)
        texts, typed, check, _ = read_links(RawBlock(columns, at, at, []), self._understanding, on)
        return ClaimBatch(texts, typed, {found.row: _refusal(found) for found in check.quarantined()})

    def canonical(self, claim: Mapping[str, str]) -> dict[str, str]:
        """The columns of one link under our own names; columns that are none of a link are left out."""
        known = self._column_by_header
        row = {}
        for header, value in claim.items():
            column = known.get(header) or known.get(folded(header))
            if column:
                row[column] = readable(value)
        return row


def readable(value: object) -> str:
    """The text of a value; half of a surrogate pair becomes the sign for an unreadable character."""
    text = "" if value is None else str(value)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refusal(found: Quarantined) -> LinkRejectedError:
    about = {
        "column": found.column,
        "value": found.value,
        "code": found.code,
        "reason": found.reason,
        "remedy": found.remedy,
    }
    sentence = f"{found.sentence('reason', 'en')} {found.sentence('remedy', 'en')}"
    return LinkRejectedError(f"Cannot understand this link ({found.column}): {sentence}", about)
