"""The five items as people at a counter read them: days in eras, sex in words."""

from __future__ import annotations

from datetime import date

from himozuke.entrypoints.web.rendering import day
from himozuke.entrypoints.web.said import Language, Said
from himozuke.identity import date_notation

_SEX = {"1": Said("男", "Male"), "2": Said("女", "Female"), "9": Said("不明", "Unknown")}


def shown_item(item: str, text: str, language: Language) -> str:
    """One item in words; what cannot be read stands as it is.

    >>> shown_item("birth_date", "1989-03-31", "ja"), shown_item("sex", "2", "ja"), shown_item("sex", "女", "ja")
    ('平成元年3月31日', '女', '女')
    """
    if item == "sex" and text in _SEX:
        return _SEX[text].read(language)
    if item == "birth_date":
        return shown_day(text, language)
    return text


def shown_day(text: str | None, language: Language) -> str:
    """A day that is held as a text, as officials write it; empty for none."""
    read = date_notation.read(text or "")
    if read.is_date and read.year and read.month and read.day:
        return day(date(read.year, read.month, read.day), language)
    return text or ""
