"""Rendering ``published.html``: the tables a body publishes, with what changed since the last version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from markupsafe import Markup

from himozuke.campaign.published import ClassTable, Period, PeriodTable, Publication, SchemeFigures
from himozuke.gateways.report.page import both, day_ja, render_page
from himozuke.gateways.results.files import write_text
from himozuke.gateways.results.publication import CLASS_NAMES, SCHEME_HEADERS

_CLASS_NAMES_EN = {
    1: "1: did not follow the basic rules; the data are inspected",
    2: "2: cannot confirm in part; the data are inspected to be safe",
    3: "3: follows the basic rules",
}
_SCHEME_HEADERS_EN = {
    "files": "files",
    "rows": "in scope",
    "verdicted": "judged",
    "quarantined": "in quarantine",
    "proven": "proven",
    "explained": "explained",
    "to_correct": "to correct",
    "to_ask": "to ask about",
    "refuted": "of these refuted",
    "confirmed_wrong": "confirmed wrong",
}
_FIGURE_WORDS = {
    "class": ("区分", "class"),
    "period": ("期間", "period"),
    "scheme": ("制度", "scheme"),
    "total": ("計", "total"),
    "unanswered": ("未回答", "no answer"),
    "bodies": ("団体数", "bodies"),
    "wrong": ("誤登録件数", "wrong links"),
    "viewed": ("閲覧件数", "views"),
}


def write_published(
    path: Path,
    *,
    classes: ClassTable | None,
    periods: PeriodTable | None,
    schemes: Sequence[SchemeFigures],
    history: Sequence[Publication],
) -> None:
    """Write the current publication as one self-contained page."""
    current = history[-1]
    title_ja, title_en = "紐付け点検の公表資料", "Published figures of link inspections"
    page = render_page(
        "published.html.j2",
        title_ja=title_ja,
        title_en=title_en,
        running_ja=f"{title_ja}（{day_ja(current.as_of)}時点 第{current.version}版）",
        running_en=f"{title_en} (as of {current.as_of.isoformat()}, version {current.version})",
        classes=classes,
        periods=periods,
        schemes=schemes,
        history=history,
        current=current,
        class_name=lambda number: both(CLASS_NAMES[number], _CLASS_NAMES_EN[number]),
        scheme_columns=[(name, both(ja, _SCHEME_HEADERS_EN[name])) for name, ja in SCHEME_HEADERS.items()],
        span=_span,
        figure_name=_figure_name,
    )
    write_text(path, page)


def _span(period: Period) -> Markup:
    return both(
        f"{day_ja(period.first)}～{day_ja(period.last)}",
        f"{period.first.isoformat()} to {period.last.isoformat()}",
    )


def figure_words(figure: str) -> tuple[str, str]:
    """Name a figure such as ``period/2021-12-01..2022-11-30/viewed`` in Japanese and English."""
    words = [_FIGURE_WORDS.get(part, _other_word(part)) for part in figure.split("/")]
    return "・".join(ja for ja, _ in words), ", ".join(en for _, en in words)


def _figure_name(figure: str) -> Markup:
    return both(*figure_words(figure))


def _other_word(part: str) -> tuple[str, str]:
    if part in SCHEME_HEADERS:
        return SCHEME_HEADERS[part], _SCHEME_HEADERS_EN[part]
    first, dots, last = part.partition("..")
    if dots:
        days = date.fromisoformat(first), date.fromisoformat(last)
        return f"{day_ja(days[0])}～{day_ja(days[1])}", f"{first} to {last}"
    return part, part
