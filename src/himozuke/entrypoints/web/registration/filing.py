"""Filing notices: the form with its eleven items, files with a report of every row, the template, places of work."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response

from himozuke.entrypoints.export import write_links
from himozuke.entrypoints.registering import Consignment, take_in
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.registration.notices import CLERKS, FILERS, told
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said, refused_file
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import ConflictError, InputRejectedError, NotAllowedError
from himozuke.gateways.notice_files import read_notice_file, write_csv, write_xlsx
from himozuke.identity import individual_number
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Role
from himozuke.registration import words
from himozuke.registration.decide import PARTS, need_of
from himozuke.registration.model import CODES, TEXTS, Channel, Filing, Insurer, NoticeKind, NoticeState
from himozuke.stores.record_lists import Row

MOST_BYTES = 12 * 1024 * 1024
_FORM_ITEMS = ("sex", "category", "pay", "address", "establishment", "has_dependents")
_KANA = ("kana_name",)
_MOST_FIGURES = 15
_CODES = {
    "sex": ("1", "2"),
    **CODES,
    "number_answer": ("waiting", "given", "refused"),
}


@page("/notices/new", roles=FILERS)
def new_notice(desk: Desk, kind: str = "acquisition", again: int | None = None) -> Response[Any]:
    """The form of a notice, empty or filled with one that was returned."""
    chosen = kind if kind in set(NoticeKind) else NoticeKind.ACQUISITION.value
    form = Form.of(kind=chosen)
    if again is not None:
        with desk.work() as work:
            notice = work.notice_lists.notice(again)
        values = {name: notice[name] for name in TEXTS if notice[name]}
        form = Form.of(kind=notice["kind"], event_on=notice["event_on"].isoformat(), again=again, **values)
    return _form_page(desk, form)


@form_post("/notices/new", roles=FILERS)
def file_notice(desk: Desk, form: Form) -> Response[Any]:
    """File a notice: the employer's goes to its insurer, the clerk's is one that came on paper."""
    with desk.work() as work:
        places = _places(work, desk)
        insurer = _insurer(work, desk, form, places)
        today = work.clock.today()
        mends = _mended(work, form)
    filing, received_on = _filing(form, today)
    if insurer is None:
        form.wrong("establishment_id", "届け先の事業所を選んでください。", "Choose the place of work.")
    if form.errors or filing is None or insurer is None:
        return _form_page(desk, form)
    filing = _with_place(filing, form, places)
    channel = Channel.WEB if desk.role is Role.EMPLOYER else Channel.PAPER
    try:
        consignment = Consignment([filing], insurer.organisation_id, channel, received_on=received_on, mends=mends)
        done = take_in(desk.office, desk.actor, consignment)
    except NotAllowedError:
        form.wrong("establishment_id", "この保険者に事業所の登録がありません。", "No place of work under this insurer.")
        return _form_page(desk, form)
    received = done.received[0]
    notice = "received" if received.state is not NoticeState.RETURNED else None
    return desk.redirect(f"/notices/{received.notice_id}", notice=notice)


@page("/notice-files", roles=FILERS)
def list_files(desk: Desk) -> Response[Any]:
    """Files that came in, and where to send one."""
    return _files_page(desk, Form())


@form_post("/notice-files", roles=FILERS, most_bytes=MOST_BYTES)
def send_file(desk: Desk, form: Form) -> Response[Any]:
    """Take in a file: SHFD0006.CSV or our template; good rows go on, the others are reported."""
    upload = form.uploads.get("file")
    if upload is None:
        form.wrong("file", "ファイルを選んでください。", "Choose a file.")
        return _files_page(desk, form)
    with desk.work() as work:
        insurer = _insurer(work, desk, form, _places(work, desk))
    if insurer is None:
        form.wrong("establishment_id", "届け先の事業所を選んでください。", "Choose the place of work.")
        return _files_page(desk, form)
    try:
        intake = read_notice_file(upload.file.read(), name=upload.name)
        consignment = Consignment(intake.filings, insurer.organisation_id, Channel.FILE, file=intake.file)
        done = take_in(desk.office, desk.actor, consignment)
    except InputRejectedError as error:
        form.errors["file"] = refused_file(error)
    except ConflictError as error:
        form.wrong("file", "同じファイルを受け付け済みです。", str(error))
    except NotAllowedError:
        form.wrong("establishment_id", "この保険者に事業所の登録がありません。", "No place of work under this insurer.")
    else:
        return desk.redirect(f"/notice-files/{done.file_id}", notice="received")
    return _files_page(desk, form)


@page("/notice-files/{file_id:int}", roles=FILERS)
def show_file(desk: Desk, file_id: int) -> Response[Any]:
    """What became of a file: rows taken, and of every other row the place, reason and remedy."""
    with desk.work() as work:
        file = work.notice_lists.file(file_id)
        problems = work.notice_lists.problems(file_id=file_id)
    return desk.render("registration/file.html", file=file, told=told(desk, problems))


@page("/notice-files/{file_id:int}/problems.csv", roles=FILERS)
def download_problems(desk: Desk, file_id: int) -> Response[bytes]:
    """The faults of a file as CSV for Excel (UTF-8 with BOM)."""
    with desk.work() as work:
        work.notice_lists.file(file_id)
        problems = work.notice_lists.problems(file_id=file_id, limit=100_000)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["行", "データ行", "列", "バイト", "値", "理由", "対処"])
    for row in told(desk, problems):
        writer.writerow([row[name] or "" for name in ("line", "row", "item", "byte", "value", "reason", "remedy")])
    return desk.download(
        out.getvalue().encode("utf-8-sig"), name=f"届出エラー{file_id}.csv", media_type="text/csv; charset=utf-8"
    )


@page("/notice-files/template.csv", roles=FILERS)
def download_csv(desk: Desk) -> Response[bytes]:
    """Our template as CSV, with an example row."""
    return desk.download(write_csv(), name="届出様式.csv", media_type="text/csv; charset=utf-8")


@page("/notice-files/template.xlsx", roles=FILERS)
def download_xlsx(desk: Desk) -> Response[bytes]:
    """Our template as a workbook, with an example row and a sheet that explains."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return desk.download(write_xlsx(), name="届出様式.xlsx", media_type=kind)


