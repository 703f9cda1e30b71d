"""Names, dates and codes as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.simulators.population import names
from himozuke.simulators.population.kana import KANA_FORMS, full_width, held_by_cp932, kana_form
from himozuke.simulators.population.people import NONE, Ints
from himozuke.simulators.population.plan import EPOCH
from himozuke.simulators.population.styles import KANA_SLIP, KANJI_SLIP, UNREADABLE, Style

FIRST_DAY, LAST_DAY = -36_524, 36_525  # 1870 to 2070
ERAS = (
    (date(2019, 5, 1), "令和", "R", "令"), (date(1989, 1, 8), "平成", "H", "平"), (date(1926, 12, 25), "昭和", "S", "昭"),
    (date(1912, 7, 30), "大正", "T", "大"), (date(1868, 1, 25), "明治", "M", "明"),
)  # fmt: skip
SEPARATORS = ("　", " ", "", " ", "　", " ")  # usual, other, none: of Japanese names, then of Latin ones
VARIATION = re.compile(".[\U000e0100-\U000e01ef]")  # a character with its variation selector
KANA_BASES = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"


@cache
def name_table(which: str) -> pa.Array:
    """Names by style and name: kanji (as is, full width, parallel) or kana (every form); last one empty."""
    kind, _, column = which.partition(".")
    table: names.Names = getattr(names.load(), kind)
    if column == "kana":
        joined = "\n".join(table.kana)  # one pass over all names is many times faster than one a name
        texts = [text for form in range(len(KANA_FORMS)) for text in kana_form(joined, form).split("\n")]
    else:
        texts = [*table.kanji, *full_width("\n".join(table.kanji)).split("\n"), *table.parallel]
    return pa.array([*texts, ""], pa.string())


@cache
def is_latin() -> npt.NDArray[np.bool_]:
    """Tell which surnames are Latin."""
    return np.array([text.isascii() for text in names.load().surnames.kanji], np.bool_)


def pick(table: pa.Array, size: int, name: Ints, form: Style) -> pa.Array:
    """Take names in some form; -1 is empty."""
    places = np.where(name == NONE, len(table) - 1, form.astype(np.int64) * size + name)
    return table.take(pa.array(places))


def kanji_names(surname: Ints, given: Ints, latin: Style, separator: Style, reversed_name: Style) -> pa.Array:
    """Write whole names in the kanji column."""
    book = names.load()
    first = pick(name_table("surnames.kanji"), len(book.surnames.kanji), surname, latin)
    last = pick(name_table("given.kanji"), len(book.given.kanji), given, latin)
    foreign = is_latin()[surname] & (latin == 0)
    between = separators(surname, np.where(foreign, 3, 0) + separator.astype(np.int64))
    if not reversed_name.any():
        return pc.binary_join_element_wise(first, between, last, "")
    turned = pa.array(reversed_name > 0)
    return pc.binary_join_element_wise(pc.if_else(turned, last, first), between, pc.if_else(turned, first, last), "")


def separators(surname: Ints, form: npt.NDArray[np.int64]) -> pa.Array:
    """Write what stands between surname and given name, nothing where there is no name."""
    return pa.array([*SEPARATORS, ""], pa.string()).take(pa.array(np.where(surname == NONE, len(SEPARATORS), form)))


def kana_names(surname: Ints, given: Ints, form: Style, separator: Style) -> pa.Array:
    """Write whole names in kana; half-width kana go with a half-width space."""
    book = names.load()
    half = (form == 1) | (form == 3)
    return pc.binary_join_element_wise(
        pick(name_table("surnames.kana"), len(book.surnames.kana), surname, form),
        separators(surname, np.where(half & (separator == 0), 1, separator).astype(np.int64)),
        pick(name_table("given.kana"), len(book.given.kana), given, form),
        "",
    )


@cache
def iso_table() -> pa.Array:
    """Every day as ISO text, the last one empty."""
    days = np.arange(FIRST_DAY, LAST_DAY).astype("datetime64[D]")
    return pa.array([*np.datetime_as_string(days).tolist(), ""], pa.string())


def iso_dates(days: Ints, *, empty: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Write days as ISO dates, some of them empty."""
    places = days.astype(np.int64) - FIRST_DAY
    if empty is not None:
        places[empty] = LAST_DAY - FIRST_DAY
    return iso_table().take(pa.array(places))


