"""Folded register entries as the columns of the tables they are copied into."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare_columns import FORMS
from himozuke.link.entries import fold_alternates, fold_entries
from himozuke.link.items import ITEMS
from himozuke.link.keys import birth_tail_keys
from himozuke.ports.tables import RowBatch
from himozuke.stores.resident_register import ORDER_OFFSET, surname_key
from himozuke.stores.vault import Vault

KEY_COLUMNS = ("kanji_key", "kana_key", "address_key", "birth_kanji_tail", "birth_kana_tail", "birth", "surname_key")
SEALED_COLUMNS = ("individual_number_sealed", "previous_individual_number_sealed")
STATE_COLUMNS = ("status", "status_on", "is_furigana_certified", "is_protected")
TEXT_COLUMNS = (*ITEMS, *FORMS)

#: What a load writes of a person, and what a form of a person consists of.
PERSON_COLUMNS = (
    *KEY_COLUMNS, "kana_order", "evidence", "sex_code", *STATE_COLUMNS, *SEALED_COLUMNS, *TEXT_COLUMNS,
)  # fmt: skip
HISTORY_COLUMNS = (*STATE_COLUMNS, *SEALED_COLUMNS, *TEXT_COLUMNS)

Keys = npt.NDArray[np.uint64]


def copied(table: pa.Table) -> bytes:
    """A table as COPY … (FORMAT csv) reads it: null unquoted, every text in quotes."""
    sink = io.BytesIO()
    pa.csv.write_csv(table, sink, pa.csv.WriteOptions(include_header=False))
    return sink.getvalue()


def staged_people(batch: RowBatch, vault: Vault, *, load_id: int) -> tuple[pa.Table, pa.Table]:
    """A batch of a register as rows of ``resident_staged`` and ``resident_form_staged``."""
    entries = fold_entries(batch.texts, batch.typed, first=0)
    rows: npt.NDArray[np.int64] = entries.column("register_row").to_numpy()
    people: dict[str, Any] = _keys(entries)
    order = entries.column("kana_order").to_numpy()
    people["kana_order"] = (order ^ np.uint64(ORDER_OFFSET)).view(np.int64)
    people["evidence"] = entries.column("evidence").to_numpy().view(np.int64)
    people["sex_code"] = entries.column("sex_code")
    people["status"] = entries.column("status")
    people["status_on"] = entries.column("status_on")
    people["is_furigana_certified"] = entries.column("furigana_certified").to_numpy() == 1
    people["is_protected"] = entries.column("protected")
    people["individual_number_sealed"] = _sealed(entries.column("number").to_numpy(), vault, least=0)
    people["previous_individual_number_sealed"] = _sealed(entries.column("previous_number").to_numpy(), vault, least=1)
    people |= {name: entries.column(name) for name in ITEMS}
    people |= {name: _or_null(entries.column(name)) for name in FORMS}
    forms = fold_alternates(entries)
    return _numbered(people, rows, load_id), _numbered(_keys(forms), rows[forms.column("pos").to_numpy()], load_id)


def _numbered(columns: dict[str, Any], rows: npt.NDArray[np.int64], load_id: int) -> pa.Table:
    return pa.table(columns | {"load_id": pa.repeat(load_id, len(rows)), "row": rows})


def _keys(folded: pa.Table) -> dict[str, Any]:
    kanji, kana, place, kanji_tail, kana_tail, head = (
        folded.column(name).to_numpy() for name in ("k", "n", "a", "kt", "nt", "kh")
    )
    birth = folded.column("birth").to_numpy()
    signed: dict[str, Keys] = {
        "kanji_key": kanji,
        "kana_key": kana,
        "address_key": place,
        "birth_kanji_tail": birth_tail_keys(birth, kanji_tail),
        "birth_kana_tail": birth_tail_keys(birth, kana_tail),
    }
    columns: dict[str, Any] = {name: pa.array(key.view(np.int64), mask=key == 0) for name, key in signed.items()}
    columns["birth"] = folded.column("birth")
    columns["surname_key"] = pa.array(surname_key(head), mask=head == 0)
    return columns


def _sealed(numbers: npt.NDArray[np.int64], vault: Vault, *, least: int) -> pa.Array:
    """Sealed numbers as COPY writes bytes, null where there is none (below the least)."""
    there = numbers >= least
    given: Sequence[int] = numbers[there].tolist()
    sealed = iter(vault.seal_all([IndividualNumber(number) for number in given]))
    return pa.array(["\\x" + next(sealed).hex() if one else None for one in there.tolist()], pa.string())


def _or_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.compute.if_else(pa.compute.equal(column, ""), pa.scalar(None, column.type), column)