@form_post("/notices/links.csv", roles={Role.INSURER_SUPERVISOR})
def download_links(desk: Desk) -> Response[Any]:
    """Every link of the insurer as a file of links, to be inspected; the numbers stand whole, the act is audited."""
    with desk.work() as work:
        assert work.actor.organisation_id is not None  # noqa: S101 - a supervisor belongs to an office
        insurer = work.notice_store.insurer(work.actor.organisation_id)
        out = io.BytesIO()
        write_links(work, insurer.scheme, out)
    return desk.download(out.getvalue(), name="紐付け.csv", media_type="text/csv; charset=utf-8")


@page("/establishments", roles=CLERKS)
def list_establishments(desk: Desk) -> Response[Any]:
    """Places of work, and enrolling one with the account of its employer."""
    return _establishments_page(desk, Form())


@form_post("/establishments", roles=CLERKS)
def enrol_establishment(desk: Desk, form: Form) -> Response[Any]:
    """Enrol a place of work, so that its employer can file here."""
    texts = {
        name: form.text(name, most=200)
        for name in ("prefecture_code", "district_code", "establishment_symbol", "establishment_number")
    }
    texts["name"] = form.text("name", label=Said("名称", "Name"), most=200)
    texts |= {name: form.text(name, most=200) for name in ("address", "employer_name", "postal_code", "telephone")}
    employer = form.value("employer_id")
    if form.errors:
        return _establishments_page(desk, form)
    with desk.work() as work:
        assert work.actor.organisation_id is not None  # noqa: S101 - a clerk belongs to an office
        employers = {str(row["organisation_id"]) for row in work.notice_lists.employers()}
        employer_id = int(employer) if employer in employers else None
        place = work.notice_store.enrol(work.actor.organisation_id, texts, employer_id=employer_id)
        details = {"employer": employer_id}
        work.audit.record("registration.enrol", subject="establishment", subject_id=place, details=details)
    return desk.redirect("/establishments", notice="saved")


def _places(work: OfficeWork, desk: Desk) -> Sequence[Row]:
    employer_id = desk.actor.organisation_id if desk.role is Role.EMPLOYER else None
    return work.notice_lists.establishments(employer_id=employer_id)


def _insurer(work: OfficeWork, desk: Desk, form: Form, places: Sequence[Row]) -> Insurer | None:
    """The insurer a filing goes to: the clerk's own, or that of the employer's place of work."""
    if desk.role is not Role.EMPLOYER:
        assert work.actor.organisation_id is not None  # noqa: S101 - a clerk belongs to an office
        return work.notice_store.insurer(work.actor.organisation_id)
    chosen = form.value("establishment_id") or (str(places[0]["establishment_id"]) if len(places) == 1 else "")
    place = next((row for row in places if str(row["establishment_id"]) == chosen), None)
    return work.notice_store.insurer(place["organisation_id"]) if place else None


