"""The evidence of every act, for auditors: who did what to what, and when it was sealed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import page
from himozuke.entrypoints.web.said import Said
from himozuke.ports.actor import Role
from himozuke.stores.evidence_lists import EvidenceFilter, EvidenceLists

_WHO = {Role.AUDITOR}
_FARTHEST_PAGE = 2000
_FIELDS = ("act", "login", "subject", "since", "until")


@page("/evidence", roles=_WHO)
def evidence(
    desk: Desk, act: str = "", login: str = "", subject: str = "", since: str = "", until: str = "", number: int = 1
) -> Response[Any]:
    """Records of acts, newest first; ``number`` is the page."""
    form = Form.of(act=act, login=login, subject=subject, since=since, until=until)
    chosen = EvidenceFilter(
        form.text("act", most=80),
        form.text("login", most=80),
        form.text("subject", most=80),
        form.day("since"),
        form.day("until"),
    )
    place = min(max(number, 1), _FARTHEST_PAGE)
    with desk.work() as work:
        lists = EvidenceLists(work.connection)
        records, has_more = lists.page(chosen, place)
        sealed_at = lists.sealed_at()
    query = urlencode({name: form.value(name) for name in _FIELDS if form.value(name)})
    return desk.render(
        "evidence/list.html",
        form=form,
        records=records,
        sealed_at=sealed_at,
        number=place,
        has_more=has_more,
        href=f"/evidence?{query}&number=",
    )


AREA = Area(
    name=Said("操作の記録", "Evidence"),
    handlers=(evidence,),
    nav=(NavEntry("/evidence", Said("操作の記録", "Evidence of acts"), _WHO),),
)
