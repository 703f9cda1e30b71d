"""Tomorrow's appointments checked in bulk: a list in, a coloured list out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response

from himozuke.eligibility.by_law import first_day
from himozuke.eligibility.model import InsuredKey, Question, Reference
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.reception import INSTITUTION, serving
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.gateways.tables.encoding import decode_at_once
from himozuke.identity import kanji_name
from himozuke.identity.coded_number import is_insurer_number, plain_digits
from himozuke.identity.individual_number import mask

_COLUMNS = ("予約日", "氏名", "生年月日", "保険者番号", "記号", "番号", "枝番")
_MOST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One appointment with what came of it: ``good``, ``warn`` (something differs) or ``bad`` (an error)."""

    line: int
    name: str
    on: date | None
    state: str
    word: Said
    note: Said


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list as it was sent; ``line`` is where it ends in the file, from 1."""

    line: int
    values: Mapping[str | None, Any]
    columns: int

    def text(self, name: str) -> str:
        """One value, without the blanks around it; empty where there is none."""
        return str(self.values.get(name) or "").strip()

    @property
    def problem(self) -> Said | None:
        """Why the line cannot be asked about before any value is read: it has too few columns, or too many."""
        given = sum(1 for name, value in self.values.items() if name is not None and value is not None)
        if given < self.columns:
            return Said(
                f"列が足りません（見出し{self.columns}列に対して{given}列）。",
                f"Too few columns: {given}, the header has {self.columns}.",
            )
        if None in self.values:
            return Said(
                f"列が多すぎます（見出しは{self.columns}列）。", f"Too many columns: the header has {self.columns}."
            )
        insurer = plain_digits(self.text("保険者番号"))
        if not insurer:
            return Said("保険者番号がありません。", "There is no insurer number.")
        if not is_insurer_number(insurer):
            written = mask(self.text("保険者番号")[:20])
            return Said(
                f"保険者番号「{written}」は誤りです（6桁か8桁で、検証番号が合うもの）。",
                f"The insurer number {written!r} is wrong: six or eight digits with a right check digit.",
            )
        return None if self.text("番号") else Said("番号がありません。", "There is no number.")


@page("/reception/appointments", roles=INSTITUTION)
def show_appointments(desk: Desk) -> Response[Any]:
    """Where the list is sent to."""
    return desk.render("reception/appointments.html", form=Form(), lines=(), columns=_COLUMNS)


@form_post("/reception/appointments", roles=INSTITUTION)
def check_appointments(desk: Desk, form: Form) -> Response[Any]:
    """Check every appointment of a list; a line that cannot be read is told and the others go on."""
    upload = form.uploads.get("list")
    if upload is None:
        form.wrong("list", "ファイルを選んでください。", "Choose a file.")
        return desk.render("reception/appointments.html", form=form, lines=(), columns=_COLUMNS)
    rows = _rows(upload.file.read(2 * 1024 * 1024), form)
    if form.errors:
        return desk.render("reception/appointments.html", form=form, lines=(), columns=_COLUMNS)
    lines = [_checked(desk, row) for row in rows]
    lines.sort(key=lambda one: ("bad", "warn", "good").index(one.state))
    return desk.render("reception/appointments.html", form=form, lines=lines, columns=_COLUMNS)


def _rows(content: bytes, form: Form) -> Sequence[Row]:
    text = decode_at_once(content)
    if text is None:
        form.wrong(
            "list", "文字コードを読めません。UTF-8かShift_JISで保存してください。", "Save it as UTF-8 or Shift_JIS."
        )
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    absent = [name for name in _COLUMNS[1:6] if name not in (reader.fieldnames or ())]
    if absent:
        form.wrong("list", f"見出しがありません：{'、'.join(absent)}", f"Headers are missing: {', '.join(absent)}")
        return []
    rows = [Row(reader.line_num, row, len(reader.fieldnames or ())) for row in reader]
    if len(rows) > _MOST:
        form.wrong("list", f"一度に確認できるのは{_MOST}件までです。", f"At most {_MOST} at a time.")
    return rows


def _checked(desk: Desk, row: Row) -> Line:
    name = row.text("氏名")
    form = Form.of(birth_date=row.text("生年月日") or None, on=row.text("予約日") or None)
    on = form.day("on")
    problem = row.problem
    if problem is not None:
        return Line(row.line, name, on, "bad", Said("エラー", "Error"), problem)
    born = form.day("birth_date", label=Said("生年月日", "the birth date"))
    if form.errors or born is None:
        return Line(row.line, name, on, "bad", Said("エラー", "Error"), next(iter(form.errors.values())))
    on = on or desk.office.clock.today()
    since = first_day(desk.office.rules)
    if on < since:
        note = Said("予約日が早すぎます。確認してください。", f"A day before {since} cannot be asked about.")
        return Line(row.line, name, on, "bad", Said("エラー", "Error"), note)
    key = InsuredKey(plain_digits(row.text("保険者番号")), row.text("記号"), row.text("番号"), row.text("枝番"))
    with desk.office.work(serving(desk.actor)) as work:
        assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
        institution = work.eligibility.institution(desk.actor.organisation_id)
        question = Question(institution.code, on, Reference.INSURED_NUMBER, key, born)
        finding = work.eligibility.service.check(institution, question).finding
    if not finding.shown or finding.validity not in {"1", "6"}:
        words = {"2": Said("無効", "Invalid"), "3": Said("無効（新しい資格あり）", "Invalid, insured elsewhere")}
        told = words.get(finding.validity, Said("資格情報なし", "Not found"))
        return Line(row.line, name, on, "warn", told, Said("来院時に確認してください。", "Ask at the visit."))
    shown = finding.shown[0].kanji_name
    if name and not kanji_name.compare(name, shown).state.agrees:
        note = Said(
            f"氏名が一致しません。登録：{name}　確認結果：{shown}", f"The name differs. Ours: {name}, answer: {shown}"
        )
        return Line(row.line, name, on, "warn", Said("情報不一致", "Differs"), note)
    return Line(row.line, name, on, "good", Said("有効", "Valid"), Said("", ""))


HANDLERS = (show_appointments, check_appointments)
