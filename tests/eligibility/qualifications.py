"""Synthetic qualifications for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from himozuke.eligibility.model import CardClass, InsuredKey, Qualification, Relation

TODAY = date(2026, 11, 23)
KEY = InsuredKey("06130488", "１２－３４", "5678", "01")


def qualification(number: int = 1, **changes: Any) -> Qualification:
    """A qualification of 紐付花子 that holds today; what is given differs."""
    plain = Qualification(
        qualification_id=number,
        link_id=number,
        key=KEY,
        insurer_name="ひも健康保険組合",
        card_class=CardClass.GENERAL,
        relation=Relation.INSURED,
        insured_name="紐付　花子",
        kanji_name="紐付　花子",
        kana_name="ヒモヅケ　ハナコ",
        sex="2",
        birth_date=date(1989, 3, 31),
        address="東京都千代田区",
        postal_code="100-0001",
        acquired_on=date(2024, 4, 1),
        lost_on=None,
        issued_on=date(2024, 4, 1),
        card_valid_from=date(2024, 4, 1),
        card_valid_until=None,
        restriction="NONE",
        verdict="PROVEN",
        is_released=False,
    )
    return replace(plain, **changes)
