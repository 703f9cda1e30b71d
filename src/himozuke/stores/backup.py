"""Backups: the database and the files beside it in one archive, never the keys; and putting one back."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from himozuke.errors import ConflictError, InputRejectedError, UpstreamDownError, UsageError
from himozuke.settings import Settings, environment_of_programs
from himozuke.stores import schema
from himozuke.stores.clock import SystemClock
from himozuke.stores.database import NAME, Database
from himozuke.stores.embedded import SUPERUSER, EmbeddedServer, binary
from himozuke.stores.sealing import HEAD_FILE

_FORMAT = 2
_WITHOUT_DIGESTS = 1  # a format that held no digests of files; still read
_DUMP = "database.dump"
_MANIFEST = "manifest.json"
_FILES = "files/"
_DIGESTS = "digests.json"  # SHA-256 of every file, as it was packed
_FIRST_WITH_SET = 160000  # before, every member of a role could take it on
_MAKING = f"{NAME}_restoring"
_BEFORE = f"{NAME}_before"
#: What lies in the data folder and is no part of a backup.
_LEFT_OUT = frozenset({"postgres", "postgres.new", "postgres.lock", "postgres.users", HEAD_FILE})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``key_versions`` are the keys without which it cannot be read."""

    format: int
    made_at: str
    schema: str
    dump_digest: str
    files: int
    key_versions: Sequence[int]


