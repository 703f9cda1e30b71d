"""Who is under protection today (支援措置), to be recognised in results that were written before."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from himozuke.identity import date_notation

_NAMES = ("kanji_name", "kana_name")


@dataclass(frozen=True, slots=True)
class ProtectedPeople:
    """Names with their days of birth, and addresses, of today and former; spelled alike in every width."""

    names: frozenset[tuple[int, str]] = field(default_factory=frozenset)
    addresses: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, people: Iterable[tuple[int, Iterable[str], Iterable[str]]]) -> ProtectedPeople:
        """From each one's day of birth (yyyymmdd), names and addresses."""
        names: set[tuple[int, str]] = set()
        addresses: set[str] = set()
        for birth, called, lived in people:
            names.update((birth, folded(name)) for name in called if name)
            addresses.update(folded(address) for address in lived if address)
        return cls(frozenset(names), frozenset(addresses))

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.names)

    def include(self, items: Mapping[str, str]) -> bool:
        """Tell whether items are those of somebody under protection, or tell where such a person lives.

        Somebody else of the same name and day of birth is taken for him: nothing is shown where it is not sure.
        """
        if folded(items.get("address") or "") in self.addresses:
            return True
        birth = birth_of(items.get("birth_date") or "")
        return any((birth, folded(items[name])) in self.names for name in _NAMES if items.get(name))


@lru_cache(maxsize=4096)
def birth_of(text: str) -> int:
    """A day of birth in any notation as yyyymmdd, unknown parts 00; 0 where it cannot be read.

    >>> birth_of("昭和55年1月2日"), birth_of("?")
    (19800102, 0)
    """
    read = date_notation.read(text)
    return (read.year or 0) * 10_000 + (read.month or 0) * 100 + (read.day or 0) if read.is_date else 0


def folded(text: str) -> str:
    """A name or an address without blanks, in one width.

    >>> folded("佐藤　花子"), folded("１－２")
    ('佐藤花子', '1-2')
    """
    return "".join(unicodedata.normalize("NFKC", text).split())
