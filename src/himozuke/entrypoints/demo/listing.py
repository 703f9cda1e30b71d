"""What ``demo.json`` says: users, insurers, and at least one person for every story the product tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from himozuke.entrypoints.demo.certificates import put_on_record
from himozuke.entrypoints.demo.institutions import give_cards, make_institutions
from himozuke.entrypoints.demo.organisations import FIRST
from himozuke.entrypoints.demo.world import DemoWorld, names_by_code
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.simulators.demo.bodies import CITY, ELDERLY

# Reads link with its cases. One row: the first link of a story; %% conditions are ours.
_LINK = """
SELECT link.link_id, link.linkage_code, link.insurer_number, link.symbol, link.number, link.branch, link.birth_date,
       link.kanji_name, link.kana_name, link.sex, link.address, link.individual_number_sealed
FROM link
WHERE {condition} AND link.link_id <> ALL (%(told)s)
ORDER BY link.link_id
LIMIT {limit}
"""

_OF_FIRST = "link.organisation_id = %(first)s"
_STOPPED = f"{_OF_FIRST} AND link.state = 'stopped'"
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
_WITH = """EXISTS (
    SELECT FROM qualification_period AS period
    JOIN qualification_certificate AS certificate USING (period_id)
    WHERE period.link_id = link.link_id"""
_INFANTS = 4  # years back from this one
_OPEN = "link.verdict = 'PROVEN' AND link.state = 'released' AND link.valid_to IS NULL"
_STORIES: tuple[tuple[str, str, int], ...] = (
    (
        "plain",
        f"{_PLAIN} AND link.birth_date ~ '^(19[5-9]|200)' AND link.states = ARRAY['equal','equal','equal','equal','equal']",
        3,
    ),
    ("no_card", f"{_PLAIN} AND link.birth_date ~ '^(199|200)' AND link.states[5] <> 'equal'", 1),
    ("elderly", f"link.organisation_id = %(elderly)s AND {_OPEN}", 1),
    ("elderly_recipient", f"{_OPEN} AND {_WITH} AND certificate.elderly IS NOT NULL)", 1),
    ("limit_certificate", f"{_OPEN} AND {_WITH} AND certificate.limits <> '[]')", 1),
    ("specific_disease", f"{_OPEN} AND {_WITH} AND certificate.diseases <> '[]')", 1),
    ("infant_card", f"{_OPEN} AND link.birth_date ~ %(infants)s", 1),
    ("expired_card", f"{_PLAIN} AND link.birth_date ~ '^199'", 1),
    ("damaged_card", f"{_PLAIN} AND link.birth_date ~ '^198'", 1),
    ("not_registered", f"{_PLAIN} AND link.birth_date ~ '^197'", 1),
    ("smartphone", f"{_PLAIN} AND link.birth_date ~ '^200'", 1),
    ("dependent", f"{_OF_FIRST} AND link.verdict = 'PROVEN' AND link.state = 'released' AND link.branch <> '00'", 1),
    ("moved_address", f"{_OF_FIRST} AND 'moved' = ANY (link.reasons) AND link.state = 'released'", 1),
    ("married", f"{_OF_FIRST} AND 'married' = ANY (link.reasons) AND link.state = 'released'", 1),
    ("moved_insurer", _MOVED, 1),
    ("viewing_stopped", f"{_STOPPED} AND link.restriction = 'ALL' AND link.verdict = 'PROVEN'", 1),
    ("medical_stopped", f"{_STOPPED} AND link.restriction = 'MEDICAL'", 1),
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
        "people": [_told(person) for person in give_cards(world, _people(world))],
    }


def citizens(world: DemoWorld) -> Sequence[tuple[str, bytes]]:
    """The two citizens of the demo, by key and sealed number: one whom somebody viewed, one who telephoned.

    The link of the second is stopped while the case goes on; both numbers are their own.
    """
    seen = f"{_PLAIN} AND EXISTS (SELECT FROM access_log WHERE access_log.link_id = link.link_id)"
    doubted = f"""{_STOPPED} AND link.verdict = 'PROVEN' AND EXISTS (
        SELECT FROM incident_case AS doubt WHERE doubt.link_id = link.link_id AND doubt.state = 'open'
    )"""
    found = []
    with world.program("demo", world.days_ago(1)) as work:
        for condition in (seen, doubted):
            row = work.connection.execute(
                _LINK.format(condition=condition, limit=1), {"first": world.organisations[FIRST], "told": []}
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
    people: list[Mapping[str, Any]] = []
    told: list[int] = []
    years = "|".join(str(world.today.year - back) for back in range(1, _INFANTS + 1))
    values = {
        "first": world.organisations[FIRST],
        "city": world.organisations[CITY],
        "elderly": world.organisations[ELDERLY],
        "infants": f"^({years})",
        "told": told,
    }
    with world.program("demo", world.days_ago(0)) as work:
        for story, condition, limit in _STORIES:
            rows = work.connection.execute(_LINK.format(condition=condition, limit=limit), values).fetchall()
            told += [row["link_id"] for row in rows]
            people += [_person(row, story) for row in rows]
    put_on_record(world, told)
    return people


def _person(row: Mapping[str, Any], story: str) -> Mapping[str, Any]:
    """A person as a program outside needs them; never the Individual Number."""
    shown = ("insurer_number", "symbol", "number", "branch", "birth_date", "kanji_name", "kana_name", "sex", "address")
    return {"person": row["linkage_code"], **{name: row[name] for name in shown}, "card": "", "story": story}


def _told(person: Mapping[str, Any]) -> Mapping[str, Any]:
    """The person with the birth date as programs send it, however the insurer wrote it."""
    born = whole_day(birth_date.parse(person["birth_date"]))
    return {**person, "birth_date": born.isoformat() if born else person["birth_date"]}
