"""Rows of the database as qualifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from himozuke.eligibility.copay import HouseholdIncome
from himozuke.eligibility.model import (
    CardClass,
    ElderlyCertificate,
    GivenConsent,
    InsuredKey,
    InsuredPay,
    JudgedIncome,
    LimitCertificate,
    LossReason,
    Qualification,
    Relation,
    SpecificDisease,
    Ticket,
    Viewable,
)
from himozuke.eligibility.store import Insured
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.ports.protection import shown_held_address

_SEX = {"1": "1", "男": "1", "M": "1", "2": "2", "女": "2", "F": "2"}
#: 喪失原因 of a notice (SHFD0006): 4 left the work, 5 death, 7 reached 75, 9 taken into elderly medical care earlier,
#: 11 an agreement with another state.
_BY_NOTICE: Mapping[str, LossReason] = {
    "4": LossReason.OTHER,
    "5": LossReason.DEATH,
    "7": LossReason.OTHER_INSURANCE,
    "9": LossReason.OTHER_INSURANCE,
    "11": LossReason.OTHER,
}
_NOT_SET = "3"  # OQSCD007


def insured(rows: Sequence[Mapping[str, Any]]) -> Insured | None:
    """The person behind rows of one number; None where there are none."""
    if not rows:
        return None
    numbers = {row["link_id"]: row["reference_number"] for row in rows if row["reference_number"] is not None}
    return Insured(rows[0]["individual_number_sealed"], [qualification(row) for row in rows], numbers)


def qualification(row: Mapping[str, Any]) -> Qualification:
    """One period of insurance with its link and certificate."""
    is_dependent = row["member_kind"] == "dependent"
    return Qualification(
        qualification_id=row["period_id"],
        link_id=row["link_id"],
        key=InsuredKey(row["insurer_number"], row["symbol"], row["number"], row["branch"]),
        insurer_name=row["insurer_name"],
        card_class=CardClass(row["card_class"] or CardClass.GENERAL),
        relation=Relation.DEPENDENT if is_dependent else Relation.INSURED,
        insured_name=row["insured_name"] or ("" if is_dependent else row["kanji_name"]),
        kanji_name=row["kanji_name"],
        kana_name=row["kana_name"],
        sex=_SEX.get(row["sex"].strip().upper(), _NOT_SET),
        birth_date=whole_day(birth_date.parse(row["birth_date"])),
        address=row["address"],
        postal_code=row["postal_code"] or "",
        acquired_on=row["began_on"],
        lost_on=row["ended_on"],
        issued_on=row["issued_on"],
        card_valid_from=row["valid_from"],
        card_valid_until=row["valid_until"],
        restriction="ALL" if row["state"] == "held" else row["restriction"],
        verdict=row["verdict"],
        is_released=row["state"] == "released" and row["answer"] is not None,
        loss_reason=_loss_reason(row),
        elderly_ratio=row["elderly_ratio"],
        elderly_ratio_from=row["elderly_ratio_from"],
        elderly_ratio_until=row["elderly_ratio_until"],
        elderly=_elderly(row["elderly"]),
        limits=[_limit(one) for one in row["limits"] or ()],
        diseases=[_disease(one) for one in row["diseases"] or ()],
        tickets=[Ticket(_known(one["valid_from"]), _iso(one.get("valid_until"))) for one in row["tickets"] or ()],
        is_address_hidden=not shown_held_address(
            row["address"], is_protected=row["is_protected"], state=row["address_state"] or "", role=None
        ),
        died_on=row["died_on"],
        income=_income(row["income"]),
        pay=_pay(row["insured_pay"]),
    )


def _loss_reason(row: Mapping[str, Any]) -> LossReason | None:
    """Why it ended: as the certificate says, else as the notice that ended it did."""
    if row["loss_reason"]:
        return LossReason(row["loss_reason"])
    return _BY_NOTICE.get(row["end_reason"]) if row["ended_on"] is not None else None


def _iso(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _known(text: str) -> date:
    return date.fromisoformat(text)


def _elderly(one: Mapping[str, Any] | None) -> ElderlyCertificate | None:
    if not one:
        return None
    return ElderlyCertificate(
        _iso(one.get("issued_on")), _known(one["valid_from"]), _iso(one.get("valid_until")), one["ratio"]
    )


def _income(one: Mapping[str, Any] | None) -> JudgedIncome | None:
    if not one:
        return None
    household = HouseholdIncome(one["taxable"], one["income"], one["people"])
    return JudgedIncome(household, _known(one["valid_from"]), _known(one["valid_until"]))


def _pay(one: Mapping[str, Any] | None) -> InsuredPay | None:
    return InsuredPay(one["monthly"], whole_day(birth_date.parse(one["born"]))) if one else None


def _limit(one: Mapping[str, Any]) -> LimitCertificate:
    return LimitCertificate(
        one["certificate_class"],
        one["income_class"],
        _iso(one.get("issued_on")),
        _known(one["valid_from"]),
        _iso(one.get("valid_until")),
        _iso(one.get("long_term_from")),
    )


def _disease(one: Mapping[str, Any]) -> SpecificDisease:
    return SpecificDisease(
        one["disease"],
        _iso(one.get("issued_on")),
        _known(one["valid_from"]),
        _iso(one.get("valid_until")),
        one["self_pay"],
    )


def consent(row: Mapping[str, Any]) -> GivenConsent:
    """A consent as it was given."""
    return GivenConsent(Viewable(row["viewable"]), row["given_at"], row["available_until"])
