"""Records to correct as they stand in the insurer's file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from himozuke.engines.findings import Findings
from himozuke.gateways.tables import LinkBatch, Originals, TableReader
from himozuke.identity.column import one_array
from himozuke.link.items import ITEMS


def originals(findings: Findings, reader: TableReader[LinkBatch]) -> Iterator[Originals]:
    """All columns of the rows to correct, in file order and piece by piece.

    Only what was not kept of the file is read from it again.
    """
    links = findings.decisions.to_correct
    rows = findings.rows_of(links)
    kept = _kept(findings, reader)
    left = [place for place in range(len(reader.headers)) if place not in kept]
    for piece in reader.original_columns(rows, left):
        texts = findings.job.links.texts(links[np.searchsorted(rows, piece.rows)], tuple(kept.values()))
        columns = dict(zip(left, piece.columns, strict=True))
        columns |= dict(zip(kept, map(one_array, texts.columns), strict=True))
        yield Originals(piece.rows, [columns[place] for place in range(len(reader.headers))])


def _kept(findings: Findings, reader: TableReader[LinkBatch]) -> dict[int, str]:
    """The columns whose texts were kept just as they stand in the file, by their place there."""
    items = [item for item in ITEMS if item in findings.job.scheme.items_held]
    places = reader.place_by_column
    return {places[name]: name for name in ("operator", "batch", *items) if name in places}
