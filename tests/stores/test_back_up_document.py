"""The commands of the how-to about backups do what it says, in the order in which it gives them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from himozuke.ports.actor import Actor
from himozuke.settings import environment_with, load
from himozuke.stores.database import Database
from himozuke.stores.vault import KeyRing

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = f"""#!/bin/sh
exec {sys.executable} -c 'from himozuke.entrypoints.cli.main import main; main()' "$@"
"""


def blocks(language: str) -> list[str]:
    """The commands of each block of the page."""
    page = (DOCS / language / "how-to" / "back-up.md").read_text("utf-8")
    return re.findall(r"```sh\n(.*?)```", page, re.DOTALL)


def test_both_languages_give_the_same_commands() -> None:
    assert blocks("ja") == blocks("en")
    assert len(blocks("en")) == 3


def test_the_commands_of_the_page_back_up_restore_verify_and_replace(data_folder: Path) -> None:
    service, safe = data_folder / "service", data_folder / "safe"
    (data_folder / ".venv" / "bin").mkdir(parents=True)
    program = data_folder / ".venv" / "bin" / "himozuke"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    safe.mkdir()
    settings = load(environment_with(data=service))
    with Database.open(settings) as database:
        database.migrate()
        KeyRing.open_or_make(settings.key_file)
        with database.transaction(Actor.system("test")) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
    shutil.copy(settings.key_file, safe / "keys.json")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIMOZUKE_")}
    environment["HIMOZUKE_DATA"] = "service"

    def follow(block: str) -> str:
        (data_folder / "backups").mkdir(exist_ok=True)
        commands = re.sub(r"(/backups|/safe)/", rf"{data_folder}\1/", block)
        commands = commands.replace("himozuke-2026-11-25.tar", "himozuke-$(date +%F).tar")
        done = subprocess.run(
            ["/bin/sh", "-ec", commands],
            cwd=data_folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, commands + done.stdout + done.stderr
        return done.stdout

    back_up, restore, replace = blocks("en")
    follow(back_up)
    follow(restore)  # ends with the check of the evidence
    follow(replace)

    restored = load(environment_with(data=data_folder / "restored"))
    with Database.open(restored) as database, database.transaction(Actor.system("test")) as work:
        acts = {row["act"] for row in work.connection.execute("SELECT act FROM audit_record")}
    assert acts == {"test.act", "database.restore"}
