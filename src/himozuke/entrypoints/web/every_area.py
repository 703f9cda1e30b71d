"""The areas of the desk, in the order of the start page and the navigation. One line an area."""

from __future__ import annotations

from himozuke.entrypoints.web import campaign, citizen, eligibility, incident, registration
from himozuke.entrypoints.web.areas import Area

AREAS: tuple[Area, ...] = (eligibility.AREA, registration.AREA, incident.AREA, campaign.AREA, citizen.AREA)
