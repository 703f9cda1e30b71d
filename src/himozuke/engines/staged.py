"""Links that were read: whole numbers in dense columns, texts in Arrow files, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines import dense, mapped_table
from himozuke.engines.register import PreparedRegister
from himozuke.link.items import ITEMS

Longs = npt.NDArray[np.int64]

#: Texts that are kept of every link; its items may be left to the register.
LABELS = ("link_id", "scheme_number", "operator", "batch")
TEXTS = (*LABELS, *ITEMS)
#: What each link was read as, and how wide that is kept; days are yyyymmdd.
READ: dict[str, type[np.generic]] = {
    "row": np.int64,
    "number": np.int64,
    "check_ok": np.bool_,
    "birth": np.int32,
    "sex": np.int8,
    "acquired_by": np.uint8,
    "acquired_items": np.uint8,
    "acquired_hits": np.int32,
    "acquired_on": np.int32,
    "registered_on": np.int32,
    "valid_from": np.int32,
    "valid_to": np.int32,
}
#: All that is kept of each link as numbers: also the hashes that joins run on.
NUMBERS = READ | {"scheme_hash": np.uint64, "row_hash": np.uint64, "complete": np.bool_}
#: What the register holds under the number of each link, where that was looked up while reading.
BEARERS: dict[str, type[np.generic]] = {
    "pos": np.int64,
    "status": np.uint8,
    "status_on": np.int32,
    "evidence": np.uint64,
    "settled": np.bool_,
}


@dataclass(frozen=True, slots=True)
class StagedLinks:
    """The understood links of one file; ``starts`` has the index of the first link of each part.

    With ``settled_by``, the items of a link that are those of its person in that register, byte by byte,
    are kept there alone.
    """

    folder: Path
    starts: tuple[int, ...]
    rows: int
    rows_read: int
    rows_quarantined: int
    quarantine_counts: dict[str, int]
    quarantine_reasons: dict[str, tuple[str, str]]
    glyph_findings: int
    settled_by: PreparedRegister | None = None

    def numbers(self, columns: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
        """Some of the columns NUMBERS of all links, in file order, mapped from disk."""
        return {name: dense.read(self.folder, name, NUMBERS[name]) for name in columns}

    def bearers(self) -> dict[str, npt.NDArray[Any]] | None:
        """The columns BEARERS of all links, mapped from disk; None where numbers were not looked up."""
        if self.settled_by is None:
            return None
        return {name: dense.read(self.folder, name, kind) for name, kind in BEARERS.items()}

    def link_ids(self, part: int) -> pa.ChunkedArray:
        """What the links of one part are called."""
        return mapped_table.read(labels_path(self.folder, part)).column("link_id")

    def texts_of_part(self, part: int) -> pa.Table:
        """All texts of one part."""
        edges = (*self.starts, self.rows)
        return self.texts(np.arange(edges[part], edges[part + 1]))

    def texts(self, indexes: Longs, columns: Sequence[str] = TEXTS) -> pa.Table:
        """Some texts of the links with these indexes, in the order asked for, as large_string."""
        rising = len(indexes) < 2 or bool((indexes[1:] >= indexes[:-1]).all())  # noqa: PLR2004 a pair
        if not rising:
            wanted, back = np.unique(indexes, return_inverse=True)
            return self.texts(wanted, columns).take(pa.array(back)).combine_chunks()
        edges = np.searchsorted(indexes, (*self.starts, self.rows))
        pieces = [
            self._texts(part, indexes[first:last], columns)
            for part, (first, last) in enumerate(pairwise(edges.tolist()))
            if last > first
        ]
        schema = pa.schema([(name, pa.large_string()) for name in columns])
        return pa.concat_tables(pieces).combine_chunks() if pieces else schema.empty_table()

    def _texts(self, part: int, indexes: Longs, columns: Sequence[str]) -> pa.Table:
        labels, items = ([name for name in columns if name in kind] for kind in (LABELS, ITEMS))
        found: dict[str, pa.ChunkedArray] = {}
        if labels:
            kept = mapped_table.read(labels_path(self.folder, part)).select(labels)
            found |= _columns(kept.take(pa.array(indexes - self.starts[part])))
        if items:
            found |= _columns(self._items(part, indexes, items))
        return pa.table({name: found[name] for name in columns})

    def _items(self, part: int, indexes: Longs, items: Sequence[str]) -> pa.Table:
        kept = mapped_table.read(items_path(self.folder, part)).select(items)
        local = indexes - self.starts[part]
        if self.settled_by is None:
            return kept.take(pa.array(local))
        settled = dense.read(self.folder, "settled", np.bool_)
        end = (*self.starts[1:], self.rows)[part]
        place = (np.cumsum(~settled[self.starts[part] : end]) - 1)[local]
        left = settled[indexes]
        if not left.any():
            return kept.take(pa.array(place))
        pos = dense.read(self.folder, "pos", np.int64)[indexes[left]]
        texts = self.settled_by.residents().at(pos, items).select(items)
        ours = pa.table(_columns(kept.take(pa.array(place[~left]))))
        order = np.empty(len(indexes), np.int64)
        order[~left], order[left] = np.arange(ours.num_rows), np.arange(ours.num_rows, len(indexes))
        return pa.concat_tables([ours, texts]).take(pa.array(order))


def labels_path(folder: Path, part: int) -> Path:
    """Where the texts LABELS of a part are."""
    return folder / f"labels-{part:05d}.arrow"


def items_path(folder: Path, part: int) -> Path:
    """Where the items of a part are, less those left to the register."""
    return folder / f"items-{part:05d}.arrow"


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table.column(name).cast(pa.large_string()) for name in table.column_names}
