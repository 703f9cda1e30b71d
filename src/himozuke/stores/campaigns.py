"""Campaigns, surveys, reports and progress in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.campaign.model import (
    BodyProgress,
    Campaign,
    Citation,
    GroupProgress,
    HeldSurvey,
    Report,
    ReportFigures,
    ReportKind,
    Scope,
    Stage,
    StageDue,
    Survey,
    SurveyDecision,
    SurveyLine,
)
from himozuke.campaign.service import BodyFilter, Invitation
from himozuke.rules.model import RuleBook
from himozuke.stores import campaign_progress
from himozuke.stores.campaign_bodies import TAKE_BACK, UNKNOWN

Row = dict[str, Any]

_CAMPAIGN = """
SELECT campaign.campaign_id, campaign.name_ja, campaign.name_en, campaign.requested_on, campaign.is_open,
       office.name AS office,
       coalesce(
           (SELECT jsonb_agg(jsonb_build_array(stage.stage, stage.due_on) ORDER BY stage.due_on, stage.stage)
            FROM campaign_stage AS stage
            WHERE stage.campaign_id = campaign.campaign_id),
           '[]'
       ) AS stages
FROM campaign
JOIN organisation AS office USING (organisation_id)
"""

# Reads campaign_survey and organisation. One row per body and scheme.
_SURVEY = """
SELECT survey.*, body.code AS body, body.name AS body_name
FROM campaign_survey AS survey
JOIN organisation AS body USING (organisation_id)
"""

# Writes campaign_survey. One row per body and scheme that was not asked before.
_INVITE = """
INSERT INTO campaign_survey (campaign_id, organisation_id, scheme, holds_residents)
SELECT %(campaign_id)s, body.organisation_id, asked.scheme, asked.holds_residents
FROM unnest(%(bodies)s::text[], %(schemes)s::text[], %(residents)s::boolean[])
     AS asked (body, scheme, holds_residents)
JOIN organisation AS body ON body.code = asked.body
WHERE body.kind IN ('insurer', 'municipality')
ON CONFLICT DO NOTHING
"""

# Writes campaign_survey_version and campaign_survey. Every array has an element a survey.
_KEEP_ANSWERS = """
WITH given AS (
    SELECT *
    FROM unnest(
        %(bodies)s::bigint[], %(schemes)s::text[], %(answers)s::jsonb[], %(classes)s::integer[],
        %(scopes)s::text[], %(reasons)s::jsonb[], %(class_since)s::date[], %(class_rows)s::integer[],
        %(scope_rules)s::text[], %(scope_since)s::date[]
    ) AS given (
        organisation_id, scheme, answers, process_class, scope, reasons, class_since, class_row, scope_rule, scope_since
    )
),
changed AS (
    UPDATE campaign_survey AS survey
    SET number_required = given.answers ->> 'number_required',
        without_number = given.answers ->> 'without_number',
        inquiry_items = ARRAY(SELECT jsonb_array_elements_text(given.answers -> 'inquiry_items')),
        holds_residents = (given.answers ->> 'holds_residents')::boolean,
        lines = given.answers -> 'lines',
        answered_at = %(at)s,
        version = survey.version + 1,
        process_class = given.process_class,
        scope = given.scope,
        scope_reasons = ARRAY(SELECT jsonb_array_elements_text(given.reasons)),
        class_rule_since = given.class_since,
        class_rule_row = given.class_row,
        scope_rule = given.scope_rule,
        scope_rule_since = given.scope_since
    FROM given
    WHERE survey.campaign_id = %(campaign_id)s
      AND survey.organisation_id = given.organisation_id
      AND survey.scheme = given.scheme
    RETURNING survey.survey_id, survey.version, survey.organisation_id, given.answers
)
INSERT INTO campaign_survey_version (survey_id, version, organisation_id, answers, answered_at, answered_by)
SELECT survey_id, version, organisation_id, answers, %(at)s, %(by)s
FROM changed
"""

_ADD_REPORT = """
INSERT INTO campaign_report (
    campaign_id, organisation_id, scheme, kind, month, version, as_of,
    in_scope, inspected, to_ask, confirmed_wrong, corrected, viewed, note, submitted_at
)
VALUES (
    %(campaign_id)s, %(organisation_id)s, %(scheme)s, %(kind)s, %(month)s, %(version)s, %(as_of)s,
    %(in_scope)s, %(inspected)s, %(to_ask)s, %(confirmed_wrong)s, %(corrected)s, %(viewed)s, %(note)s,
    %(submitted_at)s
)
"""

_REPORTS = """
SELECT report.*, body.name AS body_name
FROM campaign_report AS report
JOIN organisation AS body USING (organisation_id)
WHERE report.campaign_id = %(campaign_id)s
  AND report.organisation_id = %(organisation_id)s
