"""Two campaigns: the inspection of 2023 with all 3,411 bodies, published twice; and one that is under way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from himozuke.campaign.model import ReportFigures, ReportKind, RunState, Stage, StageDue, Survey, SurveyLine
from himozuke.campaign.published import Period
from himozuke.campaign.service import Invitation, SheetAnswer
from himozuke.entrypoints.demo.organisations import FIRST, SECOND
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.entrypoints.jobs.inspection import inspect_run
from himozuke.simulators.demo.bodies import CITY, Body
from himozuke.simulators.demo.survey_answers import answers

REQUESTED_ON = date(2023, 6, 21)
_LOGIN_BY_BODY = {FIRST: "supervisor", SECOND: "supervisor2", CITY: "city"}
_SECOND_BODIES = 40
_UNANSWERED = 7
_WITHOUT_RESULT = 12

# What had come to light by July 2023 (S73), and one viewing more after all logs were read (S77).
_JULY = (
    Period(date(2021, 10, 1), date(2021, 11, 30), 33, 1, "約2,200万件"),
    Period(date(2021, 12, 1), date(2022, 11, 30), 7_279, 4, "約5.9億件", "うち7,114件は自主点検で判明"),
    Period(date(2022, 12, 1), date(2023, 5, 22), 60, 4, "約7.2億件"),
)
_AUGUST = (_JULY[0], Period(date(2021, 12, 1), date(2022, 11, 30), 7_279, 5, "約5.9億件", _JULY[1].note), _JULY[2])
_USES = "約13.2億件"

# Writes campaign_report. One row per body and scheme; a body in class ③ has nothing to inspect.
_REPORTS = """
INSERT INTO campaign_report (
    campaign_id, organisation_id, scheme, kind, month, version, as_of,
    in_scope, inspected, to_ask, confirmed_wrong, corrected, viewed, submitted_at
)
SELECT survey.campaign_id, survey.organisation_id, survey.scheme, %(kind)s, %(month)s, 1, %(as_of)s,
       found.in_scope, found.in_scope * %(percent)s / 100, found.wrong * 4, found.wrong, found.wrong,
       CASE WHEN survey.organisation_id %% 300 = 7 THEN least(found.wrong, 1) ELSE 0 END, %(at)s
