"""The postal code on an envelope: only where there is one."""

from __future__ import annotations

import pytest

from himozuke.identity import gazetteer
from himozuke.identity.postal_code import _codes, postal_code_of


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("東京都千代田区霞が関一丁目2番3号", "100-0013"),
        ("千代田区霞ケ関１－２－３", "100-0013"),
        ("大阪府大阪市北区梅田1-1-1", "530-0001"),
        ("北海道札幌市中央区北一条西2丁目", ""),  # several codes in one town
        ("札幌市北九条西1", ""),  # in two wards
        ("京都府京都市中京区亀屋町1", ""),  # five towns of that name
        ("どこでもない町1-2-3", ""),
        ("", ""),
    ],
)
def test_one_code_or_none(address: str, code: str) -> None:
    assert postal_code_of(address) == code


def test_the_codes_stand_in_the_order_of_the_gazetteer() -> None:
    towns = list(gazetteer.load().towns)

    assert len(_codes()) > 0.98 * len(towns)
    assert all(len(code) == 7 and code.isdigit() for code in _codes().values())
    last = next(town for town in reversed(towns) if (town.city_code, town.town) in _codes())
    assert _codes()[last.city_code, last.town].startswith("90")  # Okinawa
