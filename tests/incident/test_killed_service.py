"""The incident of the seed on a service that is killed in the middle of each step: nothing lost, nothing double.

The same story runs undisturbed beside it; after every step all tables hold the same number of rows, and the
evidence the same records of each act. ``bench/resilience.py`` kills every step in every way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from database_fixture import JAPAN, FixedClock, SmallWorld
from desk_fixture import Desk, session_of
from killed_service import KilledService, kept, let_commits_be_held, steps, wrong_link
from test_story import small_world

from himozuke.entrypoints.wiring import Office
from himozuke.settings import environment_with, load
from himozuke.stores.clock import SystemClock
from himozuke.stores.database import Database
from himozuke.stores.vault import KeyRing, Vault

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes through /proc")

#: Which way the first step is killed; each later one the next way.
FIRST_WAY = int(os.environ.get("HIMOZUKE_TEST_FIRST_WAY", "0"))


@pytest.fixture(name="undisturbed")
def _undisturbed(office: SmallWorld, desk: Callable[..., Desk]) -> list[Counter[str]]:
    """What is kept at first and after every step when nothing dies."""
    case_id = wrong_link(office)
    desks = {role: desk(role) for role in ("insurer_clerk", "insurer_supervisor")}
    found = []
    with office.database.maintenance() as connection:
        found.append(kept(connection))
        for place, step in enumerate(steps(case_id, office.clock.today())):
            client = desks[step.role]
            answer = step.send(client, client.cookies.get("himozuke") or "", place)
            assert answer.status_code < 400, (step.path, answer.text)
            found.append(kept(connection))
    return found


@contextmanager
def killed_service(data: Path) -> Iterator[tuple[KilledService, int]]:
    """A service over the same small world in a folder of its own, and the case."""
    settings = load(environment_with(data=data))
    with Database.open(settings, clock=SystemClock()) as database:
        database.migrate()
        clock = FixedClock()
        clock.set(database.clock.now().astimezone(JAPAN))
        office = small_world(database, clock, Vault(KeyRing.open_or_make(settings.key_file)))
        case_id = wrong_link(office)
        wired = Office(database=database, vault=office.vault, hasher=PasswordHasher(1, 8, 1))
        sessions = {role: session_of(wired, office.actor(role)) for role in ("insurer_clerk", "insurer_supervisor")}
        let_commits_be_held(office)
        service = KilledService(data, office, sessions)
        service.start()
        try:
            yield service, case_id
        finally:
            service.stop()


@pytest.mark.seed("S73", "S76", "S84", "S87", "S93")
def test_a_service_killed_in_the_middle_of_each_step_loses_nothing_and_does_nothing_twice(
    data_folder: Path, undisturbed: list[Counter[str]]
) -> None:
    with killed_service(data_folder) as (service, case_id):
        ways = (
            service.kill_while_the_act_is_written,
            service.kill_while_the_act_is_kept,
            service.kill_the_database,
        )
        assert service.kept() == undisturbed[0]
        for place, step in enumerate(steps(case_id, service.office.clock.today())):
            way = ways[(place + FIRST_WAY) % len(ways)]
            way(step, place)
            if way != service.kill_while_the_act_is_kept:
                assert service.kept() == undisturbed[place], (step.path, way.__name__)
            for _ in ("sent again after the cut", "sent twice by a nervous finger"):
                answer = service.send(step, place)
                assert answer.status_code < 400, (step.path, way.__name__, answer.text)
                assert service.kept() == undisturbed[place + 1], (step.path, way.__name__)
        service.stop()

        verified = subprocess.run(
            [
                sys.executable,
                "-c",
                "from himozuke.entrypoints.cli.main import main; main()",
                "audit",
                "verify",
                "--data",
                str(data_folder),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
