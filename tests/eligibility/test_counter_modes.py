"""How the holder is identified holds for one reading; what an institution is decides what it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from institutions import CODE, accesses, add_card, add_institution, add_medicine, add_member


def chosen(page: str) -> list[str]:
    """The methods that are chosen on the reader's page."""
    return re.findall(r'name="method" value="(\w+)"[^>]* checked', page)


def read(client: Desk, card: str = "CARD1", **more: Any) -> Any:
    return client.submit("/reader", {"card": card, "method": "face", "consents": ["medicines", "checkups"]} | more)


@pytest.fixture(name="clinic")
def _clinic(office: SmallWorld, desk: Callable[..., Desk]) -> Desk:
    add_institution(office, treats_at_home=True)
    member = add_member(office)
    add_card(office, "CARD1", member)
    add_medicine(office, member, date(2026, 3, 20))
    return desk("institution")


@pytest.mark.seed("S82f")
@pytest.mark.parametrize("method", ["visual", "pin"])
def test_a_method_holds_for_one_reading_and_the_next_patient_begins_with_the_face(clinic: Desk, method: str) -> None:
    shown = read(clinic, method=method, pin="0000" if method == "pin" else "")
    assert shown.status_code == 200

    assert chosen(clinic.get("/reader").text) == ["face"]


def test_a_reading_that_cannot_be_taken_keeps_its_method_for_this_patient(clinic: Desk) -> None:
    again = read(clinic, card="", method="visual")

    assert again.status_code == 422
    assert chosen(again.text) == ["visual"]
    assert chosen(clinic.get("/reader").text) == ["face"]


@pytest.mark.seed("S58")
def test_a_treatment_office_sees_the_qualification_and_offers_nothing_medical(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    other = desk("institution", of=add_institution(office, "1371111119", "treatment_office"))

    at_the_clinic, at_the_office = read(clinic), read(other)
    visit = re.search(r"/reception/visits/(\d+)", str(at_the_office.url))
    assert visit is not None
    asked = other.get(f"/reception/visits/{visit[1]}/medical/medicines").text

    assert "/medical/medicines" in at_the_clinic.text
    assert "有効" in at_the_office.text
    assert "/medical/" not in at_the_office.text
    assert "アムロジピン" not in asked
    # by each card, and the name above the page without medicines
    assert [items for _, _, items in accesses(office)] == [["qualification"]] * 3


@pytest.mark.seed("S58")
@pytest.mark.parametrize(("channel", "status"), [("visits", 200), ("online", 404), ("elsewhere", 404)])
def test_each_institution_has_the_consent_page_of_what_it_does(
    clinic: Desk, visitor_desk: Desk, channel: str, status: int
) -> None:
    assert clinic.get("/reception").status_code == 200

    assert visitor_desk.get(f"/consent/{channel}/{CODE}").status_code == status


def test_an_institution_that_treats_online_has_its_own_page_and_no_other(
    office: SmallWorld, visitor_desk: Desk
) -> None:
    add_institution(office, treats_online=True)

    assert "オンライン診療のため" in visitor_desk.get(f"/consent/online/{CODE}").text
    assert visitor_desk.get(f"/consent/visits/{CODE}").status_code == 404
