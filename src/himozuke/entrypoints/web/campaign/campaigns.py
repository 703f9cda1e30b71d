"""The desk of a campaign: opening one, seeing how far everybody is, and what a body has to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response

from himozuke.campaign import words
from himozuke.campaign.decide import stage_state
from himozuke.campaign.model import (
    Campaign,
    GroupProgress,
    HeldSurvey,
    InspectionRun,
    Report,
    ReportKind,
    Scope,
    Stage,
    StageDue,
)
from himozuke.campaign.service import BodyFilter, FaultyFormError, Invitation
from himozuke.entrypoints.web.areas import NavEntry
from himozuke.entrypoints.web.campaign.campaign_roles import BODY, EVERYBODY_HERE, HEADQUARTERS, NATION
from himozuke.entrypoints.web.campaign.campaign_tasks import without_case
from himozuke.entrypoints.web.campaign.faults import show_faults
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said, refused_file
from himozuke.errors import InputRejectedError
from himozuke.gateways.results.survey_sheet import read_invitations

ON_A_PAGE = 50

NAV = (NavEntry("/campaigns", Said("一斉点検", "Inspection campaigns"), EVERYBODY_HERE),)
_STATES = ("missing", "answered", "must_inspect", "not_inspected")
_DONE_BY_REPORT = {
    Stage.STATUS_REPORT: ReportKind.STATUS,
    Stage.INTERIM_REPORT: ReportKind.INTERIM,
    Stage.RESULT_REPORT: ReportKind.RESULT,
}


def page_count(rows: int, on_a_page: int = ON_A_PAGE) -> int:
    """How many pages so many rows fill."""
    return max(1, -(-rows // on_a_page))


@page("/campaigns", roles=EVERYBODY_HERE)
def show_campaigns(desk: Desk) -> Response[Any]:
    """Every campaign, the youngest first; where there is one only, a body goes straight to it."""
    with desk.work() as work:
        found = work.campaigns.list_campaigns()
    if len(found) == 1 and desk.role in BODY:
        return desk.redirect(f"/campaigns/{found[0].campaign_id}")
    return desk.render("campaign/list.html", campaigns=found, may_open=desk.role in HEADQUARTERS)


@page("/campaigns/new", roles=HEADQUARTERS)
def new_campaign(desk: Desk) -> Response[Any]:
    """The form of a new campaign, due days as the rules know them."""
    with desk.work() as work:
        today = work.clock.today()
        proposed = work.campaigns.proposed_stages(today)
    values = {f"stages-{one.stage}": one.due_on.isoformat() for one in proposed}
    return _campaign_form(desk, Form.of(requested_on=today.isoformat(), **values))


@form_post("/campaigns/new", roles=HEADQUARTERS)
def open_campaign(desk: Desk, form: Form) -> Response[Any]:
    """Open a campaign."""
    name_ja = form.text("name_ja", label=Said("名称", "Name"), most=100)
    name_en = form.text("name_en", most=100)
    requested_on = form.day("requested_on", label=Said("依頼日", "Day of the request"))
    days = [(stage, form.day(f"stages-{stage}")) for stage in Stage]
    if form.errors or requested_on is None:
        return _campaign_form(desk, form)
    stages = tuple(StageDue(stage, day) for stage, day in days if day)
    try:
        with desk.work() as work:
            campaign_id = work.campaigns.open_campaign(
                name_ja=name_ja, name_en=name_en, requested_on=requested_on, stages=stages
            )
    except FaultyFormError as error:
        show_faults(form, error)
        return _campaign_form(desk, form)
    return desk.redirect(f"/campaigns/{campaign_id}/invite", notice="saved")


@page("/campaigns/{campaign_id:int}", roles=EVERYBODY_HERE)
def show_campaign(desk: Desk, campaign_id: int) -> Response[Any]:
    """How far the nation is, or what the visitor's own body has to do."""
    if desk.role in NATION:
        return _nation_page(desk, campaign_id)
    return _body_page(desk, campaign_id)


