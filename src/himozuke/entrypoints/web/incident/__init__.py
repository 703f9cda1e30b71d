"""The incident desk as an area."""

from __future__ import annotations

from himozuke.entrypoints.web import profile
from himozuke.entrypoints.web.areas import Area
from himozuke.entrypoints.web.incident import calls, case_after, case_figures, case_steps, cases, group_report, reply
from himozuke.entrypoints.web.said import Said

AREA = Area(
    name=Said("誤紐付けの疑い", "Suspected wrong links"),
    handlers=(
        *cases.HANDLERS,
        *group_report.HANDLERS,
        *case_steps.HANDLERS,
        *case_after.HANDLERS,
        *case_figures.HANDLERS,
        *calls.HANDLERS,
        *reply.HANDLERS,
        *profile.HANDLERS,
    ),
    nav=(*cases.NAV, *calls.NAV, *profile.NAV),
    tasks=lambda work: (*profile.tasks(work), *cases.tasks(work)),
)
