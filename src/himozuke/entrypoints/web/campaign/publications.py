"""What a campaign publishes: the tables, their versions, and as HTML, CSV and PDF."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from litestar import Response

from himozuke.campaign.publications import Published
from himozuke.campaign.published import Publication
from himozuke.entrypoints.web.campaign.campaign_roles import EVERYBODY_HERE, HEADQUARTERS
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said, refused_file
from himozuke.errors import ConflictError, InputRejectedError, UsageError
from himozuke.gateways.report.published import figure_words, write_published
from himozuke.gateways.results import survey_csv
from himozuke.gateways.results.publication import CLASS_NAMES, SCHEME_HEADERS, write_tables
from himozuke.identity.calendar import era_notation
from himozuke.ports.letters import PublishedTable


@page("/campaigns/{campaign_id:int}/publication", roles=EVERYBODY_HERE)
def show_publication(desk: Desk, campaign_id: int) -> Response[Any]:
    """The published versions; headquarters also sees what would be published at this moment."""
    return _publication_page(desk, campaign_id, Form())


@form_post("/campaigns/{campaign_id:int}/publication", roles=HEADQUARTERS)
def publish(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Publish the tables as they stand, as a new version."""
    as_of = form.day("as_of", label=Said("時点", "As of"))
    reason = form.text("reason", most=1000)
    if form.errors or as_of is None:
        return _publication_page(desk, campaign_id, form)
    try:
        with desk.work() as work:
            work.publications.publish(campaign_id, as_of=as_of, reason=reason)
    except UsageError:
        if as_of < _last_day(desk, campaign_id):
            form.wrong("as_of", "前の版の時点より前です。", "The day lies before that of the last version.")
        else:
            form.wrong(
                "reason",
                "公表済みの数値が変わります。改訂の理由を書いてください。",
                "Published figures change: say why.",
            )
    except ConflictError:
        form.wrong(
            "as_of",
            "前の版と同じ時点で、変わった数値がありません。",
            "No figure has changed since the last version of that day.",
        )
    else:
        return desk.redirect(f"/campaigns/{campaign_id}/publication", notice="saved")
    return _publication_page(desk, campaign_id, form)


