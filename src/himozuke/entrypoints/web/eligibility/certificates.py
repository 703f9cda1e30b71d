"""Certificates of an insurer's own people: noted and ended on the page of a link, or brought in by file (S82c)."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.eligibility.certificates import COLUMNS, INCOME_CLASSES, KINDS, LIMIT_CLASSES, read
from himozuke.eligibility.model import CardClass
from himozuke.entrypoints.certifying import REASONS, TakenIn, note, take_in
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.own_notice import INSURERS
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.errors import InputRejectedError, NotFoundError
from himozuke.gateways.certificates_csv import read_lines, template

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 20_000
_CODES = {"limit": "limit_code", "disease": "disease_code", "card": "card_code"}
_KEY = ("insurer_number", "symbol", "number", "branch")


@page("/links/{link_id:int}/certificates", roles=INSURERS)
def show_certificates(desk: Desk, link_id: int) -> Response[Any]:
    """What stands on the certificates of a link, and a form for one more."""
    return _link_page(desk, link_id, Form.of(kind="limit"))


@form_post("/links/{link_id:int}/certificates", roles=INSURERS)
def note_certificate(desk: Desk, link_id: int, form: Form) -> Response[Any]:
    """Note a certificate, or end one by its last day."""
    of = _office(desk)
    with desk.work() as work:
        periods = work.eligibility.certificates.of_link(link_id, of=of)
        if not periods:
            raise NotFoundError(f"There is no link {link_id} with a period of insurance.")
        cells = _cells(form) | {name: getattr(periods[0].key, name) for name in _KEY}
        entry = read(cells)
        faults = entry if isinstance(entry, list) else note(work, link_id, entry, of=of, by="page")
    for fault in faults:
        reason, remedy = REASONS[fault.code]
        column = _CODES.get(form.value("kind"), "kind") if fault.column == "code" else fault.column
        form.wrong(column, f"{reason.ja}{remedy.ja}", f"{reason.en} {remedy.en}")
    if form.errors:
        return _link_page(desk, link_id, form)
    return desk.redirect(f"/links/{link_id}/certificates", notice="saved")


@page("/certificates", roles=INSURERS)
def show_files(desk: Desk) -> Response[Any]:
    """Where a file of certificates is sent to."""
    return _file_page(desk, Form(), None)


@form_post("/certificates", roles=INSURERS, most_bytes=MOST_BYTES)
def send_file(desk: Desk, form: Form) -> Response[Any]:
    """Take the good lines of a file; the others are named with line, column, reason and remedy."""
    upload = form.uploads.get("file")
    if upload is None:
        form.wrong("file", "ファイルを選んでください。", "Choose a file.")
        return _file_page(desk, form, None)
    try:
        lines = read_lines(upload.file.read(), most=MOST_LINES)
    except InputRejectedError as error:
        form.wrong("file", f"ファイルを読み取れません：{error}", f"The file cannot be read: {error}")
        return _file_page(desk, form, None)
    with desk.work() as work:
        done = take_in(work, lines, of=_office(desk), by="file")
    return _file_page(desk, form, done)


@page("/certificates/template.csv", roles=INSURERS)
def download_template(desk: Desk) -> Response[bytes]:
    """The headings with an example line."""
    return desk.download(template(), name="資格確認情報の様式.csv", media_type="text/csv; charset=utf-8")


def _office(desk: Desk) -> int:
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    return desk.actor.organisation_id


def _cells(form: Form) -> dict[str, str]:
    cells = {name: form.text(name, most=100) for name in COLUMNS.values() if name not in _KEY}
    kind = cells["kind"]
    code = _CODES.get(kind)
    return cells | ({"code": form.text(code, most=4) or cells["code"]} if code else {})


def _link_page(desk: Desk, link_id: int, form: Form) -> Response[Any]:
    with desk.work() as work:
        periods = work.eligibility.certificates.of_link(link_id, of=_office(desk))
    if not periods:
        raise NotFoundError(f"There is no link {link_id} with a period of insurance.")
    return desk.render(
        "registration/certificates.html",
        form=form,
        link_id=link_id,
        periods=periods,
        kinds=list(KINDS.values()),
        limit_classes=LIMIT_CLASSES,
        income_classes=INCOME_CLASSES,
        card_classes=[str(one) for one in CardClass],
    )


def _file_page(desk: Desk, form: Form, done: TakenIn | None) -> Response[Any]:
    names = {name: ja for ja, name in COLUMNS.items()}
    status = 422 if form.errors else 200
    return desk.render(
        "registration/certificate_files.html", status=status, form=form, done=done, columns=COLUMNS, names=names
    )


HANDLERS = (show_certificates, note_certificate, show_files, send_file, download_template)
