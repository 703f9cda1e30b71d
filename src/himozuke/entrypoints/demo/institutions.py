"""Medical institutions of the demo, their users, keys and folders, and the cards of the people with a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from himozuke.entrypoints.demo.organisations import HASHER, add_user
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.identity.individual_number import IndividualNumber
from himozuke.inspection.model import ITEMS
from himozuke.ports.actor import Role

PIN = "1234"
_CARD_YEARS = timedelta(days=5 * 365)
_WITHOUT_CARD = "no_card"
_EXPIRED, _LONG_AGO = "expired_card", 200  # days: a certificate is taken for some months beyond its last day

# Writes card. One row: with the number given, else with that of the person's link.
_CARD = """
INSERT INTO card (card_id, individual_number_sealed, kind, pin_hash, certificate_until, is_damaged, is_registered)
SELECT %(card)s, coalesce(%(sealed)s, individual_number_sealed), %(kind)s, %(pin_hash)s, %(certificate_until)s,
       %(is_damaged)s, %(is_registered)s
FROM link
WHERE linkage_code = %(person)s
ORDER BY valid_to DESC NULLS FIRST, link_id
LIMIT 1
"""

#: Code, kind, name, login, whether it treats at home and online: one of each kind that may ask.
_INSTITUTIONS = (
    ("1311111111", "hospital", "合成第一病院", "hospital", False, True),
    ("1311111129", "clinic", "青空診療所", "clinic", True, True),
    ("1331111117", "dental_clinic", "みなと歯科", "dental", False, False),
    ("1341111115", "pharmacy", "こだま薬局", "pharmacy", True, False),
    ("1371111119", "treatment_office", "ひなた接骨院", "treatment", False, False),
)


def make_institutions(world: DemoWorld) -> list[Mapping[str, str]]:
    """Take up an institution of every kind, with a user, a key and a folder; as ``demo.json`` names them."""
    made: list[Mapping[str, str]] = []
    for code, kind, name, login, at_home, online in _INSTITUTIONS:
        with world.program("demo", world.days_ago(700)) as work:
            organisation_id = work.administration.add_organisation(code=code, kind="institution", name=name)
            work.connection.execute(
                "INSERT INTO institution (organisation_id, code, kind, folder, telephone, treats_at_home, treats_online) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (organisation_id, code, kind, code, "03-0000-0000", at_home, online),
            )
            world.organisations[code] = organisation_id
            user = add_user(world, work, login=login, name=f"{name} 受付", role=Role.INSTITUTION, at=code)
            key = work.administration.issue_key(user.user_id, name="demo")
        folder = world.office.settings.data / "oqs" / code
        for part in ("req", "res", "face"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        made.append({"code": code, "kind": kind, "api_key": key, "folder": str(folder)})
    return made


_MEDICAL_STOPPED = "medical_stopped"
#: The cards of stories that are about the card itself.
_OF_CARDS: Mapping[str, Mapping[str, Any]] = {
    "infant_card": {"kind": "infant"},  # no photo: the guardian enters the PIN
    "damaged_card": {"is_damaged": True},
    "not_registered": {"is_registered": False},
    "smartphone": {"kind": "smartphone"},
}


def give_cards(world: DemoWorld, people: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give everybody a card, save those whose story is to have none; the same people with their card.

    A card holds its bearer's own number, whatever number was linked to the insurance; where the story is that
    medical viewing is stopped, the number of the link, so that a card shows it.
    """
    given: list[Mapping[str, Any]] = []
    own = true_numbers(world.files)
    plain = {"kind": "photo", "pin_hash": HASHER.hash(PIN), "certificate_until": world.today + _CARD_YEARS}
    with world.program("demo", world.days_ago(300)) as work:
        for place, person in enumerate(people, 1):
            card = "" if person["story"] == _WITHOUT_CARD else f"CARD{place:04}"
            if card:
                special = dict(_OF_CARDS.get(person["story"], {}))
                if person["story"] == _EXPIRED:
                    special["certificate_until"] = world.days_ago(_LONG_AGO)
                is_by_link = person["story"] == _MEDICAL_STOPPED
                number = None if is_by_link else own.get(tuple(person[item] for item in ITEMS))
                columns = plain | {"is_damaged": False, "is_registered": True} | special
                sealed = world.office.vault.seal(IndividualNumber(int(number))) if number else None
                work.connection.execute(_CARD, columns | {"card": card, "person": person["person"], "sealed": sealed})
            given.append({**person, "card": card})
    return given


def true_numbers(files: Path) -> Mapping[tuple[str, ...], str]:
    """Everybody's own Individual Number by the five items of the link, as the population's truth has it."""
    items = ", ".join(ITEMS)
    with duckdb.connect() as engine:
        rows = engine.execute(
            f"SELECT {items}, truth.true_individual_number FROM read_parquet($links) AS link "  # noqa: S608 -- names of items
            "JOIN read_parquet($truth) AS truth USING (link_id)",
            {"links": str(files / "links.parquet"), "truth": str(files / "truth.parquet")},
        ).fetchall()
    return {tuple(items): number for *items, number in rows}
