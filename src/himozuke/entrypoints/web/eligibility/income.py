"""The income an insurer knows of an insured person of 70 or more: it decides what he pays at a counter (S82c)."""

from __future__ import annotations

import unicodedata
from typing import Any

from litestar import Response

from himozuke.eligibility.by_law import by_law, is_employed
from himozuke.eligibility.copay import HouseholdIncome, year_of_income
from himozuke.eligibility.decide import latest_first
from himozuke.eligibility.model import JudgedIncome, Qualification
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.own_notice import INSURERS
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError

_MOST_DIGITS = 10
_MOST_PEOPLE = 20
_FIELDS = {
    "taxable": Said("課税所得", "the taxable income"),
    "income": Said("収入", "the income"),
    "people": Said("人数", "how many people"),
}


@page("/links/{link_id:int}/income", roles=INSURERS)
def show_income(desk: Desk, link_id: int) -> Response[Any]:
    """The income as it is known, and the share it leads to today."""
    held = _held(desk, link_id)
    known = held.income
    values = {}
    if known is not None:
        household = known.household
        values = {"taxable": household.taxable, "income": household.income, "people": household.people}
    return _income_page(desk, held, Form.of(**values))


@form_post("/links/{link_id:int}/income", roles=INSURERS)
def note_income(desk: Desk, link_id: int, form: Form) -> Response[Any]:
    """Note the income of the household, judged from the last 1 August to the next 31 July."""
    held = _held(desk, link_id)
    texts = {name: _figures(form, name, label) for name, label in _FIELDS.items()}
    for name, text in texts.items():
        if len(text) > _MOST_DIGITS:
            form.wrong(name, "桁数が多すぎます。円で入力してください。", "Too many figures; write yen.")
    if not form.errors and not 1 <= int(texts["people"]) <= _MOST_PEOPLE:
        form.wrong("people", "1人以上20人以下で入力してください。", "From 1 to 20 people.")
    if form.errors:
        return _income_page(desk, held, form)
    household = HouseholdIncome(int(texts["taxable"]), int(texts["income"]), int(texts["people"]))
    with desk.work() as work:
        first, last = year_of_income(work.clock.today())
        work.eligibility.store.note_income(held.qualification_id, JudgedIncome(household, first, last))
        # the figures are the person's own affair: the evidence names the act and the year
        work.audit.record(
            "eligibility.note_income", subject="link", subject_id=link_id, details={"valid_until": last.isoformat()}
        )
    return desk.redirect(f"/links/{link_id}/income", notice="saved")


def _figures(form: Form, name: str, label: Said) -> str:
    """An amount as people write it: in any width, with commas."""
    figures = unicodedata.normalize("NFKC", form.text(name, label=label, most=50)).replace(",", "").removesuffix("円")
    if figures and not (figures.isascii() and figures.isdecimal()):
        form.wrong(name, "数字で入力してください。", "Write figures only.")
    return figures


def _held(desk: Desk, link_id: int) -> Qualification:
    """The qualification of one's own link that holds today, as it stands in law; NotFoundError where none does."""
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    with desk.office.work(desk.actor.reaching()) as work:
        link = work.eligibility.store.link_on_paper(link_id, of=desk.actor.organisation_id)
        today = work.clock.today()
    covering = [one for one in by_law(link.held, today, rules=desk.office.rules) if one.covers(today)]
    if not covering:
        raise NotFoundError(f"Link {link_id} holds no qualification today.")
    return latest_first(covering)[0].shown


def _income_page(desk: Desk, held: Qualification, form: Form) -> Response[Any]:
    first, last = year_of_income(desk.office.clock.today())
    return desk.render(
        "registration/income.html",
        form=form,
        held=held,
        first=first,
        last=last,
        is_employed=is_employed(held),
        is_older=held.elderly is not None or held.elderly_ratio is not None,
    )


HANDLERS = (show_income, note_income)
