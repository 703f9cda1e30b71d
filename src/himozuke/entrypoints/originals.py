"""Records to correct as they stand in the insurer's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Job, Longs
from himozuke.engines.decisions import Decisions
from himozuke.gateways.tables import LinkBatch, Originals, TableReader
from himozuke.identity.column import one_array
from himozuke.link.items import ITEMS

_READ_AHEAD = 200_000


class Unmended:
    """The rows to correct, read ahead on a thread from the moment it is known which they are.

    Where they are many they are read when they are asked for, some at a time.
    """

    def __init__(self, job: Job, reader: TableReader[LinkBatch], pool: Executor) -> None:
        """Read nothing yet."""
        self._job, self._reader, self._pool = job, reader, pool
        self._found: Future[list[Originals]] | Iterator[Originals] = iter(())

    def begin(self, decisions: Decisions) -> None:
        """Begin to read."""
        links = decisions.to_correct
        found = originals(self._job, self._reader, links)
        self._found = self._pool.submit(list, found) if len(links) <= _READ_AHEAD else found

    def pieces(self) -> Iterable[Originals]:
        """All columns of the rows to correct, in file order."""
        return self._found.result() if isinstance(self._found, Future) else self._found


def originals(job: Job, reader: TableReader[LinkBatch], links: Longs) -> Iterator[Originals]:
    """All columns of the rows of some links (ascending), piece by piece.

    Only what was not kept of the file is read from it again.
    """
    rows = job.links.numbers(("row",))["row"][links]
    kept = _kept(job, reader, links, rows)
    left = [place for place in range(len(reader.headers)) if place not in kept]
    for piece in reader.original_columns(rows, left):
        texts = job.links.texts(links[np.searchsorted(rows, piece.rows)], tuple(kept.values()))
        columns = dict(zip(left, piece.columns, strict=True))
        columns |= dict(zip(kept, map(one_array, texts.columns), strict=True))
        yield Originals(piece.rows, [columns[place] for place in range(len(reader.headers))])


def _kept(job: Job, reader: TableReader[LinkBatch], links: Longs, rows: Longs) -> dict[int, str]:
    """The columns whose texts were kept just as they stand in the file, by their place there."""
    names = ["operator", "batch", *(item for item in ITEMS if item in job.scheme.items_held)]
    link_ids = one_array(job.links.texts(links, ("link_id",)).column("link_id"))
    if not pc.any(pc.equal(link_ids, pa.array(rows).cast(link_ids.type))).as_py():
        names.append("link_id")  # else the number of the row may stand for a name that is not there
    places = reader.place_by_column
    return {places[name]: name for name in names if name in places}
