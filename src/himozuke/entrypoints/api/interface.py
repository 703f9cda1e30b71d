"""Every operation of the HTTP interface. One line an area."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from himozuke.entrypoints.api import eligibility, state

API_HANDLERS: tuple[HTTPRouteHandler, ...] = (*state.HANDLERS, *eligibility.HANDLERS)
