"""What the resident register said of somebody on an earlier day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS
from himozuke.ports.challenge import STATUSES, as_date
from himozuke.ports.resident_register import RegisterEntry
from himozuke.stores.database import Work
from himozuke.stores.resident_register import refuse_stranger
from himozuke.stores.vault import Vault

_COLUMNS = """
    individual_number_sealed, previous_individual_number_sealed, status, status_on, is_furigana_certified,
    is_protected, kanji_name, kana_name, birth_date, sex, address, former_kanji_names, former_kana_names,
    former_addresses, alias, alias_kana, parallel_kanji_name
"""

# Reads resident_history and resident. One row: the person who bore the number on the day, as held then.
_ON_DAY = """
SELECT $columns
FROM resident_history
WHERE individual_number_sealed = ANY(%(sealed)s) AND held_from <= %(day)s AND held_until > %(day)s
UNION ALL
SELECT $columns
FROM resident
WHERE individual_number_sealed = ANY(%(sealed)s) AND held_from <= %(day)s
LIMIT 1
""".replace("$columns", _COLUMNS)


@dataclass(frozen=True, slots=True)
class ResidentHistory:
    """The register as it stood on any day since the first load."""

    work: Work
    vault: Vault

    def on(self, day: date, number: IndividualNumber) -> RegisterEntry | None:
        """The entry under a number on a day; None when nobody bore it in the register of that day.

        NotAllowedError for those who may not inquire.
        """
        refuse_stranger(self.work.actor)
        row = self.work.connection.execute(_ON_DAY, {"sealed": self.vault.look_up(number), "day": day}).fetchone()
        return self._entry(row) if row else None

    def _entry(self, row: Mapping[str, Any]) -> RegisterEntry:
        previous = row["previous_individual_number_sealed"]
        return RegisterEntry(
            individual_number=self.vault.open(row["individual_number_sealed"]),
            items=EntryItems(*(row[name] or "" for name in (*ITEMS, *FORMS))),
            is_furigana_certified=row["is_furigana_certified"],
            status=STATUSES[row["status"]],
            status_on=as_date(row["status_on"]),
            previous_number=self.vault.open(previous) if previous else None,
            is_protected=row["is_protected"],
        )
