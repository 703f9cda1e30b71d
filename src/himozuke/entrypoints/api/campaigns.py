"""Campaigns for programs: stages, progress, bodies and published figures; never a row about a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from himozuke.accounts.model import Visitor
from himozuke.campaign.model import BodyProgress, Campaign, GroupProgress
from himozuke.campaign.service import BodyFilter
from himozuke.entrypoints.web.campaign.campaign_roles import EVERYBODY_HERE, NATION
from himozuke.entrypoints.web.routes import endpoint
from himozuke.entrypoints.wiring import Office
from himozuke.errors import NotAllowedError
from himozuke.ports.actor import Actor

Progress = Literal["missing", "answered", "must_inspect", "not_inspected"]
_MOST_ID = 2**63 - 1
CampaignId = Annotated[int, PathParameter(ge=1, le=_MOST_ID, description="number of the campaign")]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="most bodies in one answer")]
Offset = Annotated[int, QueryParameter(name="offset", ge=0, le=10_000_000, description="bodies to leave out first")]


class StageOut(msgspec.Struct, frozen=True):
    """A stage of a campaign and its last day."""

    stage: str
    due_on: date


class CampaignOut(msgspec.Struct, frozen=True):
    """One campaign; ``requested_on`` is the day whose rules class the answers."""

    campaign_id: int
    name_ja: str
    name_en: str
    requested_on: date
    is_open: bool
    stages: Sequence[StageOut]


class CampaignList(msgspec.Struct, frozen=True):
    """All campaigns, the youngest first."""

    campaigns: Sequence[CampaignOut]


class GroupOut(msgspec.Struct, frozen=True):
    """Progress added up: of the nation (``name`` empty) or of a ministry. ``reported`` maps report to bodies."""

    name: str
    bodies: int
    answered: int
    class_1: int
    class_2: int
    class_3: int
    must_inspect: int
    inspected: int
    rows_inspected: int
    to_ask: int
    confirmed_wrong: int
    corrected: int
    viewed: int
    reported: Mapping[str, int]


class ProgressOut(msgspec.Struct, frozen=True):
    """How far a campaign is on a day: the nation first, then by ministry. A body sees itself only."""

    as_of: date
    groups: Sequence[GroupOut]


class BodyOut(msgspec.Struct, frozen=True):
    """How far one body is. ``process_class`` and ``scope`` stand when every survey is answered."""

    code: str
    name: str
    ministry: str
    affairs: int
    answered: int
    process_class: int | None
    scope: str | None
    is_inspected: bool
    rows_inspected: int
    to_ask: int
    reported: Mapping[str, date]


class BodyList(msgspec.Struct, frozen=True):
    """A page of bodies in order of code; ``total`` counts all that match."""

    total: int
    bodies: Sequence[BodyOut]


class PublicationOut(msgspec.Struct, frozen=True):
    """One published version; ``figures`` are named like ``class/1/bodies``."""

    version: int
    as_of: date
    reason: str
    figures: Mapping[str, int]


class PublicationList(msgspec.Struct, frozen=True):
    """Every version, the oldest first; the last one stands."""

    publications: Sequence[PublicationOut]


@endpoint(
    "GET",
    "/api/v1/campaigns",
    roles=EVERYBODY_HERE,
    tags=["campaigns"],
    operation_id="list_campaigns",
    summary="List campaigns",
)
def list_campaigns(request: Request[Any, Any, Any]) -> CampaignList:
    """Every inspection campaign with its stages and last days. Source: S52, S93."""
    office, actor = _caller(request)
    with office.work(actor) as work:
        return CampaignList([_campaign(one) for one in work.campaigns.list_campaigns()])


@endpoint(
    "GET",
    "/api/v1/campaigns/{campaign_id:int}/progress",
    roles=EVERYBODY_HERE,
    tags=["campaigns"],
    operation_id="get_campaign_progress",
    summary="Progress of a campaign",
)
def get_progress(request: Request[Any, Any, Any], campaign_id: CampaignId) -> ProgressOut:
    """Progress of the nation and by ministry, for a body of itself. Source: S90, S110."""
    office, actor = _caller(request)
    with office.work(actor) as work:
        work.campaigns.find(campaign_id)
        groups = work.campaigns.groups(campaign_id)
        return ProgressOut(work.clock.today(), [_group(one) for one in groups])


@endpoint(
    "GET",
    "/api/v1/campaigns/{campaign_id:int}/bodies",
    roles=NATION,
    tags=["campaigns"],
    operation_id="list_campaign_bodies",
    summary="Bodies of a campaign",
)
def list_bodies(
    request: Request[Any, Any, Any],
    campaign_id: CampaignId,
    progress: Annotated[Progress | None, QueryParameter(name="progress", description="only bodies that far")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> BodyList:
    """The bodies of a campaign in order of code; ``progress=missing`` lists who has not answered. Source: S110."""
    office, actor = _caller(request)
    with office.work(actor) as work:
        work.campaigns.find(campaign_id)
        bodies, total = work.campaigns.bodies(campaign_id, BodyFilter(state=progress or ""), limit=limit, offset=offset)
        return BodyList(total, [_body(one) for one in bodies])


@endpoint(
    "GET",
    "/api/v1/campaigns/{campaign_id:int}/publications",
    roles=EVERYBODY_HERE,
    tags=["campaigns"],
    operation_id="list_campaign_publications",
    summary="Published figures",
)
def list_publications(request: Request[Any, Any, Any], campaign_id: CampaignId) -> PublicationList:
    """Every published version with its figures and why it differs from the one before. Source: S71, S73, S77."""
    office, actor = _caller(request)
    with office.work(actor) as work:
        work.campaigns.find(campaign_id)
        versions = [one.publication for one in work.publications.versions(campaign_id)]
        return PublicationList([PublicationOut(one.version, one.as_of, one.reason, one.figures) for one in versions])


def _caller(request: Request[Any, Any, Any]) -> tuple[Office, Actor]:
    visitor = request.scope.get("user")
    if not isinstance(visitor, Visitor):
        raise NotAllowedError("Log in first.")
    return request.app.state.office, visitor.actor


def _campaign(one: Campaign) -> CampaignOut:
    stages = [StageOut(stage.stage, stage.due_on) for stage in one.stages]
    return CampaignOut(one.campaign_id, one.name_ja, one.name_en, one.requested_on, one.is_open, stages)


def _group(one: GroupProgress) -> GroupOut:
    return GroupOut(**{name: getattr(one, name) for name in GroupOut.__struct_fields__})


def _body(one: BodyProgress) -> BodyOut:
    return BodyOut(**{name: getattr(one, name) for name in BodyOut.__struct_fields__})


HANDLERS: tuple[HTTPRouteHandler, ...] = (list_campaigns, get_progress, list_bodies, list_publications)
