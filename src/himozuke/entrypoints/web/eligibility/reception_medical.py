"""Medical information at an institution: with the patient's consent, through links that may be trusted (S76, S78)."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response

from himozuke.eligibility import decide
from himozuke.eligibility.model import MEDICAL, InsuredKey, Viewable
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.reception import INSTITUTION, counter_of
from himozuke.entrypoints.web.routes import page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError

#: Nothing but the want of a consent is told apart: any other reason could give away that a link is doubted.
_NO_CONSENT = Said(
    "この患者の同意がないか、24時間を過ぎています。カードリーダーで同意を確かめてください。",
    "The patient has not consented, or 24 hours have passed. Ask for consent at the card reader.",
)
_NOTHING = Said(
    "表示できる情報がありません。問診とお薬手帳で確かめてください。",
    "There is nothing to show. Ask the patient and look at the medicine notebook.",
)


@page("/reception/visits/{visit_id:int}/medical/{viewable:str}", roles=INSTITUTION)
def show_medical(desk: Desk, visit_id: int, viewable: str) -> Response[Any]:
    """What the patient allowed to be viewed; every showing is written down. Guidance of S78 stands above it."""
    if viewable not in set(MEDICAL):
        raise NotFoundError("There is no such page.")
    with counter_of(desk) as (work, visits):
        visit = visits.look(visit_id)
        assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
        institution = work.eligibility.institution(desk.actor.organisation_id)
        shown = visit.displayed
        if shown is None:
            raise NotFoundError("Nothing was shown of this patient.")
        key = InsuredKey(shown["insurer_number"], shown["symbol"], shown["number"], shown["branch"])
        born = date.fromisoformat(shown["birth_date"]) if shown["birth_date"] else None
        answer = work.eligibility.service.medical(institution, key, Viewable(viewable), birth_date=born)
    why = _NO_CONSENT if answer.refusal == decide.NO_CONSENT else _NOTHING
    return desk.render(
        "reception/medical.html",
        visit=visit,
        shown=shown,
        viewable=viewable,
        entries=answer.entries,
        why=None if answer.entries else why,
    )


HANDLERS = (show_medical,)
