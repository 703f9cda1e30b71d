"""Inspections on the desk: files come in, runs are watched, findings are read, cases opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.response import File, Stream

from himozuke.campaign.inspections import FindingFilter, FunnelCount
from himozuke.campaign.model import Finding, RunState, Scope
from himozuke.campaign.service import FaultyFormError
from himozuke.entrypoints.web.campaign.campaign_roles import BODY, EVERYBODY_HERE
from himozuke.entrypoints.web.campaign.campaigns import page_count
from himozuke.entrypoints.web.campaign.faults import show_faults
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, fragment, page
from himozuke.entrypoints.web.said import Said, refused_file
from himozuke.errors import InputRejectedError, NotFoundError
from himozuke.gateways.report.pictures import BarChart, funnel_picture
from himozuke.gateways.results.review_hidden import hidden_review, names_protected
from himozuke.inspection import words
from himozuke.inspection.model import ACTIONS, CAUSES, ITEMS, RESTRICTIONS, Fact, FunnelStep
from himozuke.ports.protected_people import ProtectedPeople, birth_of
from himozuke.ports.protection import may_see_address
from himozuke.stores.protected_people import protected_people

MOST_BYTES_OF_A_FILE = 20 * 1024**3
_ON_A_PAGE = 25
_FILES = {
    "report.html": ("text/html; charset=utf-8", "点検報告.html"),
    "corrections.csv": ("text/csv", "補正対象.csv"),
    "review.csv": ("text/csv; charset=utf-8", "確認対象.csv"),
    "quarantine.csv": ("text/csv; charset=utf-8", "保留行.csv"),
}
_STATE_TAGS = {
    "equal": "good",
    "folded": "good",
    "variant": "good",
    "near": "warn",
    "unknown": "note",
    "missing": "off",
    "different": "bad",
}


@page("/campaigns/{campaign_id:int}/files", roles=BODY)
def show_files(desk: Desk, campaign_id: int, scheme: str = "") -> Response[Any]:
    """Where a file of links is sent up, and the inspections so far."""
    with desk.work() as work:
        work.campaigns.find(campaign_id)
    return _files_page(desk, campaign_id, Form.of(scheme=scheme or None))


@form_post("/campaigns/{campaign_id:int}/files", roles=BODY, most_bytes=MOST_BYTES_OF_A_FILE)
def send_file(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    """Keep the file and have it inspected."""
    scheme = form.choice("scheme", list(desk.scheme_names), label=Said("制度", "Scheme"))
    upload = form.uploads.get("links")
    if upload is None:
        form.wrong("links", "紐付けのファイルを選んでください。", "Choose a file of links.")
    with desk.work() as work:
        age = work.register_age
    if age is None:
        form.wrong(
            "links",
            "住民基本台帳データがまだ読み込まれていません。管理者に連絡してください。",
            "No resident register is loaded yet. Tell the administrator.",
        )
    if form.errors or upload is None or age is None:
        return _files_page(desk, campaign_id, form)
    try:
        kept = desk.office.uploads.keep(upload.file, organisation_id=desk.actor.organisation_id or 0, name=upload.name)
        with desk.work() as work:
            work.campaigns.survey(campaign_id, scheme)  # the body must have been asked
            received = work.inspections.receive(
                campaign_id,
                scheme=scheme,
                file_name=upload.name,
                stored_as=kept.stored_as,
                byte_count=kept.byte_count,
                sha256=kept.sha256,
            )
            run_id = work.inspections.start(received.upload_id, snapshot=age.as_of)
    except FaultyFormError as error:
        show_faults(form, error)
    except InputRejectedError as error:
        form.errors["links"] = refused_file(error)
    except NotFoundError:
        form.wrong("scheme", "この制度の調査票がありません。", "You were not asked about this scheme.")
    else:
        return desk.redirect(f"/inspections/{run_id}", notice="started")
    return _files_page(desk, campaign_id, form)


@page("/inspections/{run_id:int}", roles=EVERYBODY_HERE)
def show_inspection(desk: Desk, run_id: int) -> Response[Any]:
    """One inspection: its progress while it runs, its funnel and figures when it is done."""
    with desk.work() as work:
        run = work.inspections.run(run_id)
        campaign = work.campaigns.find(run.campaign_id)
        funnel = work.inspections.funnel(run_id)
        causes = work.inspections.counts_by_cause(run_id)
        waiting = 0
        if desk.role in BODY and run.state is RunState.DONE:
            _, waiting = work.inspections.findings(run_id, FindingFilter(action="ask", answered="open"), limit=1)
    return desk.render(
        "campaign/inspection.html",
        campaign=campaign,
        run=run,
        steps=funnel,
        picture=_picture(funnel),
        causes=[(_cause(desk, code), code or "-", count) for code, count in causes.items()],
        waiting=waiting,
        is_own=desk.role in BODY and run.organisation_id == desk.actor.organisation_id,
        schemes=desk.scheme_names,
        lang=desk.language,
    )


@fragment("/inspections/{run_id:int}/progress", roles=EVERYBODY_HERE)
def show_progress(desk: Desk, run_id: int) -> Response[Any]:
    """The progress of a run, asked for again and again; the whole page is shown anew when it ends."""
    with desk.work() as work:
        run = work.inspections.run(run_id)
    response = desk.render("campaign/progress.html", run=run)
    if not run.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@form_post("/inspections/{run_id:int}/cancel", roles=BODY)
def cancel_inspection(desk: Desk, run_id: int) -> Response[Any]:
    """Stop a run."""
    with desk.work() as work:
        work.inspections.cancel(run_id)
    return desk.redirect(f"/inspections/{run_id}", notice="stopped")


@form_post("/inspections/{run_id:int}/again", roles=BODY)
def inspect_again(desk: Desk, run_id: int) -> Response[Any]:
    """Inspect the same file again, with what has been found out since."""
    with desk.work() as work:
        again = work.inspections.again(run_id)
    return desk.redirect(f"/inspections/{again}", notice="started")


@form_post("/inspections/{run_id:int}/cases", roles=BODY)
def open_cases(desk: Desk, run_id: int) -> Response[Any]:
    """Open a case for every link to ask about; viewing is stopped by the same act."""
    with desk.work() as work:
        run = work.inspections.run(run_id)
        work.inspections.open_cases(run_id, summary=f"{run.file_name}（点検 {run_id}）")
    return desk.redirect(f"/inspections/{run_id}/review?answered=case", notice="registered")


@page("/inspections/{run_id:int}/review", roles=BODY)
def show_review(
    desk: Desk,
    run_id: int,
    action: str = "ask",
    cause: str = "",
    restriction: str = "",
    answered: str = "",
    q: str = "",
    page: int = 1,
) -> Response[Any]:
    """The links to ask about or to mend, the likeliest wrong first."""
    number = max(1, page)
    chosen = FindingFilter(action=action, cause=cause, restriction=restriction, answered=answered, text=q.strip())
    with desk.work() as work:
        run = work.inspections.run(run_id)
        campaign = work.campaigns.find(run.campaign_id)
        found, matching = work.inspections.findings(run_id, chosen, limit=_ON_A_PAGE, offset=(number - 1) * _ON_A_PAGE)
    given = {"action": action, "cause": cause, "restriction": restriction, "answered": answered, "q": q}
    return desk.render(
        "campaign/review.html",
        form=Form.of(**given),
        campaign=campaign,
        run=run,
        findings=[(one, _reasons(desk, one), _cause(desk, one.cause or "")) for one in found],
        matching=matching,
        page=number,
        pages=page_count(matching, _ON_A_PAGE),
        href=_query(f"/inspections/{run_id}/review", given),
        actions=[one for one in ACTIONS if one != "none"],
        causes=[(code, f"{code} {words.cause(code, desk.language)}") for code in CAUSES],
        viewing={one: words.short("restriction", one, desk.language) for one in RESTRICTIONS},
    )


@page("/findings/{finding_id:int}", roles=BODY)
def show_finding(desk: Desk, finding_id: int) -> Response[Any]:
    """One link with everything that is known about it, both sides beside each other."""
    return _finding_page(desk, finding_id, Form())


@form_post("/findings/{finding_id:int}", roles=BODY)
def confirm_finding(desk: Desk, finding_id: int, form: Form) -> Response[Any]:
    """Keep what was found out; the link is not asked about again until its evidence changes."""
    try:
        with desk.work() as work:
            work.inspections.confirm(finding_id, answer=form.value("answer"), reason=form.text("reason"))
    except FaultyFormError as error:
        show_faults(form, error)
        return _finding_page(desk, finding_id, form)
    return desk.redirect(f"/findings/{finding_id}", notice="saved")


@page("/inspections/{run_id:int}/quarantine", roles=BODY)
def show_quarantine(desk: Desk, run_id: int, page: int = 1) -> Response[Any]:
    """The rows that could not be understood, each with what to do."""
    number = max(1, page)
    with desk.work() as work:
        run = work.inspections.run(run_id)
        campaign = work.campaigns.find(run.campaign_id)
        rows, matching = work.inspections.quarantine(run_id, limit=50, offset=(number - 1) * 50)
    return desk.render(
        "campaign/quarantine.html",
        campaign=campaign,
        run=run,
        rows=rows,
        matching=matching,
        page=number,
        pages=page_count(matching),
    )


@page("/inspections/{run_id:int}/files/{name:str}", roles=BODY)
def download_result(desk: Desk, run_id: int, name: str) -> Response[Any]:
    """A result file of an inspection of the visitor's own body."""
    if name not in _FILES:
        raise NotFoundError("There is no such file.")
    with desk.work() as work:
        work.inspections.upload(
            work.inspections.run(run_id)
        )  # who may not see the file may not see what was found in it
    path = desk.office.inspection_folder(run_id) / name
    if not path.is_file():
        raise NotFoundError("The results are no longer in the data folder. Inspect the file again.")
    media_type, japanese = _FILES[name]
    shown = japanese if desk.language == "ja" else name
    review = path.with_name("review.csv")
    people = _hidden_from(desk)
    if people and name != "quarantine.csv" and names_protected(review, people):
        if name == "review.csv":
            header = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(shown)}"}
            return Stream(hidden_review(review, people), media_type=media_type, headers=header)
        with desk.work() as work:
            campaign_id = work.inspections.run(run_id).campaign_id
        return desk.render("campaign/withheld.html", status=409, run_id=run_id, campaign_id=campaign_id)
    return File(path, filename=shown, media_type=media_type, content_disposition_type="attachment")


