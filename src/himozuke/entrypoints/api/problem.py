"""Problem details (RFC 9457) as the description of the interface shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar.openapi import ResponseSpec

PROBLEM_JSON = "application/problem+json"


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with what was sent."""

    message: str
    key: str = ""
    source: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was refused, and what to do.

    ``detail`` is a sentence; ``errors`` name single fields; ``reference`` is the number under which a
    fault of ours is logged.
    """

    type: str
    title: str
    status: int
    instance: str
    detail: str = ""
    reference: str = ""
    errors: list[Fault] = []


_SAID = {
    400: "The request cannot be read.",
    401: "No session, no key, or one that does not hold.",
    403: "The role may not do this.",
    404: "There is no such record, or it belongs to another organisation.",
    409: "The record is no longer as the request presumes, or the same key came with another content.",
    413: "The content is too large.",
    415: "The content is of a type that is not taken.",
    422: "The content can be read but not taken; the detail says why.",
    503: "The database or the resident register does not answer; nothing was kept.",
}


def refusals(*statuses: int) -> Mapping[int, Any]:
    """The answers other than success, for the description of an operation."""
    return {
        status: ResponseSpec(Problem, description=_SAID[status], media_type=PROBLEM_JSON, generate_examples=False)
        for status in statuses
    }
