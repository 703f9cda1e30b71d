"""The pay of an insured person as the notice of his insurance says it (報酬月額, S66)."""

from __future__ import annotations

import re
import unicodedata

from himozuke.registration.model import NoticeKind
from himozuke.registration.ports import HeldNotice

_MOST = 2**31 - 1


def monthly_pay(notice: HeldNotice) -> int | None:
    """Yen a month, in money and in kind together; None where the notice says none, or is of a dependent."""
    if notice.kind is not NoticeKind.ACQUISITION:
        return None
    figures = [_yen(notice.text(name)) for name in ("pay_in_cash", "pay_in_kind")]
    given = [figure for figure in figures if figure is not None]
    return sum(given) if given and sum(given) <= _MOST else None


def _yen(text: str) -> int | None:
    """An amount as it is typed: any width, with commas and the sign of yen.

    >>> _yen("２６０，０００円"), _yen("260000"), _yen(" ")
    (260000, 260000, None)
    """
    figures = re.sub(r"[,円\s]", "", unicodedata.normalize("NFKC", text))
    return int(figures) if figures.isdecimal() else None
