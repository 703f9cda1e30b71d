"""The items that can be compared by name."""

from __future__ import annotations

from collections.abc import Callable

from himozuke.errors import UsageError
from himozuke.identity import address, birth_date, individual_number, kana_name, kanji_name, sex
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.state import Comparison

_COMPARE: dict[str, Callable[[str, str], Comparison]] = {
    "kanji_name": kanji_name.compare,
    "kana_name": kana_name.compare,
    "birth_date": birth_date.compare,
    "sex": sex.compare,
    "address": address.compare,
    "individual_number": individual_number.compare,
}
FIELDS = tuple(_COMPARE)


def compare_values(field: str, a: str, b: str, *, gazetteer: Gazetteer | None = None) -> Comparison:
    """Compare two values of one item, without a register behind them.

    ``gazetteer``: what is known of places besides the packaged data (:func:`himozuke.identity.gazetteer.load`).
    UsageError for a field that is not in FIELDS.
    """
    if field not in _COMPARE:
        raise UsageError(f"{field!r} is no field. Fields: {', '.join(FIELDS)}.")
    if field == "address":
        return address.compare(a, b, gazetteer)
    return _COMPARE[field](a, b)
