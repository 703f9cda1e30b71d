"""Comparing links with register entries in bulk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.staging import StagedLinks
from himozuke.identity.gazetteer import Gazetteer
from himozuke.link.compare_columns import FORMS, Compared, Sides, compare
from himozuke.link.items import ITEMS

Longs = npt.NDArray[np.int64]

ENTRY_COLUMNS = ("birth", "sex_code", *ITEMS, *FORMS)


def compare_batch(
    links: StagedLinks,
    birth: npt.NDArray[np.int32],
    sex: npt.NDArray[np.int8],
    batch: pa.RecordBatch,
    gazetteer: Gazetteer | None,
) -> tuple[Longs, Compared]:
    """Compare one batch of pairs: ``idx`` of the link beside the entry's columns.

    ``birth`` and ``sex`` are the parsed items of *all* links.
    """
    indexes = batch.column("idx").to_numpy().astype(np.int64)
    ours = links.texts(indexes, ITEMS)
    ours = ours.append_column("birth", pa.array(birth[indexes]))
    ours = ours.append_column("sex_code", pa.array(sex[indexes]))
    entries = pa.Table.from_batches([batch]).select(ENTRY_COLUMNS)
    return indexes, compare(Sides(ours, entries), gazetteer)
