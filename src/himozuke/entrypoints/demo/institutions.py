"""Medical institutions of the demo, their users, keys and folders, and the cards of the people with a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from himozuke.entrypoints.demo.organisations import HASHER, add_user
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.ports.actor import Role

PIN = "1234"
_CARD_YEARS = timedelta(days=5 * 365)
_WITHOUT_CARD = "no_card"

#: Code, kind, name, login: one of each kind that may ask.
_INSTITUTIONS = (
    ("1311111111", "hospital", "合成第一病院", "hospital"),
    ("1311111129", "clinic", "青空診療所", "clinic"),
    ("1331111117", "dental_clinic", "みなと歯科", "dental"),
    ("1341111115", "pharmacy", "こだま薬局", "pharmacy"),
    ("1371111119", "treatment_office", "ひなた接骨院", "treatment"),
)


def make_institutions(world: DemoWorld) -> list[Mapping[str, str]]:
    """Take up an institution of every kind, with a user, a key and a folder; as ``demo.json`` names them."""
    made: list[Mapping[str, str]] = []
    for code, kind, name, login in _INSTITUTIONS:
        with world.program("demo", world.days_ago(700)) as work:
            organisation_id = work.administration.add_organisation(code=code, kind="institution", name=name)
            work.connection.execute(
                "INSERT INTO institution (organisation_id, code, kind, folder, telephone) VALUES (%s, %s, %s, %s, %s)",
                (organisation_id, code, kind, code, "03-0000-0000"),
            )
            world.organisations[code] = organisation_id
            user = add_user(world, work, login=login, name=f"{name} 受付", role=Role.INSTITUTION, at=code)
            key = work.administration.issue_key(user.user_id, name="demo")
        folder = world.office.settings.data / "oqs" / code
        for part in ("req", "res", "face"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        made.append({"code": code, "kind": kind, "api_key": key, "folder": str(folder)})
    return made


def give_cards(world: DemoWorld, people: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give everybody a card, save those whose story is to have none; the same people with their card."""
    given: list[Mapping[str, Any]] = []
    pin_hash = HASHER.hash(PIN)
    with world.program("demo", world.days_ago(300)) as work:
        for place, person in enumerate(people, 1):
            card = "" if person["story"] == _WITHOUT_CARD else f"CARD{place:04}"
            if card:
                work.connection.execute(
                    """
                    INSERT INTO card (card_id, individual_number_sealed, pin_hash, certificate_until)
                    SELECT %(card)s, individual_number_sealed, %(pin_hash)s, %(until)s
                    FROM link
                    WHERE linkage_code = %(person)s
                    ORDER BY valid_to DESC NULLS FIRST, link_id
                    LIMIT 1
                    """,
                    {
                        "card": card,
                        "pin_hash": pin_hash,
                        "until": world.today + _CARD_YEARS,
                        "person": person["person"],
                    },
                )
            given.append({**person, "card": card})
    return given
