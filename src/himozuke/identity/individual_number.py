"""Individual Numbers: reading, check digit, comparing, and never showing them.

The check digit guards typing and nothing more: about 1.7 % of slips pass it, and the numbers of a
family always do. It is never evidence of a link. Source: R-NUM, Ordinance 85 art. 5.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.identity.column import Bytes, Offsets, Utf8Column
from himozuke.identity.kernel import kernel, usable_in_kernels
from himozuke.identity.state import Comparison, How, ItemState

Numbers = npt.NDArray[np.int64]

NONE = -1
DIGITS = 12
_VISIBLE = 3
_WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)  # from the right of the eleven digits of the body
_LAST_HYPHEN = 0x95
_SEPARATOR = r"[\s\-\u2010-\u2015\u2212\u2500\u30fc\ufe63\uff0d\uff70\u2043]"
_SEPARATORS = re.compile(_SEPARATOR)
_RUN = re.compile(rf"(?<!\d)\d(?:{_SEPARATOR}?\d){{{DIGITS - 1},}}(?!\d)")
_PLAIN = rf"^[0-9]{{{DIGITS}}}$"
_MAYBE_RUN = rf"(?:\p{{Nd}}\P{{Nd}}?){{{DIGITS}}}"  # RE2: twelve digits, at most one sign between two of them


@dataclass(frozen=True, slots=True, repr=False)
class IndividualNumber:
    """An Individual Number that masks itself wherever it is shown.

    ``repr``, ``str``, ``format`` and so every log, message and JSON text built from them show only
    the last three digits; :meth:`reveal` is the one way to the whole.
    """

    value: int

    def __str__(self) -> str:
        """The masked number."""
        return masked(self.value)

    def __repr__(self) -> str:
        """The masked number, with the name of the type."""
        return f"IndividualNumber({self})"

    def __format__(self, _specification: str) -> str:
        """The masked number, whatever the format asks for."""
        return str(self)

    def reveal(self) -> str:
        """All twelve digits, for the few places that may show them."""
        return f"{self.value:012d}"


def masked(number: int) -> str:
    """The twelve places of a number with only the last three digits to be seen."""
    return "*" * (DIGITS - _VISIBLE) + f"{number % 10**_VISIBLE:03d}"


def mask(text: str) -> str:
    """Mask every run of twelve digits or more in a text, also full width or spaced out."""
    return _RUN.sub(lambda run: mask_digits(run[0]), text)


def mask_digits(text: str) -> str:
    """Mask every digit of a text but the last three, e.g. a number that is a digit short."""
    places = [i for i, character in enumerate(text) if character.isdecimal()]
    hidden = set(places[: max(len(places) - _VISIBLE, 0)])
    return "".join("*" if i in hidden else character for i, character in enumerate(text))


def mask_column(texts: pa.Array) -> pa.Array:
    """Mask every value of a column of text as :func:`mask` does."""
    texts = pc.if_else(pc.match_substring_regex(texts, _PLAIN), _masked_plain(texts), texts)
    maybe = pc.match_substring_regex(texts, _MAYBE_RUN).to_numpy(zero_copy_only=False)
    if not maybe.any():
        return texts
    masked_texts = [mask(text) for text in texts.filter(pa.array(maybe)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(maybe), pa.array(masked_texts, texts.type))


def _masked_plain(texts: pa.Array) -> pa.Array:
    hidden = pa.scalar("*" * (DIGITS - _VISIBLE), texts.type)
    return pc.binary_join_element_wise(hidden, pc.utf8_slice_codeunits(texts, -_VISIBLE), pa.scalar("", texts.type))


def masked_numbers(numbers: Numbers) -> pa.Array:
    """A column of numbers, masked as :func:`masked` does."""
    return pa.array([masked(last) for last in range(10**_VISIBLE)]).take(pa.array(numbers % 10**_VISIBLE))


def numbers_as_text(numbers: Numbers) -> pa.Array:
    """A column of numbers with all twelve digits, for the few places that may show them."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), DIGITS, "0")