def date_form(on: date, form: int) -> str:
    """Write one date as insurers do: form 1 to 7 (0 is ISO)."""
    start, era, letter, short = next(known for known in ERAS if known[0] <= on)
    year = on.year - start.year + 1
    forms: tuple[Callable[[], str], ...] = (
        on.isoformat,
        lambda: on.strftime("%Y%m%d"),
        lambda: f"{era}{'元' if year == 1 else year}年{on.month}月{on.day}日",
        lambda: f"{letter}{year}.{on.month}.{on.day}",
        lambda: full_width(f"{era}{year:02}年{on.month:02}月{on.day:02}日"),
        lambda: on.strftime("%Y/%m/%d"),
        lambda: f"{short}{year}.{on.month}.{on.day}",
        lambda: f"{on.year}年{on.month}月{on.day}日",
    )
    return forms[form]()


def birth_dates(birth: Ints, form: Style) -> pa.Array:
    """Write dates of birth in several forms."""
    text = iso_dates(birth)
    other = np.flatnonzero(form)
    if not len(other):
        return text
    keys, inverse = np.unique((birth[other].astype(np.int64) << 3) + form[other], return_inverse=True)
    texts = [date_form(EPOCH + timedelta(days=key >> 3), key & 7) for key in keys.tolist()]
    return replaced(text, form > 0, pa.array(texts, pa.string()).take(pa.array(inverse)))


def replaced(texts: pa.Array, where: npt.NDArray[np.bool_], by: pa.Array) -> pa.Array:
    """Put other texts in the rows of a mask."""
    return pc.replace_with_mask(texts, pa.array(where), by)


def scattered(where: npt.NDArray[np.bool_], texts: pa.Array) -> pa.Array:
    """Put texts in the rows of a mask, and nothing in the others."""
    places = np.where(where, np.cumsum(where) - 1, len(texts))
    return pa.concat_arrays([texts, pa.array([""], pa.string())]).take(pa.array(places))


def damaged(text: str, damage: int, draw: np.random.Generator) -> str:
    """Make a name unreadable in one place, or slip once in it."""
    places = [i for i, c in enumerate(text) if c not in " 　"]
    if damage == UNREADABLE:
        text = "".join("●" if not held_by_cp932(c) else c for c in VARIATION.sub("●", text))
        place = places[int(draw.integers(len(places)))]
        return text if "●" in text else text[:place] + "●" + text[place + 1 :]
    place = places[int(draw.integers(1, len(places)))] if len(places) > 1 else places[0]
    pool = "".join(names.load().given.kanji[:800]) if damage == KANJI_SLIP else KANA_BASES
    others = [c for c in pool if c != text[place] and c.strip()]
    return text[:place] + others[int(draw.integers(len(others)))] + text[place + 1 :]


def with_damage(texts: pa.Array, damage: Style, which: tuple[int, ...], first_row: int, seed: int) -> pa.Array:
    """Damage the rows of a chunk that are to be; ``first_row`` is the chunk's first."""
    where = np.isin(damage, which)
    rows = np.flatnonzero(where)
    if not len(rows):
        return texts
    own = texts.take(pa.array(rows)).to_pylist()
    draws = (np.random.default_rng([seed, first_row + row, 7]) for row in rows.tolist())
    kinds = damage[rows].tolist()
    changed = [damaged(text, kind, draw) if text else text for text, kind, draw in zip(own, kinds, draws, strict=True)]
    return replaced(texts, where, pa.array(changed, pa.string()))


NAME_DAMAGE = (UNREADABLE, KANJI_SLIP)
KANA_DAMAGE = (KANA_SLIP,)
