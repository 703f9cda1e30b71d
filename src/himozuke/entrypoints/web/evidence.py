"""The evidence of every act, for auditors: who did what to what, and when it was sealed."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from himozuke.entrypoints.web.actors import actor_names
from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import page
from himozuke.entrypoints.web.said import Language, Said
from himozuke.errors import RuleError
from himozuke.ports.actor import Role
from himozuke.stores.evidence_lists import EvidenceFilter, EvidenceLists

_WHO = {Role.AUDITOR}
_FARTHEST_PAGE = 2000
_KINDS = {
    "restriction": "restriction",
    "verdict": "verdict",
    "finding": "case_finding",
    "reply": "case_reply",
    "result": "case_result",
    "basis": "case_basis",
    "clock": "case_clock",
    "cause": "causes",
    "reasons": "reasons",
    "grounds": "leak_ground",
    "role": "role",
}
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
        people = actor_names(work, [each.login for each in records], desk.language)
    query = urlencode({name: form.value(name) for name in _FIELDS if form.value(name)})
    return desk.render(
        "evidence/list.html",
        form=form,
        records=records,
        people=people,
        name_of=partial(_name, language=desk.language),
        said=partial(_said, language=desk.language),
        sealed_at=sealed_at,
        number=place,
        has_more=has_more,
        href=f"/evidence?{query}&number=",
    )


def _name(kind: str, code: str, language: Language) -> str:
    """The words of a code of the evidence; empty for one that has none, which then stands by itself.

    What happens to a case has its words in the incident area (``incident.confirmed``).
    """
    of_case = code.removeprefix("incident.") if kind == "evidence_act" and code.startswith("incident.") else ""
    for where, what in ((kind, code), ("case_event", of_case)):
        try:
            return word(where, what, language)
        except RuleError:
            continue
    return ""


def _said(name: str, value: object, language: Language) -> str:
    """One detail of a record as people read it; codes that have words come in words."""
    if value is None or value == []:
        return Said("なし", "none").read(language)
    if isinstance(value, bool):
        return (Said("はい", "yes") if value else Said("いいえ", "no")).read(language)
    if isinstance(value, list):
        return Said("、", ", ").read(language).join(_said(name, one, language) for one in value)
    kind = _KINDS.get(name)
    return (_name(kind, str(value), language) if kind else "") or str(value)


AREA = Area(
    name=Said("操作の記録", "Evidence"),
    handlers=(evidence,),
    nav=(NavEntry("/evidence", Said("操作の記録", "Evidence of acts"), _WHO),),
)
