"""The figures that are published: bodies by class, incidents by period, inspections by scheme.

Pure arithmetic in the shape of the ministry's tables. Sources: S71–S77, S84, S93, S109, S110.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from himozuke.campaign.process_class import CLASSES, BodyAnswer, body_class
from himozuke.errors import InputRejectedError, Sentence, UsageError
from himozuke.rules.model import RuleBook


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How many bodies are in one class, and their share of all that answered in percent."""

    number: int
    bodies: int
    percent: float


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Bodies by class; ``unanswered`` lists the bodies whose answer is missing (S110)."""

    rows: tuple[ClassRow, ...]
    total: int
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """Wrong links that came to light in one span of days, and views of somebody's data among them.

    ``uses`` is how often eligibility was checked in that time, as printed (often rounded).
    """

    first: date
    last: date
    wrong: int
    viewed: int
    uses: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PeriodTable:
    """Periods in order with their sum; ``uses`` of the sum stands as printed, not added up (S74)."""

    periods: tuple[Period, ...]
    wrong: int
    viewed: int
    uses: str = ""


@dataclass(frozen=True, slots=True)
class SchemeFigures:
    """What the inspections of one scheme came to, added up over all result folders."""

    scheme: str
    name_ja: str
    name_en: str
    files: int
    rows: int
    verdicted: int
    quarantined: int
    proven: int
    explained: int
    to_correct: int
    to_ask: int
    refuted: int
    confirmed_wrong: int


@dataclass(frozen=True, slots=True)
class Change:
    """One published figure that differs from the publication before; None where it was or is absent."""

    figure: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of the published figures, with why it differs from the one before (S77)."""

    version: int
    as_of: date
    reason: str
    figures: Mapping[str, int]
    changes: tuple[Change, ...] = ()


def class_table(answers: Iterable[BodyAnswer], book: RuleBook, on: date) -> ClassTable:
    """Count bodies by class; a body with an unanswered line is listed, not classed. Source: S71, S110."""
    by_body: dict[str, list[BodyAnswer]] = {}
    for answer in answers:
        by_body.setdefault(answer.body, []).append(answer)
    counts = dict.fromkeys(CLASSES, 0)
    unanswered = []
    for body, lines in by_body.items():
        if all(line.is_answered for line in lines):
            counts[body_class(lines, book, on)] += 1
        else:
            unanswered.append(body)
    total = sum(counts.values())
    rows = tuple(
        ClassRow(number, bodies, round(100 * bodies / total, 1) if total else 0.0) for number, bodies in counts.items()
    )
    return ClassTable(rows, total, tuple(unanswered))


def period_table(periods: Iterable[Period], printed_sum: Period | None = None) -> PeriodTable:
    """Put periods in order and add them up.

    Raises InputRejectedError when periods overlap, when more was viewed than wrong, or when a
    printed sum is not the sum of its lines. Source: S73, S74.
    """
    ordered = tuple(sorted(periods, key=lambda period: period.first))
    for before, after in pairwise(ordered):
        if after.first <= before.last:
            raise InputRejectedError(
                Sentence(
                    f"{before.first}に始まる期間と{after.first}に始まる期間が重なっています。同じ件を二度数えることになります。日付を直してください。",
                    f"The periods that begin on {before.first} and {after.first} overlap: "
                    "an incident would be counted twice. Correct the dates.",
                )
            )
    for period in ordered:
        if period.last < period.first or not 0 <= period.viewed <= period.wrong:
            raise InputRejectedError(
                Sentence(
                    f"{period.first}に始まる期間の値が正しくありません。終わりは始まり以後、閲覧の件数は誤りの件数以下です。この行を直してください。",
                    f"The period that begins on {period.first} cannot be right: it must end after it begins, "
                    "and views cannot exceed wrong links. Correct the line.",
                )
            )
    wrong, viewed = sum(period.wrong for period in ordered), sum(period.viewed for period in ordered)
    if printed_sum and (printed_sum.wrong, printed_sum.viewed) != (wrong, viewed):
        raise InputRejectedError(
            Sentence(
                f"合計の行は誤り{printed_sum.wrong}件・閲覧{printed_sum.viewed}件ですが、期間を合わせると{wrong}件・{viewed}件です。どちらかを直してください。",
                f"The sum line says {printed_sum.wrong} wrong links and {printed_sum.viewed} views, "
                f"but the periods add up to {wrong} and {viewed}. Correct one of them.",
            )
        )
    return PeriodTable(ordered, wrong, viewed, printed_sum.uses if printed_sum else "")


def within(table: PeriodTable, first: date, last: date) -> PeriodTable:
    """Take the periods that lie wholly between two days, both included, with their own sum."""
    return period_table(period for period in table.periods if first <= period.first and period.last <= last)


def add_up(inspections: Iterable[tuple[str, str, str, Mapping[str, int]]]) -> tuple[SchemeFigures, ...]:
    """Add inspections up by scheme: ``(scheme, name_ja, name_en, figures)`` each, schemes in order met."""
    sums: dict[str, SchemeFigures] = {}
    for scheme, name_ja, name_en, found in inspections:
        old = sums.get(scheme)
        added = {name: found[name] + (getattr(old, name) if old else 0) for name in FIGURES}
        files = (old.files if old else 0) + 1
        sums[scheme] = SchemeFigures(scheme=scheme, name_ja=name_ja, name_en=name_en, files=files, **added)
    return tuple(sums.values())


FIGURES = (
    "rows",
    "verdicted",
    "quarantined",
    "proven",
    "explained",
    "to_correct",
    "to_ask",
    "refuted",
    "confirmed_wrong",
)


def published_figures(
    classes: ClassTable | None, periods: PeriodTable | None, schemes: Sequence[SchemeFigures]
) -> dict[str, int]:
    """Name every figure of a publication, so that two publications can be compared figure by figure."""
    named: dict[str, int] = {}
    if classes:
        named |= {f"class/{row.number}/bodies": row.bodies for row in classes.rows}
        named |= {"class/total/bodies": classes.total, "class/unanswered/bodies": len(classes.unanswered)}
    if periods:
        for period in periods.periods:
            key = f"period/{period.first.isoformat()}..{period.last.isoformat()}"
            named |= {f"{key}/wrong": period.wrong, f"{key}/viewed": period.viewed}
        named |= {"period/total/wrong": periods.wrong, "period/total/viewed": periods.viewed}
    for scheme in schemes:
        named |= {f"scheme/{scheme.scheme}/{name}": getattr(scheme, name) for name in FIGURES}
    return named


def revise(
    history: Sequence[Publication], named: Mapping[str, int], *, as_of: date, reason: str
) -> tuple[Publication, ...]:
    """Add a version to the history of publications, or leave it when nothing changed.

    Raises UsageError when figures changed and no reason is given, or when ``as_of`` goes back.
    Source: S77, S109.
    """
    if not history:
        return (Publication(1, as_of, reason, dict(named)),)
    last = history[-1]
    changes = tuple(
        Change(figure, last.figures.get(figure), named.get(figure))
        for figure in dict.fromkeys((*last.figures, *named))
        if last.figures.get(figure) != named.get(figure)
    )
    if as_of < last.as_of:
        raise UsageError(f"The last publication is as of {last.as_of}; give --as-of a day not before it.")
    if not changes and as_of == last.as_of:
        return tuple(history)
    if changes and not reason.strip():
        raise UsageError(
            f"{len(changes)} published figures change; say why with --reason, so that readers can follow the revision."
        )
    return (*history, Publication(last.version + 1, as_of, reason, dict(named), changes))
