"""Known readings of surnames and given names, loaded when a pair asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

Readings = Mapping[str, frozenset[str]]


def is_reading(kanji_key: str, kana_key: str) -> bool:
    """Tell whether a surname or given name in kanji is known to be read so (both as keys)."""
    return kana_key in given_readings().get(kanji_key, ()) or kana_key in surname_readings().get(kanji_key, ())


@lru_cache(maxsize=1)
def given_readings() -> Readings:
    """Kana keys by the kanji key of a given name; names of either sex."""
    out: dict[str, set[str]] = defaultdict(set)
    for reading, words in _rows("readings.tsv"):
        for word in words.split(" "):
            out[word].add(reading)
    return {word: frozenset(readings) for word, readings in out.items()}


@lru_cache(maxsize=1)
def surname_readings() -> Readings:
    """Kana keys by the kanji key of a surname."""
    out: dict[str, set[str]] = defaultdict(set)
    for _, key, _, _, reading in _rows("surnames.tsv"):
        out[key].add(reading)
    for key, readings in _rows("readings_surnames.tsv"):
        out[key].update(readings.split(" "))
    return {key: frozenset(readings) for key, readings in out.items()}


def _rows(name: str) -> list[list[str]]:
    text = files("himozuke.identity").joinpath("tables", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
