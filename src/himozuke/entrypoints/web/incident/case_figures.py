"""The pages of published figures, and of who stands at the head of letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import CARRIERS, REFUSALS, act_token, new_form, refused
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.identity import date_notation
from himozuke.identity.calendar import era_notation
from himozuke.incident.figures import Period, periods_until
from himozuke.incident.letter_store import Publication
from himozuke.incident.publishing import SAID
from himozuke.ports.actor import Role
from himozuke.ports.letters import PublishedTable

SUPERVISORS = frozenset({Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
_BELOW_NOTHING = re.compile(r"\s*[-−‐–▲△]\s*[\d,]+\s*[千万億]?円?\s*")
_FIELDS = {
    "summary": Said("概要", "Summary"),
    "shown": Said("表示・閲覧の有無", "What was shown or viewed"),
    "money": Said("給付額・掛金への影響", "Effect on benefits and contributions"),
    "cause": Said("原因", "Cause"),
    "prevention_new": Said("対策（新たな誤りの防止）", "Against new wrong links"),
    "prevention_existing": Said("対策（登録済みデータの点検）", "For links already registered"),
}


@page("/cases/publications", roles=CARRIERS)
def show_publications(desk: Desk) -> Response[Any]:
    """Every version of the published figures."""
    with desk.work() as work:
        versions = work.cases.publishing.versions()
    return desk.render("cases/publications.html", versions=versions, may_publish=desk.role in SUPERVISORS)


@page("/cases/publications/{version:int}", roles=CARRIERS)
def show_publication(desk: Desk, version: int) -> Response[Any]:
    """One version as it was published."""
    with desk.work() as work:
        versions = work.cases.publishing.versions()
    found = next((one for one in versions if one.version == version), None)
    if found is None:
        return desk.redirect("/cases/publications")
    former = next((one for one in versions if one.version == version - 1), None)
    return desk.render(
        "cases/publication.html", publication=found, rows=_rows(found.figures), former=former, fields=_FIELDS
    )


@page("/cases/publications/{version:int}/pdf", roles=CARRIERS)
def print_publication(desk: Desk, version: int) -> Response[Any]:
    """One version as PDF."""
    with desk.work() as work:
        found = next((one for one in work.cases.publishing.versions() if one.version == version), None)
        organisation = desk.visitor.account.organisation.name if desk.visitor else ""
    if found is None:
        return desk.redirect("/cases/publications")
    letter = desk.office.printer.print_letter(_table(found, organisation))
    return desk.download(letter.pdf, name=f"公表-第{version}版.pdf", media_type="application/pdf", is_inline=True)


@page("/cases/publications/new", roles=SUPERVISORS)
def new_publication(desk: Desk) -> Response[Any]:
    """The figures as they would be published today."""
    with desk.work() as work:
        today = work.clock.today()
    return _publication_page(desk, Form.of(as_of=era_notation(today)))


@form_post("/cases/publications/new", roles=SUPERVISORS)
def publish(desk: Desk, form: Form) -> Response[Any]:
    """Look at the figures again (``act`` = preview), or publish them after a second look."""
    as_of = form.day("as_of", label=Said("時点", "as of"))
    first = form.day("first")
    ends = _days(form, "ends")
    _check_days(form, (first, ends, as_of), today=desk.office.clock.today())
    if form.value("act") == "preview" or form.errors or as_of is None:
        return _publication_page(desk, form)
    texts = {name: form.text(name, label=label, most=2000) for name, label in _FIELDS.items()}
    if _BELOW_NOTHING.fullmatch(unicodedata.normalize("NFKC", texts["money"])):
        form.wrong(
            "money",
            "金額は0円以上で書いてください。減った額は「減額」と書いてください。",
            "An amount is not below zero; write in words what was reduced.",
        )
    reason = form.text("reason", most=2000)
    if not form.value("agreed"):
        form.wrong(
            "agreed", "件数と文章を確かめて、印を付けてください。", "Look at figures and texts and tick the box."
        )
    if form.errors:
        return _publication_page(desk, form)
    try:
        with desk.work() as work:
            periods = periods_until(ends, first=first or _first_known(work, as_of), as_of=as_of)
            made = work.cases.publishing.publish(
                periods, as_of=as_of, texts=texts, reason=reason, token=act_token(form)
            )
    except REFUSALS as error:
        return _publication_page(desk, form, status=refused(form, error))
    return desk.redirect(f"/cases/publications/{made.version}", notice="saved")


def _check_days(form: Form, days: tuple[date | None, Sequence[date], date | None], *, today: date) -> None:
    """Days that fit each other: begun before they end, ended by the day they are counted on, which has come."""
    first, ends, as_of = days
    if as_of is not None and as_of > today:
        form.wrong("as_of", "今日より後の日は書けません。", "The day has not come yet.")
    if first is not None and as_of is not None and first > as_of:
        form.wrong("first", "最初の期間の始まりが、時点より後です。", "The first period begins after the as-of day.")
    if any(first is not None and end < first for end in ends):
        form.wrong(
            "ends", "最初の期間の始まりより前に終わる期間があります。", "A period ends before the first one begins."
        )
    elif any(as_of is not None and end > as_of for end in ends):
        form.wrong("ends", "時点より後に終わる期間があります。", "A period ends after the as-of day.")


def _first_known(work: Any, as_of: date) -> date:  # noqa: ANN401 -- the office's work
    days = [link.known_on for link in work.cases.publishing.wrong_links()]
    first: date = min([*days, as_of])
    return first


def _publication_page(desk: Desk, form: Form, *, status: int = 200) -> Response[Any]:
    as_of = form.day("as_of")
    ends = _days(form, "ends")
    first = form.day("first")
    _check_days(form, (first, ends, as_of), today=desk.office.clock.today())
    figures: Any = None
    changed: Sequence[tuple[str, int, int]] = ()
    versions: Sequence[Publication] = ()
    with desk.work() as work:
        versions = work.cases.publishing.versions()
        if as_of is not None and not form.errors.keys() & {"as_of", "first", "ends"}:
            try:
                periods: Sequence[Period] = periods_until(ends, first=first or _first_known(work, as_of), as_of=as_of)
                figures, changed = work.cases.publishing.preview(periods, as_of=as_of)
            except REFUSALS as error:
                status = refused(form, error)
    return desk.render(
        "cases/publish.html",
        status=status,
        form=new_form(form),
        rows=_rows(figures) if figures else (),
        changed=changed,
        versions=versions,
        fields=_FIELDS,
        said=SAID,
    )


def _rows(figures: Any) -> Sequence[tuple[date, date, int, int, int]]:  # noqa: ANN401 -- JSON of our own making
    return [
        (
            date.fromisoformat(row["first"]),
            date.fromisoformat(row["last"]),
            row["wrong"],
            row["viewed"],
            row["corrected"],
        )
        for row in figures["periods"]
    ]


def _table(publication: Publication, publisher: str) -> PublishedTable:
    rows = [
        (f"{era_notation(first)}から{era_notation(last)}まで", f"{wrong:,}", f"{viewed:,}", f"{corrected:,}")
        for first, last, wrong, viewed, corrected in _rows(publication.figures)
    ]
    total: Any = publication.figures["total"]
    sums = ("計", *(f"{total[name]:,}" for name in ("wrong", "viewed", "corrected")))
    notes = [f"{_FIELDS[name].ja}: {text}" for name, text in publication.said.items() if name in _FIELDS]
    return PublishedTable(
        title="個人番号の紐付け誤りの件数",
        publisher=publisher,
        as_of=publication.as_of,
        version=publication.version,
        columns=("判明した期間", "紐付け誤り（件）", "うち閲覧されたもの（件）", "うち訂正済み（件）"),
        rows=[*rows, sums],
        notes=[*notes, f"公表日: {era_notation(publication.published_on)}"],
    )


def _days(form: Form, name: str) -> list[date]:
    """Several days in one field, one a line."""
    found = []
    for part in re.split(r"[\n、,]+", form.text(name)):
        if not part.strip():
            continue
        read = date_notation.read(part.strip())
        if read.is_date and read.year and read.month and read.day:
            found.append(date(read.year, read.month, read.day))
        else:
            form.wrong(name, "日付として読めない行があります。1行に1日を書いてください。", "Write one day a line.")
    return found


HANDLERS = (
    show_publications,
    show_publication,
    print_publication,
    new_publication,
    publish,
)
