"""What goes in and out of the interface for notices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from himozuke.registration.model import NoticeKind

Text = Annotated[str, Meta(max_length=500)]


class NoticeIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One notice about one person, all as text, as it stands on the form (S66)."""

    kind: Annotated[NoticeKind, Meta(description="What the notice tells of.")] = NoticeKind.ACQUISITION
    event_on: Annotated[
        str,
        Meta(
            max_length=30,
            description="The day of the fact: acquired, lost, joined, left. 2026-04-01, R8.4.1 … A day to come is kept.",
            examples=["2026-04-01"],
        ),
    ]
    kanji_name: Annotated[
        Text, Meta(description="Name in kanji, as in the resident record.", examples=["山田　太郎"])
    ] = ""
    kana_name: Annotated[Text, Meta(description="Name in kana, either width.", examples=["ヤマダ　タロウ"])] = ""
    birth_date: Annotated[Text, Meta(description="Any notation.", examples=["1975-04-02"])] = ""
    sex: Annotated[Text, Meta(description="1 man, 2 woman.", examples=["1"])] = ""
    address: Annotated[Text, Meta(examples=["東京都千代田区霞が関一丁目2番3号"])] = ""
    individual_number: Annotated[
        Text, Meta(description="Twelve digits. Without it all five items are needed.", examples=["000000010014"])
    ] = ""
    insurer_number: Annotated[Text, Meta(description="To whom it goes; empty: the caller's own insurer.")] = ""
    symbol: Text = ""
    number: Annotated[Text, Meta(description="Empty: the insurer gives one.")] = ""
    branch: Text = ""
    category: Annotated[Text, Meta(description="種別: 1 man, 2 woman, 3 miner, 5 to 7 members of a fund.")] = ""
    acquisition_kind: Annotated[Text, Meta(description="取得区分: 1, 3, 4, voluntary.", examples=["1"])] = ""
    basic_pension_number: Text = ""
    has_dependents: Annotated[Text, Meta(description="1 yes, 0 no.", examples=["0"])] = ""
    pay_in_cash: Annotated[Text, Meta(description="Yen.", examples=["260000"])] = ""
    pay_in_kind: Annotated[Text, Meta(description="Yen.")] = ""
    postal_code: Text = ""
    address_kana: Text = ""
    establishment_name: Annotated[Text, Meta(examples=["ひもづけ商店"])] = ""
    establishment_address: Text = ""
    employer_name: Text = ""
    remarks: Text = ""
    relation: Annotated[Text, Meta(description="Of a dependent to the insured person.")] = ""
    end_reason: Annotated[Text, Meta(description="喪失原因: 4, 5, 7, 9, 11.")] = ""
    number_asked_on: Annotated[Text, Meta(description="The day the employer asked for the number.")] = ""
    number_answer: Annotated[Text, Meta(description="given, refused, waiting, or empty.")] = ""


class ProblemOut(msgspec.Struct, frozen=True):
    """Why a notice, or a row of a file, was not taken: where it stands, why, and what to do."""

    code: str
    item: str
    reason: str
    remedy: str
    line: int | None = None
    row: int | None = None
    byte: int | None = None
    value: str = ""


class LinkOut(msgspec.Struct, frozen=True):
    """The link a notice became, as the insurer may see it."""

    link_id: str
    state: str
    restriction: str
    verdict: str | None
    action: str | None
    reasons: list[str]
    cause: str | None
    states: dict[str, str]
    register_day: date | None
    evidence_digest: str | None
    answer: str | None


class NoticeOut(msgspec.Struct, frozen=True):
    """A notice and how it stands. ``link`` is told to the insurer only; the number is masked."""

    notice_id: str
    kind: str
    state: str
    channel: str
    insurer_number: str
    symbol: str
    number: str
    branch: str
    kanji_name: str
    kana_name: str
    birth_date: str
    sex: str
    individual_number: str
    event_on: date
    received_on: date | None
    filing_due_on: date | None
    register_due_on: date | None
    registered_on: date | None
    number_source: str
    created_at: datetime
    problems: list[ProblemOut]
    link: LinkOut | None = None


class FileOut(msgspec.Struct, frozen=True):
    """A file that was taken in: its rows, what was wrong with some, and the notices of the others."""

    file_id: str
    format: str
    rows: int
    taken: int
    refused: int
    returned: int
    notices: list[str]
    problems: list[ProblemOut]
    job_id: str | None = None
