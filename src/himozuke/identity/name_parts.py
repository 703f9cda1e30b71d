"""Which parts of two names agree, also where a name is written without a space."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.identity import name_codes as codes
from himozuke.identity.kernel import kernel
from himozuke.identity.name_near import same_letters, shared_ends
from himozuke.identity.name_tables import Row

_FACTOR: Final = 524287
_MASK: Final = (1 << 43) - 1
_LONGEST: Final = 8  # letters of the longest surname in the table, kana included

_LENGTH = codes.LENGTH
_STARTS = codes.STARTS
_TOKENS = codes.TOKENS
_GIVEN = 1
_SURNAME = 2


class SurnameTable(NamedTuple):
    """Hashes of the keys of known surnames, in kanji and in kana, sorted."""

    hashes: npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def surname_table() -> SurnameTable:
    """Load the packaged surnames (once a process)."""
    text = files("himozuke.identity").joinpath("tables", "surnames.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    keys = {word for row in rows for word in (row[1], *row[4].split(","))}
    return SurnameTable(np.array(sorted(map(_hash, keys)), np.int64))


def _hash(key: str) -> int:
    value = 0
    for letter in key:
        value = (value * _FACTOR + ord(letter)) & _MASK
    return value


@kernel
def surname_length(key: Row, n: int, surnames: SurnameTable) -> int:
    """The letters of the longest known surname a key starts with, leaving a given name; 0: none."""
    value = np.int64(0)
    found = 0
    hashes = surnames.hashes
    for i in range(min(n - 1, _LONGEST)):
        value = (value * _FACTOR + np.int64(key[i])) & _MASK
        place = np.searchsorted(hashes, value)
        if place < len(hashes) and hashes[place] == value:
            found = i + 1
    return found


@kernel
def ends_with(key: Row, n: int, other: Row, start: int, end: int) -> bool:
    """Tell whether a key, longer than the stretch, ends with ``other[start:end]``."""
    length = end - start
    return n > length > 0 and same_letters(key, n - length, n, other, start, end)


@kernel
def cut_of(key: Row, about: Row, surnames: SurnameTable) -> int:
    """Where the given name starts: after the first space, else after the longest known surname."""
    if about[_TOKENS] > 1:
        return int(about[_STARTS + 1])
    return surname_length(key, about[_LENGTH], surnames)


@kernel
def equal_parts(ka: Row, about_a: Row, kb: Row, about_b: Row, surnames: SurnameTable) -> int:
    """The parts that agree in key between two names that differ as a whole (bits of ``Parts``)."""
    n, m = about_a[_LENGTH], about_b[_LENGTH]
    if n == 0 or m == 0:
        return 0
    if same_letters(ka, 0, n, kb, 0, m):
        return _GIVEN | _SURNAME
    cut_a, cut_b = cut_of(ka, about_a, surnames), cut_of(kb, about_b, surnames)
    if about_a[_TOKENS] > 1 and about_b[_TOKENS] <= 1:
        return parts_by_space(ka, n, cut_a, kb, m, cut_b)
    if about_b[_TOKENS] > 1 and about_a[_TOKENS] <= 1:
        return parts_by_space(kb, m, cut_b, ka, n, cut_a)
    if cut_a > 0 and cut_b > 0:
        return parts_by_cuts(ka, n, cut_a, kb, m, cut_b)
    return parts_by_ends(ka, n, cut_a, kb, m, cut_b)


@kernel
def parts_by_cuts(ka: Row, n: int, cut_a: int, kb: Row, m: int, cut_b: int) -> int:
    """Compare surname with surname and given name with given name."""
    out = 0
    if same_letters(ka, 0, cut_a, kb, 0, cut_b):
        out |= _SURNAME
    if same_letters(ka, cut_a, n, kb, cut_b, m):
        out |= _GIVEN
    return out


@kernel
def parts_by_space(ka: Row, n: int, cut: int, kb: Row, m: int, guess: int) -> int:
    """Look for the parts of a separated name ``ka`` at the ends of an unseparated one.

    ``guess`` is where a known surname of ``kb`` ends. A given name of one letter at the end proves
    nothing when the known surname leaves a longer given name.
    """
    out = 0
    if ends_with(kb, m, ka, cut, n) and (n - cut > 1 or guess == 0 or guess == m - (n - cut)):
        out |= _GIVEN
    if m > cut and same_letters(ka, 0, cut, kb, 0, cut) and (guess <= cut or cut > 1):
        out |= _SURNAME
    return out


@kernel
def parts_by_ends(ka: Row, n: int, cut_a: int, kb: Row, m: int, cut_b: int) -> int:
    """Neither is separated and at least one surname is not known: use the ends they share."""
    if cut_a > 0:
        return parts_by_space(ka, n, cut_a, kb, m, 0)
    if cut_b > 0:
        return parts_by_space(kb, m, cut_b, ka, n, 0)
    head, tail = shared_ends(ka, n, kb, m)
    out = 0
    if head > 1:
        out |= _SURNAME
    if tail > 1 and min(n, m) > tail:
        out |= _GIVEN
    return out
