"""``himozuke inspect``, ``prepare`` and ``verify``: files, the register, and one link."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.entrypoints.cli.progress import Bar
from himozuke.entrypoints.inspecting import EngineName, Options, inspect_into, prepare_register
from himozuke.entrypoints.places import places_known
from himozuke.entrypoints.results import Inspection
from himozuke.entrypoints.verifying import verify_links
from himozuke.errors import UsageError
from himozuke.settings import load

Register = Annotated[
    Path, Parameter(name="--register", help="The resident register: a file, or a folder made by prepare.")
]
Day = Annotated[date | None, Parameter(name="--on", help="Day of the register's snapshot; today by default.")]
Memory = Annotated[str | None, Parameter(name="--memory", help="Memory the engine may use, e.g. 3GB.")]
Rules = Annotated[
    list[Path] | None, Parameter(name="--rules", help="Your own rule files over the packaged ones.", negative="")
]
Mapping = Annotated[Path | None, Parameter(name="--mapping", help="TOML that names the columns of the links.")]
RegisterMapping = Annotated[
    Path | None, Parameter(name="--register-mapping", help="TOML that names the columns of the register.")
]
Mergers = Annotated[
    Path | None, Parameter(name="--mergers", help="CSV of municipality changes instead of the packaged list.")
]
AddressBase = Annotated[
    Path | None, Parameter(name="--address-base", help="Folder with files of the Address Base Registry.")
]


def inspect(  # noqa: PLR0913 -- one parameter an option
    links: Path,
    *,
    register: Register,
    scheme: Annotated[str, Parameter(help="Scheme code; see himozuke schemes.")],
    out: Annotated[Path, Parameter(help="Folder for the results; made when it is not there.")],
    on: Day = None,
    confirmed: Annotated[
        Path | None, Parameter(help="Answers of an earlier round: CSV link_id,evidence_digest,answer,…")
    ] = None,
    restriction: Annotated[
        Literal["verdict", "table"], Parameter(help="table: the stricter of both columns stands.")
    ] = "verdict",
    engine: EngineName = "duckdb",
    memory: Memory = None,
    threads: Annotated[int | None, Parameter(help="Threads to use; 0 = all.")] = None,
    mapping: Mapping = None,
    register_mapping: RegisterMapping = None,
    rules: Rules = None,
    mergers: Mergers = None,
    address_base: AddressBase = None,
    reveal: Annotated[bool, Parameter(help="Show Individual Numbers unmasked in the results.", negative="")] = False,
    quiet: Annotated[bool, Parameter(help="Print nothing but errors.", negative="")] = False,
    format: Format = "table",
) -> int:
    """Inspect a file of links against a resident register.

    紐付けを台帳と突き合わせて点検する。

    Writes verdicts.parquet, review.csv, corrections.csv, quarantine.csv, funnel.json, report.html and
    manifest.json to the folder. Ends with 0 nothing to do, 3 somebody must act, 4 rows were set aside.

    Parameters
    ----------
    links
        CSV, TSV, Parquet or xlsx with a row per link.
    """
    settings = load()
    with Bar(quiet=quiet or format != "table", language=settings.language) as bar:
        options = Options(
            engine=engine,
            memory=memory or settings.memory,
            threads=settings.threads if threads is None else threads,
            cache=settings.cache_dir,
            stricter_by_table=restriction == "table",
            reveal=reveal,
            confirmed=confirmed,
            mapping=mapping,
            register_mapping=register_mapping,
            rules=tuple(rules or ()),
            gazetteer=places_known(settings, mergers, address_base),
            progress=bar,
        )
        found = inspect_into(links, register, out, scheme=scheme, on=on or _today(), options=options)
    if not quiet:
        _say(found, format, language=settings.language)
    return found.exit_code


def _say(found: Inspection, form: Format, *, language: str) -> None:
    steps = [
        {"step": step.step, "name": step.name_en if language == "en" else step.name_ja, "count": step.count}
        for step in found.funnel
    ]
    if form == "json":
        print(json.dumps(found.manifest, ensure_ascii=False, indent=2))
        return
    rows = [step | {"count": f"{step['count']:,}"} if form == "table" else step for step in steps]
    show(("step", "name", "count"), rows, form)
    if form == "table":
        print(found.report().resolve())


def prepare(
    register: Path,
    *,
    out: Annotated[Path | None, Parameter(help="Folder to keep it in; the cache folder by default.")] = None,
    on: Day = None,
    register_mapping: RegisterMapping = None,
    quiet: Annotated[bool, Parameter(help="Print nothing but errors.", negative="")] = False,
    format: Format = "table",
) -> int:
    """Fold a register once, so that later inspections only reuse it.

    台帳を一度だけ準備する。

    Parameters
    ----------
    register
        CSV, TSV, Parquet or xlsx with a row per person.
    """
    settings = load()
    with Bar(quiet=quiet or format != "table", language=settings.language) as bar:
        options = Options(cache=settings.cache_dir, register_mapping=register_mapping, progress=bar)
        found = prepare_register(register, on=on or _today(), options=options, folder=out)
    figures = {
        "folder": str(found.folder),
        "rows_read": found.rows_read,
        "rows": found.rows,
        "rows_quarantined": found.rows_quarantined,
        "encoding": found.encoding,
        "sha256": found.digest,
    }
    if not quiet:
        show(tuple(figures), [figures], format, as_records=True)
    return 4 if found.rows_quarantined else 0


def verify(  # noqa: PLR0913 -- one parameter an option
    link: Annotated[str, Parameter(help="A JSON file with one link, or - for JSON lines.", allow_leading_hyphen=True)],
    *,
    register: Register,
    scheme: Annotated[str, Parameter(help="Scheme code; see himozuke schemes.")],
    on: Day = None,
    engine: EngineName = "duckdb",
    register_mapping: RegisterMapping = None,
    rules: Rules = None,
    mergers: Mergers = None,
    address_base: AddressBase = None,
) -> int:
    """Verify single links and print one JSON object a link.

    紐付けを1件ずつ確かめる。

    The keys of a link are the English column names. Ends with 0, 3 or 4 as inspect does.
    """
    settings = load()
    options = Options(
        engine=engine,
        memory=settings.memory,
        threads=settings.threads,
        cache=settings.cache_dir,
        register_mapping=register_mapping,
        rules=tuple(rules or ()),
        gazetteer=places_known(settings, mergers, address_base),
    )
    text = sys.stdin.read() if link == "-" else _read(Path(link))
    answers, code = verify_links(text, register, scheme=scheme, on=on or _today(), options=options)
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False))
    return code


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}. Name a JSON file with one link, or - to read lines.") from error


def _today() -> date:
    return datetime.now().astimezone().date()