ORDER BY report.submitted_at DESC, report.scheme, report.version DESC
"""

# Reads the last finished run of a body and scheme with what answers and cases say of its findings. One row.
_FIGURES = """
WITH run AS (
    SELECT run_id, figures
    FROM inspection_run
    WHERE campaign_id = %(campaign_id)s
      AND organisation_id = %(organisation_id)s
      AND scheme = %(scheme)s
      AND state = 'done'
    ORDER BY run_id DESC
    LIMIT 1
),
settled AS (
    SELECT coalesce(answer.answer = 'wrong', opened.is_wrong, false) AS is_wrong,
           opened.corrected_on IS NOT NULL AS is_corrected,
           coalesce(opened.viewings, 0) > 0 AS is_viewed
    FROM inspection_finding AS finding
    JOIN inspection_run AS made USING (run_id)
    LEFT JOIN inspection_answer AS answer
        ON answer.organisation_id = finding.organisation_id
        AND answer.scheme = made.scheme
        AND answer.link_key = finding.link_key
        AND answer.evidence_digest = finding.evidence_digest
    LEFT JOIN incident_case AS opened ON opened.case_id = finding.case_id
    WHERE finding.run_id = (SELECT run_id FROM run)
)
SELECT run.figures,
       (SELECT count(*) FROM settled WHERE is_wrong) AS confirmed_wrong,
       (SELECT count(*) FROM settled WHERE is_wrong AND is_corrected) AS corrected,
       (SELECT count(*) FROM settled WHERE is_wrong AND is_viewed) AS viewed
