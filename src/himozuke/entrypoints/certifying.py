"""Certificates an insurer brings in, by a page, a file or a program: each taken with its row in the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke.eligibility.certificates import Entry, Fault, applied
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.stores.certificates import CertifiedPeriod

#: Why a line goes back, and what to do, by the code of its fault.
REASONS: dict[str, tuple[Said, Said]] = {
    "kind": (
        Said("種類が「証・限度額・特定疾病・高齢受給者証・負担割合・医療券」のどれでもありません。", "The kind is none of the six."),
        Said("種類を直して送り直してください。", "Write card, limit, disease, elderly, ratio or ticket."),
    ),
    "day": (
        Said("日付として読めません。", "This is no day."),
        Said("「2026-08-01」または「令和8年8月1日」の形で書いてください。", "Write it like 2026-08-01."),
    ),
    "missing": (Said("必要な項目が空です。", "It is needed and empty."), Said("入力してください。", "Fill it in.")),
    "order": (
        Said("有効終了日が有効開始日より前です。", "The last day is before the first."),
        Said("日付を直してください。", "Correct the days."),
    ),
    "code": (
        Said("区分が決められた値ではありません。", "The code is none of its list."),
        Said("様式の区分表から選んでください。", "Choose from the list of the template."),
    ),
    "ratio": (Said("割合が1・2・3割ではありません。", "The share is none of 10, 20, 30."), Said("10、20、30のどれかにしてください。", "Write 10, 20 or 30.")),
    "yen": (
        Said("金額として読めません。", "This is no amount of yen."),
        Said("円の数字で書いてください。", "Write figures of yen."),
    ),
    "postal_code": (
        Said("郵便番号が7桁ではありません。", "The postal code has not seven digits."),
        Said("7桁で書いてください。", "Write seven digits."),
    ),
    "fields": (
        Said("列の数が見出しと合いません。", "The number of fields is not that of the headings."),
        Said("余分なカンマや改行がないか確かめてください。", "Look for commas and line breaks too many."),
    ),
    "not_found": (
        Said("この記号・番号の資格が、当保険者の登録にありません。", "No link of this insurer has this number."),
        Said("番号を確かめるか、先に資格取得の届出を登録してください。", "Check the number, or register the acquisition first."),
    ),
    "several": (
        Said("枝番がないため、1人に決まりません。", "Without a branch it may be several people."),
        Said("枝番を書いてください。", "Write the branch."),
    ),
    "outside": (
        Said("有効開始日が資格の期間に入っていません。", "The first day lies outside the period of insurance."),
        Said("資格取得日から喪失日の前日までの日にしてください。", "Choose a day within the insurance."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that goes back: where, what stands there, why, and what to do."""

    line: int
    fault: Fault

    @property
    def reason(self) -> Said:
        """Why it goes back."""
        return REASONS[self.fault.code][0]

    @property
    def remedy(self) -> Said:
        """What to do."""
        return REASONS[self.fault.code][1]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file."""

    taken: int
    refused: Sequence[Refused]


def take_in(work: OfficeWork, lines: Sequence[tuple[int, Entry | list[Fault]]], *, of: int, by: str) -> TakenIn:
    """Take the good lines of an insurer, and say of the others why they go back; ``by``: file or api."""
    refused: list[Refused] = []
    taken = 0
    for line, read in lines:
        faults = read if isinstance(read, list) else _take(work, read, of=of, by=by)
        refused += [Refused(line, fault) for fault in faults]
        taken += not faults
    return TakenIn(taken, refused)


def _take(work: OfficeWork, entry: Entry, *, of: int, by: str) -> list[Fault]:
    periods = work.eligibility.certificates.of_number(entry.key, of=of)
    if not periods:
        return [Fault("number", entry.key.number, "not_found")]
    if len({one.link_id for one in periods}) > 1:
        return [Fault("branch", entry.key.branch, "several")]
    return note(work, periods[0].link_id, entry, of=of, by=by)


def note(work: OfficeWork, link_id: int, entry: Entry, *, of: int, by: str) -> list[Fault]:
    """Put a certificate on the record of an own link; nothing is said in the evidence of what it holds."""
    store = work.eligibility.certificates
    store.lock(link_id)
    period = _covering(store.of_link(link_id, of=of), entry.valid_from, work.clock.today())
    if period is None:
        return [Fault("valid_from", entry.valid_from.isoformat() if entry.valid_from else "", "outside")]
    store.keep(period, applied(replace(entry, key=period.key), period.record), of=of)
    work.audit.record(
        "eligibility.note_certificate",
        subject="link",
        subject_id=link_id,
        details={
            "kind": entry.kind,
            "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
            "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
            "by": by,
        },
    )
    return []


def _covering(periods: Sequence[CertifiedPeriod], day: date | None, today: date) -> CertifiedPeriod | None:
    """The period a certificate belongs to: the one that holds on its first day; without one, the latest."""
    if day is None:
        return periods[0] if periods else None
    return next(
        (one for one in periods if one.began_on <= day and (one.ended_on is None or day < one.ended_on)),
        # a certificate may begin before the period it is printed for, never after its end
        next((one for one in periods if one.ended_on is None and day <= today and one.began_on > day), None),
    )
