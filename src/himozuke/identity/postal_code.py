"""The postal code (郵便番号) of an address, for the envelope; it never tells two addresses apart."""

from __future__ import annotations

import lzma
from functools import lru_cache
from importlib.resources import files

from himozuke.identity import gazetteer
from himozuke.identity.address import places_of

PACKAGED = "tables/postal_codes.txt.xz"


def postal_code_of(address: str) -> str:
    """The postal code of the town an address lies in, written ``100-0013``.

    Empty where the address can mean several towns, the town has several codes, or nobody knows the town: a letter
    without a code arrives later, one with a wrong code elsewhere.

    >>> postal_code_of("東京都千代田区霞が関一丁目2番3号")
    '100-0013'
    """
    towns = {(place.code, place.town) for place in places_of(address) if place.town and place.sure}
    code = _codes().get(towns.pop(), "") if len(towns) == 1 else ""
    return f"{code[:3]}-{code[3:]}" if code else ""


@lru_cache(maxsize=1)
def _codes() -> dict[tuple[str, str], str]:
    """The postal codes by municipality and town, those of towns that have one."""
    packed = files("himozuke.identity").joinpath(PACKAGED).read_bytes()
    codes = lzma.decompress(packed).decode("ascii", "replace").split("\n")[1:]
    towns = gazetteer.load().towns
    return {(town.city_code, town.town): code for town, code in zip(towns, codes, strict=False) if code}
