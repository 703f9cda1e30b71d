"""Every part of pages on one page, for whoever builds more of them."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.ports.actor import Role

_WHO = {Role.ADMINISTRATOR}
_HERE = {
    "kanji_name": "紐付 花子",
    "kana_name": "ヒモヅケ ハナコ",
    "birth_date": "昭和50年1月12日",
    "address": "東京都千代田区一番町1-2",
}
_THERE = {
    "kanji_name": "紐附 花子",
    "kana_name": "ヒモヅケ ハナコ",
    "birth_date": "昭和50年1月21日",
    "address": "大阪府大阪市北区梅田3-1",
}


@page("/styleguide", roles=_WHO)
def styleguide(desk: Desk) -> Response[Any]:
    """Parts as they stand, and a form that can be tried out."""
    return _parts(desk, Form.of(kanji_name="紐付 花子", kinds=["notice"]))


@form_post("/styleguide", roles=_WHO)
def try_form(desk: Desk, form: Form) -> Response[Any]:
    """Read the form as a real one is read; nothing is kept."""
    form.text("kanji_name", label=Said("漢字氏名", "kanji name"))
    form.kana("kana_name", label=Said("カナ氏名", "kana name"))
    form.day("birth_date", label=Said("生年月日", "date of birth"))
    form.choice("sex", ("1", "2"), label=Said("性別", "sex"))
    form.text("address", label=Said("住所", "address"))
    form.choice("scheme", ("health_insurance", "elderly_medical"), label=Said("制度", "scheme"))
    if form.errors:
        return _parts(desk, form)
    return desk.redirect("/styleguide", notice="received")


def _parts(desk: Desk, form: Form) -> Response[Any]:
    return desk.render("styleguide/parts.html", form=form, here=_HERE, there=_THERE, at=desk.office.clock.now())


AREA = Area(
    name=Said("画面の部品", "Parts of pages"),
    handlers=(styleguide, try_form),
    nav=(NavEntry("/styleguide", Said("画面の部品", "Parts of pages"), _WHO),),
)
