"""The campaign in a real browser: the main story of headquarters, of a ministry and of an insurer's supervisor."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from campaign_world import ALL_ITEMS, THREE_ITEMS, CampaignWorld, load_register
from desk_fixture import assert_accessible, assert_reflows
from factories import World, table

from himozuke.campaign.model import RunState
from himozuke.entrypoints.jobs.inspection import inspect_run
from himozuke.entrypoints.wiring import Office

pytest_plugins = ("campaign_fixtures",)

Enter = Callable[..., Any]
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def wired(settled: Office) -> Office:
    return settled


def judge(page: Any) -> None:
    """Say that what is shown is accessible, reflows, and that the console said nothing."""
    assert_accessible(page)
    assert_reflows(page)
    page.set_viewport_size(WIDE)
    refusals = [one for one in page.complaints if "422" in one]  # a form that was sent back is no fault of the page
    assert page.complaints == refusals


@pytest.mark.seed("S52", "S90", "S91", "S110")
def test_headquarters_opens_a_campaign_asks_bodies_and_publishes(
    live_desk: Enter, office: Any, settled: Office, tmp_path: Path
) -> None:
    assert office
    assert settled
    page = live_desk("headquarters")
    page.open("/campaigns")
    judge(page)

    page.get_by_role("link", name="新しい点検を始める").click()
    page.get_by_label("名称", exact=False).first.fill("総点検")
    page.get_by_label("依頼日").fill("令和5年6月21日")
    page.get_by_label("結果の公表").fill("R5.11.30")
    judge(page)
    page.get_by_role("button", name="点検を始める").click()

    bodies = tmp_path / "団体.csv"
    bodies.write_text(
        "団体コード,制度コード\n06139999,health_insurance\n06279998,health_insurance\nX,health_insurance\n"
    )
    page.get_by_label("対象団体の CSV").set_input_files(bodies)
    page.get_by_role("button", name="調査票を配る").click()
    page.get_by_text("登録のない団体コード").wait_for()
    judge(page)

    page.open("/campaigns/1")
    page.get_by_text("未回答の団体が 2 団体あります").wait_for()
    judge(page)
    page.get_by_role("link", name="未回答の団体を見る").click()
    page.get_by_role("link", name="べつの健康保険組合").click()
    judge(page)

    page.open("/campaigns/1/publication")
    judge(page)
    page.get_by_role("button", name="公表する").click()
    page.get_by_role("link", name="第1版").click()
    judge(page)


@pytest.mark.seed("S90")
def test_a_ministry_follows_the_figures_of_its_bodies(
    campaign: CampaignWorld, live_desk: Enter, namesake_world: World
) -> None:
    campaign.answer(THREE_ITEMS)
    campaign.answer(ALL_ITEMS, of=campaign.small.other_insurer)
    page = live_desk("ministry_viewer")

    page.open(f"/campaigns/{campaign.campaign_id}")
    judge(page)
    page.get_by_role("link", name=re.compile("対象団体")).click()
    page.get_by_label("区分").select_option("③")
    page.get_by_role("button", name="絞り込む").click()
    page.get_by_role("link", name="べつの健康保険組合").wait_for()
    judge(page)
    page.get_by_role("link", name="べつの健康保険組合").click()
    page.get_by_text("表の7行目").first.wait_for()
    judge(page)
    assert not any(person["kanji_name"] in page.content() for person in namesake_world.register)


@pytest.mark.seed("S72", "S76", "S91", "S92", "S93")
def test_a_supervisor_answers_inspects_opens_cases_and_reports(
    campaign: CampaignWorld, live_desk: Enter, namesake_world: World, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)
    links = tmp_path / "links.parquet"
    pq.write_table(table(namesake_world.links), links)
    page = live_desk("insurer_supervisor")

    page.open("/campaigns")
    judge(page)
    page.get_by_role("link", name="調査票に答える").click()
    page.get_by_role("button", name="回答する").click()
    page.get_by_role("alert").wait_for()
    assert_accessible(page)
    page.get_by_label("義務がある").check()
    page.get_by_label("J-LISへ照会する").check()
    for item in ("カナ氏名", "生年月日", "性別"):
        page.get_by_label(item, exact=True).check()
    page.get_by_label("取得方法").first.select_option("J-LIS照会")
    for question in ("three_items", "any_of_several", "other_wrong"):
        page.locator(f'[name="lines-0-{question}"][value="no"]').check()
    judge(page)
    page.get_by_role("button", name="回答する").click()
    page.get_by_role("link", name="紐付けファイルを送る").wait_for()
    judge(page)

    page.get_by_role("link", name="紐付けファイルを送る").click()
    judge(page)
    page.get_by_label("紐付けのファイル").set_input_files(links)
    page.get_by_role("button", name="送って点検する").click()
    page.wait_for_url("**/inspections/*")
    judge(page)
    run_id = int(page.url.rsplit("/", 1)[1])
    assert inspect_run(campaign.office, run_id) is RunState.DONE

    page.get_by_role("heading", name="点検の流れ").wait_for()  # htmx shows the end by itself
    judge(page)
    page.get_by_role("button", name="全件の案件を作成する").click()
    page.get_by_role("link", name="L1").wait_for()
    judge(page)
    page.get_by_role("link", name="L1").click()
    judge(page)
    page.open(f"/inspections/{run_id}/quarantine")
    judge(page)

    page.open(f"/campaigns/{campaign.campaign_id}/report/health_insurance/interim")
    judge(page)
    page.get_by_role("button", name="提出する").click()
    page.get_by_text("送りました").wait_for()
    judge(page)


def test_a_survey_is_answered_by_keyboard_alone(campaign: CampaignWorld, live_desk: Enter) -> None:
    page = live_desk("insurer_supervisor")
    page.open(f"/campaigns/{campaign.campaign_id}/survey/health_insurance")

    page.locator('[name="number_required"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    assert page.locator('[name="number_required"]:checked').get_attribute("value") == "yes"
    assert page.locator('[name="without_number"]:checked').count() == 1


def test_pages_of_a_campaign_read_in_english(campaign: CampaignWorld, live_desk: Enter) -> None:
    page = live_desk("headquarters")
    for path in ("", "/bodies", "/publication", "/invite", "/close"):
        page.open(f"/language/en?back=/campaigns/{campaign.campaign_id}{path}")
        assert page.locator("html").get_attribute("lang") == "en"
        judge(page)
