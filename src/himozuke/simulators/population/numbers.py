"""Individual Numbers from the synthetic range: bodies of eleven digits that start with 00.

The range holds 10^9 bodies. The n-th number is a keyed permutation of n, so numbers are unique and
those of a family have nothing to do with each other, as in life.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BODIES = 10**9
HALF_BITS = 15  # two halves of 15 bits: 2^30 is the power of four next above the range
HALF = (1 << HALF_BITS) - 1
ROUNDS = 4
# Ministry of Internal Affairs ordinance 85 of 2014, article 5: weights from the right of the body (R-NUM).
WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)

Int64 = npt.NDArray[np.int64]


def permuted(values: Int64, keys: Int64) -> Int64:
    """Permute the integers below 2^30 by four Feistel rounds."""
    left, right = values >> HALF_BITS, values & HALF
    for key in keys:
        mixed = (right * 0x9E3B + key) & 0xFFFFFFFF
        mixed = ((mixed ^ (mixed >> 13)) * 0x85EB) & 0xFFFFFFFF
        left, right = right, left ^ ((mixed ^ (mixed >> 11)) & HALF)
    return (left << HALF_BITS) | right


def bodies(places: Int64, draw: np.random.Generator) -> Int64:
    """The bodies at some places of the permuted range, all different for different places."""
    keys = draw.integers(0, 1 << 31, ROUNDS)
    found = permuted(places, keys)
    outside = np.flatnonzero(found >= BODIES)
    while len(outside):
        found[outside] = permuted(found[outside], keys)
        outside = outside[found[outside] >= BODIES]
    return found


def check_digits(body: Int64) -> Int64:
    """The check digit of every body (R-NUM)."""
    total = np.zeros(len(body), np.int64)
    rest = body.copy()
    for weight in WEIGHTS:
        rest, digit = np.divmod(rest, 10)
        total += digit * weight
    rest = total % 11
    return np.where(rest <= 1, 0, 11 - rest)


def with_check_digit(body: Int64) -> Int64:
    """The whole numbers, as integers of up to twelve digits."""
    return body * 10 + check_digits(body)


def issue(first: int, count: int, draw: np.random.Generator) -> Int64:
    """Issue so many valid numbers, from a place of the permuted range on; ``draw`` must be fresh."""
    return with_check_digit(bodies(np.arange(first, first + count, dtype=np.int64), draw))


def number_text(numbers: Int64) -> pa.Array:
    """Write numbers as twelve figures."""
    rows = len(numbers)
    figures = np.empty((rows, 12), np.uint8)
    rest = numbers
    for place in range(11, -1, -1):
        rest, digit = np.divmod(rest, 10)
        figures[:, place] = digit + ord("0")
    offsets = np.arange(0, 12 * rows + 1, 12, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(figures))
