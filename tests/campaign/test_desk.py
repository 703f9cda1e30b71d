"""The campaign on the desk: what each role sees and does."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from campaign_world import ALL_ITEMS, INSURER, OTHER, THREE_ITEMS, CampaignWorld, load_register
from factories import World

from himozuke.campaign.inspections import FindingFilter
from himozuke.campaign.model import RunState
from himozuke.campaign.service import BodyFilter
from himozuke.entrypoints.jobs.inspection import inspect_run
from himozuke.entrypoints.wiring import Office

pytest_plugins = ("campaign_fixtures",)

Enter = Callable[..., Any]

ANSWERS = {
    "lines": "1",
    "number_required": "yes",
    "without_number": "jlis",
    "inquiry_items": ["kana_name", "birth_date", "sex"],
    "lines-0-method": "jlis",
    "lines-0-three_items": "yes",
    "lines-0-any_of_several": "no",
    "lines-0-other_wrong": "no",
}


@pytest.fixture
def wired(settled: Office) -> Office:
    """The desk of these tests keeps files in the folder of the test."""
    return settled


def links_file(world: World) -> bytes:
    names = list(dict.fromkeys(name for row in world.links for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(world.links)
    text.write("X9,not enough\r\n")
    return text.getvalue().encode()


@pytest.fixture
def inspected(campaign: CampaignWorld, namesake_world: World, desk: Enter, tmp_path: Path) -> int:
    """A finished inspection of the first insurer: a namesake, somebody right, somebody who moved, a broken row."""
    load_register(campaign.office, namesake_world.register, tmp_path)
    campaign.answer(THREE_ITEMS)
    sent = desk("insurer_supervisor").submit(
        f"/campaigns/{campaign.campaign_id}/files",
        {"scheme": "health_insurance"},
        files={"links": ("links.csv", links_file(namesake_world), "text/csv")},
    )
    run_id = int(str(sent.url).rsplit("/", 1)[1])
    assert inspect_run(campaign.office, run_id) is RunState.DONE
    return run_id


@pytest.mark.seed("S52", "S93")
def test_headquarters_opens_a_campaign_with_stages_and_due_days(desk: Enter) -> None:
    fields = {"name_ja": "総点検", "requested_on": "令和5年6月21日", "stages-interim_report": "R5.8.31"}

    shown = desk("headquarters").submit("/campaigns/new", {**fields, "stages-publication": "2023-11-30"})

    assert shown.status_code == 200
    assert "総点検" in shown.text
    assert "令和5年8月31日" in desk("headquarters").get("/campaigns/1").text


def test_a_due_day_after_the_publication_is_told_at_its_field(desk: Enter) -> None:
    fields = {"name_ja": "総点検", "requested_on": "2023-06-21", "stages-correction": "2024-01-01"}

    shown = desk("headquarters").submit("/campaigns/new", {**fields, "stages-publication": "2023-11-30"})

    assert shown.status_code == 422
    assert 'id="error-stages-correction"' in shown.text
    assert "2024-01-01" in shown.text


@pytest.mark.seed("S72", "S91", "S92")
def test_a_body_that_inquired_with_three_items_must_inspect_all_data_and_sees_the_rule(
    campaign: CampaignWorld, desk: Enter
) -> None:
    shown = desk("insurer_supervisor").submit(f"/campaigns/{campaign.campaign_id}/survey/health_insurance", ANSWERS)

    assert shown.status_code == 200
    assert "① 基本的な留意事項に沿わない取得があった" in shown.text
    assert "全データを点検" in shown.text
    assert "表の1行目" in shown.text
    assert "根拠 3種類以下の情報でJ-LIS照会した場合などは全個別データを総点検" in shown.text


def test_a_survey_says_what_is_missing_and_keeps_what_was_typed(campaign: CampaignWorld, desk: Enter) -> None:
    given = {**ANSWERS, "number_required": "", "lines-0-since": "令和5年13月1日"}

    shown = desk("insurer_supervisor").submit(f"/campaigns/{campaign.campaign_id}/survey/health_insurance", given)

    assert shown.status_code == 422
    assert 'id="error-lines-0-since"' in shown.text
    assert "令和5年13月1日" in shown.text


def test_each_line_of_the_summary_names_its_field(campaign: CampaignWorld, desk: Enter) -> None:
    shown = desk("insurer_supervisor").submit(f"/campaigns/{campaign.campaign_id}/survey/health_insurance", {})

    summary = shown.text.split('id="error-summary"')[1].split("</ul>")[0]
    assert "① 番号の記載の義務づけ：選んでください" in summary
    assert ">選んでください。<" not in summary


def test_a_survey_given_out_in_error_is_taken_back_until_it_is_answered(campaign: CampaignWorld, desk: Enter) -> None:
    path = f"/campaigns/{campaign.campaign_id}/withdrawal"
    asked = {"body": INSURER, "scheme": "health_insurance", "reason": "誤って配布した"}
    headquarters = desk("headquarters")
    campaign.answer(ALL_ITEMS)

    answered = headquarters.submit(path, asked)
    without_reason = headquarters.submit(path, {**asked, "body": OTHER, "reason": ""})
    taken_back = headquarters.submit(path, {**asked, "body": OTHER})
    again = headquarters.submit(path, {**asked, "body": OTHER})

    assert (answered.status_code, without_reason.status_code, again.status_code) == (422, 422, 422)
    assert "すでに回答された調査票は取り下げられません" in answered.text
    assert "配っていません" in again.text
    assert taken_back.status_code == 200
    with campaign.work("headquarters") as work:
        bodies, _ = work.campaigns.bodies(campaign.campaign_id, BodyFilter())
    assert OTHER not in {one.code for one in bodies}
    assert desk("insurer_supervisor").submit(path, asked).status_code == 403


def test_another_way_is_added_without_losing_answers(campaign: CampaignWorld, desk: Enter) -> None:
    path = f"/campaigns/{campaign.campaign_id}/survey/health_insurance"

    shown = desk("insurer_supervisor").submit(path, {**ANSWERS, "act": "add"})

    assert 'name="lines-1-three_items"' in shown.text
    assert 'value="jlis" checked' in shown.text


@pytest.mark.seed("S91")
def test_a_sheet_is_taken_line_by_line_and_bad_lines_are_told(campaign: CampaignWorld, desk: Enter) -> None:
    supervisor = desk("insurer_supervisor")
    path = f"/campaigns/{campaign.campaign_id}/sheet"
    header = supervisor.get(f"{path}.csv").content.decode("utf-8-sig").splitlines()[0]
    good = f"{INSURER},,health_insurance,義務がある,J-LISへ照会する,カナ氏名|生年月日|性別,いいえ,J-LIS照会,,,いいえ,確認できない,いいえ,いいえ,"
    bad = (
        f"{OTHER},,health_insurance,義務がある,J-LISへ照会する,カナ氏名,いいえ,J-LIS照会,,,いいえ,いいえ,たぶん,いいえ,"
    )
    sheet = f"{header}\r\n{good}\r\n{bad}".encode("cp932")

    shown = supervisor.submit(path, files={"sheet": ("調査票.csv", sheet, "text/csv")})

    assert shown.status_code == 422
    assert "受け付けた調査票：1 件" in shown.text
    assert "たぶん" in shown.text
    with campaign.work("insurer_supervisor") as work:
        held = work.campaigns.survey(campaign.campaign_id, "health_insurance")
    assert held.decision is not None
    assert held.decision.process_class == 2


@pytest.mark.seed("S90", "S110")
def test_headquarters_sees_every_body_and_which_have_not_answered(campaign: CampaignWorld, desk: Enter) -> None:
    campaign.answer(ALL_ITEMS)

    nation = desk("headquarters").get(f"/campaigns/{campaign.campaign_id}").text
    missing = desk("ministry_viewer").get(f"/campaigns/{campaign.campaign_id}/bodies?progress=missing").text

    assert "未回答の団体が 2 団体あります" in nation
    assert "べつの健康保険組合" in missing
    assert "ひもづけ健康保険組合" not in missing.split("<main")[1]


@pytest.mark.seed("S90")
def test_a_body_sees_itself_only_and_no_page_of_the_nation(campaign: CampaignWorld, desk: Enter) -> None:
    insurer = desk("insurer_supervisor")

    assert insurer.get(f"/campaigns/{campaign.campaign_id}/bodies").status_code == 403
    assert insurer.get(f"/campaigns/{campaign.campaign_id}/publication").status_code == 200
    assert "べつの健康保険組合" not in insurer.get(f"/campaigns/{campaign.campaign_id}").text


@pytest.mark.seed("S92", "S93")
def test_an_upload_is_inspected_and_its_funnel_stands_on_the_desk(
    inspected: int, desk: Enter, namesake_world: World
) -> None:
    shown = desk("insurer_clerk").get(f"/inspections/{inspected}").text

    assert "本人等への確認が必要" in shown
    assert "読み取れず保留した行" in shown
    assert "<svg" in shown
    rows = desk("insurer_clerk").get(f"/inspections/{inspected}/quarantine").text
    assert f"{len(namesake_world.links) + 2}" in rows


def test_the_review_list_masks_numbers_and_marks_what_differs(
    inspected: int, desk: Enter, namesake_world: World
) -> None:
    clerk = desk("insurer_clerk")

    listed = clerk.get(f"/inspections/{inspected}/review").text
    finding = clerk.get("/findings/1").text

    assert "L1" in listed
    assert "L2" not in listed
    assert "<mark>" in finding
    for person in namesake_world.register:
        assert person["individual_number"] not in listed + finding


@pytest.mark.seed("S76", "S93")
def test_one_click_opens_cases_for_the_links_to_ask_about_and_twice_opens_none_twice(
    inspected: int, campaign: CampaignWorld, desk: Enter
) -> None:
    clerk = desk("insurer_clerk")

    clerk.submit(f"/inspections/{inspected}/cases")
    clerk.submit(f"/inspections/{inspected}/cases")

    with campaign.small.system_work() as work:
        cases = work.connection.execute("SELECT restriction, verdict, origin FROM incident_case").fetchall()
    assert cases == [{"restriction": "ALL", "verdict": "REFUTED", "origin": "inspection"}]


@pytest.mark.seed("S93")
def test_a_file_that_is_inspected_again_finds_its_cases_and_counts_each_link_once(
    inspected: int, campaign: CampaignWorld, desk: Enter
) -> None:
    clerk = desk("insurer_clerk")
    with campaign.work("insurer_clerk") as work:
        again = work.inspections.again(inspected)
    assert inspect_run(campaign.office, again) is RunState.DONE
    with campaign.work("insurer_clerk") as work:
        waiting = work.inspections.waiting(work.inspections.runs(campaign.campaign_id))
        _, of_one = work.inspections.findings(again, FindingFilter(action="ask", answered="open"), limit=1)
    assert waiting == of_one > 0

    clerk.submit(f"/inspections/{inspected}/cases")

    assert "の案件がまだありません" not in clerk.get(f"/inspections/{again}").text
    assert "案件のない要確認の紐付け" not in clerk.get("/").text
    with campaign.work("insurer_clerk") as work:
        work.inspections.open_cases(again, summary="再点検")
        row = work.connection.execute("SELECT count(*) AS cases FROM incident_case").fetchone()
    assert row == {"cases": of_one}


def test_what_was_found_out_is_fed_back_into_the_next_inspection(
    inspected: int, campaign: CampaignWorld, desk: Enter
) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/findings/1", {"answer": "right", "reason": "届出の原本で確認した"})

    again = clerk.submit(f"/inspections/{inspected}/again")
    run_id = int(str(again.url).rsplit("/", 1)[1])
    inspect_run(campaign.office, run_id)

    with campaign.work("insurer_clerk") as work:
        assert work.inspections.run(inspected).figures["to_ask"] == 1
        assert work.inspections.run(run_id).figures["to_ask"] == 0


def test_an_answer_needs_its_reason(inspected: int, desk: Enter) -> None:
    assert inspected
    shown = desk("insurer_clerk").submit("/findings/1", {"answer": "wrong", "reason": ""})

    assert shown.status_code == 422
    assert 'id="error-reason"' in shown.text


def test_results_are_downloaded_by_their_own_body_only(inspected: int, campaign: CampaignWorld, desk: Enter) -> None:
    own = desk("insurer_clerk")
    stranger = desk("insurer_clerk", of=campaign.small.other_insurer)

    for name in ("report.html", "corrections.csv", "review.csv", "quarantine.csv"):
        found = own.get(f"/inspections/{inspected}/files/{name}")
        assert found.status_code == 200
        assert "attachment" in found.headers["content-disposition"]
        assert stranger.get(f"/inspections/{inspected}/files/{name}").status_code == 404
    assert own.get(f"/inspections/{inspected}/files/manifest.json").status_code == 404


@pytest.mark.seed("S90")
def test_the_nation_sees_figures_of_an_inspection_and_never_a_person(
    inspected: int, desk: Enter, namesake_world: World
) -> None:
    for role in ("headquarters", "ministry_viewer"):
        visitor = desk(role)
        shown = visitor.get(f"/inspections/{inspected}").text
        assert "本人等への確認が必要" in shown
        assert visitor.get(f"/inspections/{inspected}/review").status_code == 403
        assert visitor.get("/findings/1").status_code == 403
        for person in namesake_world.register:
            assert person["kanji_name"] not in shown


def test_another_insurer_finds_nothing_of_an_inspection(inspected: int, campaign: CampaignWorld, desk: Enter) -> None:
    stranger = desk("insurer_clerk", of=campaign.small.other_insurer)

    for path in (f"/inspections/{inspected}", f"/inspections/{inspected}/review", "/findings/1"):
        assert stranger.get(path).status_code == 404


def test_a_file_that_is_no_table_of_links_ends_as_refused_and_says_why(
    campaign: CampaignWorld, namesake_world: World, desk: Enter, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)
    clerk = desk("insurer_clerk")
    path = f"/campaigns/{campaign.campaign_id}/files"
    sent = clerk.submit(
        path, {"scheme": "health_insurance"}, files={"links": ("memo.csv", "一,二\r\n三,四\r\n".encode(), "text/csv")}
    )
    run_id = int(str(sent.url).rsplit("/", 1)[1])

    assert inspect_run(campaign.office, run_id) is RunState.REFUSED
    assert "ファイルを読み取れませんでした" in clerk.get(f"/inspections/{run_id}").text


def test_a_picture_is_refused_at_once(
    campaign: CampaignWorld, namesake_world: World, desk: Enter, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)

    shown = desk("insurer_clerk").submit(
        f"/campaigns/{campaign.campaign_id}/files",
        {"scheme": "health_insurance"},
        files={"links": ("写真.png", b"\x89PNG", "image/png")},
    )

    assert shown.status_code == 422
    assert 'id="error-links"' in shown.text


@pytest.mark.seed("S52", "S93", "S109")
def test_a_report_starts_from_the_inspection_and_each_revision_is_a_version(
    inspected: int, campaign: CampaignWorld, desk: Enter
) -> None:
    supervisor = desk("insurer_supervisor")
    path = f"/campaigns/{campaign.campaign_id}/report/health_insurance/interim"
    figures = {
        "in_scope": "4",
        "inspected": "3",
        "to_ask": "1",
        "confirmed_wrong": "1",
        "corrected": "0",
        "viewed": "1",
    }

    assert inspected
    assert 'name="inspected" type="text" value="3"' in supervisor.get(path).text
    supervisor.submit(path, figures)
    supervisor.submit(path, {**figures, "corrected": "1"})

    with campaign.work("headquarters") as work:
        reports = work.campaigns.reports(campaign.campaign_id, organisation_id=campaign.small.insurer)
        nation = work.campaigns.groups(campaign.campaign_id)[0]
    assert [one.version for one in reports] == [2, 1]
    assert reports[0].figures.corrected == 1
    assert (nation.reported, nation.confirmed_wrong, nation.viewed) == ({"interim": 1}, 1, 1)


def test_a_report_that_contradicts_itself_is_told(campaign: CampaignWorld, desk: Enter) -> None:
    path = f"/campaigns/{campaign.campaign_id}/report/health_insurance/status"
    figures = {
        "in_scope": "1",
        "inspected": "2",
        "to_ask": "0",
        "confirmed_wrong": "0",
        "corrected": "0",
        "viewed": "0",
    }

    shown = desk("insurer_supervisor").submit(path, figures)

    assert shown.status_code == 422
    assert 'id="error-inspected"' in shown.text


def test_a_month_that_has_not_come_is_not_reported(campaign: CampaignWorld, desk: Enter) -> None:
    campaign.answer(THREE_ITEMS)
    figures = dict.fromkeys(("in_scope", "inspected", "to_ask", "confirmed_wrong", "corrected", "viewed"), "0")

    page = desk("insurer_supervisor").submit(
        f"/campaigns/{campaign.campaign_id}/report/health_insurance/month", {**figures, "month": "2030-01"}
    )

    assert page.status_code == 422
    assert "まだ来ていない月" in page.text


def test_a_file_of_a_header_only_says_so(
    campaign: CampaignWorld, namesake_world: World, desk: Enter, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)
    campaign.answer(THREE_ITEMS)
    header = links_file(namesake_world).split(b"\r\n", 1)[0] + b"\r\n"
    sent = desk("insurer_supervisor").submit(
        f"/campaigns/{campaign.campaign_id}/files",
        {"scheme": "health_insurance"},
        files={"links": ("links.csv", header, "text/csv")},
    )
    path = str(sent.url.path)
    assert inspect_run(campaign.office, int(path.rsplit("/", 1)[1])) is RunState.DONE

    assert "ファイルに紐付けの行がありません" in desk("insurer_supervisor").get(path).text


def test_a_clerk_prepares_but_the_supervisor_submits(campaign: CampaignWorld, desk: Enter) -> None:
    path = f"/campaigns/{campaign.campaign_id}/report/health_insurance/status"

    assert desk("insurer_clerk").get(path).status_code == 200
    assert desk("insurer_clerk").submit(path, {}).status_code == 403
