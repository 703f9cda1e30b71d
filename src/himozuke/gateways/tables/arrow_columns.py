"""Any Arrow column as text, as a person would write its values."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.gateways.tables.raw import Flags
from himozuke.identity.column import utf8_column
from himozuke.identity.utf8 import all_utf8

SEVERAL = "|"
LARGEST_EXACT = 1e15  # beyond it a double no longer tells neighbouring numbers apart


def plain_layout(array: pa.Array) -> pa.Array:
    """The same values in the layout that every Arrow function takes: no extension, no view."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_string_view(array.type):
        return array.cast(pa.large_string())
    return array.cast(pa.large_binary()) if pa.types.is_binary_view(array.type) else array


def text_of(array: pa.Array) -> pa.LargeStringArray:
    """The values as large_string without nulls (null is empty).

    Dates become ISO, truth values 1 and 0, whole numbers lose ``.0``, lists are joined by ``|`` (without what is null
    in them), and values within values stand as JSON.
    Bytes that are no UTF-8 stay as they are; see :func:`not_utf8`.
    """
    array = plain_layout(array)
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_boolean(kind):
        array = pc.if_else(array, "1", "0")
    elif pa.types.is_floating(kind):
        array = _of_floats(array)
    elif pa.types.is_nested(kind):
        array = _of_nested(array)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        array = pc.cast(array.cast(pa.large_binary()), pa.large_string(), safe=False)
    elif pa.types.is_null(kind):
        return pa.array([""] * len(array), pa.large_string())
    array = array.cast(pa.large_string())
    return array.fill_null("") if array.null_count else array


def coded(array: pa.Array) -> pa.Array:
    """The values as text without nulls, left as a dictionary (int32) where they come as one."""
    if not pa.types.is_dictionary(array.type):
        return text_of(array)
    indices, texts = array.indices.cast(pa.int32()), text_of(array.dictionary)
    if array.indices.null_count:
        indices = indices.fill_null(len(texts))
        texts = pa.concat_arrays([texts, pa.array([""], pa.large_string())])
    return pa.DictionaryArray.from_arrays(indices, texts)


def decoded(array: pa.Array) -> pa.LargeStringArray:
    """A column of text as it stands or, where it is a dictionary, with every value written out."""
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def one_text(column: pa.ChunkedArray, read: Callable[[pa.Array], pa.Array] = text_of) -> pa.Array:
    """A column in pieces as one array of text (see :func:`text_of`, :func:`coded`), copied only where it must be."""
    texts = [read(chunk) for chunk in column.chunks] or [read(pa.array([], column.type))]
    return texts[0] if len(texts) == 1 else pa.concat_arrays(texts)


def _of_nested(array: pa.Array) -> pa.Array:
    kind = array.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or pa.types.is_nested(kind.value_type):
        values = (
            None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in array.to_pylist()
        )
        return pa.array(list(values), pa.large_string())
    lists = array.cast(pa.list_(pa.large_string()))
    if lists.flatten().null_count:
        held = ([one for one in values if one is not None] if values else values for values in lists.to_pylist())
        lists = pa.array(list(held), lists.type)
    return pc.binary_join(lists, pa.scalar(SEVERAL, pa.large_string()))


def _of_floats(array: pa.Array) -> pa.Array:
    array = pc.if_else(pc.is_nan(array), None, array)  # pandas writes a missing number so
    whole = pc.and_(pc.is_finite(array), pc.equal(pc.floor(array), array))
    whole = pc.and_(whole, pc.less(pc.abs(array), LARGEST_EXACT))
    as_integers = pc.if_else(whole, array, None).cast(pa.int64()).cast(pa.large_string())
    return pc.if_else(pc.fill_null(whole, fill_value=False), as_integers, array.cast(pa.large_string()))


def is_numeric(kind: pa.DataType) -> bool:
    """Tell whether the column holds numbers, in which leading zeros cannot live."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def not_utf8(array: pa.LargeStringArray) -> Flags | None:
    """Flags of the values that are no UTF-8, or ``None`` where all are."""
    if pa.types.is_dictionary(array.type):
        if not_utf8(array.dictionary) is None:
            return None
        array = array.dictionary_decode()
    if all_utf8(utf8_column(array)):
        return None
    values = array.cast(pa.large_binary()).to_pylist()
    return np.array([not _is_utf8(value) for value in values], np.bool_)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def repaired(array: pa.LargeStringArray) -> pa.LargeStringArray:
    """The column with U+FFFD in place of what is no UTF-8."""
    values = decoded(array).cast(pa.large_binary()).to_pylist()
    return pa.array([value.decode("utf-8", "replace") for value in values], pa.large_string())