def back_up(database: Database, settings: Settings, path: Path) -> Manifest:
    """Write a backup of a database that may be at work; the file appears when it is whole.

    The database is as of one moment; files are read after it, so that none it names is missing.
    """
    with database.maintenance() as connection:
        schema.check(connection)
        versions = [row["version"] for row in connection.execute("SELECT version FROM key_version ORDER BY version")]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        dump = Path(folder) / _DUMP
        _run("pg_dump", database.conninfo, "--format=custom", "--enable-row-security", f"--file={dump}")
        files = list(_files(settings))
        manifest = Manifest(
            _FORMAT, database.clock.now().isoformat(), schema.head(), _digest_of(dump), len(files), versions
        )
        whole = Path(folder) / "backup.tar"
        _pack(whole, manifest, dump, files)
        whole.chmod(0o600)
        whole.replace(path)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself. InputRejectedError for a file that is none."""
    try:
        with tarfile.open(path) as archive:
            file = archive.extractfile(_MANIFEST)
            content = json.load(file) if file else {}
        manifest = Manifest(**content)
    except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise InputRejectedError(f"{path} is no backup of himozuke.") from error
    if manifest.format not in (_FORMAT, _WITHOUT_DIGESTS):
        raise InputRejectedError(f"{path} is a backup of another format ({manifest.format}).")
    return manifest


def restore(settings: Settings, path: Path, *, replace: bool = False) -> Manifest:
    """Put a backup back: into an empty database, or in the place of the one that is there.

    Nothing is changed before the whole backup has been read. ConflictError when there is a database and
    ``replace`` is not given, or somebody is at work in it.
    """
    manifest = read_manifest(path)
    with tempfile.TemporaryDirectory(prefix="himozuke-restore-") as folder:
        dump = Path(folder) / _DUMP
        _take_out(path, dump, manifest)
        if settings.database_url:
            _restore_into(settings.database_url, dump)
        else:
            _restore_embedded(settings, dump, replace=replace)
        _put_files_back(path, settings)
    with Database.open(settings) as database:
        database.migrate()  # the backup may be of an older version
        with database.maintenance() as connection:
            connection.execute("SELECT set_config('himozuke.login', 'system:restore', false)")
            _note_restore(connection, manifest, database.clock.now())
    (settings.data.expanduser() / HEAD_FILE).unlink(missing_ok=True)  # it speaks of what was there before
    return manifest


def _note_restore(connection: psycopg.Connection[dict[str, Any]], manifest: Manifest, now: datetime) -> None:
    from himozuke.stores.audit import PostgresAuditLog

    with connection.transaction():
        PostgresAuditLog(connection, SystemClock()).record(
            "database.restore",
            subject="database",
            subject_id=manifest.dump_digest[:16],
            details={"made_at": manifest.made_at, "restored_at": now.isoformat()},
        )


def _restore_into(conninfo: str, dump: Path) -> None:
    _make_roles(conninfo)
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class AS class JOIN pg_namespace AS namespace "
            "ON namespace.oid = class.relnamespace WHERE namespace.nspname = 'public' AND class.relkind = 'r'"
        ).fetchone()
    if found and found[0]:
        raise ConflictError("There are tables in the database already. Make an empty one, and restore into that.")
    _pg_restore(conninfo, dump)


def _restore_embedded(settings: Settings, dump: Path, *, replace: bool) -> None:
    server = EmbeddedServer(settings.data)
    server.open()
    try:
        with psycopg.connect(server.conninfo(SUPERUSER), autocommit=True) as connection:
            is_there = _exists(connection, NAME) and _has_tables(server.conninfo(NAME))
            if is_there and not replace:
                raise ConflictError(
                    f"There is a database in {server.folder.data} already. Restore into another data folder, "
                    "or give --replace to put the backup in its place."
                )
            connection.execute(f"DROP DATABASE IF EXISTS {_MAKING} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {_MAKING} TEMPLATE template0")
            _make_roles(server.conninfo(_MAKING))
            _pg_restore(server.conninfo(_MAKING), dump)
            _exchange(connection)
    finally:
        server.close()


def _exchange(connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"DROP DATABASE IF EXISTS {_BEFORE}")
    try:
        if _exists(connection, NAME):
            connection.execute(f"ALTER DATABASE {NAME} RENAME TO {_BEFORE}")
        connection.execute(f"ALTER DATABASE {_MAKING} RENAME TO {NAME}")
    except psycopg.errors.ObjectInUse:
        raise ConflictError("Somebody is at work in the database. Stop himozuke serve, then restore.") from None
    connection.execute(f"DROP DATABASE IF EXISTS {_BEFORE}")


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _has_tables(conninfo: str) -> bool:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() != (None,)


def _make_roles(conninfo: str) -> None:
    """Roles belong to the server, not to the database: a backup does not hold them."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for role in ("himozuke_app", "himozuke_sealer"):
            found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if found is None:
                connection.execute(f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS")
            how = "SET" if connection.info.server_version >= _FIRST_WITH_SET else "MEMBER"
            held = connection.execute("SELECT pg_has_role(current_user, %s, %s)", [role, how]).fetchone()
            if held != (True,):  # somebody else may have made it and given it to us
                connection.execute(f"GRANT {role} TO current_user")


def _pg_restore(conninfo: str, dump: Path) -> None:
    """Restore all or nothing. Default grants name the role that made them, so ours are given anew."""
    with tempfile.TemporaryDirectory() as folder:
        contents = Path(folder) / "contents"
        listed = _run("pg_restore", None, "--list", str(dump))
        kept = [line for line in listed.splitlines() if " DEFAULT ACL " not in line and " EXTENSION " not in line]
        contents.write_text("\n".join(kept), encoding="utf-8")
        _run(
            "pg_restore",
            conninfo,
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            f"--use-list={contents}",
            str(dump),
        )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        schema.grant_defaults(connection)


def _run(program: str, conninfo: str | None, *arguments: str) -> str:
    """Run a program of PostgreSQL; the password goes through the environment, which others cannot read."""
    environment = environment_of_programs()
    command = [str(_found(program)), *arguments]
    if conninfo is not None:
        parts: dict[str, Any] = dict(conninfo_to_dict(conninfo))
        password = parts.pop("password", None)
        parts.pop("options", None)
        environment["PGOPTIONS"] = "-c himozuke.scope=system"
        if password:
            environment["PGPASSWORD"] = str(password)
        command.append(f"--dbname={make_conninfo(**parts)}")
    done = subprocess.run(  # noqa: S603 -- fixed programs
        command, capture_output=True, text=True, env=environment, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise UpstreamDownError(f"{program} gave up: {done.stderr.strip()}")
    return done.stdout


def _found(program: str) -> Path:
    """The program of the wheel, else the one on the path (a server newer than the wheel needs its own)."""
    try:
        return binary(program)
    except UsageError:
        elsewhere = shutil.which(program)
        if elsewhere is None:
            raise
        return Path(elsewhere)


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Files of the data folder that belong to a backup, under their names in it."""
    data = settings.data.expanduser()
    keys = settings.key_file.expanduser()
    if not data.is_dir():
        return
    for top in sorted(data.iterdir()):
        if top.name in _LEFT_OUT or top.name.startswith("."):
            continue
        for path in sorted([top, *top.rglob("*")] if top.is_dir() else [top]):
            if path.is_file() and not path.is_symlink() and path != keys and not _is_beside(path, keys):
                yield path.relative_to(data).as_posix(), path


def _is_beside(path: Path, keys: Path) -> bool:
    return path.parent == keys.parent and path.name.startswith(f".{keys.name}")


def _pack(whole: Path, manifest: Manifest, dump: Path, files: Sequence[tuple[str, Path]]) -> None:
    said = dump.with_name(_MANIFEST)
    said.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
    digests: dict[str, str] = {}
    with tarfile.open(whole, "w") as archive:
        archive.add(said, _MANIFEST)
        archive.add(dump, _DUMP)
        for name, path in files:
            with path.open("rb") as file:
                hashed = _Hashed(file)
                archive.addfile(archive.gettarinfo(arcname=_FILES + name, fileobj=file), hashed)
            digests[name] = hashed.digest.hexdigest()
        said.write_text(json.dumps(digests, ensure_ascii=False), encoding="utf-8")
        archive.add(said, _DIGESTS)


class _Hashed(io.RawIOBase):
    """A file that is hashed while it is read: it may be written to at the same time."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._file.read(size)
        self.digest.update(content)
        return content


def _take_out(path: Path, dump: Path, manifest: Manifest) -> None:
    """Take the dump out and read every file once. InputRejectedError for anything that is not as it was packed."""
    try:
        with tarfile.open(path) as archive:
            file = archive.extractfile(_DUMP)
            if file is None:
                raise InputRejectedError(f"{path} holds no database.")
            with dump.open("wb") as out:
                shutil.copyfileobj(file, out)
            members = [member for member in archive.getmembers() if member.name.startswith(_FILES)]
            found = {member.name.removeprefix(_FILES): _digest_in(archive, member) for member in members}
            said = archive.extractfile(_DIGESTS) if manifest.format != _WITHOUT_DIGESTS else None
            packed = json.load(said) if said else found
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise InputRejectedError(f"{path} is damaged: it cannot be read to its end.") from error
    if _digest_of(dump) != manifest.dump_digest or len(members) != manifest.files:
        raise InputRejectedError(f"{path} is damaged: it is not what its manifest says.")
    wrong = sorted(name for name in packed | found if packed.get(name) != found.get(name))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise InputRejectedError(f"{path} is damaged: {wrong[0]}{more} is not what was packed. Take another backup.")


def _digest_in(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    return _digest(file) if file else ""


def _put_files_back(path: Path, settings: Settings) -> None:
    data = settings.data.expanduser()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            if member.name.startswith(_FILES):
                member.name = member.name.removeprefix(_FILES)
                archive.extract(member, data, filter="data")


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # IO[bytes] is readable


def as_lines(manifest: Manifest) -> Mapping[str, object]:
    """What people are told of a backup."""
    versions = ", ".join(map(str, manifest.key_versions)) or "none yet"
    return {
        "made": manifest.made_at,
        "schema": manifest.schema,
        "files": manifest.files,
        "keys needed": f"key file with version {versions}",
    }
