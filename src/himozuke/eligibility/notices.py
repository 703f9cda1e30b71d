"""The notices an institution puts up, by the day on which they are printed (S78, S108)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from himozuke.errors import NotFoundError
from himozuke.ports.letters import CounterNotice, Section


def notices(on: date) -> Sequence[Mapping[str, Any]]:
    """The notices that hold on a day, in the order of the file: ``code``, ``name_ja``, ``name_en``, ``source``."""
    held: dict[str, Mapping[str, Any]] = {}
    for one in sorted(_all(), key=lambda one: one["from"]):
        if one["from"] <= on:
            held[one["code"]] = one
    order = list(dict.fromkeys(one["code"] for one in _all()))
    return sorted(held.values(), key=lambda one: order.index(one["code"]))


def notice(code: str, *, institution: str, telephone: str, on: date) -> CounterNotice:
    """A notice as it is printed by an institution; NotFoundError for a code that does not hold on the day."""
    found = next((one for one in notices(on) if one["code"] == code), None)
    if found is None:
        raise NotFoundError(f"There is no notice {code!r} on this day.")
    return CounterNotice(
        institution=institution,
        telephone=telephone,
        printed_on=on,
        title=found["name_ja"].removesuffix("（職員用）"),
        lead=found["lead"],
        sections=[Section(one["heading"], one["lines"]) for one in found["section"]],
    )


@cache
def _all() -> Sequence[Mapping[str, Any]]:
    text = (resources.files("himozuke.eligibility") / "texts" / "notices.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["notice"])
