"""Eligibility as an area of the desk."""

from __future__ import annotations

from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.eligibility import (
    appointments,
    certificates,
    help_desk,
    home_consent,
    income,
    outages,
    own_notice,
    reception,
    reception_evidence,
    reception_medical,
    reception_print,
)
from himozuke.entrypoints.web.said import Said

AREA = Area(
    name=Said("資格確認", "Eligibility"),
    handlers=(
        *reception.HANDLERS,
        *reception_evidence.HANDLERS,
        *reception_medical.HANDLERS,
        *reception_print.HANDLERS,
        *appointments.HANDLERS,
        *outages.HANDLERS,
        *home_consent.HANDLERS,
        *help_desk.HANDLERS,
        *own_notice.HANDLERS,
        *income.HANDLERS,
        *certificates.HANDLERS,
    ),
    nav=(
        NavEntry("/reception", Said("受付", "Reception"), reception.INSTITUTION),
        NavEntry("/reader", Said("カードの読み取り", "Card reader"), reception.INSTITUTION),
        NavEntry("/reception/appointments", Said("予約の事前確認", "Appointments"), reception.INSTITUTION),
        NavEntry("/reception/outage", Said("システム障害時モード", "System failure"), reception.INSTITUTION),
        NavEntry("/reception/notices", Said("掲示と様式の印刷", "Notices to print"), reception.INSTITUTION),
        NavEntry("/outages", Said("障害時モードの申請", "Failure mode requests"), outages.FUND),
        NavEntry("/certificates", Said("証の情報", "Certificates"), own_notice.INSURERS),
        *help_desk.NAV,
    ),
    tasks=reception.tasks,
)
