"""Whether somebody is under protection is written in two places, and they say the same."""

from __future__ import annotations

import itertools
from datetime import date

import factories
from case_world import add_link
from database_fixture import SmallWorld
from psycopg.types.json import Jsonb
from register_world import load

from himozuke.stores.qualification_sql import HELD, IS_PROTECTED

_NOW = (None, "0", "1")  # not in the register, not protected, protected
_THEN: tuple[dict[str, bool | None] | None, ...] = (
    None,
    {},
    {"is_protected": None},
    {"is_protected": False},
    {"is_protected": True},
)


def test_the_statement_of_checks_and_the_function_of_the_database_agree_on_every_link(office: SmallWorld) -> None:
    world = factories.World()
    cases = list(enumerate(itertools.product(_NOW, _THEN), 1))
    for body, (now, _) in cases:
        if now is not None:
            world.register.append(factories.person(body, protected=now))
    load(office, factories.table(world.register), date(2026, 4, 1))
    for body, (_, then) in cases:
        add_link(office, body=body, register_items=None if then is None else Jsonb(then))

    with office.system_work() as work:
        query = f"SELECT ({IS_PROTECTED}) AS said, link_is_protected(link) AS meant FROM link ORDER BY link_id"  # noqa: S608 -- a condition of our own
        rows = work.connection.execute(query.encode()).fetchall()

    assert IS_PROTECTED.strip() in HELD
    assert [row["said"] for row in rows] == [row["meant"] for row in rows]
    assert [row["said"] for row in rows] == [
        now == "1" or bool((then or {}).get("is_protected")) for _, (now, then) in cases
    ]
