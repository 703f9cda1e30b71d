"""What waits in open campaigns, on the start page of each role."""

from __future__ import annotations

from collections.abc import Sequence

from himozuke.campaign.inspections import FindingFilter
from himozuke.campaign.model import Campaign, Scope, Stage
from himozuke.entrypoints.web.areas import Task
from himozuke.entrypoints.web.campaign.campaign_roles import EVERYBODY_HERE, NATION
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What waits in open campaigns for this role."""
    role = work.actor.role
    if role not in EVERYBODY_HERE:
        return ()
    campaigns = [one for one in work.campaigns.list_campaigns() if one.is_open]
    found: list[Task] = []
    for campaign in campaigns[:3]:
        found += _nation_tasks(work, campaign) if role in NATION else _body_tasks(work, campaign)
    return found


def _nation_tasks(work: OfficeWork, campaign: Campaign) -> list[Task]:
    groups = work.campaigns.groups(campaign.campaign_id)
    if not groups:
        return []
    nation, path = groups[0], f"/campaigns/{campaign.campaign_id}/bodies"
    missing, waiting = nation.bodies - nation.answered, nation.must_inspect - nation.inspected
    found = []
    if missing:
        note, is_late = _note(campaign, Stage.SURVEY, work)
        name = Said("未回答の団体", "Bodies without an answer")
        found.append(Task(f"{path}?progress=missing", name, missing, is_late, note))
    if waiting:
        note, is_late = _note(campaign, Stage.INSPECTION, work)
        name = Said("点検が済んでいない団体", "Bodies that have not inspected")
        found.append(Task(f"{path}?progress=not_inspected", name, waiting, is_late, note))
    return found


def _body_tasks(work: OfficeWork, campaign: Campaign) -> list[Task]:
    path = f"/campaigns/{campaign.campaign_id}"
    surveys = work.campaigns.surveys(campaign.campaign_id)
    if not surveys:
        return []
    unanswered = sum(one.decision is None for one in surveys)
    found = []
    if unanswered:
        note, is_late = _note(campaign, Stage.SURVEY, work)
        found.append(Task(path, Said("答えていない調査票", "Surveys to answer"), unanswered, is_late, note))
    runs = work.inspections.runs(campaign.campaign_id)
    found += [
        Task(
            f"/inspections/{run.run_id}",
            Said("点検を実行中", "Inspection under way"),
            note=Said(run.file_name, run.file_name),
        )
        for run in runs
        if run.is_open
    ]
    done = {one.scheme for one in runs if one.figures}
    if any(one.decision and one.decision.scope is not Scope.NONE and one.survey.scheme not in done for one in surveys):
        note, is_late = _note(campaign, Stage.INSPECTION, work)
        name = Said("点検するファイルを送る", "Send up a file to inspect")
        found.append(Task(f"{path}/files", name, None, is_late, note))
    waiting = work.inspections.waiting(runs)
    if waiting:
        name = Said("案件のない要確認の紐付け", "Links to ask about without a case")
        found.append(Task(path, name, waiting, note=Said(campaign.name_ja, campaign.name_en or campaign.name_ja)))
    return found


def without_case(work: OfficeWork, run_id: int) -> int:
    """How many links to ask about of a run have neither a case nor an answer."""
    _, waiting = work.inspections.findings(run_id, FindingFilter(action="ask", answered="open"), limit=1)
    return waiting


def _note(campaign: Campaign, stage: Stage, work: OfficeWork) -> tuple[Said, bool]:
    """The campaign's name beside a task, and whether the stage's last day has passed."""
    is_late = _is_late(campaign, stage, work)
    name_en = campaign.name_en or campaign.name_ja
    if is_late:
        return Said(f"期限超過（{campaign.name_ja}）", f"overdue ({name_en})"), True
    return Said(campaign.name_ja, name_en), False


def _is_late(campaign: Campaign, stage: Stage, work: OfficeWork) -> bool:
    due_on = campaign.due_on(stage)
    return due_on is not None and work.clock.today() > due_on
