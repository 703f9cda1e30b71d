"""Register entries as joins and look-ups need them: keys, hashes and texts, row by row.

Whatever holds a register (a folder of Parquet parts, a database) folds it here, so that everybody is found
under the same keys wherever the register lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa

from himozuke.identity.column import hash_rows, utf8_column
from himozuke.link.compare import former_names, split_values
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS
from himozuke.link.keys import block_keys, fingerprint, kana_order
from himozuke.link.proof import combine_columns

#: Under what a form of a person is found: whole kanji name, kana name and address, ends of both names, surname's head.
KEYS = ("k", "n", "a", "kt", "nt", "kh")
#: One name and address under which a person can be found: position, date of birth, keys.
FORM = ("pos", "birth", *KEYS)


def fold_entries(texts: pa.RecordBatch, typed: pa.RecordBatch, *, first: int) -> pa.Table:
    """One row per person: position (from ``first``), number, keys and texts.

    ``texts`` and ``typed`` are a batch of the reader of registers.
    """
    birth = typed.column("birth").to_numpy()
    sex = typed.column("sex").to_numpy()
    prints = fingerprint(texts, birth, sex)
    kanji, kana, place = (utf8_column(texts.column(c)) for c in ("kanji_name", "kana_name", "address"))
    forms = [hash_rows(*utf8_column(texts.column(form))) for form in FORMS]
    status = [typed.column(c).to_numpy().astype(np.uint64) for c in ("status", "status_on")]
    columns: dict[str, Any] = {
        "pos": np.arange(first, first + len(birth), dtype=np.int64),
        "register_row": typed.column("row"),
        "number": typed.column("number"),
        "previous_number": typed.column("previous_number"),
        "row_hash": prints.row_hash,
        "evidence": combine_columns([prints.row_hash, *forms, *status]),
        "complete": prints.complete,
        "status": typed.column("status"),
        "status_on": typed.column("status_on"),
        "protected": typed.column("protected"),
        "furigana_certified": typed.column("furigana_certified"),
        "birth": typed.column("birth"),
        "sex_code": typed.column("sex"),
    }
    columns |= dict(zip(KEYS, block_keys(kanji, kana, place), strict=True))
    columns["kana_order"] = kana_order(kana)
    columns |= {name: texts.column(name) for name in (*ITEMS, *FORMS)}
    return pa.table(columns)


def fold_alternates(entries: pa.Table) -> pa.Table:
    """One row per other name or address under which a person can be found."""
    wanted = ("pos", "birth", "kanji_name", "kana_name", "address", *FORMS)
    has_forms = np.zeros(entries.num_rows, np.bool_)
    for form in FORMS:
        has_forms |= np.diff(utf8_column(entries.column(form)).offsets) > 0
    rows = entries.select(wanted).take(pa.array(np.flatnonzero(has_forms)))
    found = list(_other_identities(rows))
    position, birth, kanji, kana, place = (list(c) for c in zip(*found, strict=True)) if found else ([],) * 5
    keys = block_keys(utf8_column(kanji), utf8_column(kana), utf8_column(place))
    columns: dict[str, Any] = {"pos": pa.array(position, pa.int64()), "birth": pa.array(birth, pa.int32())}
    columns |= dict(zip(KEYS, keys, strict=True))
    return pa.table(columns)


def _other_identities(rows: pa.Table) -> Iterator[tuple[int, int, str, str, str]]:
    for row in rows.to_pylist():
        where, birth, address = row["pos"], row["birth"], row["address"]
        former_kanji = former_names(row["former_kanji_names"], row["kanji_name"])
        former_kana = former_names(row["former_kana_names"], row["kana_name"])
        names = list(zip_longest(former_kanji, former_kana, fillvalue=""))
        if row["alias"] or row["alias_kana"]:
            names.append((row["alias"], row["alias_kana"]))
        if row["parallel_kanji_name"]:
            names.append((row["parallel_kanji_name"], row["kana_name"]))
        for kanji, kana in names:
            yield where, birth, kanji, kana or row["kana_name"], address
        for former in split_values(row["former_addresses"]):
            yield where, birth, row["kanji_name"], row["kana_name"], former
