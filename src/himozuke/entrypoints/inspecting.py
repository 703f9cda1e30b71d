"""The main job from files to results: open, prepare, stage, inspect, write."""

from __future__ import annotations

import csv
import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from himozuke import schemes
from himozuke.engines.base import Answer, Engine, Job, Progress, Silence
from himozuke.engines.duckdb import DuckDBEngine
from himozuke.engines.pairs import make_ready
from himozuke.engines.reference import ReferenceEngine
from himozuke.engines.register import PreparedRegister, folder_of, open_prepared
from himozuke.engines.register import prepare as fold
from himozuke.engines.run import inspect as run
from himozuke.engines.staging import stage
from himozuke.entrypoints.originals import Unmended
from himozuke.entrypoints.results import Inspection, write_rejection, write_results
from himozuke.entrypoints.work_folder import work_folder
from himozuke.errors import HimozukeError, InputRejectedError, UpstreamDownError, UsageError
from himozuke.gateways.tables import LinkBatch, TableReader, digest, open_links, open_register, write_quarantine
from himozuke.identity.gazetteer import Gazetteer
from himozuke.inspection.model import ReviewRow
from himozuke.rules.loader import load
from himozuke.rules.model import RuleBook
from himozuke.settings import Settings, memory_bytes

EngineName = Literal["duckdb", "reference"]
_LEAST_MEMORY = 256 * 2**20
_MANY = 500_000  # people, with whom comparing is made ready while links are read
_ENGINES: dict[str, type[Engine]] = {"duckdb": DuckDBEngine, "reference": ReferenceEngine}


@dataclass(frozen=True, slots=True)
class Options:
    """How an inspection is run; the defaults are those of the command line."""

    engine: EngineName = "duckdb"
    memory: str = "3GB"
    threads: int = 0
    cache: Path = field(default_factory=Settings().cache_dir.expanduser)
    stricter_by_table: bool = False
    reveal: bool = False
    confirmed: Path | None = None
    mapping: Path | None = None
    register_mapping: Path | None = None
    rules: tuple[Path, ...] = ()
    gazetteer: Gazetteer | None = None
    insurer_number: str = ""  # rows that name another insurer are set aside
    progress: Progress = field(default_factory=Silence)
    reviewed: Callable[[ReviewRow], object] | None = None  # is shown every row somebody must act on

    @property
    def usable_threads(self) -> int:
        """The number of threads; 0 stands for every core the process may use."""
        return self.threads or len(_cores())

    def settles_while_reading(self, register: PreparedRegister) -> bool:
        """Tell whether links meet the register while they are read: where its numbers fit into memory."""
        return self.engine == "duckdb" and register.numbers().bytes <= memory_bytes(self.memory)


def _cores() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def prepare_register(source: object, *, on: date, options: Options, folder: Path | None = None) -> PreparedRegister:
    """Fold a register once; a prepared folder, or one made earlier from the same content, is reused.

    InputRejectedError when the source is no register, UsageError when it is not there.
    """
    if isinstance(source, str | Path) and Path(source).is_dir():
        found = open_prepared(Path(source))
        if found is None:
            raise UsageError(f"{source} is not a prepared register of this version. Run himozuke prepare again.")
        return found
    options.progress.phase("digest")
    is_path = isinstance(source, str | Path)
    reader = None if is_path else open_register(source, mapping=options.register_mapping)  # a stream is read once
    content = reader.digest if reader else digest(source)
    mapping = digest(options.register_mapping) if options.register_mapping else ""
    folder = folder or folder_of(options.cache, content, on, mapping)
    name = Path(str(source)).name if is_path else "register"
    found = open_prepared(folder)
    if found and found.is_made_from(content, on, mapping):
        return replace(found, name=name)
    reader = reader or open_register(source, mapping=options.register_mapping)
    options.progress.phase("prepare")
    return fold(
        reader,
        folder,
        digest=content,
        name=name,
        on=on,
        mapping=mapping,
        write_quarantine=write_quarantine,
        threads=options.usable_threads,
        advance=options.progress.advance,
    )


def inspect_into(links: object, register: object, out: Path, *, scheme: str, on: date, options: Options) -> Inspection:
    """Inspect links against a register and leave all result files in ``out``.

    Finished results are replaced file by file; half-done ones of the same job are resumed.
    InputRejectedError when a file is no table of its kind (only ``manifest.json`` is written then),
    UsageError for a missing file or an unknown scheme, UpstreamDownError when the disk is full.
    """
    started = datetime.now(UTC)
    kind = schemes.find(scheme)
    rules = load(options.rules)
    _check(options, out)
    try:
        reader = open_links(links, mapping=options.mapping, insurer_number=options.insurer_number)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: reader.digest)  # both files are digested at once
            prepared = prepare_register(register, on=on, options=options)
            reading.result()
        fingerprint = _fingerprint(reader, prepared, rules, scheme, on, options)
        with work_folder(out, fingerprint) as work, _no_collection(), ThreadPoolExecutor(1) as ahead:
            job = _job(reader, prepared, kind, rules, on, work, options)
            unmended = Unmended(job, reader, ahead)
            findings = run(job, _ENGINES[options.engine](), when_decided=unmended.begin)
            return write_results(findings, reader, out, unmended=unmended, started=started, options=options)
    except InputRejectedError as error:
        write_rejection(out, error, scheme=scheme, on=on)
        raise
    except PermissionError as error:
        message = (
            f"You may not write {error.filename}. Name another folder (--out, HIMOZUKE_CACHE_DIR), or get the right."
        )
        raise UpstreamDownError(message) from error
    except OSError as error:
        message = f"The disk or a file gave up: {error}. Free space or check the rights, then run again."
        raise UpstreamDownError(message) from error


