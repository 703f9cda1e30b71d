"""``himozuke audit``: checking the evidence of every act, and handing it to somebody who checks it too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from himozuke.entrypoints.cli.database import Data
from himozuke.errors import UsageError
from himozuke.ports.actor import Actor
from himozuke.settings import Settings, environment_with, load
from himozuke.stores.database import Database
from himozuke.stores.evidence import public_key as public_key_of
from himozuke.stores.evidence_file import (
    keys_in_database,
    read_evidence,
    read_public_key,
    write_evidence,
    write_public_key,
)
from himozuke.stores.evidence_table import evidence_of, traces_of
from himozuke.stores.sealing import HEAD_FILE, ROLE
from himozuke.stores.vault import KeyRing
from himozuke.stores.verification import Report, name_of, trusted
from himozuke.stores.verification import verify as verify_evidence

audit_app = App(name="audit", help="The evidence of every act. / 監査記録。")
_FINDINGS = 3
_SHOWN = 20


@audit_app.command
def verify(
    *,
    data: Data = None,
    export: Annotated[Path | None, Parameter(help="Check a file of himozuke audit export instead.")] = None,
    public_key: Annotated[
        Path | None, Parameter(help="Trust this key (PEM) and no other; by default that of the key file.")
    ] = None,
    format: Annotated[str, Parameter(help="text or json.")] = "text",
) -> int:
    """Check every record and every seal.

    監査記録を検証する。 Exit code 0, or 3 naming the first altered, missing or moved record. Records that no seal covers yet
    are counted; a gap in their numbers is a finding.
    """
    if export is not None:
        if public_key is None:
            raise UsageError("Give --public-key with --export: an export cannot vouch for itself.")
        report = verify_evidence(read_evidence(export), trusted([read_public_key(public_key)]))
    else:
        report = _verify_database(load(environment_with(data=data)), public_key)
    if format == "json":
        print(json.dumps(_as_json(report), ensure_ascii=False))
    else:
        _print(report)
    return _FINDINGS if report.finding_count else 0


def _verify_database(settings: Settings, key_file: Path | None) -> Report:
    with Database.open(settings) as database:
        database.check_schema()
        with database.transaction(Actor.system("verify")) as work:
            traces = traces_of(work.connection)
        with database.snapshot(Actor.system("verify"), database_role=ROLE) as connection:
            if key_file is not None:
                keys = [read_public_key(key_file)]
            elif settings.key_file.expanduser().exists():
                keys = [_own_key(settings)]
            else:
                keys = list(keys_in_database(connection))
            head_file = settings.data.expanduser() / HEAD_FILE
            evidence = replace(evidence_of(connection, head_file=head_file), traces=traces)
            return verify_evidence(evidence, trusted(keys))


def _own_key(settings: Settings) -> bytes:
    return public_key_of(KeyRing.open_or_make(settings.key_file.expanduser()).read().audit_key)


@audit_app.command
def export(
    file: Path,
    *,
    data: Data = None,
    public_key: Annotated[Path | None, Parameter(help="Write the public key (PEM) here too.")] = None,
) -> None:
    """Write all evidence to FILE, one JSON object a line, for a third party to check.

    監査記録を書き出す。
    """
    settings = load(environment_with(data=data))
    with Database.open(settings) as database:
        database.check_schema()
        with database.snapshot(Actor.system("export"), database_role=ROLE) as connection:
            count = write_evidence(connection, file)
    if public_key is not None:
        write_public_key(_own_key(settings), public_key)
    print(f"{count} records in {file}")


def _print(report: Report) -> None:
    if report.finding_count:
        for finding in report.findings[:_SHOWN]:
            print(finding)
        if report.finding_count > _SHOWN:
            print(f"… {report.finding_count} findings in all")
    else:
        print("Nothing is altered, missing or moved.")
    print(f"{report.records} records under {report.seals} seals", end="")
    print(f", the last of {report.last_seal.sealed_at}" if report.last_seal else "")
    if report.unsealed:
        places = f"{name_of(report.unsealed[0])} … {name_of(report.unsealed[-1])}"
        print(f"{len(report.unsealed)} records not sealed yet ({places})")


def _as_json(report: Report) -> dict[str, object]:
    return {
        "findings": [
            {"flaw": finding.flaw.value, "where": finding.where, "what": finding.what} for finding in report.findings
        ],
        "finding_count": report.finding_count,
        "records": report.records,
        "seals": report.seals,
        "unsealed": len(report.unsealed),
        "last_seal": report.last_seal.seal_id if report.last_seal else None,
        "last_digest": report.last_seal.digest.hex() if report.last_seal else None,
    }
