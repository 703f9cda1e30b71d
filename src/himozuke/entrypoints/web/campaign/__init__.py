"""The campaign as an area of the desk."""

from __future__ import annotations

from himozuke.entrypoints.web.areas import Area
from himozuke.entrypoints.web.campaign import campaign_tasks, campaigns, inspections, publications, surveys
from himozuke.entrypoints.web.said import Said

AREA = Area(
    name=Said("一斉点検", "Inspection campaigns"),
    handlers=(*campaigns.HANDLERS, *surveys.HANDLERS, *inspections.HANDLERS, *publications.HANDLERS),
    nav=campaigns.NAV,
    tasks=campaign_tasks.tasks,
)
