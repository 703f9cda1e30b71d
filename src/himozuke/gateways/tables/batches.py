"""Batches of understood rows: texts as in the file beside typed columns, row by row the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.gateways.tables import glyphs, values
from himozuke.gateways.tables.arrow_columns import decoded
from himozuke.gateways.tables.quarantine import facts
from himozuke.gateways.tables.raw import RawBlock
from himozuke.gateways.tables.understood import Check, Named, kept
from himozuke.identity import birth_date, individual_number, scheme_number
from himozuke.identity.calendar import CodeSystem

LINK_TEXTS = (
    "link_id", "scheme_number", "kanji_name", "kana_name", "birth_date", "sex", "address", "operator", "batch",
)  # fmt: skip
CODED_TEXTS = ("operator", "batch")
REGISTER_TEXTS = (
    "kanji_name", "kana_name", "birth_date", "sex", "address", "former_kanji_names", "former_kana_names",
    "former_addresses", "alias", "alias_kana", "parallel_kanji_name",
)  # fmt: skip
_SCHEME_PARTS = ("insurer_number", "symbol", "number", "branch")


class LinkBatch(NamedTuple):
    """Understood links in file order; ``texts`` and ``typed`` hold the same rows.

    ``texts`` (large_string, absent columns empty): row, link_id, scheme_number (canonical),
    kanji_name, kana_name, birth_date, sex, address, operator, batch; the last two may be dictionaries of it.
    ``typed``: row int64, number int64, check_ok bool, birth int32 (see ``birth_date.parse``), sex
    int8 (see ``sex.parse``), acquired_by uint8 (0 not said, 1 person, 2 jlis, 3 other),
    acquired_items uint8 (1 kanji, 2 kana, 4 birth, 8 sex, 16 address; 0 not said), acquired_hits
    int32 (-1 not said), acquired_on, registered_on, valid_from, valid_to int32 (yyyymmdd, 0
    missing, 99991231 no end).
    """

    texts: pa.RecordBatch
    typed: pa.RecordBatch


class RegisterBatch(NamedTuple):
    """Understood register entries in file order; ``texts`` and ``typed`` hold the same rows.

    ``texts`` (large_string, absent columns empty): row, kanji_name, kana_name, birth_date, sex,
    address, former_kanji_names, former_kana_names, former_addresses, alias, alias_kana,
    parallel_kanji_name. ``typed``: row int64, number int64, birth int32, sex int8,
    furigana_certified int8 (1, 0, -1 not said), status uint8 (0 current, 1 abroad, 2 dead, 3
    replaced), status_on int32 (0 missing), previous_number int64 (0 none), protected bool.
    """

    texts: pa.RecordBatch
    typed: pa.RecordBatch


class Understanding:
    """Reads blocks of one file into batches; remembers distinct values from block to block, for all threads."""

    def __init__(self, named: Named, dates: CodeSystem | None) -> None:
        self._named = named
        self.birth = values.Reader(values.read_birth(dates), birth_date.parse_plain_column)
        self.day = values.Reader(values.read_day(dates), birth_date.parse_plain_column)
        self.end = values.Reader(values.read_end(dates), values.plain_ends)
        self.sex = values.Reader(values.read_sex)
        self.acquired_by = values.Reader(values.read_acquired_by)
        self.acquired_items = values.Reader(values.read_acquired_items)
        self.count = values.Reader(values.read_count)
        self.flag = values.Reader(values.read_flag)
        self.status = values.Reader(values.read_status)

    def check(self, block: RawBlock) -> Check:
        """A new list of what is wrong with a block."""
        return Check(block, self._named)


Read = tuple[pa.RecordBatch, pa.RecordBatch, Check, dict[str, glyphs.Hits]]


def read_links(block: RawBlock, understanding: Understanding, on: date, *, insurer_number: str = "") -> Read:
    """Read one block of links: texts and typed columns of the good rows, and what was refused.

    With ``insurer_number`` the rows that name another insurer are refused: nobody looks into a neighbour's links.
    """
    u, column = understanding, _ColumnsOf(block)
    check = u.check(block)
    hits = _glyph_hits(block, (*LINK_TEXTS, *_SCHEME_PARTS))
    check.nul(hits)
    if insurer_number and "insurer_number" in block.columns:
        others = _of_another_insurer(block.columns["insurer_number"], insurer_number)
        check.refuse("insurer_number", others, "another_insurer", facts(own=insurer_number))
    numbers = values.numbers_of(block.columns["individual_number"])
    check.numbers("individual_number", numbers, required=True)
    typed: dict[str, tuple[npt.NDArray[Any], pa.DataType]] = {
        "row": (block.rows, pa.int64()),
        "number": (numbers, pa.int64()),
        "check_ok": (individual_number.valid_check_digits(numbers), pa.bool_()),
        "birth": (column.read("birth_date", u.birth, 0), pa.int32()),
        "sex": (column.read("sex", u.sex, -1), pa.int8()),
        "acquired_by": (column.read("acquired_by", u.acquired_by, 0), pa.uint8()),
        "acquired_items": (column.read("acquired_items", u.acquired_items, 0), pa.uint8()),
        "acquired_hits": (column.read("acquired_hits", u.count, -1), pa.int32()),
        "acquired_on": (column.read("acquired_on", u.day, 0), pa.int32()),
        "registered_on": (column.read("registered_on", u.day, 0), pa.int32()),
        "valid_from": (column.read("valid_from", u.end, 0), pa.int32()),
        "valid_to": (column.read("valid_to", u.end, 0), pa.int32()),
    }
    check.dates("birth_date", typed["birth"][0], on)
    check.words("sex", typed["sex"][0], "sex_unknown_code")
    check.dates("acquired_on", typed["acquired_on"][0], on)
    check.dates("registered_on", typed["registered_on"][0], on)
    check.dates("valid_from", typed["valid_from"][0])
    check.dates("valid_to", typed["valid_to"][0])
    texts = {name: column.coded_text(name) if name in CODED_TEXTS else column.text(name) for name in LINK_TEXTS}
    texts["scheme_number"] = _scheme_number(block, len(block.rows))
    if "link_id" not in block.columns:
        texts["link_id"] = pa.array(block.rows).cast(pa.large_string())
    return (*_batches(texts, typed, check), check, hits)


def _of_another_insurer(column: pa.Array, own: str) -> npt.NDArray[np.bool_]:
    """Flags of the rows that name an insurer other than this; eight digits, leading zeros may be lost."""
    named = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    texts = [scheme_number.canonical(text or "") for text in named.dictionary.to_pylist()]
    is_other = np.array([bool(text) and text.zfill(len(own)) != own for text in texts] + [False], np.bool_)
    found: npt.NDArray[np.bool_] = is_other[named.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)]
    return found


def read_register(block: RawBlock, understanding: Understanding, on: date) -> Read:
    """Read one block of a register: texts and typed columns of the good rows, and what was refused."""
    u, column = understanding, _ColumnsOf(block)
    check = u.check(block)
    hits = _glyph_hits(block, REGISTER_TEXTS)
    check.nul(hits)
    numbers = values.numbers_of(block.columns["individual_number"])
    check.numbers("individual_number", numbers, required=True)
    previous = np.zeros(len(numbers), np.int64)
    if "previous_number" in block.columns:
        found = values.numbers_of(block.columns["previous_number"])
        check.numbers("previous_number", found, required=False)
        previous = np.maximum(found, 0)
    status = column.read("status", u.status, 0)
    typed: dict[str, tuple[npt.NDArray[Any], pa.DataType]] = {
        "row": (block.rows, pa.int64()),
        "number": (numbers, pa.int64()),
        "birth": (column.read("birth_date", u.birth, 0), pa.int32()),
        "sex": (column.read("sex", u.sex, -1), pa.int8()),
        "furigana_certified": (column.read("furigana_certified", u.flag, -1), pa.int8()),
        "status": (np.maximum(status, 0), pa.uint8()),
        "status_on": (column.read("status_on", u.day, 0), pa.int32()),
        "previous_number": (previous, pa.int64()),
        "protected": (column.read("protected", u.flag, 0) == 1, pa.bool_()),
    }
    check.dates("birth_date", typed["birth"][0], on)
    check.words("sex", typed["sex"][0], "sex_unknown_code")
    check.words("status", status, "status_unknown_code")
    check.dates("status_on", typed["status_on"][0])
    texts = {name: column.text(name) for name in REGISTER_TEXTS}
    return (*_batches(texts, typed, check), check, hits)


class _ColumnsOf:
    """The columns of a block, absent ones filled."""

    def __init__(self, block: RawBlock) -> None:
        self._block = block

    def text(self, name: str) -> pa.LargeStringArray:
        return decoded(self.coded_text(name))

    def coded_text(self, name: str) -> pa.LargeStringArray | pa.DictionaryArray:
        array = self._block.columns.get(name)
        return array if array is not None else _empty(len(self._block.rows))

    def read(self, name: str, reader: values.Reader, absent: int) -> values.Codes:
        array = self._block.columns.get(name)
        return reader.column(array) if array is not None else np.full(len(self._block.rows), absent, np.int32)


def _empty(rows: int) -> pa.LargeStringArray:
    return pa.repeat(pa.scalar("", pa.large_string()), rows)


def _scheme_number(block: RawBlock, rows: int) -> pa.LargeStringArray:
    whole = block.columns.get("scheme_number")
    if whole is not None:
        return values.scheme_numbers([whole])
    parts = [block.columns[name] for name in _SCHEME_PARTS if name in block.columns]
    return values.scheme_numbers(parts) if parts else _empty(rows)


def _glyph_hits(block: RawBlock, names: tuple[str, ...]) -> dict[str, glyphs.Hits]:
    found = {
        name: glyphs.hits(block.columns[name], only_nul=name not in glyphs.COLUMNS)
        for name in names
        if name in block.columns
    }
    return {name: one for name, one in found.items() if len(one.places)}


def _batches(
    texts: Mapping[str, pa.Array], typed: Mapping[str, tuple[npt.NDArray[Any], pa.DataType]], check: Check
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    good = check.good
    chosen: Callable[[npt.NDArray[Any]], npt.NDArray[Any]] = (lambda a: a) if good is None else (lambda a: a[good])
    typed_batch = pa.record_batch(
        [pa.array(chosen(numbers).astype(kind.to_pandas_dtype()), kind) for numbers, kind in typed.values()],
        names=list(typed),
    )
    text_batch = pa.record_batch(
        [typed_batch.column("row"), *(kept(array, good) for array in texts.values())], names=["row", *texts]
    )
    return text_batch, typed_batch
