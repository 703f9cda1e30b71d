"""Proof of single links for programs, as ``himozuke verify`` gives it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter, RawBody

from himozuke import schemes
from himozuke.entrypoints.api.bodies import MOST_LINKS, LinkBody
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.routes import endpoint
from himozuke.errors import InputRejectedError, LinkRejectedError, UsageError
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.ports.actor import Role
from himozuke.ports.resident_register import LinkClaim, OnlineVerdict, Purpose
from himozuke.registration.insurers import kind_of, scheme_of

VERIFIERS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
_PURPOSE = Purpose("registration", "single links")
_MOST_BYTES = 2 * 1024 * 1024


class Quarantined(msgspec.Struct, frozen=True):
    """Why a link cannot be understood, as the list of quarantined rows says it."""

    column: str
    value: str
    code: str
    reason: str
    remedy: str


class VerdictOut(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A link's verdict in the columns of ``verdicts.parquet``; a link that cannot be understood has ``quarantined``."""

    link_id: str
    row: int
    verdict: str | msgspec.UnsetType = msgspec.UNSET
    restriction: str | msgspec.UnsetType = msgspec.UNSET
    restriction_by_table: str | msgspec.UnsetType = msgspec.UNSET
    action: str | msgspec.UnsetType = msgspec.UNSET
    cause: str | msgspec.UnsetType | None = msgspec.UNSET
    rival_count: int | msgspec.UnsetType = msgspec.UNSET
    rank: int | msgspec.UnsetType | None = msgspec.UNSET
    pattern: int | msgspec.UnsetType = msgspec.UNSET
    state_kanji_name: str | msgspec.UnsetType = msgspec.UNSET
    state_kana_name: str | msgspec.UnsetType = msgspec.UNSET
    state_birth_date: str | msgspec.UnsetType = msgspec.UNSET
    state_sex: str | msgspec.UnsetType = msgspec.UNSET
    state_address: str | msgspec.UnsetType = msgspec.UNSET
    reasons: list[str] | msgspec.UnsetType = msgspec.UNSET
    evidence_digest: str | msgspec.UnsetType = msgspec.UNSET
    register_day: date | msgspec.UnsetType = msgspec.UNSET
    quarantined: Quarantined | msgspec.UnsetType = msgspec.UNSET


VerdictAnswer: Any = VerdictOut | list[VerdictOut]


@endpoint(
    "POST",
    "/api/v1/verify",
    roles=VERIFIERS,
    tags=["links"],
    operation_id="verify",
    operation_class=LinkBody,
    status_code=200,
    request_max_body_size=_MOST_BYTES,
    responses={
        200: ResponseSpec(
            VerdictAnswer,
            description="The verdict, or one for each link in order.",
            generate_examples=False,
        )
    },
)
def verify(
    desk: Desk,
    body: RawBody,
    scheme: Annotated[str, QueryParameter(description="Scheme code; by default that of the caller's insurer.")] = "",
    on: Annotated[str, QueryParameter(description="Day the links are judged for (ISO); by default today.")] = "",
) -> Response[bytes]:
    """Prove one link, or up to 500, against the resident register in both directions.

    Nothing is registered. Each link stands alone, as a file of one link. The inquiry is written down with who
    asked and why. A single link that cannot be understood is refused; in a list it is answered with
    `quarantined`. Without `scheme` it is that of the caller's insurer; without `on` it is today.
    """
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputRejectedError(f"Cannot read this link: {error}. Send a JSON object, or a list of them.") from error
    links = content if isinstance(content, list) else [content]
    if len(links) > MOST_LINKS:
        raise InputRejectedError(
            f"{len(links)} links are too many at once; send at most {MOST_LINKS}, or inspect a file."
        )
    if not links or not all(isinstance(link, dict) and link for link in links):
        raise InputRejectedError("A link is a JSON object with the English column names as keys.")
    with desk.work() as work:
        usual = scheme or _usual_scheme(work.connection, desk.actor.organisation_id)
        claims = [_claim(link, usual, _day(on) if on else work.clock.today()) for link in links]
        answers = work.verifier.verify_batch(claims, purpose=_PURPOSE)
    outs = [_out(row, claim, answer) for row, (claim, answer) in enumerate(zip(claims, answers, strict=True), 1)]
    if isinstance(content, list):
        return Response(msgspec.json.encode(outs), media_type="application/json")
    if isinstance(answers[0], Exception):
        raise answers[0]
    return Response(msgspec.json.encode(outs[0]), media_type="application/json")


HANDLERS: tuple[HTTPRouteHandler, ...] = (verify,)


def _claim(link: Mapping[str, object], scheme: str, on: date) -> LinkClaim:
    columns = {name: _text(value) for name, value in link.items() if name not in {"scheme", "on"}}
    own_scheme = _text(link.get("scheme")) or scheme
    schemes.find(own_scheme)
    return LinkClaim(own_scheme, _day(_text(link["on"])) if link.get("on") else on, columns)


def _text(value: object) -> str:
    if isinstance(value, (dict, list)):
        raise InputRejectedError("A column of a link is a text or a number, not a list or an object.")
    return "" if value is None else str(value).replace("\0", "")


def _day(text: str) -> date:
    day = whole_day(birth_date.parse(text))
    if day is None:
        raise UsageError("`on` is no day; write it like 2026-04-01.")
    return day


def _usual_scheme(connection: Any, organisation_id: int | None) -> str:  # noqa: ANN401 - psycopg.Connection
    row = connection.execute(
        "SELECT code FROM organisation WHERE organisation_id = %(id)s", {"id": organisation_id}
    ).fetchone()
    kind = kind_of(row["code"]) if row else None
    return scheme_of(kind) if kind else "national_health_insurance"


def _out(row: int, claim: LinkClaim, answer: OnlineVerdict | Exception) -> VerdictOut:
    link_id = claim.columns.get("link_id") or str(row)
    if isinstance(answer, LinkRejectedError):
        return VerdictOut(link_id=link_id, row=row, quarantined=Quarantined(**answer.quarantined))
    if isinstance(answer, Exception):
        raise answer
    states = answer.states
    return VerdictOut(
        link_id=link_id,
        row=row,
        verdict=answer.verdict,
        restriction=answer.restriction,
        restriction_by_table=answer.restriction_by_table,
        action=answer.action,
        cause=answer.cause,
        rival_count=answer.rival_count,
        rank=1 if answer.action == "ask" else None,
        pattern=answer.pattern,
        state_kanji_name=states["kanji_name"],
        state_kana_name=states["kana_name"],
        state_birth_date=states["birth_date"],
        state_sex=states["sex"],
        state_address=states["address"],
        reasons=list(answer.reasons),
        evidence_digest=answer.evidence_digest,
        register_day=answer.register_day,
    )