def _mended(work: OfficeWork, form: Form) -> int | None:
    """The returned notice that this one takes the place of; a form error where it was filed again before."""
    again = form.value("again")
    if not again:
        return None
    notice_id = int(again) if again.isascii() and again.isdecimal() and len(again) <= _MOST_FIGURES else 0
    notice = work.notice_lists.notice(notice_id)
    if notice["state"] != "returned" or notice["mended_by"] is not None:
        form.wrong(
            "kind",
            f"届出 {notice_id} はすでに出し直されたか、返戻されていません。",
            f"Notice {notice_id} was filed again before, or never returned.",
        )
    return notice_id


def _with_place(filing: Filing, form: Form, places: Sequence[Row]) -> Filing:
    """The notice under the name of the place of work that was chosen."""
    chosen = next((row for row in places if str(row["establishment_id"]) == form.value("establishment_id")), None)
    return filing.with_texts(establishment_name=chosen["name"]) if chosen else filing


def _filing(form: Form, today: date) -> tuple[Filing | None, date | None]:
    """What was typed, as a notice; what the rules ask for is decided where notices are received."""
    kind = form.choice("kind", [one.value for one in NoticeKind], label=Said("届出の種類", "Kind")) or "acquisition"
    event_on = form.day("event_on", label=Said("事実発生年月日", "Day of the fact"))
    received_on = form.day("received_on")
    if received_on and received_on > today:
        form.wrong("received_on", "受付日が今日より後です。", "The day of receipt lies after today.")
    if received_on and event_on and received_on < event_on <= today:
        if form.value("collected_ahead"):
            received_on = event_on  # collected before the fact: its periods begin on that day (S101)
        else:
            form.wrong(
                "received_on",
                "受付日が事実発生年月日より前です。事実の発生より前に預かった届出のときは「事前収集」に印を付けてください。",
                "The day of receipt lies before the day of the fact. Tick that it was collected ahead, if it was.",
            )
    texts = {name: form.text(name, most=200) for name in TEXTS if name not in _CODES}
    texts |= {name: form.choice(name, known) for name, known in _CODES.items() if name in TEXTS}
    texts |= {name: form.kana(name) for name in _KANA}
    born = form.day("birth_date")
    if born:
        texts["birth_date"] = born.isoformat()
    asked_on = form.day("number_asked_on")
    answer = form.choice("number_answer", _CODES["number_answer"])
    typed = form.value("individual_number").strip()
    number = individual_number.parse(typed) if typed else None
    if typed and number is None:
        form.wrong("individual_number", "12桁の数字で入力してください。", "Write twelve digits.")
    if form.errors or event_on is None:
        return None, None
    return (
        Filing(
            kind=NoticeKind(kind),
            event_on=event_on,
            texts={name: text for name, text in texts.items() if text},
            individual_number=IndividualNumber(number) if number is not None else None,
            number_asked_on=asked_on,
            number_answer=answer,
        ),
        received_on,
    )


def _form_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        places = _places(work, desk)
        insurer = _insurer(work, desk, form, places)
        today = work.clock.today()
        needs = _needs(work, insurer, today)
    safe = Form({name: value for name, value in form.values.items() if name != "individual_number"}, errors=form.errors)
    return desk.render(
        "registration/form.html",
        form=safe,
        kind=form.value("kind") or "acquisition",
        places=places,
        insurer=insurer,
        needs=needs,
        today=today,
        is_clerk=desk.role in CLERKS,
        item_name=lambda name: words.item_name(name, desk.language),
    )


def _needs(work: OfficeWork, insurer: Insurer | None, today: date) -> dict[str, str]:
    """How far each item of the form is needed by the rule of today; parts of an item as the item."""
    kind = insurer.kind if insurer else None
    if kind is None:
        return {}
    found = {item: need_of(item, kind, work.office.rules, today) for item in _FORM_ITEMS}
    if insurer and found["address"] == "unless_not_asked":
        found["address"] = "required" if insurer.asks_address else "optional"
    if insurer and found["address"] == "unless_confirmed":
        found["address"] = "optional" if insurer.confirms_items else "required"
    return found | {part: found[item] for item, parts in PARTS.items() for part in parts if item in found}


def _files_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        files, places = work.notice_lists.files(), _places(work, desk)
    return desk.render("registration/files.html", form=form, files=files, places=places, is_clerk=desk.role in CLERKS)


def _establishments_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        places, employers = work.notice_lists.establishments(), work.notice_lists.employers()
    return desk.render("registration/establishments.html", form=form, places=places, employers=employers)
