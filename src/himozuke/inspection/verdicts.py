"""The columns of ``verdicts.parquet``."""

from __future__ import annotations

import pyarrow as pa

from himozuke.inspection.model import ITEMS

#: One of few words: a dictionary in memory, plain text in the file.
WORD = pa.dictionary(pa.int8(), pa.string())

SCHEMA = pa.schema(
    [
        ("link_id", pa.large_string()),
        ("row", pa.int64()),
        ("verdict", WORD),
        ("restriction", WORD),
        ("restriction_by_table", WORD),
        ("action", WORD),
        ("cause", WORD),
        ("rival_count", pa.int32()),
        ("rank", pa.int32()),
        ("pattern", pa.int32()),
        *((f"state_{item}", WORD) for item in ITEMS),
        ("reasons", pa.list_(pa.string())),
        ("evidence_digest", pa.large_string()),
    ]
)
