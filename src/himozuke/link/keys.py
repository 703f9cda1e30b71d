"""Whole numbers made from texts: what joins and blocks run on instead of text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from himozuke.identity import address, kana_name, kanji_name
from himozuke.identity.column import Bytes, Hashes, Offsets, Utf8Column, hash_rows, utf8_column
from himozuke.identity.kernel import kernel
from himozuke.link.items import ITEMS
from himozuke.link.proof import combine_columns, unreadable_rows


class BlockKeys(NamedTuple):
    """Keys under which an entry can be found, 0 where the item is empty (uint64 columns)."""

    kanji: Hashes
    kana: Hashes
    address: Hashes
    kanji_tail: Hashes
    kana_tail: Hashes
    kanji_head: Hashes


def block_keys(kanji: Utf8Column, kana: Utf8Column, place: Utf8Column) -> BlockKeys:
    """Make the keys of many links or entries from three folded items."""
    return BlockKeys(
        kanji_name.keys(kanji).key,
        kana_name.keys(kana).key,
        address.keys(place).key,
        kanji_name.tail_hash(kanji),
        kana_name.tail_hash(kana),
        kanji_name.head_hash(kanji),
    )


def birth_tail_keys(birth: np.ndarray, tails: Hashes) -> Hashes:
    """One key for a whole birth date (yyyymmdd) with the end of a name; 0 where either is not known."""
    known = (birth > 0) & (birth % 100 != 0) & (birth // 100 % 100 != 0) & (tails != 0)
    return np.where(known, combine_columns([birth.astype(np.int64).view(np.uint64), tails]), np.uint64(0))


@kernel
def _kana_order(data: Bytes, offsets: Offsets) -> Hashes:
    rows = len(offsets) - 1
    out = np.zeros(rows, np.uint64)
    for i in range(rows):
        value = np.uint64(0)
        taken = 0
        j = offsets[i]
        while j < offsets[i + 1] and taken < 8:
            first = data[j]
            width = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
            if first == 0x20:
                j += width
                continue
            low = np.uint64(first)
            if width == 3 and j + 2 < offsets[i + 1]:
                if first == 0xE3 and data[j + 1] == 0x80 and data[j + 2] == 0x80:  # full-width space
                    j += width
                    continue
                low = ((np.uint64(data[j + 1]) & np.uint64(1)) << np.uint64(6)) | (
                    np.uint64(data[j + 2]) & np.uint64(63)
                )
                low += np.uint64(1)
            value = (value << np.uint64(8)) | (low & np.uint64(255))
            taken += 1
            j += width
        out[i] = value << np.uint64(8 * (8 - taken)) if taken else np.uint64(0)
    return out


def kana_order(column: Utf8Column) -> Hashes:
    """Place names in the order of a list sorted by kana: the first eight kana as one number.

    Spaces do not count; 0 for an empty name.
    """
    return _kana_order(*column)


class Fingerprint(NamedTuple):
    """One hash over the five items of each row, and whether equal bytes settle the comparison.

    ``complete`` is false where an item is empty, unknown or holds a character that cannot be read:
    equal bytes then do not mean the same person.
    """

    row_hash: Hashes
    complete: np.ndarray[tuple[int], np.dtype[np.bool_]]


def fingerprint(texts: pa.RecordBatch | pa.Table, birth: np.ndarray, sex: np.ndarray) -> Fingerprint:
    """Fingerprint the five items of each row; ``birth`` and ``sex`` are their parsed forms."""
    columns = {item: utf8_column(texts.column(item)) for item in ITEMS}
    hashes = [hash_rows(*column) for column in columns.values()]
    complete = (birth > 0) & (birth % 100 != 0) & (birth // 100 % 100 != 0) & (sex > 0)
    for item, values in zip(ITEMS, hashes, strict=True):
        complete &= values != 0
        if item in ("kanji_name", "kana_name", "address"):
            complete &= ~unreadable_rows(*columns[item])
    return Fingerprint(combine_columns(hashes), complete)
