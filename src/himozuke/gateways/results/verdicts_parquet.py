"""``verdicts.parquet``: one row for every understood row of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.inspection.verdicts import SCHEMA, WORD

_WORDS = tuple(field.name for field in SCHEMA if field.type == WORD)
#: Columns whose values repeat are written as dictionaries, the others as they come.
_REPEATING = (*_WORDS, "pattern", "rival_count", "reasons.list.element")
#: Where the lowest and highest value of a row group let a reader pass over it.
_IN_ORDER = ("row", "rival_count", "rank", "pattern")
# Half of a digest's characters cannot be guessed from the other half: compressing them costs time for nothing.
_COMPRESSION = dict.fromkeys(SCHEMA.names, "snappy") | {"evidence_digest": "none"}


def write_verdicts(path: Path, batches: Iterable[pa.RecordBatch], *, advance: Callable[[int], None]) -> None:
    """Write the rows (of :data:`himozuke.inspection.verdicts.SCHEMA`), a row group for each batch."""
    with pq.ParquetWriter(
        path,
        SCHEMA,
        compression={**_COMPRESSION, "reasons.list.element": "snappy"},
        use_dictionary=list(_REPEATING),
        column_encoding={"row": "DELTA_BINARY_PACKED"},
        write_statistics=list(_IN_ORDER),
        store_schema=False,
    ) as writer:
        for batch in batches:
            writer.write_batch(batch)
            advance(batch.num_rows)
