"""How many values a second fold to keys, and how many pairs compare, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.identity import address, kana_name, kanji_name
from himozuke.identity.column import utf8_column

_FIELDS: dict[str, Any] = {"kanji_name": kanji_name, "kana_name": kana_name, "address": address}


def measure(population: Path) -> dict[str, dict[str, object]]:
    """Rates of each text field over the links of a population, in million a second of processor time."""
    links = pq.read_table(population / "links.parquet", columns=list(_FIELDS))
    register = pq.read_table(population / "register.parquet", columns=list(_FIELDS))
    found: dict[str, dict[str, object]] = {}
    for name, field in _FIELDS.items():
        ours, theirs = utf8_column(links.column(name)), utf8_column(register.column(name))
        order = np.random.default_rng(1).permutation(ours.rows)[: ours.rows // 4]
        strangers = utf8_column(links.column(name).take(pa.array(order)))
        others = utf8_column(register.column(name).take(pa.array(order[::-1].copy())))
        found[name] = {
            "keys": _rate(partial(field.keys, ours), ours.rows),
            "pairs of the same person": _rate(partial(field.compare_columns, ours, theirs), ours.rows),
            "pairs of strangers": _rate(partial(field.compare_columns, strangers, others), len(order)),
        }
    return found


def _rate(work: Callable[[], object], rows: int) -> float:
    """Million rows a second; the first call only warms the compiled loops."""
    work()
    started = time.process_time()
    work()
    return round(rows / (time.process_time() - started) / 1e6, 2)
