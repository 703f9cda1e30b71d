"""What is published: from surveys, periods and inspections, in versions, as HTML, CSV and PDF."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from campaign_world import ALL_ITEMS, THREE_ITEMS, CampaignWorld

from himozuke.entrypoints.wiring import Office
from himozuke.errors import ConflictError, UsageError

pytest_plugins = ("campaign_fixtures",)

Enter = Callable[..., Any]
PERIODS = "期間の始め,期間の終わり,誤登録件数,閲覧件数,利用件数,注\r\n"
JULY = PERIODS + "2021-10-01,2021-11-30,33,1,約2,\r\n2021-12-01,2022-11-30,7279,4,,\r\n2022-12-01,2023-05-22,60,4,,\r\n"


@pytest.fixture
def wired(settled: Office) -> Office:
    return settled


def send_periods(hq: Any, campaign: CampaignWorld, text: str) -> Any:
    return hq.submit(
        f"/campaigns/{campaign.campaign_id}/periods", files={"periods": ("期間.csv", text.encode("cp932"), "text/csv")}
    )


@pytest.mark.seed("S71", "S73", "S77", "S84")
def test_a_viewing_found_later_makes_a_second_version_with_its_reason(campaign: CampaignWorld, desk: Enter) -> None:
    campaign.answer(THREE_ITEMS)
    campaign.answer(ALL_ITEMS, of=campaign.small.other_insurer)
    hq = desk("headquarters")
    path = f"/campaigns/{campaign.campaign_id}/publication"

    send_periods(hq, campaign, JULY)
    hq.submit(path, {"as_of": "2023-07-04", "reason": ""})
    send_periods(hq, campaign, JULY.replace("7279,4", "7279,5"))
    refused = hq.submit(path, {"as_of": "2023-08-08", "reason": ""})
    hq.submit(path, {"as_of": "2023-08-08", "reason": "ログの全件確認で1件追加"})

    assert refused.status_code == 422
    assert 'id="error-reason"' in refused.text
    shown = hq.get(f"{path}/2").text
    assert "ログの全件確認で1件追加" in shown
    assert "期間・計・閲覧件数" in shown
    assert "7,372" in shown
    with campaign.work("ministry_viewer") as work:
        first, second = work.publications.versions(campaign.campaign_id)
    assert (first.publication.figures["period/total/viewed"], second.publication.figures["period/total/viewed"]) == (
        9,
        10,
    )
    assert first.publication.figures["class/unanswered/bodies"] == 1


def test_periods_that_overlap_are_refused_and_the_kept_ones_stay(campaign: CampaignWorld, desk: Enter) -> None:
    hq = desk("headquarters")
    send_periods(hq, campaign, JULY)

    shown = send_periods(hq, campaign, PERIODS + "2021-10-01,2021-12-31,1,0,,\r\n2021-12-01,2022-01-31,1,0,,\r\n")

    assert shown.status_code == 422
    with campaign.work("headquarters") as work:
        tables = work.publications.tables(campaign.campaign_id)
    assert tables.periods is not None
    assert tables.periods.wrong == 7_372


def test_nothing_new_is_no_version_and_a_day_never_goes_back(campaign: CampaignWorld) -> None:
    with campaign.work("headquarters") as work:
        work.publications.publish(campaign.campaign_id, as_of=date(2023, 7, 4), reason="")
        with pytest.raises(ConflictError):
            work.publications.publish(campaign.campaign_id, as_of=date(2023, 7, 4), reason="")
        with pytest.raises(UsageError):
            work.publications.publish(campaign.campaign_id, as_of=date(2023, 7, 3), reason="x")


@pytest.mark.seed("S71", "S93")
def test_a_version_is_had_as_html_csv_and_pdf_by_everybody(campaign: CampaignWorld, desk: Enter) -> None:
    campaign.answer(THREE_ITEMS)
    send_periods(desk("headquarters"), campaign, JULY)
    with campaign.work("headquarters") as work:
        work.publications.publish(campaign.campaign_id, as_of=date(2023, 7, 4), reason="")
    insurer = desk("insurer_clerk")
    path = f"/campaigns/{campaign.campaign_id}/publication/1"

    html = insurer.get(f"{path}/published.html")
    archive = zipfile.ZipFile(io.BytesIO(insurer.get(f"{path}/published.zip").content))
    pdfs = [insurer.get(f"{path}/pdf/{table}") for table in ("classes", "periods")]

    assert "紐付け点検の公表資料" in html.text
    assert archive.namelist() == ["classes.csv", "periods.csv"]
    assert "7372" in archive.read("periods.csv").decode("utf-8-sig")
    assert all(pdf.content.startswith(b"%PDF") for pdf in pdfs)
    assert insurer.get(f"{path}/pdf/schemes").status_code == 400
    assert insurer.get(f"/campaigns/{campaign.campaign_id}/publication/2").status_code == 404


def test_a_body_publishes_nothing(campaign: CampaignWorld, desk: Enter) -> None:
    path = f"/campaigns/{campaign.campaign_id}/publication"

    assert desk("insurer_supervisor").submit(path, {"as_of": "2023-07-04"}).status_code == 403
    assert desk("ministry_viewer").submit(path, {"as_of": "2023-07-04"}).status_code == 403


@pytest.mark.seed("S90", "S110")
def test_programs_get_progress_and_the_bodies_that_are_missing(campaign: CampaignWorld, desk: Enter) -> None:
    campaign.answer(THREE_ITEMS)
    path = f"/api/v1/campaigns/{campaign.campaign_id}"

    nation = desk("headquarters").get(f"{path}/progress").json()["groups"][0]
    missing = desk("ministry_viewer").get(f"{path}/bodies?progress=missing").json()
    own = desk("insurer_clerk")

    assert (nation["bodies"], nation["answered"], nation["must_inspect"]) == (3, 1, 1)
    assert (missing["total"], [one["code"] for one in missing["bodies"]]) == (2, ["06279998", "139991"])
    assert own.get(f"{path}/bodies").status_code == 403
    assert own.get(f"{path}/progress").json()["groups"][0]["bodies"] == 1
    assert own.get("/api/v1/campaigns").json()["campaigns"][0]["requested_on"] == "2023-06-21"
