"""The notice of qualification information (資格情報のお知らせ): what it says of a person, and when none is printed.

Source: R-CERT. It is not enough by itself at a counter; beside the card it serves where the reader fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from himozuke.eligibility.by_law import by_law, is_elderly_medical
from himozuke.eligibility.decide import NO_BRANCH, latest_first
from himozuke.eligibility.model import Qualification, Relation
from himozuke.identity.calendar import era_notation
from himozuke.ports.letters import Addressee, EligibilityNotice, HeldItem, Sender
from himozuke.rules.model import RuleBook

WhyNone = Literal["doubted", "not_on_this_day"]

_RELATIONS = {Relation.INSURED: "本人（被保険者）", Relation.DEPENDENT: "家族（被扶養者）"}
_SEXES = {"1": "男", "2": "女"}
_BY_AGE = "年齢による割合です。所得により変わることがあります。"


@dataclass(frozen=True, slots=True)
class LinkOnPaper:
    """One link with the periods of insurance it holds, as a notice is made of it.

    ``is_doubted``: somebody must still find out whose it is. ``number`` is the Individual Number as it may be
    printed, masked; empty where it is not known to be the person's.
    """

    held: Sequence[Qualification]
    is_doubted: bool
    number: str


def holding(link: LinkOnPaper, on: date, *, rules: RuleBook) -> Qualification | WhyNone:
    """The qualification a notice of this day tells of, as it stands in law; else why there is none.

    A link that may lead to somebody else is never printed: the paper would carry his record to the wrong door.
    """
    standing = by_law(link.held, on, rules=rules)
    if link.is_doubted or any(one.restriction == "ALL" for one in standing):
        return "doubted"
    covering = latest_first([one for one in standing if one.covers(on)])
    return covering[0] if covering else "not_on_this_day"


def eligibility_notice(held: Qualification, *, sender: Sender, number: str, on: date) -> EligibilityNotice:
    """The notice as it is printed; of a person under protection it shows no address and goes to none."""
    shown = held.shown
    key = _key_items(shown)
    person = [
        HeldItem("氏名", shown.kanji_name),
        HeldItem("フリガナ", shown.kana_name),
        HeldItem("生年月日", era_notation(shown.birth_date) if shown.birth_date else ""),
    ]
    share, valid_until = _share(shown)
    dates = [HeldItem("資格取得年月日", era_notation(shown.acquired_on))]
    sex = [HeldItem("性別", _SEXES[shown.sex])] if shown.sex in _SEXES else []
    masked = [HeldItem("個人番号（下3桁のみ表示）", number or "（確認中）")]
    relation = [HeldItem("本人・家族の別", _RELATIONS[shown.relation])]
    return EligibilityNotice(
        sender=replace(sender, office=sender.office or shown.insurer_name),
        addressee=Addressee(shown.kanji_name, shown.kana_name, shown.postal_code, shown.address),
        printed_on=on,
        items=[*key, *person, *sex, *relation, *dates, *share, *masked],
        card=[*key, *person, *dates, *share],
        valid_until=valid_until,
        notes=[_BY_AGE] if shown.is_share_unsure else [],
    )


def _key_items(held: Qualification) -> list[HeldItem]:
    key = held.key
    branch = key.branch if key.branch != NO_BRANCH else ""
    parts = [
        ("保険者番号", key.insurer_number),
        ("保険者名", held.insurer_name),
        ("記号", key.symbol),
        ("番号", key.number),
        ("枝番", branch),
    ]
    return [HeldItem(label, value) for label, value in parts if value]


def _share(held: Qualification) -> tuple[list[HeldItem], date | None]:
    """What an older person pays, from when and until when; younger people's share follows from their age alone."""
    if held.copay_percent is None or (held.elderly is None and not is_elderly_medical(held)):
        return [], None
    share = [HeldItem("一部負担金の割合", f"{held.copay_percent // 10}割")]
    if held.elderly is None:
        return share, None
    until = held.elderly.valid_until
    days = [HeldItem("発効期日", era_notation(held.elderly.valid_from))]
    days += [HeldItem("有効期限", era_notation(until))] if until else []
    return [*share, *days], until
