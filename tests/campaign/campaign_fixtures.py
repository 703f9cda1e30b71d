"""Fixtures of a campaign, loaded as a plugin by the tests that need them."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign_world import CITY, INSURER, OTHER, REQUESTED_ON, CampaignWorld
from database_fixture import SmallWorld
from desk_fixture import FAST
from factories import World

from himozuke.campaign.service import Invitation
from himozuke.entrypoints.wiring import Office
from himozuke.settings import Settings


@pytest.fixture
def settled(office: SmallWorld, tmp_path: Path) -> Office:
    """The services with a data folder of their own."""
    settings = Settings(data=tmp_path / "data", cache_dir=tmp_path / "cache", memory="1GB", threads=1)
    return Office(database=office.database, vault=office.vault, settings=settings, hasher=FAST)


@pytest.fixture
def campaign(settled: Office, office: SmallWorld) -> CampaignWorld:
    """A campaign of which two insurers and a municipality know."""
    with settled.work(office.actor("headquarters")) as work:
        campaign_id = work.campaigns.open_campaign(
            name_ja="マイナンバー情報総点検",
            name_en="Comprehensive inspection",
            requested_on=REQUESTED_ON,
            stages=work.campaigns.proposed_stages(REQUESTED_ON),
        )
        invited = [Invitation(INSURER, "health_insurance"), Invitation(OTHER, "health_insurance")]
        invited.append(Invitation(CITY, "national_health_insurance", holds_residents=True))
        work.campaigns.invite(campaign_id, invited)
    return CampaignWorld(settled, office, campaign_id)


@pytest.fixture
def namesake_world() -> World:
    """A register in which a namesake bears the number of a link, a moved person, and somebody right."""
    world = World()
    owner = world.person(
        kanji_name="佐藤　花子",
        kana_name="サトウ　ハナコ",
        birth_date="1980-01-02",
        sex="2",
        address="大阪府大阪市北区中之島1-2-3",
    )
    twin = world.person(
        kanji_name="佐藤　花子",
        kana_name="サトウ　ハナコ",
        birth_date="1980-01-02",
        sex="2",
        address="東京都千代田区霞が関3-2-1",
    )
    right = world.person(
        kanji_name="鈴木　一郎", kana_name="スズキ　イチロウ", birth_date="1970-10-10", address="千葉県船橋市本町1-1-1"
    )
    moved = world.person(
        kanji_name="高橋　次郎",
        kana_name="タカハシ　ジロウ",
        birth_date="1990-05-05",
        address="北海道札幌市中央区北1条西2-1",
    )
    world.link(
        owner,
        "L1",
        individual_number=twin["individual_number"],
        acquired_by="jlis",
        acquired_items="kana_name|birth_date|sex",
    )
    world.link(right, "L2")
    world.link(moved, "L3", address="青森県青森市新町1-2-3")
    return world
