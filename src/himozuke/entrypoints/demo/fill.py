"""Making the demo, part by part; each part is done by the services themselves where they can."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from himozuke.engines.base import Progress
from himozuke.entrypoints.demo import (
    campaign_story,
    case_stories,
    certificates,
    links,
    listing,
    notice_stories,
    organisations,
)
from himozuke.entrypoints.demo.world import DemoWorld, MovableClock
from himozuke.entrypoints.register_loading import LoadOrder, load_register
from himozuke.entrypoints.serving import held_server
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UsageError
from himozuke.gateways.results.files import write_text
from himozuke.settings import Settings
from himozuke.simulators.demo.bodies import CITY, bodies
from himozuke.simulators.population import Plan, write
from himozuke.stores.database import Database
from himozuke.stores.key_versions import note_keys
from himozuke.stores.vault import KeyRing, Vault

MARK = "demo-folder.json"  # says that the folder is a demo's, so that a half-made one may be made anew
WORLD = "demo-world.json"  # what was made; written last
_PEOPLE_AT_LEAST = 1_000
_WRONG_LINKS = 110  # at least so many in all, so that the first insurer has some for every state of a case
_LEAST_SHARE = 0.0025


def filled_world(settings: Settings, people: int, progress: Progress) -> Mapping[str, Any]:
    """What stands in the demo's folder, made first where it does not stand yet.

    A folder that was left half made is made anew. UsageError for a folder that holds anything but a demo,
    and for fewer people than the stories need.
    """
    folder = settings.data
    world = folder / WORLD
    if world.is_file():
        with Database.open(settings) as database:
            database.migrate()  # a newer program goes on with an older demo
        found: Mapping[str, Any] = json.loads(world.read_text("utf-8"))
        return found
    if people < _PEOPLE_AT_LEAST:
        raise UsageError(f"The stories of the demo need at least {_PEOPLE_AT_LEAST} people; give --people that many.")
    _clear(folder)
    write_text(folder / MARK, json.dumps({"demo": True, "people": people}) + "\n")
    with held_server(settings):
        made = _make(settings, people, progress)
    write_text(world, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return made


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    left = list(folder.iterdir())
    if left and not (folder / MARK).is_file():
        raise UsageError(f"{folder} holds other files. Name an empty folder for the demo with --data.")
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make(settings: Settings, people: int, progress: Progress) -> Mapping[str, Any]:
    clock = MovableClock.started()
    today = clock.today()
    register_day = today - timedelta(days=1)
    files = settings.data / "demo-files"
    progress.phase("population", 3 * people)
    plan = Plan(people, errors=max(_LEAST_SHARE, _WRONG_LINKS / people))
    write(plan, files, lambda _, rows: progress.advance(rows))
    with Database.open(settings) as database:
        database.migrate()
    order = LoadOrder(files / "register.parquet", "snapshot", register_day, files / "register_quarantine.csv")
    load_register(order, settings, progress)
    with ExitStack() as stack:
        database = stack.enter_context(Database.open(settings, clock=clock))
        ring = KeyRing.open_or_make(settings.key_file.expanduser())
        with database.maintenance() as connection:
            note_keys(connection, ring, clock.now())
        office = Office(database=database, vault=Vault(ring), settings=settings)
        world = DemoWorld(office, clock, files, today, register_day)
        return _fill(world, progress)


def _fill(world: DemoWorld, progress: Progress) -> Mapping[str, Any]:
    progress.phase("organisations")
    every = bodies()
    organisations.make_organisations(world, every)
    split = links.split_links(world)
    links.fill_links(world, split, progress)
    own_files = links.write_body_files(world, split, (organisations.FIRST, organisations.SECOND, CITY))
    progress.phase("users")
    organisations.make_users(world)
    progress.phase("campaign")
    campaign_story.first_campaign(world, every)
    campaign_id = campaign_story.second_campaign(world, every)
    runs = campaign_story.inspect(world, campaign_id, own_files)
    progress.phase("cases")
    case_stories.open_everywhere(world)
    case_stories.carry(world, runs[organisations.FIRST])
    case_stories.open_by_call(world)
    organisations.make_citizens(world, listing.citizens(world))
    progress.phase("notices")
    notice_stories.file_notices(world)
    certificates.issue_certificates(world)
    return listing.listed(world)


def settings_of(settings: Settings, folder: Path) -> Settings:
    """The settings of a demo: its own database and its own keys, whatever else is set."""
    return replace(settings, data=folder, database_url="", key_file=folder / "keys.json")