def _day(on: date | str) -> date:
    if isinstance(on, date):
        return on
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        raise UsageError(f"{on!r} is no day; write it like 2025-10-01.") from error


def _check(options: Options, out: Path) -> None:
    """Refuse what cannot work before anything is read."""
    if options.threads < 0:
        raise UsageError(f"Cannot use {options.threads} threads: give 0 for all, or how many.")
    if memory_bytes(options.memory) < _LEAST_MEMORY:
        raise UsageError(f"Cannot work within {options.memory}: give at least 256MB.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"Cannot write results to {out}: it is a file. Name a folder with --out.")
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        message = f"Cannot write results to {out}: you may not write into {there}. Name another folder with --out."
        raise UpstreamDownError(message)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of plain rows, where there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _job(
    reader: TableReader[LinkBatch],
    prepared: PreparedRegister,
    kind: schemes.Scheme,
    rules: RuleBook,
    on: date,
    work: Path,
    options: Options,
) -> Job:
    options.progress.phase("read")
    with ThreadPoolExecutor(1) as pool:
        if options.settles_while_reading(prepared) and prepared.rows >= _MANY:
            pool.submit(make_ready, prepared, options.gazetteer)
        staged = stage(
            reader,
            work / "links",
            on=on,
            scheme=kind,
            write_quarantine=write_quarantine,
            settle_by=prepared if options.settles_while_reading(prepared) else None,
            threads=options.usable_threads,
            advance=options.progress.advance,
        )
    return Job(
        links=staged,
        register=prepared,
        scheme=kind,
        rules=rules,
        on=on,
        work=work,
        memory=options.memory,
        threads=options.usable_threads,
        answers=read_answers(options.confirmed) if options.confirmed else {},
        stricter_by_table=options.stricter_by_table,
        gazetteer=options.gazetteer,
        progress=options.progress,
    )


def _fingerprint(
    reader: TableReader[LinkBatch],
    prepared: PreparedRegister,
    rules: RuleBook,
    scheme: str,
    on: date,
    options: Options,
) -> str:
    """What tells one job from another: its inputs, its day and everything that shapes the answer."""
    mapping = options.mapping.read_bytes().hex() if options.mapping else ""
    register = f"{prepared.digest} {prepared.mapping}"
    places = options.gazetteer.version if options.gazetteer else ""
    whose = options.insurer_number
    parts = (reader.digest, register, rules.version, scheme, str(on), mapping, places, whose, version("himozuke"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


_ANSWERS = {"right": True, "wrong": False}


def read_answers(path: Path) -> dict[str, Answer]:
    """Read what an earlier round found out: CSV ``link_id,evidence_digest,answer,reason,by,on``.

    InputRejectedError names the line that cannot be used; a later line for a link replaces an earlier.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}. Check --confirmed.") from error
    except UnicodeDecodeError as error:
        raise InputRejectedError(f"{path.name} is not UTF-8. Save it as CSV in UTF-8.") from error
    return dict(_answers(path.name, rows))


def _answers(name: str, rows: list[dict[str, Any]]) -> Iterator[tuple[str, Answer]]:
    for line, row in enumerate(rows, 2):
        answer = (row.get("answer") or "").strip().lower()
        link_id, evidence = (row.get("link_id") or "").strip(), (row.get("evidence_digest") or "").strip()
        if answer not in _ANSWERS or not link_id or not evidence:
            message = (
                f"{name}, line {line}: a link_id, an evidence_digest and the answer right or wrong are needed; "
                f"the answer there is {answer!r}. Mend the line and run again."
            )
            raise InputRejectedError(message)
        yield link_id, Answer(_ANSWERS[answer], evidence)


def inspect(
    links: object,
    register: object,
    *,
    scheme: str,
    on: date | str | None = None,
    engine: EngineName = "duckdb",
    out: Path | str | None = None,
    **options: Any,  # noqa: ANN401 -- the fields of Options, checked by it
) -> Inspection:
    """Inspect links against a register.

    ``links`` and ``register`` are paths, or anything that gives Arrow data (Arrow tables and streams,
    Polars and pandas frames, DuckDB relations). ``on`` is the day of the register's snapshot, by
    default today. Without ``out`` the results live as long as the returned object. ``options`` are
    those of :class:`Options`. HimozukeError as raised by :func:`inspect_into`.
    """
    day = _day(on) if on else date.today()  # noqa: DTZ011 -- the office's own calendar day
    chosen = Options(engine=engine, **options)
    if out is not None:
        return inspect_into(links, register, Path(out), scheme=scheme, on=day, options=chosen)
    folder = Path(tempfile.mkdtemp(prefix="himozuke-"))
    try:
        found = inspect_into(links, register, folder, scheme=scheme, on=day, options=chosen)
    except HimozukeError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return found.owning(folder)