@form_post("/campaigns/{campaign_id:int}/periods", roles=HEADQUARTERS)
def set_periods(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Take the wrong links and views by period of discovery from a CSV."""
    upload = form.uploads.get("periods")
    if upload is None:
        form.wrong("periods", "ファイルを選んでください。", "Choose a file.")
        return _publication_page(desk, campaign_id, form)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(upload.name).name
            path.write_bytes(upload.file.read())
            periods, printed_sum = survey_csv.read_periods(path)
        with desk.work() as work:
            work.publications.set_periods(campaign_id, periods, printed_sum)
    except InputRejectedError as error:
        form.errors["periods"] = refused_file(error)
        return _publication_page(desk, campaign_id, form)
    return desk.redirect(f"/campaigns/{campaign_id}/publication", notice="saved")


@page("/campaigns/{campaign_id:int}/publication/{version:int}", roles=EVERYBODY_HERE)
def show_version(desk: Desk, campaign_id: int, version: int) -> Response[Any]:
    """One version with its tables and what changed."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        published, history = work.publications.version(campaign_id, version)
    return desk.render(
        "campaign/version.html",
        campaign=campaign,
        published=published,
        history=history,
        figure_name=lambda figure: desk.say(*figure_words(figure)),
        class_names=_class_names(desk),
        scheme_headers=SCHEME_HEADERS,
    )


@page("/campaigns/{campaign_id:int}/publication/{version:int}/published.html", roles=EVERYBODY_HERE)
def download_html(desk: Desk, campaign_id: int, version: int) -> Response[Any]:
    """The version as one self-contained page."""
    published, history, _ = _find(desk, campaign_id, version)
    with _folder() as folder:
        path = folder / "published.html"
        tables = published.tables
        write_published(path, classes=tables.classes, periods=tables.periods, schemes=tables.schemes, history=history)
        content = path.read_bytes()
    return desk.download(content, name=_name(published, "html"), media_type="text/html; charset=utf-8")


@page("/campaigns/{campaign_id:int}/publication/{version:int}/published.zip", roles=EVERYBODY_HERE)
def download_csv(desk: Desk, campaign_id: int, version: int) -> Response[Any]:
    """The tables as CSV, in one archive."""
    published, _, _ = _find(desk, campaign_id, version)
    content = io.BytesIO()
    with _folder() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = published.tables
        write_tables(
            folder,
            classes=tables.classes,
            periods=tables.periods,
            schemes=tables.schemes,
            as_of=published.publication.as_of,
        )
        for path in sorted(folder.glob("*.csv")):
            archive.write(path, path.name)
    return desk.download(content.getvalue(), name=_name(published, "zip"), media_type="application/zip")


@page("/campaigns/{campaign_id:int}/publication/{version:int}/pdf/{table:str}", roles=EVERYBODY_HERE)
def download_pdf(desk: Desk, campaign_id: int, version: int, table: str) -> Response[Any]:
    """One table of a version for print: classes, periods or schemes."""
    published, _, publisher = _find(desk, campaign_id, version)
    content = printed_table(published, table, publisher=publisher)
    letter = desk.office.printer.print_letter(content)
    return desk.download(letter.pdf, name=f"{table}-{version}.pdf", media_type="application/pdf")


def printed_table(published: Published, table: str, *, publisher: str) -> PublishedTable:
    """One table of a version as it is printed; UsageError for a table the version does not have."""
    makers = {"classes": _printed_classes, "periods": _printed_periods, "schemes": _printed_schemes}
    if table not in makers or not getattr(published.tables, table):
        raise UsageError(f"This version has no table {table!r}; there are {', '.join(makers)}.")
    title, columns, rows, notes = makers[table](published)
    one = published.publication
    if one.reason:
        notes = [*notes, f"第{one.version}版の改訂理由：{one.reason}"]
    return PublishedTable(title, publisher, one.as_of, one.version, columns, rows, notes)


_Printed = tuple[str, Sequence[str], Sequence[Sequence[str]], Sequence[str]]


def _printed_classes(published: Published) -> _Printed:
    table = published.tables.classes
    assert table is not None  # noqa: S101 -- asked before
    rows = [[CLASS_NAMES[row.number], f"{row.bodies:,}", f"{row.percent:.1f}％"] for row in table.rows]
    rows.append(["計", f"{table.total:,}", "100.0％" if table.total else ""])
    note = f"未回答 {len(table.unanswered):,}団体" if table.unanswered else f"全{table.total:,}団体が報告"
    return "点検作業に関する報告結果", ("区分", "団体数", "割合"), rows, [note]


def _printed_periods(published: Published) -> _Printed:
    table = published.tables.periods
    assert table is not None  # noqa: S101 -- asked before
    rows = [
        [
            f"{era_notation(one.first)}～{era_notation(one.last)}",
            f"{one.wrong:,}",
            f"{one.viewed:,}",
            one.uses,
            one.note,
        ]
        for one in table.periods
    ]
    rows.append(["合計", f"{table.wrong:,}", f"{table.viewed:,}", table.uses, ""])
    columns = ("期間", "異なる個人番号の登録が判明した事例", "うち情報が閲覧された事例", "利用件数", "注")
    return "異なる個人番号が登録された事例", columns, rows, ["利用件数は概数のため、合計と一致しないことがある。"]


def _printed_schemes(published: Published) -> _Printed:
    rows = [[one.name_ja, *(f"{getattr(one, name):,}" for name in SCHEME_HEADERS)] for one in published.tables.schemes]
    return (
        "総点検の状況",
        ("制度", *SCHEME_HEADERS.values()),
        rows,
        ["「誤りの見込み」は台帳との比較による見込みである。"],
    )


def _publication_page(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        versions = work.publications.versions(campaign_id)
        tables = work.publications.tables(campaign_id) if desk.role in HEADQUARTERS else None
        today = work.clock.today()
    if not form.values:
        form = Form({"as_of": [today.isoformat()]}, form.uploads, form.errors)
    return desk.render(
        "campaign/publication.html",
        form=form,
        campaign=campaign,
        versions=list(reversed(versions)),
        tables=tables,
        class_names=_class_names(desk),
        scheme_headers=SCHEME_HEADERS,
    )


def _class_names(desk: Desk) -> dict[int, str]:
    from himozuke.campaign import words

    return {number: words.label("process_class", str(number), desk.language) for number in CLASS_NAMES}


def _find(desk: Desk, campaign_id: int, version: int) -> tuple[Published, Sequence[Publication], str]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        published, history = work.publications.version(campaign_id, version)
    return published, history, campaign.office


def _last_day(desk: Desk, campaign_id: int) -> date:
    with desk.work() as work:
        versions = work.publications.versions(campaign_id)
    return versions[-1].publication.as_of if versions else date.min


def _name(published: Published, suffix: str) -> str:
    one = published.publication
    return f"published-{one.as_of:%Y%m%d}-v{one.version}.{suffix}"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="himozuke-") as folder:
        yield Path(folder)


HANDLERS = (
    show_publication,
    publish,
    set_periods,
    show_version,
    download_html,
    download_csv,
    download_pdf,
)
