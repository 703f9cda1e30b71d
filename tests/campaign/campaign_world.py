"""A campaign with bodies to ask, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from database_fixture import SmallWorld
from factories import table

from himozuke.campaign.model import Survey, SurveyLine
from himozuke.engines.base import Silence
from himozuke.entrypoints.wiring import Office
from himozuke.gateways.tables import open_register
from himozuke.stores.register_loading import RegisterFile, RegisterLoader

REQUESTED_ON = date(2023, 6, 21)
REGISTER_DAY = date(2026, 3, 31)
INSURER, OTHER, CITY = "06139999", "06279998", "139991"

THREE_ITEMS = Survey(
    "health_insurance",
    "yes",
    "jlis",
    ("kana_name", "birth_date", "sex"),
    lines=(SurveyLine("jlis", date(2021, 10, 1), None, "no", "no", "no"),),
)
ALL_ITEMS = Survey(
    "health_insurance",
    "yes",
    "return_",
    ("kanji_name", "kana_name", "birth_date", "sex", "address"),
    lines=(SurveyLine("person", None, None, "no", "no", "no"),),
)


@dataclass(frozen=True, slots=True)
class CampaignWorld:
    """A campaign in the small world: two insurers and a municipality were asked, nobody has answered."""

    office: Office
    small: SmallWorld
    campaign_id: int

    def work(self, role: str, *, of: int | None = None) -> Any:
        """The services in the name of somebody in a role."""
        return self.office.work(self.small.actor(role, of=of))

    def answer(self, survey: Survey, *, of: int | None = None) -> None:
        """Answer a survey as the supervisor of a body."""
        with self.work("insurer_supervisor", of=of) as work:
            work.campaigns.answer(self.campaign_id, survey)


def load_register(settled: Office, rows: Sequence[dict[str, str]], folder: Path) -> None:
    """Load these people as the register of :data:`REGISTER_DAY`."""
    path = folder / "register.parquet"
    pq.write_table(table(list(rows)), path)
    reader = open_register(path)
    file = RegisterFile(kind="snapshot", as_of=REGISTER_DAY, name=path.name, digest=reader.digest)
    RegisterLoader(settled.database, settled.vault, Silence(), threads=1).load(reader, file)
