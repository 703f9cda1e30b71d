"""Somebody comes under protection after an inspection: no result tells where he lives any more (支援措置)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from campaign_world import REGISTER_DAY, CampaignWorld
from factories import World, table
from register_world import load
from test_desk import inspected, wired

pytest_plugins = ("campaign_fixtures",)

__all__ = ("inspected", "wired")
Enter = Callable[..., Any]


@pytest.fixture
def addresses(campaign: CampaignWorld, inspected: int, namesake_world: World) -> list[str]:
    """The addresses of a person and the namesake with the number, who are protected since the day after the run."""
    assert inspected
    people = namesake_world.register[:2]
    load(
        campaign.small,
        table([{**one, "protected": "1"} if one in people else one for one in namesake_world.register]),
        REGISTER_DAY + timedelta(days=1),
    )
    return [one["address"] for one in people]


@pytest.mark.usefixtures("campaign")
def test_a_finding_shows_addresses_until_somebody_in_it_is_protected(inspected: int, desk: Enter) -> None:
    assert inspected
    assert "大阪府大阪市北区中之島" in desk("insurer_clerk").get("/findings/1").text.replace("<mark>", "").replace(
        "</mark>", ""
    )


def test_the_page_of_a_finding_hides_who_came_under_protection_since(addresses: list[str], desk: Enter) -> None:
    shown = desk("insurer_clerk").get("/findings/1").text.replace("<mark>", "").replace("</mark>", "")

    assert "支援措置の対象です" in shown
    assert "（支援措置のため表示しません）" in shown
    for address in addresses:
        assert address not in shown


def test_the_review_list_goes_out_without_the_addresses(inspected: int, addresses: list[str], desk: Enter) -> None:
    given = desk("insurer_supervisor").get(f"/inspections/{inspected}/files/review.csv")

    assert given.status_code == 200
    assert "attachment" in given.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"), newline="")))
    mine = next(row for row in rows if row["紐付けID"] == "L1")
    assert mine["支援措置"] == "該当"
    assert mine["漢字氏名（登録データ）"]
    for address in addresses:
        assert address not in given.text


def test_report_and_corrections_are_refused_with_a_remedy(inspected: int, addresses: list[str], desk: Enter) -> None:
    for name in ("report.html", "corrections.csv"):
        refused = desk("insurer_clerk").get(f"/inspections/{inspected}/files/{name}")

        assert refused.status_code == 409
        assert "支援措置の対象になった人" in refused.text
        assert '/files">' in refused.text
        for address in addresses:
            assert address not in refused.text


@pytest.mark.usefixtures("addresses")
def test_what_lies_on_the_disk_stays_as_it_was_written(inspected: int, campaign: CampaignWorld, desk: Enter) -> None:
    path = campaign.office.inspection_folder(inspected) / "review.csv"
    before = path.read_bytes()

    desk("insurer_clerk").get(f"/inspections/{inspected}/files/review.csv")

    assert path.read_bytes() == before