FROM run
"""


class PostgresCampaigns:
    """The store of campaigns in one transaction."""

    def __init__(self, connection: Connection[Row], rules: RuleBook) -> None:
        """Read rules by their key and first day when a decision is shown again."""
        self._connection = connection
        self._rules = rules

    def add_campaign(self, campaign: Campaign, *, organisation_id: int, created_at: datetime) -> int:
        """Keep a campaign with its stages."""
        row = self._connection.execute(
            """
            INSERT INTO campaign (organisation_id, name_ja, name_en, requested_on, created_at)
            VALUES (%s, %s, %s, %s, %s)
            RETURNING campaign_id
            """,
            (organisation_id, campaign.name_ja, campaign.name_en, campaign.requested_on, created_at),
        ).fetchone()
        campaign_id = int((row or {})["campaign_id"])
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO campaign_stage (campaign_id, stage, organisation_id, due_on) VALUES (%s, %s, %s, %s)",
                [(campaign_id, one.stage, organisation_id, one.due_on) for one in campaign.stages],
            )
        return campaign_id

    def find_campaign(self, campaign_id: int) -> Campaign | None:
        """The campaign, None when there is none."""
        row = self._connection.execute(_CAMPAIGN + "WHERE campaign.campaign_id = %s", (campaign_id,)).fetchone()
        return _campaign(row) if row else None

    def list_campaigns(self) -> Sequence[Campaign]:
        """All campaigns, the youngest first."""
        rows = self._connection.execute(_CAMPAIGN + "ORDER BY campaign.requested_on DESC, campaign.campaign_id DESC")
        return [_campaign(row) for row in rows]

    def close_campaign(self, campaign_id: int) -> None:
        """Close a campaign."""
        self._connection.execute("UPDATE campaign SET is_open = false WHERE campaign_id = %s", (campaign_id,))

    def invite(self, campaign_id: int, invitations: Sequence[Invitation]) -> int:
        """Add surveys that are not there yet."""
        done = self._connection.execute(
            _INVITE,
            {
                "campaign_id": campaign_id,
                "bodies": [one.body for one in invitations],
                "schemes": [one.scheme for one in invitations],
                "residents": [one.holds_residents for one in invitations],
            },
        )
        return done.rowcount

    def unknown_bodies(self, codes: Sequence[str]) -> Sequence[str]:
        """Those codes that no insurer and no municipality has."""
        return [row["code"] for row in self._connection.execute(UNKNOWN, (list(codes),))]

    def take_back(self, campaign_id: int, *, organisation_id: int, scheme: str) -> bool:
        """Remove a survey that was never answered; False when it was."""
        given = {"campaign_id": campaign_id, "organisation_id": organisation_id, "scheme": scheme}
        return self._connection.execute(TAKE_BACK, given).rowcount == 1

    def find_survey(self, campaign_id: int, organisation_id: int, scheme: str) -> HeldSurvey | None:
        """One survey, None when the body was not asked."""
        chosen = "WHERE survey.campaign_id = %s AND survey.organisation_id = %s AND survey.scheme = %s"
        row = self._connection.execute(_SURVEY + chosen, (campaign_id, organisation_id, scheme)).fetchone()
        return self._survey(row) if row else None

    def surveys_of(self, campaign_id: int, organisation_id: int) -> Sequence[HeldSurvey]:
        """The surveys of one body, by scheme."""
        rows = self._connection.execute(
            _SURVEY + "WHERE survey.campaign_id = %s AND survey.organisation_id = %s ORDER BY survey.scheme",
            (campaign_id, organisation_id),
        )
        return [self._survey(row) for row in rows]

    def surveys_by_code(self, campaign_id: int, codes: Sequence[str]) -> Sequence[HeldSurvey]:
        """The surveys of the bodies with these codes."""
        rows = self._connection.execute(
            _SURVEY + "WHERE survey.campaign_id = %s AND body.code = ANY (%s) ORDER BY body.code, survey.scheme",
            (campaign_id, list(codes)),
        )
        return [self._survey(row) for row in rows]

    def keep_answers(self, answered: Sequence[tuple[HeldSurvey, SurveyDecision]], *, at: datetime, by: str) -> None:
        """Replace the answers of surveys and add a version of each, in one statement."""
        decisions = [decision for _, decision in answered]
        self._connection.execute(
            _KEEP_ANSWERS,
            {
                "campaign_id": answered[0][0].campaign_id,
                "at": at,
                "by": by,
                "bodies": [held.organisation_id for held, _ in answered],
                "schemes": [held.survey.scheme for held, _ in answered],
                "answers": [Jsonb(_answers(held.survey)) for held, _ in answered],
                "classes": [one.process_class for one in decisions],
                "scopes": [one.scope.value for one in decisions],
                "reasons": [Jsonb(list(one.reasons)) for one in decisions],
                "class_since": [one.class_rule.since for one in decisions],
                "class_rows": [one.class_rule.row for one in decisions],
                "scope_rules": [one.scope_rule.key for one in decisions],
                "scope_since": [one.scope_rule.since for one in decisions],
            },
        )

    def add_report(self, report: Report) -> None:
        """Keep one version of a report; who submitted it stands in the audit."""
        self._connection.execute(
            _ADD_REPORT,
            {
                **asdict(report.figures),
                "campaign_id": report.campaign_id,
                "organisation_id": report.organisation_id,
                "scheme": report.scheme,
                "kind": report.kind.value,
                "month": report.month,
                "version": report.version,
                "as_of": report.as_of,
                "note": report.note,
                "submitted_at": report.submitted_at,
            },
        )

    def reports_of(self, campaign_id: int, organisation_id: int) -> Sequence[Report]:
        """Every version of a body's reports, the youngest first."""
        asked = {"campaign_id": campaign_id, "organisation_id": organisation_id}
        return [_report(row) for row in self._connection.execute(_REPORTS, asked)]

    def figures_so_far(self, campaign_id: int, organisation_id: int, scheme: str) -> ReportFigures:
        """What the last finished inspection of a body and its answers come to."""
        asked = {"campaign_id": campaign_id, "organisation_id": organisation_id, "scheme": scheme}
        row = self._connection.execute(_FIGURES, asked).fetchone()
        if row is None:
            return ReportFigures()
        figures = row["figures"]
        return ReportFigures(
            in_scope=int(figures.get("rows", 0)),
            inspected=int(figures.get("verdicted", 0)),
            to_ask=int(figures.get("to_ask", 0)),
            confirmed_wrong=int(row["confirmed_wrong"]),
            corrected=int(row["corrected"]),
            viewed=int(row["viewed"]),
        )

    def bodies(
        self, campaign_id: int, chosen: BodyFilter, *, limit: int, offset: int
    ) -> tuple[Sequence[BodyProgress], int]:
        """A page of bodies in order of code, and how many match."""
        return campaign_progress.bodies(self._connection, campaign_id, chosen, limit=limit, offset=offset)

    def groups(self, campaign_id: int) -> Sequence[GroupProgress]:
        """Progress of the nation, then by ministry in order of code."""
        return campaign_progress.groups(self._connection, campaign_id)

    def _survey(self, row: Row) -> HeldSurvey:
        survey = Survey(
            scheme=row["scheme"],
            number_required=row["number_required"],
            without_number=row["without_number"],
            inquiry_items=tuple(row["inquiry_items"]),
            holds_residents=row["holds_residents"],
            lines=tuple(_line(line) for line in row["lines"]),
        )
        return HeldSurvey(
            campaign_id=row["campaign_id"],
            organisation_id=row["organisation_id"],
            body=row["body"],
            body_name=row["body_name"],
            survey=survey,
            decision=self._decision(row) if row["process_class"] else None,
            answered_at=row["answered_at"],
            version=row["version"],
        )

    def _decision(self, row: Row) -> SurveyDecision:
        return SurveyDecision(
            process_class=row["process_class"],
            scope=Scope(row["scope"]),
            reasons=tuple(row["scope_reasons"]),
            class_rule=self._cite("process.classes", row["class_rule_since"], row["class_rule_row"]),
            scope_rule=self._cite(row["scope_rule"], row["scope_rule_since"], None),
        )

    def _cite(self, key: str, since: date, row: int | None) -> Citation:
        entry = next((one for one in self._rules.entries(key) if one.since == since), None)
        if entry is None:  # the decision stands though the rule book has been edited since
            return Citation(key, since, "", key, row)
        return Citation(key, since, entry.source, entry.title_ja, row)


