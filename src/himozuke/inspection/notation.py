"""Writing a corrected value as the insurer's own file writes such values.

The register's notation differs from the file's; a system that expects 昭和62年3月4日 or half-width
kana must get back what it gave.
"""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from himozuke.identity import birth_date, sex
from himozuke.identity.calendar import ERAS, Era, is_whole
from himozuke.identity.kana_width import HALF_BY_FULL

_ERA_WORDS = "|".join(word for era in ERAS for word in (era.name, era.name[0], era.letter))
_DATE = re.compile(
    rf"(?P<era>{_ERA_WORDS})?(?P<year>\d{{1,4}}|元)(?P<after_year>\D)(?P<month>\d{{1,2}})"
    r"(?P<after_month>\D)(?P<day>\d{1,2})(?P<after_day>\D?)"
)
_EIGHT_FIGURES = re.compile(r"\d{8}")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_HALF_KANA = range(0xFF61, 0xFFA0)
_HALF_KANA_SIGN = f"[{chr(_HALF_KANA.start)}-{chr(_HALF_KANA.stop - 1)}]"
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_UNCHANGED = ("kanji_name", "address")  # a name or an address has no notation of a system's own
_SEX_PAIRS = (("男", "女"), ("男性", "女性"), ("1", "2"), ("１", "２"), ("M", "F"), ("m", "f"))


def like(original: str, value: str, *, item: str) -> str:
    """Write ``value`` in the notation of ``original``; as it is where the notation is not known.

    >>> like("S62.3.4", "1987-03-14", item="birth_date"), like("ﾔﾏﾀﾞ", "ヤマダ　ガク", item="kana_name")
    ('S62.3.14', 'ﾔﾏﾀﾞ ｶﾞｸ')
    """
    if item == "birth_date":
        return _date_like(original, value)
    if item == "sex":
        return _sex_like(original, value)
    if item == "kana_name" and any(ord(character) in _HALF_KANA for character in original):
        return half_width_kana(value)
    return value


def like_column(originals: pa.Array, values: pa.Array, *, item: str) -> pa.Array:
    """Write every value as :func:`like` does; null stays null."""
    if item in _UNCHANGED:
        return values
    odd = pc.and_(values.is_valid(), _needs_care(originals, values, item)).to_numpy(zero_copy_only=False)
    if not odd.any():
        return values
    pairs = zip(*(column.filter(pa.array(odd)).to_pylist() for column in (originals, values)), strict=True)
    written = [like(original, value, item=item) for original, value in pairs]
    return pc.replace_with_mask(values, pa.array(odd), pa.array(written, values.type))


def _needs_care(originals: pa.Array, values: pa.Array, item: str) -> pa.Array:
    """Tell which values may have to be written otherwise."""
    if item == "kana_name":
        return pc.match_substring_regex(originals, _HALF_KANA_SIGN)
    if item == "birth_date":
        return pc.invert(pc.and_(*(pc.match_substring_regex(dates, _ISO_DATE) for dates in (originals, values))))
    return originals.is_valid()


def half_width_kana(text: str) -> str:
    """Write katakana, spaces and Latin letters in half width.

    >>> half_width_kana("サトウ　ハナコ")
    'ｻﾄｳ ﾊﾅｺ'
    """
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    return apart.translate(HALF_BY_FULL)


def _date_like(original: str, value: str) -> str:
    date = birth_date.parse(value)
    if date is None or not is_whole(date):
        return value
    narrow = unicodedata.normalize("NFKC", original.strip())
    written = f"{date:08d}" if _EIGHT_FIGURES.fullmatch(narrow) else _parts_like(narrow, date)
    if written is None:
        return value
    return written.translate(_FULL_WIDTH) if re.search("[０-９]", original) else written


def _parts_like(original: str, date: int) -> str | None:
    found = _DATE.fullmatch(original)
    if not found:
        return None
    word, after_year = found["era"] or "", found["after_year"]
    padded = _is_padded(found["month"], found["day"], in_words=after_year == "年")
    month, day = (f"{part:02d}" if padded else str(part) for part in (date // 100 % 100, date % 100))
    if not word and len(found["year"]) != len("1987"):
        return None
    year = _year_like(word, date, padded=padded and len(found["year"]) > 1, in_words=after_year == "年")
    return f"{year}{after_year}{month}{found['after_month']}{day}{found['after_day']}"


def _is_padded(month: str, day: str, *, in_words: bool) -> bool:
    if month.startswith("0") or day.startswith("0"):
        return True
    one_figure = len(month) == 1 or len(day) == 1
    return not one_figure and not in_words


def _year_like(word: str, date: int, *, padded: bool, in_words: bool) -> str:
    if not word:
        return str(date // 10000)
    era = _era_of(date)
    name = {1: era.name[0], 2: era.name}[len(word)] if not word.isascii() else era.letter
    year = date // 10000 - era.base
    if year == 1 and in_words:
        return f"{name}元"
    return f"{name}{year:02d}" if padded else f"{name}{year}"


def _era_of(date: int) -> Era:
    return max((era for era in ERAS if era.first <= date), key=lambda era: era.first, default=ERAS[0])


def _sex_like(original: str, value: str) -> str:
    code = sex.parse(value)
    pair = next((pair for pair in _SEX_PAIRS if original.strip() in pair), None)
    return pair[code - 1] if pair and code in (1, 2) else value