def _hidden_from(desk: Desk, births: Collection[int] | None = None) -> ProtectedPeople:
    """Whose addresses the visitor may not see, as today's register says: a result may be older than a protection."""
    if may_see_address(is_protected=True, role=desk.role):
        return ProtectedPeople()
    with desk.work() as work:
        return protected_people(work.connection, births=births)


def _without_addresses(desk: Desk, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a link, without addresses where somebody in it is under protection today."""
    sides = {side: detail[side] for side in ("link", "entry", "rival") if detail.get(side)}
    people = _hidden_from(desk, {birth_of(items["birth_date"]) for items in sides.values()})
    if not detail.get("protected") and not any(people.include(items) for items in sides.values()):
        return detail
    told = desk.say("（支援措置のため表示しません）", "(not shown: under protection)")
    is_new = not detail.get("protected")
    hidden = {side: {**items, "address": told if is_new else items["address"] or told} for side, items in sides.items()}
    return {**detail, **hidden, "protected": True}


def _files_page(desk: Desk, campaign_id: int, form: Form) -> Response[Any]:
    with desk.work() as work:
        campaign = work.campaigns.find(campaign_id)
        surveys = work.campaigns.surveys(campaign_id)
        runs = work.inspections.runs(campaign_id)
        age = work.register_age
    names = desk.scheme_names
    if len(surveys) == 1 and not form.values:
        form = Form.of(scheme=surveys[0].survey.scheme)
    return desk.render(
        "campaign/files.html",
        form=form,
        campaign=campaign,
        surveys=surveys,
        runs=runs,
        schemes=names,
        register_as_of=age.as_of if age else None,
        options=[(one.survey.scheme, names.get(one.survey.scheme, one.survey.scheme)) for one in surveys],
        must=[one for one in surveys if one.decision and one.decision.scope is not Scope.NONE],
    )


def _finding_page(desk: Desk, finding_id: int, form: Form) -> Response[Any]:
    with desk.work() as work:
        finding = work.inspections.finding(finding_id)
        run = work.inspections.run(finding.run_id)
        campaign = work.campaigns.find(run.campaign_id)
    detail = _without_addresses(desk, finding.detail)
    entry, rival = detail.get("entry"), detail.get("rival")
    return desk.render(
        "campaign/finding.html",
        form=form,
        campaign=campaign,
        run=run,
        finding=finding,
        detail=detail,
        own_rows=_compared(desk, detail["link"], entry, detail["states"]) if entry else (),
        rival_rows=_compared(desk, detail["link"], rival, detail.get("rival_states") or {}) if rival else (),
        reasons=_reasons(desk, finding),
        cause=_cause(desk, finding.cause or ""),
        evidence=[
            words.evidence(Fact(one["code"], one["values"]), desk.language) for one in detail.get("evidence") or ()
        ],
        playbook=words.playbook(finding.cause, desk.language) if finding.cause else "",
    )


def _compared(
    desk: Desk, link: Mapping[str, str], other: Mapping[str, str], states: Mapping[str, str]
) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for item in ITEMS:
        state = states.get(item, "")
        text = words.label("state", state, desk.language) if state else ""
        rows.append(
            (words.label("item", item, desk.language), link[item], other[item], text, _STATE_TAGS.get(state, "note"))
        )
    return rows


def _reasons(desk: Desk, finding: Finding) -> list[str]:
    return [words.reason(code, desk.language) for code in finding.reasons]


def _cause(desk: Desk, code: str) -> str:
    return (
        f"{code} {words.cause(code, desk.language)}"
        if code
        else desk.say("原因の手がかりなし", "no evidence of a cause")
    )


def _picture(funnel: Sequence[FunnelCount]) -> BarChart | None:
    if not funnel:
        return None
    return funnel_picture(
        [FunnelStep(one.step, one.name_ja, one.name_en, one.count, one.parent, listed_in="") for one in funnel]
    )


def _query(path: str, given: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    return f"{path}?{urlencode(given)}"


HANDLERS = (
    show_files,
    send_file,
    show_inspection,
    show_progress,
    cancel_inspection,
    inspect_again,
    open_cases,
    show_review,
    show_finding,
    confirm_finding,
    show_quarantine,
    download_result,
)