def _campaign(row: Row) -> Campaign:
    stages = tuple(StageDue(Stage(stage), date.fromisoformat(due_on)) for stage, due_on in row["stages"])
    return Campaign(
        campaign_id=row["campaign_id"],
        name_ja=row["name_ja"],
        name_en=row["name_en"],
        requested_on=row["requested_on"],
        stages=stages,
        is_open=row["is_open"],
        office=row["office"],
    )


def _answers(survey: Survey) -> Mapping[str, object]:
    """The answers as JSON can hold them."""
    given = asdict(survey)
    for line in given["lines"]:
        line |= {day: line[day] and line[day].isoformat() for day in ("since", "until", "inspected_on")}
    return given


def _line(found: Mapping[str, Any]) -> SurveyLine:
    days = {name: found.get(name) for name in ("since", "until", "inspected_on")}
    read = {name: date.fromisoformat(day) if day else None for name, day in days.items()}
    return SurveyLine(**{**found, **read})


def _report(row: Row) -> Report:
    names = ("in_scope", "inspected", "to_ask", "confirmed_wrong", "corrected", "viewed")
    return Report(
        organisation_id=row["organisation_id"],
        body_name=row["body_name"],
        campaign_id=row["campaign_id"],
        scheme=row["scheme"],
        kind=ReportKind(row["kind"]),
        month=row["month"],
        as_of=row["as_of"],
        figures=ReportFigures(**{name: row[name] for name in names}),
        note=row["note"],
        version=row["version"],
        submitted_at=row["submitted_at"],
    )
