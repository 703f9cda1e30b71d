"""Every operation of the HTTP interface. One line an area."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from himozuke.entrypoints.api import campaigns, cases, certificates, eligibility, notices, state, verify

API_HANDLERS: tuple[HTTPRouteHandler, ...] = (
    *state.HANDLERS,
    *cases.HANDLERS,
    *campaigns.HANDLERS,
    *notices.HANDLERS,
    *verify.HANDLERS,
    *eligibility.HANDLERS,
    *certificates.HANDLERS,
)
