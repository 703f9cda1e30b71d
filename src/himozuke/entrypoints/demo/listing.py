"""What ``demo.json`` says: users, insurers, and at least one person for every story the product tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from himozuke.entrypoints.demo.institutions import give_cards, make_institutions
from himozuke.entrypoints.demo.organisations import FIRST
from himozuke.entrypoints.demo.world import DemoWorld, names_by_code
from himozuke.simulators.demo.bodies import CITY

_SEVENTY_FIVE = 75

# Reads link with its cases. One row: the first link of a story; %% conditions are ours.
_LINK = """
SELECT link.link_id, link.linkage_code, link.insurer_number, link.symbol, link.number, link.branch, link.birth_date,
       link.kanji_name, link.kana_name, link.sex, link.address, link.individual_number_sealed
FROM link
WHERE {condition}
ORDER BY link.link_id
LIMIT {limit}
"""

_OF_FIRST = "link.organisation_id = %(first)s"
_PLAIN = f"{_OF_FIRST} AND link.verdict = 'PROVEN' AND link.state = 'released' AND link.valid_to IS NULL AND link.branch = '00'"
_MOVED = f"""{_OF_FIRST} AND link.notice_id IS NOT NULL AND link.valid_to IS NULL AND EXISTS (
    SELECT FROM link AS before
    WHERE before.individual_number_sealed = link.individual_number_sealed
      AND before.organisation_id <> link.organisation_id
      AND before.valid_to IS NOT NULL
)"""
_CORRECTED = f"""{_OF_FIRST} AND EXISTS (
    SELECT FROM link_version AS version
    WHERE version.link_id = link.link_id AND version.act = 'replace_number'
)"""
_STORIES: tuple[tuple[str, str, int], ...] = (
    (
        "plain",
        f"{_PLAIN} AND link.birth_date ~ '^(19[5-9]|200)' AND link.states = ARRAY['equal','equal','equal','equal','equal']",
        3,
    ),
    ("no_card", f"{_PLAIN} AND link.birth_date ~ '^(199|200)' AND link.states[5] <> 'equal'", 1),
    ("elderly", f"{_PLAIN} AND link.birth_date ~ '^19[0-4]' AND link.birth_date < %(elderly)s", 1),
    ("dependent", f"{_OF_FIRST} AND link.verdict = 'PROVEN' AND link.state = 'released' AND link.branch <> '00'", 1),
    ("moved_address", f"{_OF_FIRST} AND 'moved' = ANY (link.reasons) AND link.state = 'released'", 1),
    ("married", f"{_OF_FIRST} AND 'married' = ANY (link.reasons) AND link.state = 'released'", 1),
    ("moved_insurer", _MOVED, 1),
    ("viewing_stopped", f"{_OF_FIRST} AND link.state = 'stopped' AND link.restriction = 'ALL'", 1),
    ("medical_stopped", f"{_OF_FIRST} AND link.state = 'stopped' AND link.restriction = 'MEDICAL'", 1),
    ("wrong_link", f"{_OF_FIRST} AND link.verdict = 'REFUTED' AND 'rival_better' = ANY (link.reasons)", 1),
    ("corrected", _CORRECTED, 1),
    ("dead", "'died_link_open' = ANY (link.reasons)", 1),
    ("left", f"{_OF_FIRST} AND link.valid_to IS NOT NULL AND link.state = 'released'", 1),
    ("municipality", "link.organisation_id = %(city)s AND link.verdict = 'PROVEN' AND link.valid_to IS NULL", 1),
)


def listed(world: DemoWorld) -> Mapping[str, Any]:
    """Everything of ``demo.json`` but the address."""
    institutions = make_institutions(world)
    return {
        "users": [_user(world, login) for login in world.users],
        "institutions": institutions,
        "insurers": [{"number": code, "name": name} for code, name in _insurers(world).items()],
        "people": give_cards(world, _people(world)),
    }


def citizens(world: DemoWorld) -> Sequence[tuple[str, bytes]]:
    """The two citizens of the demo, by key and sealed number.

    link is stopped while its case goes on.
    """
    seen = f"{_PLAIN} AND EXISTS (SELECT FROM access_log WHERE access_log.link_id = link.link_id)"
    doubted = f"""{_OF_FIRST} AND link.state = 'stopped' AND EXISTS (
        SELECT FROM incident_case AS doubt WHERE doubt.link_id = link.link_id AND doubt.state = 'open'
    )"""
    found = []
    with world.program("demo", world.days_ago(1)) as work:
        for condition in (seen, doubted):
            row = work.connection.execute(
                _LINK.format(condition=condition, limit=1), {"first": world.organisations[FIRST]}
            ).fetchone()
            if row is not None:
                found.append((str(row["linkage_code"]), bytes(row["individual_number_sealed"])))
    return found


def _user(world: DemoWorld, login: str) -> Mapping[str, Any]:
    user = world.users[login]
    return {
        "role": user.role.value,
        "organisation": names_by_code(world)[user.organisation],
        "login": user.login,
        "password": user.password,
        "totp_secret": user.totp_secret,
    }


def _insurers(world: DemoWorld) -> Mapping[str, str]:
    with world.program("demo", world.days_ago(0)) as work:
        rows = work.connection.execute(
            """
            SELECT body.code, body.name
            FROM organisation AS body
            WHERE EXISTS (SELECT FROM link WHERE link.organisation_id = body.organisation_id)
            ORDER BY body.code
            """
        ).fetchall()
    return {row["code"]: row["name"] for row in rows}


def _people(world: DemoWorld) -> list[Mapping[str, Any]]:
    people = []
    elderly = world.today.replace(year=world.today.year - _SEVENTY_FIVE, day=1)
    values = {"first": world.organisations[FIRST], "city": world.organisations[CITY], "elderly": elderly.isoformat()}
    with world.program("demo", world.days_ago(0)) as work:
        for story, condition, limit in _STORIES:
            rows = work.connection.execute(_LINK.format(condition=condition, limit=limit), values)
            people += [_person(row, story) for row in rows]
    return people


def _person(row: Mapping[str, Any], story: str) -> Mapping[str, Any]:
    """A person as a program outside needs them; never the Individual Number."""
    shown = ("insurer_number", "symbol", "number", "branch", "birth_date", "kanji_name", "kana_name", "sex", "address")
    return {"person": row["linkage_code"], **{name: row[name] for name in shown}, "card": "", "story": story}