@page("/campaigns/{campaign_id:int}/close", roles=HEADQUARTERS)
def ask_to_close(desk: Desk, campaign_id: int) -> Response[Any]:
    """Ask once more before a campaign is closed: nothing is answered or reported afterwards."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
    return desk.render("campaign/close.html", campaign=campaign)


@form_post("/campaigns/{campaign_id:int}/close", roles=HEADQUARTERS)
def close_campaign(desk: Desk, campaign_id: int) -> Response[Any]:
    """Close a campaign."""
    with desk.work() as work:
        work.campaigns.close(campaign_id)
    return desk.redirect(f"/campaigns/{campaign_id}", notice="saved")


@page("/campaigns/{campaign_id:int}/invite", roles=HEADQUARTERS)
def show_invite(desk: Desk, campaign_id: int) -> Response[Any]:
    """Whom to ask: all bodies of a kind, or those of a CSV."""
    return invite_page(desk, campaign_id, Form())


@form_post("/campaigns/{campaign_id:int}/invite", roles=HEADQUARTERS)
def invite(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Ask bodies to answer; a body is never asked twice for the same scheme."""
    invitations: list[Invitation] = []
    upload = form.uploads.get("bodies")
    faults: Sequence[Any] = ()
    if upload:
        try:
            invitations, faults = read_invitations(upload.name, upload.file.read())
        except InputRejectedError as error:
            form.errors["bodies"] = refused_file(error)
    else:
        form.wrong("bodies", "ファイルを選んでください。", "Choose a file.")
    if form.errors:
        return invite_page(desk, campaign_id, form)
    with desk.work() as work:
        added, unknown = work.campaigns.invite(campaign_id, invitations)
    return invite_page(desk, campaign_id, form, added=added, unknown=unknown, faults=faults)


