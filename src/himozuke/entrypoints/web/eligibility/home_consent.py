"""The consent page of an institution that treats at home or online: opened by the patient, without a login."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Response

from himozuke.eligibility.model import Viewable
from himozuke.eligibility.service import CardRefused
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import PUBLIC, form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError
from himozuke.ports.actor import Actor

_CHANNELS: dict[str, Literal["home", "online"]] = {"visits": "home", "online": "online"}


@page("/consent/{channel:str}/{code:str}", roles=PUBLIC)
def show_consent(desk: Desk, channel: str, code: str) -> Response[Any]:
    """Ask the patient whom they allow to view what."""
    return _consent_page(desk, channel, code, Form())


@form_post("/consent/{channel:str}/{code:str}", roles=PUBLIC)
def give_consent(desk: Desk, channel: str, code: str, form: Form) -> Response[Any]:
    """Keep what the patient allows, after card and PIN were checked."""
    card = form.text("card", label=Said("カード", "the card"), most=64)
    pin = form.digits("pin", label=Said("暗証番号", "the PIN"))
    consents = [Viewable(one) for one in form.all("consents") if one in set(Viewable)]
    if not consents:
        form.wrong("consents", "同意する項目を選んでください。", "Choose what you allow.")
    if form.errors:
        return _consent_page(desk, channel, code, form)
    with desk.office.work(Actor.system("consent")) as work:
        institution = work.eligibility.store.institution(code)
        if institution is None or channel not in _CHANNELS:
            raise NotFoundError("There is no such page.")
        refused = work.eligibility.service.consent_from_afar(
            institution, card, pin, consents, channel=_CHANNELS[channel]
        )
    if refused is not None:
        _tell(form, refused)
        return _consent_page(desk, channel, code, form)
    return _consent_page(desk, channel, code, Form(), is_given=True)


def _tell(form: Form, refused: CardRefused) -> None:
    if refused.reason == "wrong_pin":
        left = refused.tries_left
        form.wrong(
            "pin",
            f"暗証番号が違います。あと{left}回間違えるとロックされます。",
            f"The PIN is wrong; {left} more wrong tries lock it.",
        )
    elif refused.reason == "locked":
        form.wrong(
            "pin",
            "暗証番号がロックされています。市区町村の窓口で再設定してから、もう一度お手続きください。受診はこのままできます。",
            "The PIN is locked. Have it reset at the counter of your municipality, then come back. You are treated all the same.",
        )
    else:
        form.wrong(
            "card",
            "このカードでは手続できません。医療機関に相談してください。",
            "This card cannot be used. Ask the institution.",
        )


def _consent_page(desk: Desk, channel: str, code: str, form: Form, *, is_given: bool = False) -> Response[Any]:
    with desk.office.work(Actor.system("consent")) as work:
        institution = work.eligibility.store.institution(code)
    treats = institution is not None and {
        "visits": institution.treats_at_home,
        "online": institution.treats_online,
    }.get(channel)
    if institution is None or not treats:
        raise NotFoundError("There is no such page.")
    return desk.render(
        "reception/consent.html",
        form=form,
        institution=institution,
        channel=channel,
        viewables=[str(one) for one in Viewable],
        is_given=is_given,
    )


HANDLERS = (show_consent, give_consent)
