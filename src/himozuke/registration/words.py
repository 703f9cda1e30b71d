"""What is said of a problem with a notice, in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from himozuke.errors import RuleError
from himozuke.registration.model import Problem

Lang = Literal["ja", "en"]

#: Names of items as the form has them; items told by a file stand in its own words.
ITEM_NAMES: dict[str, tuple[str, str]] = {
    "kana_name": ("カナ氏名", "Kana name"),
    "kanji_name": ("漢字氏名", "Kanji name"),
    "birth_date": ("生年月日", "Date of birth"),
    "sex": ("性別", "Sex"),
    "category": ("種別", "Category"),
    "acquisition_kind": ("取得区分", "Kind of acquisition"),
    "individual_number": ("個人番号", "Individual Number"),
    "basic_pension_number": ("基礎年金番号", "Basic pension number"),
    "qualified_on": ("事実発生年月日", "Day of the fact"),
    "event_on": ("事実発生年月日", "Day of the fact"),
    "has_dependents": ("被扶養者の有無", "Dependents"),
    "pay_in_cash": ("報酬月額", "Monthly pay"),
    "pay_in_kind": ("報酬月額（現物）", "Pay in kind"),
    "address": ("住所", "Address"),
    "address_kana": ("住所カナ", "Address in kana"),
    "postal_code": ("郵便番号", "Postal code"),
    "establishment_name": ("事業所の名称", "Place of work"),
    "establishment_address": ("事業所の所在地", "Address of the place of work"),
    "employer_name": ("事業主の氏名又は名称", "Employer"),
    "insurer_number": ("保険者番号", "Insurer number"),
    "symbol": ("記号", "Symbol"),
    "number": ("番号", "Number"),
    "branch": ("枝番", "Branch"),
    "relation": ("続柄", "Relation"),
    "end_reason": ("喪失原因", "Reason of the loss"),
    "remarks": ("備考", "Remarks"),
}


class Told(NamedTuple):
    """What is wrong and what to do."""

    reason: str
    remedy: str


def tell(problem: Problem, lang: Lang = "ja") -> Told:
    """Say a problem in one language. RuleError for a code without a text."""
    entry = _problems().get(problem.code)
    if entry is None:
        raise RuleError(
            f"No text for {problem.code}: add it in Japanese and English to registration/words/problems.toml."
        )
    said = {"item": item_name(problem.item, lang), "detail": problem.detail, "value": problem.value}
    return Told(str(entry[lang]).format(**said), str(entry[f"remedy_{lang}"]).format(**said))


def item_name(item: str, lang: Lang = "ja") -> str:
    """The name of an item; a name that a file gave stands as it is."""
    names = ITEM_NAMES.get(item)
    return names[0 if lang == "ja" else 1] if names else item


def codes() -> tuple[str, ...]:
    """Every problem that has a text."""
    return tuple(_problems())


@cache
def _problems() -> dict[str, Any]:
    return tomllib.loads((resources.files("himozuke.registration") / "words" / "problems.toml").read_text("utf-8"))
