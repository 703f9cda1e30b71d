"""The server in the data folder: shared, stopped by its last user, and never left behind or broken by a killed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from database_fixture import FixedClock

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.ports.actor import Actor
from himozuke.settings import Settings
from himozuke.stores.database import Database
from himozuke.stores.embedded import EmbeddedServer, ServerFolder

HOLD = """
import sys, time
from pathlib import Path
from himozuke.stores.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), ["fsync=off"])
server.open()
print("open", flush=True)
sys.stdin.read()
server.close()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the embedded server does not run on Windows")


def hold(data: Path) -> subprocess.Popen[bytes]:
    """Another command that uses the server of a data folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n", process.stderr.read() if process.stderr else ""
    return process


def let_go(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def postmaster(data: Path) -> int | None:
    """The process of the server, if it runs."""
    try:
        pid = int((data / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, 0)
    except (OSError, IndexError):
        return None
    return pid


def works(server: EmbeddedServer) -> bool:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_two_commands_share_a_server_and_the_last_one_stops_it(data_folder: Path) -> None:
    server = EmbeddedServer(data_folder, ["fsync=off"])
    server.open()
    other = hold(data_folder)
    pid = postmaster(data_folder)

    server.close()
    assert postmaster(data_folder) == pid
    let_go(other)

    assert postmaster(data_folder) is None


def test_two_commands_that_start_at_once_make_one_cluster(data_folder: Path) -> None:
    script = HOLD.replace("sys.stdin.read()", "time.sleep(0.2)")
    both = [subprocess.Popen([sys.executable, "-c", script, str(data_folder)]) for _ in range(2)]

    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert postmaster(data_folder) is None


def test_a_killed_command_leaves_a_server_that_the_next_one_uses_and_stops(data_folder: Path) -> None:
    killed = hold(data_folder)
    killed.kill()
    killed.communicate()
    assert postmaster(data_folder) is not None

    server = EmbeddedServer(data_folder, ["fsync=off"])
    server.open()
    assert works(server)
    server.close()

    assert postmaster(data_folder) is None


def test_a_killed_server_is_started_again_and_has_lost_nothing_that_was_kept(data_folder: Path) -> None:
    settings = Settings(data=data_folder, connections=4)
    with Database.open(settings, clock=FixedClock()) as database:
        database.migrate()
        with database.transaction(Actor.system("test")) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
        pid = postmaster(data_folder)
        assert pid is not None

        os.kill(pid, signal.SIGKILL)
        while postmaster(data_folder) == pid:
            time.sleep(0.05)

        with database.transaction(Actor.system("test")) as work:  # started again by the act itself
            row = work.connection.execute("SELECT count(*) AS count FROM audit_record").fetchone()
        assert row == {"count": 1}
        assert postmaster(data_folder) not in {None, pid}
    assert postmaster(data_folder) is None


def test_a_cluster_half_made_is_made_anew(data_folder: Path) -> None:
    half = data_folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")

    server = EmbeddedServer(data_folder, ["fsync=off"])
    server.open()
    try:
        assert works(server)
        assert not half.exists()
    finally:
        server.close()


def test_a_long_path_gets_its_socket_elsewhere(data_folder: Path) -> None:
    deep = data_folder / ("深" * 30) / ("長" * 20)

    server = EmbeddedServer(deep, ["fsync=off"])
    server.open()
    try:
        assert works(server)
        assert ServerFolder(deep).socket.parent != deep
        assert ServerFolder(deep).socket.stat().st_mode & 0o077 == 0
    finally:
        server.close()


def test_a_cluster_of_another_postgresql_is_refused_with_the_way_out(data_folder: Path) -> None:
    (data_folder / "postgres").mkdir()
    (data_folder / "postgres" / "PG_VERSION").write_text("16\n", encoding="ascii")

    with pytest.raises(UsageError, match="Back it up"):
        EmbeddedServer(data_folder).open()


def test_a_server_that_does_not_start_says_why(data_folder: Path) -> None:
    with pytest.raises(UpstreamDownError, match="no_such_setting"):
        EmbeddedServer(data_folder, ["no_such_setting=1"]).open()


def test_nobody_reaches_the_server_through_the_network(data_folder: Path) -> None:
    server = EmbeddedServer(data_folder, ["fsync=off"])
    server.open()
    try:
        with psycopg.connect(server.conninfo("postgres")) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert (data_folder / "postgres").stat().st_mode & 0o077 == 0
    finally:
        server.close()
