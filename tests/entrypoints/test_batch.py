"""A batch command sets its process up for many rows; no other command does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_SAY = (
    "import os, sys\n"
    "from himozuke.entrypoints.cli import main\n"
    "assert 'pyarrow' not in sys.modules, 'Arrow would not look again'\n"
    "code = main.run(sys.argv[1:])\n"
    "print(code, os.environ.get('MIMALLOC_PURGE_DELAY'), sys.getswitchinterval() < 0.005)\n"
)


@pytest.mark.parametrize(
    ("command", "kept"), [("inspect", "-1 True"), ("prepare", "-1 True"), ("schemes", "None False")]
)
def test_only_batch_commands_keep_what_they_free_and_take_short_turns(command: str, kept: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing.csv")
    arguments = {
        "inspect": ["inspect", missing, "--register", missing, "--scheme", "health_insurance", "--out", str(tmp_path)],
        "prepare": ["prepare", missing],
        "schemes": ["schemes"],
    }[command]
    environment = {name: value for name, value in os.environ.items() if name != "MIMALLOC_PURGE_DELAY"}

    said = subprocess.run(
        [sys.executable, "-c", _SAY, *arguments], capture_output=True, text=True, check=True, env=environment
    ).stdout

    assert said.splitlines()[-1] == f"{0 if command == 'schemes' else 2} {kept}"


def test_a_batch_that_ends_has_said_everything_and_keeps_its_code() -> None:
    say = "from himozuke.entrypoints import batch; print('said', end=''); batch.end(3)"

    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (3, "said")
