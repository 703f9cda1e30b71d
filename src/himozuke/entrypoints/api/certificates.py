"""Certificates for an insurer's programs: the file of the page, by POST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from himozuke.entrypoints.certifying import take_in
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.certificates import MOST_BYTES, MOST_LINES
from himozuke.entrypoints.web.eligibility.own_notice import INSURERS
from himozuke.entrypoints.web.routes import endpoint
from himozuke.errors import NotAllowedError
from himozuke.gateways.certificates_csv import read_lines


class LineFault(msgspec.Struct, frozen=True):
    """A line that was not taken: physical line in the file (the headings are 1), column, value, why, what to do."""

    line: int
    column: str
    value: str
    code: str
    reason: str
    remedy: str


class CertificatesTaken(msgspec.Struct, frozen=True):
    """What became of the file."""

    taken: int
    refused: Sequence[LineFault]


@endpoint(
    "POST",
    "/api/v1/certificates",
    roles=INSURERS,
    status_code=200,
    tags=["eligibility"],
    operation_id="noteCertificates",
    request_max_body_size=MOST_BYTES,
)
def note_certificates(desk: Desk, request: Request[Any, Any, Any], body: RawBody) -> Response[CertificatesTaken]:  # noqa: ARG001
    """Bring in certificates of the own insured as `text/csv`, in the layout of `/certificates/template.csv`.

    Good lines are taken, the others named. The same file again changes nothing.
    """
    if desk.actor.organisation_id is None:
        raise NotAllowedError("Only somebody of an insurer brings certificates in.")
    lines = read_lines(body, most=MOST_LINES)
    with desk.work() as work:
        done = take_in(work, lines, of=desk.actor.organisation_id, by="api")
    refused = [
        LineFault(
            one.line,
            one.fault.column,
            one.fault.value,
            one.fault.code,
            one.reason.read(desk.language),
            one.remedy.read(desk.language),
        )
        for one in done.refused
    ]
    return Response(CertificatesTaken(done.taken, refused))


HANDLERS: tuple[HTTPRouteHandler, ...] = (note_certificates,)