@page("/campaigns/{campaign_id:int}/bodies", roles=NATION)
def show_bodies(
    desk: Desk,
    campaign_id: int,
    progress: str = "",
    process_class: str = "",
    ministry: str = "",
    q: str = "",
    missing_report: str = "",
    page: int = 1,
) -> Response[Any]:
    """The bodies of a campaign, filtered, a page at a time."""
    chosen = BodyFilter(
        state=progress if progress in _STATES else "",
        process_class=int(process_class) if process_class in {"1", "2", "3"} else None,
        ministry=ministry,
        text=q.strip(),
        missing_report=ReportKind(missing_report) if missing_report in set(ReportKind) else None,
    )
    number = max(1, page)
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        bodies, matching = work.campaigns.bodies(campaign_id, chosen, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        ministries = [one.name for one in work.campaigns.groups(campaign_id) if one.name]
    given = {
        "progress": progress,
        "process_class": process_class,
        "ministry": ministry,
        "q": q,
        "missing_report": missing_report,
    }
    return desk.render(
        "campaign/bodies.html",
        form=Form.of(**given),
        campaign=campaign,
        bodies=bodies,
        matching=matching,
        page=number,
        pages=page_count(matching),
        ministries=ministries,
        kinds=list(ReportKind),
        scopes={scope: words.short("inspection_scope", scope, desk.language) for scope in Scope},
        href=_query(f"/campaigns/{campaign_id}/bodies", given),
    )


@page("/campaigns/{campaign_id:int}/bodies/{organisation_id:int}", roles=NATION)
def show_body(desk: Desk, campaign_id: int, organisation_id: int) -> Response[Any]:
    """The answers, figures and reports of one body; never a row about a person."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        surveys = work.campaigns.surveys(campaign_id, organisation_id=organisation_id)
        reports = work.campaigns.reports(campaign_id, organisation_id=organisation_id)
        runs = [
            one
            for one in work.inspections.runs(campaign_id, of_all=True, limit=500)
            if one.organisation_id == organisation_id
        ]
    return desk.render(
        "campaign/body.html",
        campaign=campaign,
        name=surveys[0].body_name if surveys else "",
        code=surveys[0].body if surveys else "",
        surveys=surveys,
        reports=reports,
        runs=runs,
        schemes=desk.scheme_names,
    )


def _campaign_form(desk: Desk, form: Form) -> Response[Any]:
    return desk.render("campaign/new.html", form=form, stages=list(Stage))


def invite_page(
    desk: Desk,
    campaign_id: int,
    form: Form,
    *,
    added: int | None = None,
    unknown: Sequence[str] = (),
    faults: Sequence[Any] = (),
) -> Response[Any]:
    """The page on which bodies are asked, with what became of a file of them."""
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
    return desk.render(
        "campaign/invite.html",
        form=form,
        campaign=campaign,
        added=added,
        unknown=unknown,
        faults=faults,
        schemes=sorted(desk.scheme_names.items()),
    )


def _nation_page(desk: Desk, campaign_id: int) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        groups = work.campaigns.groups(campaign_id)
        versions = work.publications.versions(campaign_id)
        today = work.clock.today()
    nation = groups[0] if groups else None
    return desk.render(
        "campaign/nation.html",
        campaign=campaign,
        nation=nation,
        groups=groups[1:],
        stages=_stages(campaign, today, nation, is_published=bool(versions)),
        kinds=list(ReportKind),
        last_version=versions[-1].publication.version if versions else None,
        is_headquarters=desk.role in HEADQUARTERS,
        today=today,
    )


def _stages(
    campaign: Campaign,
    today: date,
    nation: GroupProgress | None,
    *,
    is_published: bool,
) -> list[tuple[StageDue, str]]:
    return [
        (one, stage_state(one.due_on, today, is_done=_is_done(one.stage, nation, is_published=is_published)))
        for one in campaign.stages
    ]


def _is_done(stage: Stage, nation: GroupProgress | None, *, is_published: bool) -> bool:
    if nation is None or not nation.bodies:
        return False
    if stage is Stage.SURVEY:
        return nation.answered == nation.bodies
    if stage is Stage.INSPECTION:
        return nation.answered == nation.bodies and nation.inspected == nation.must_inspect
    if stage in _DONE_BY_REPORT:
        return nation.reported.get(_DONE_BY_REPORT[stage], 0) == nation.bodies
    if stage in (Stage.CORRECTION, Stage.LEAK_CHECK):  # every body has said how many it found, mended, and saw viewed
        is_told = nation.reported.get(ReportKind.RESULT, 0) == nation.bodies
        return is_told and (stage is Stage.LEAK_CHECK or nation.corrected == nation.confirmed_wrong)
    return stage is Stage.PUBLICATION and is_published


def _body_page(desk: Desk, campaign_id: int) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        surveys = work.campaigns.surveys(campaign_id)
        runs = work.inspections.runs(campaign_id, limit=10)
        reports = work.campaigns.reports(campaign_id)
        waiting = {one.run_id: without_case(work, one.run_id) for one in runs if one.figures}
        today = work.clock.today()
    names = desk.scheme_names
    return desk.render(
        "campaign/own.html",
        campaign=campaign,
        surveys=surveys,
        runs=runs,
        reports=reports,
        schemes=names,
        work_list=[(one, _work_of(desk, campaign, one, runs, reports, waiting)) for one in surveys],
        today=today,
    )


def _work_of(
    desk: Desk,
    campaign: Campaign,
    held: HeldSurvey,
    runs: Sequence[InspectionRun],
    reports: Sequence[Report],
    waiting: Mapping[int, int],
) -> list[tuple[str, str, str, str]]:
    """The task list of one survey: name, address, state, note."""
    path, scheme = f"/campaigns/{campaign.campaign_id}", held.survey.scheme
    own_runs = [one for one in runs if one.scheme == scheme]
    is_answered = held.decision is not None
    scope = held.decision.scope if held.decision else None
    lang = desk.language
    done = next((one for one in own_runs if one.figures), None)
    listed = [
        (
            desk.say("調査票に答える", "Answer the survey"),
            f"{path}/survey/{scheme}",
            "done" if is_answered else "todo",
            _due(desk, campaign, Stage.SURVEY),
        ),
        (
            desk.say("紐付けファイルを送って点検する", "Send up the file of links and inspect it"),
            f"{path}/files?scheme={scheme}",
            _inspection_state(own_runs, is_answered=is_answered),
            words.label("inspection_scope", scope, lang) if scope else "",
        ),
        (
            desk.say("確認が必要な紐付けを調べる", "Look into the links to ask about"),
            f"/inspections/{done.run_id}/review" if done else "",
            "blocked" if done is None else ("todo" if waiting[done.run_id] else "done"),
            desk.say(f"{done.figures.get('to_ask', 0):,}件", f"{done.figures.get('to_ask', 0):,} links")
            if done
            else "",
        ),
    ]
    for kind in (ReportKind.STATUS, ReportKind.MONTH, ReportKind.INTERIM, ReportKind.RESULT):
        last = next((one for one in reports if one.scheme == scheme and one.kind is kind), None)
        stage = next((stage for stage, of in _DONE_BY_REPORT.items() if of is kind), None)
        listed.append(
            (
                words.label("campaign_report", kind, lang),
                f"{path}/report/{scheme}/{kind}",
                "done" if last else ("todo" if is_answered else "blocked"),
                _due(desk, campaign, stage) if stage else "",
            )
        )
    return listed


def _inspection_state(runs: Sequence[InspectionRun], *, is_answered: bool) -> str:
    if any(one.is_open for one in runs):
        return "doing"
    if any(one.figures for one in runs):
        return "done"
    return "todo" if is_answered else "blocked"


def _due(desk: Desk, campaign: Campaign, stage: Stage) -> str:
    from himozuke.entrypoints.web.rendering import day

    due_on = campaign.due_on(stage)
    return desk.say(f"期限 {day(due_on, 'ja')}", f"due {day(due_on, 'en')}") if due_on else ""


def _query(path: str, given: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    chosen = {name: value for name, value in given.items() if value}
    return f"{path}?{urlencode(chosen)}" if chosen else path


HANDLERS = (
    show_campaigns,
    new_campaign,
    open_campaign,
    show_campaign,
    ask_to_close,
    close_campaign,
    show_invite,
    invite,
    show_bodies,
    show_body,
)