def plain(text: str) -> str:
    """The text without width, spaces and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


@kernel
def _parse_row(data: Bytes, start: int, end: int) -> int:
    """Read twelve digits out of UTF-8, passing over spaces and hyphens; -1 when there are others."""
    number = 0
    digits = 0
    i = start
    while i < end:
        byte = data[i]
        if 0x30 <= byte <= 0x39:
            number = number * 10 + (byte - 0x30)
            digits += 1
            i += 1
        elif byte == 0x20 or byte == 0x2D or 0x09 <= byte <= 0x0D:
            i += 1
        elif byte == 0xC2 and i + 1 < end and data[i + 1] == 0xA0:  # no-break space
            i += 2
        elif i + 2 < end:
            second, third = data[i + 1], data[i + 2]
            if byte == 0xEF and second == 0xBC and 0x90 <= third <= 0x99:  # full-width digit
                number = number * 10 + (third - 0x90)
                digits += 1
            elif not (
                (byte == 0xE3 and second == 0x80 and third == 0x80)  # ideographic space
                or (byte == 0xE2 and second == 0x80 and 0x90 <= third <= _LAST_HYPHEN)
                or (byte == 0xE2 and second == 0x81 and third == 0x83)  # hyphen bullet
                or (byte == 0xE2 and second == 0x88 and third == 0x92)  # minus sign
                or (byte == 0xE2 and second == 0x94 and third == 0x80)  # ─ of box drawing
                or (byte == 0xEF and second == 0xB9 and third == 0xA3)  # small hyphen
                or (byte == 0xE3 and second == 0x83 and third == 0xBC)  # ー
                or (byte == 0xEF and second == 0xBC and third == 0x8D)  # full-width hyphen
                or (byte == 0xEF and second == 0xBD and third == 0xB0)  # half-width ー
            ):
                return -1
            i += 3
        else:
            return -1
        if digits > 12:
            return -1
    return number if digits == 12 else -1


@kernel
def _parse_rows(data: Bytes, offsets: Offsets) -> Numbers:
    rows = len(offsets) - 1
    out = np.empty(rows, np.int64)
    for i in range(rows):
        out[i] = _parse_row(data, offsets[i], offsets[i + 1])
    return out


def parse(text: str) -> int | None:
    """Read a number of twelve digits; width, spaces and hyphens do not matter, all else does."""
    data = text.encode("utf-8", "surrogatepass")
    # interpreted, plain integers: one uint8 times ten would overflow where compiled code widens
    number = int(_parse_row.py_func(cast("Bytes", list(data)), 0, len(data)))
    return None if number == NONE else number


def parse_column(column: Utf8Column) -> Numbers:
    """Read a column of numbers (int64); -1 where there are not twelve digits."""
    return _parse_rows(column.data, column.offsets)


@usable_in_kernels
def _check_digit(body: int) -> int:
    total = 0
    for weight in _WEIGHTS:
        total += body % 10 * weight
        body //= 10
    rest = total % 11
    return 0 if rest <= 1 else 11 - rest


def check_digit(body: int) -> int:
    """The check digit of the eleven digits of a body.

    >>> check_digit(123)
    6
    """
    return _check_digit(body)


@kernel
def _valid_rows(numbers: Numbers) -> npt.NDArray[np.bool_]:
    out = np.empty(len(numbers), np.bool_)
    for i in range(len(numbers)):
        number = numbers[i]
        out[i] = number >= 0 and _check_digit(number // 10) == number % 10
    return out


def has_valid_check_digit(number: int) -> bool:
    """Tell whether the last digit of a number is the one its body asks for."""
    return check_digit(number // 10) == number % 10


def valid_check_digits(numbers: Numbers) -> npt.NDArray[np.bool_]:
    """Tell row by row whether the check digit is right; -1 (no number) is not."""
    return _valid_rows(numbers)


def _slip(a: str, b: str) -> How:
    places = [i for i in range(DIGITS) if a[i] != b[i]]
    if len(places) == 1:
        return How.ONE_DIGIT
    if len(places) == 2:
        first, second = places
        if a[first] == b[second] and a[second] == b[first]:
            return How.EXCHANGED
    return How.DIFFERENT


def compare(a: str, b: str) -> Comparison:
    """Compare two numbers as typed: a guard against slips, never evidence of a link.

    What is not twelve digits is ``unknown``. The detail never shows a number.
    """
    if not a.strip() or not b.strip():
        return Comparison(ItemState.MISSING, How.EMPTY)
    left, right = parse(a), parse(b)
    if left is None or right is None:
        return Comparison(ItemState.UNKNOWN, How.UNREADABLE, "12桁の番号として読めない値がある")
    if left == right:
        state, how = (ItemState.EQUAL, How.BYTES) if a == b else (ItemState.FOLDED, How.FOLD)
    else:
        how = _slip(f"{left:012d}", f"{right:012d}")
        state = ItemState.DIFFERENT if how is How.DIFFERENT else ItemState.NEAR
    wrong = not (has_valid_check_digit(left) and has_valid_check_digit(right))
    return Comparison(state, how, "検査用数字が合わない番号がある" if wrong else "")
