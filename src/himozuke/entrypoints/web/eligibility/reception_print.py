"""What the counter prints: the declaration of insured status, and notices for the waiting room."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.eligibility import notices
from himozuke.eligibility.counter import Failure
from himozuke.eligibility.store import Institution
from himozuke.eligibility.visits import Visit
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.reception import INSTITUTION, counter_of, serving
from himozuke.entrypoints.web.eligibility.reception_evidence import (
    INSURANCE_KINDS,
    declaration_page,
    entries_of,
    failure_of,
)
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import page
from himozuke.entrypoints.web.said import Said, sentence_of
from himozuke.entrypoints.web.shown_items import shown_item
from himozuke.errors import MissingGlyphError
from himozuke.ports.letters import Choice, DeclarationForm, HeldItem

_PERSON = ("kanji_name", "kana_name", "birth_date", "sex", "address", "telephone")
_INSURANCE = ("insurer_name", "workplace")
_LABELS = {"telephone": "連絡先（電話番号）", "insurer_name": "保険者等の名称", "workplace": "事業所名"}


@page("/reception/visits/{visit_id:int}/declaration/pdf", roles=INSTITUTION)
def print_declaration(desk: Desk, visit_id: int, failure: str = "") -> Response[Any]:
    """The declaration on paper, filled in with what the counter knows; nothing is printed where a sign is missing."""
    with counter_of(desk) as (work, visits):
        visit = visits.look(visit_id)
        assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
        institution = work.eligibility.institution(desk.actor.organisation_id)
        chosen = visit.failure or (failure if failure in set(Failure) else "") or failure_of(visit) or Failure.NOT_FOUND
        try:
            letter = desk.office.printer.print_letter(declaration(visit, institution, chosen))
        except MissingGlyphError as error:
            form = Form.of(failure=chosen, **entries_of(visit))
            form.errors["kanji_name"] = sentence_of(error) or Said("印刷できない文字があります。", str(error))
            return declaration_page(desk, visit, form)
        work.audit.record(
            "eligibility.print_declaration",
            subject="visit",
            subject_id=visit_id,
            details={"digest": letter.digest, "is_deemed": visit.is_deemed},
        )
    name = f"被保険者資格申立書_{visit_id}.pdf"
    return desk.download(letter.pdf, name=name, media_type="application/pdf", is_inline=True)


@page("/reception/notices", roles=INSTITUTION)
def show_notices(desk: Desk) -> Response[Any]:
    """The notices that can be printed today."""
    return desk.render("reception/notices.html", notices=notices.notices(desk.office.clock.today()))


@page("/reception/notices/{code:str}/pdf", roles=INSTITUTION)
def print_notice(desk: Desk, code: str) -> Response[Any]:
    """A notice with the name of the institution on it; left to be written where none is registered."""
    with desk.office.work(serving(desk.actor)) as work:
        assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
        found = work.eligibility.store.institution_of(desk.actor.organisation_id)
        name, telephone = (found.name, found.telephone) if found else ("", "")
        content = notices.notice(code, institution=name, telephone=telephone, on=work.clock.today())
    letter = desk.office.printer.print_letter(content)
    return desk.download(letter.pdf, name=f"{content.title}.pdf", media_type="application/pdf", is_inline=True)


def declaration(visit: Visit, institution: Institution, failure: str) -> DeclarationForm:
    """A visit as the declaration says it; what is not known is left to be written by hand."""
    known = entries_of(visit)
    kind, share = known.get("insurance_kind", ""), str(visit.copay_percent or known.get("copay_percent", ""))
    return DeclarationForm(
        institution=institution.name,
        institution_code=institution.code,
        visited_on=visit.visited_on,
        failure=word("failure", failure, "ja"),
        is_deemed=visit.is_deemed,
        basis=[word("basis", ground, "ja") for ground in visit.basis],
        person=[HeldItem(_label(item), shown_item(item, known.get(item, ""), "ja")) for item in _PERSON],
        insurance=[HeldItem(_label(item), known.get(item, "")) for item in _INSURANCE],
        kinds=[Choice(word("insurance_kind", one, "ja"), one == kind) for one in INSURANCE_KINDS],
        shares=[Choice(f"{percent[0]}割", percent == share) for percent in ("10", "20", "30")],
        claim=word("claim_tier", visit.claim_tier, "ja") if visit.claim_tier else "",
    )


def _label(item: str) -> str:
    return _LABELS.get(item) or word("item", item, "ja")


HANDLERS = (print_declaration, show_notices, print_notice)