FROM campaign_survey AS survey
CROSS JOIN LATERAL (
    SELECT CASE WHEN survey.process_class = 3 THEN 0 ELSE 1500 + survey.organisation_id * 37 %% 21100 END AS in_scope,
           CASE
               WHEN survey.process_class = 3 OR %(percent)s < 100 THEN 0
               ELSE survey.organisation_id * 7 %% 3
           END AS wrong
) AS found
WHERE survey.campaign_id = %(campaign_id)s
ORDER BY survey.organisation_id
LIMIT %(bodies)s
"""


def first_campaign(world: DemoWorld, bodies: tuple[Body, ...]) -> int:
    """The inspection of 2023: everybody answered, reported and was counted: 3,411 = 293 + 1,010 + 2,108."""
    with world.acting("hq", REQUESTED_ON) as work:
        campaign_id = work.campaigns.open_campaign(
            name_ja="マイナンバー情報総点検（令和5年）",
            name_en="Comprehensive inspection of 2023",
            requested_on=REQUESTED_ON,
            stages=work.campaigns.proposed_stages(REQUESTED_ON),
        )
        work.campaigns.invite(
            campaign_id, [Invitation(one.code, one.scheme, holds_residents=one.holds_residents) for one in bodies]
        )
    with world.acting("hq", date(2023, 6, 30)) as work:
        sheet = [SheetAnswer((n + 2,), one.code, answers(one, n)) for n, one in enumerate(bodies)]
        work.campaigns.answer_by_sheet(campaign_id, sheet)
    _report(world, campaign_id, len(bodies))
    _publish(world, campaign_id)
    with world.acting("hq", date(2024, 1, 16)) as work:
        work.campaigns.close(campaign_id)
    return campaign_id


def second_campaign(world: DemoWorld, bodies: tuple[Body, ...]) -> int:
    """A campaign under way: some bodies have answered, some not, the desk can go on with it."""
    requested_on = world.days_ago(60)
    stages = tuple(
        StageDue(stage, world.days_ago(-days))
        for stage, days in (
            (Stage.STATUS_REPORT, -30),
            (Stage.SURVEY, -14),
            (Stage.INSPECTION, 20),
            (Stage.CORRECTION, 35),
            (Stage.LEAK_CHECK, 40),
            (Stage.INTERIM_REPORT, 14),
            (Stage.RESULT_REPORT, 45),
            (Stage.PUBLICATION, 60),
        )
    )
    chosen = [body for body in bodies if body.code in _LOGIN_BY_BODY]
    chosen += [body for body in bodies if body.code not in _LOGIN_BY_BODY and body.kind == "insurer"][
        : _SECOND_BODIES - 3
    ]
    with world.acting("hq", requested_on) as work:
        campaign_id = work.campaigns.open_campaign(
            name_ja="定期点検", name_en="Regular inspection", requested_on=requested_on, stages=stages
        )
        work.campaigns.invite(campaign_id, [Invitation(one.code, one.scheme) for one in chosen])
    with world.acting("hq", world.days_ago(20)) as work:
        others = [body for body in chosen if body.code not in _LOGIN_BY_BODY][:-_UNANSWERED]
        work.campaigns.answer_by_sheet(
            campaign_id, [SheetAnswer((n + 2,), one.code, answers(one, n)) for n, one in enumerate(others)]
        )
    return campaign_id


def inspect(world: DemoWorld, campaign_id: int, files: Mapping[str, Path]) -> dict[str, int]:
    """The first insurer and the municipality answer, send up their links and have them inspected; runs by body."""
    runs = {}
    for code in (FIRST, CITY):
        login, day = _LOGIN_BY_BODY[code], world.days_ago(36)
        if code not in files:
            continue
        with world.acting(login, day) as work:
            [held] = work.campaigns.surveys(campaign_id)
            work.campaigns.answer(campaign_id, _own_answers(held.survey.scheme))
        with files[code].open("rb") as file:
            kept = world.office.uploads.keep(
                file, organisation_id=world.users[login].organisation_id, name=files[code].name
            )
        with world.acting(login, day) as work:
            upload = work.inspections.receive(
                campaign_id,
                scheme=held.survey.scheme,
                file_name=files[code].name,
                stored_as=kept.stored_as,
                byte_count=kept.byte_count,
                sha256=kept.sha256,
            )
            run_id = work.inspections.start(upload.upload_id, snapshot=world.register_day)
        if inspect_run(world.office, run_id) is RunState.DONE:
            runs[code] = run_id
        _report_own(world, campaign_id, login, held.survey.scheme)
    return runs


def _own_answers(scheme: str) -> Survey:
    is_national = scheme == "national_health_insurance"
    items = ("kanji_name", "birth_date", "sex", "address") if is_national else ("kana_name", "birth_date", "sex")
    way = SurveyLine("jlis", date(2021, 10, 1), date(2023, 5, 31), "no", "no", "no", stopped=True)
    return Survey(scheme, "yes", "jlis", items, lines=(way,))


def _report(world: DemoWorld, campaign_id: int, bodies: int) -> None:
    """Everybody reports; a few have not given their results."""
    said = (
        (ReportKind.STATUS, date(2023, 6, 30), 10, bodies),
        (ReportKind.RESULT, date(2023, 7, 31), 60, bodies - _WITHOUT_RESULT),
        (ReportKind.INTERIM, date(2023, 8, 31), 70, bodies),
        (ReportKind.MONTH, date(2023, 11, 30), 100, bodies),
    )
    for kind, as_of, percent, reporters in said:
        with world.program("demo", as_of) as work:
            work.connection.execute(
                _REPORTS,
                {
                    "campaign_id": campaign_id,
                    "kind": kind.value,
                    "month": (as_of if kind is ReportKind.MONTH else REQUESTED_ON).replace(day=1),
                    "as_of": as_of,
                    "percent": percent,
                    "at": work.clock.now(),
                    "bodies": reporters,
                },
            )
            work.audit.record("demo.reports", subject="campaign", subject_id=campaign_id, details={"kind": kind.value})


def _publish(world: DemoWorld, campaign_id: int) -> None:
    for day, periods, reason in (
        (date(2023, 7, 4), _JULY, ""),
        (date(2023, 8, 8), _AUGUST, "アクセスログの全件確認により、閲覧された事例が1件追加された（4件→5件）。"),
    ):
        printed = Period(
            date.min, date.max, sum(one.wrong for one in periods), sum(one.viewed for one in periods), _USES
        )
        with world.acting("hq", day) as work:
            work.publications.set_periods(campaign_id, periods, printed)
            work.publications.publish(campaign_id, as_of=day, reason=reason)


def _report_own(world: DemoWorld, campaign_id: int, login: str, scheme: str) -> None:
    with world.acting(login, world.days_ago(31)) as work:
        known = work.campaigns.propose_report(campaign_id, scheme)
        work.campaigns.report(campaign_id, scheme=scheme, kind=ReportKind.STATUS, month=None, figures=known)
        month = world.days_ago(31).replace(day=1)
        figures = ReportFigures(known.in_scope, known.inspected, known.to_ask)
        work.campaigns.report(campaign_id, scheme=scheme, kind=ReportKind.MONTH, month=month, figures=figures)
