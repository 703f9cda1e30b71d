"""Publications on disk: figures taken from result folders, tables as CSV and JSON, the history of versions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from himozuke.campaign.published import (
    Change,
    ClassTable,
    PeriodTable,
    Publication,
    SchemeFigures,
    add_up,
)
from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.results.files import replacing, write_text

HISTORY = "published.json"
CLASS_NAMES = {
    1: "①基本的な留意事項に沿った対応を行っていなかった等のため、データ点検を行う",
    2: "②確認できない部分等もあるため、念のため、登録データの点検を行う",
    3: "③基本的な留意事項に沿った対応を行っている",
}
SCHEME_HEADERS = {
    "files": "点検したファイル",
    "rows": "対象件数",
    "verdicted": "判定件数",
    "quarantined": "保留件数",
    "proven": "正しいと確認",
    "explained": "説明がつき対応不要",
    "to_correct": "記録を補正",
    "to_ask": "本人等に確認",
    "refuted": "うち誤りの見込み",
    "confirmed_wrong": "誤りと確認",
}


def scheme_figures(folders: Iterable[Path], names: Mapping[str, tuple[str, str]]) -> tuple[SchemeFigures, ...]:
    """Add up the inspections of several result folders by scheme, from their ``manifest.json``.

    ``names`` maps scheme code to its Japanese and English name. Raises UsageError for a folder
    without a manifest and for a result that is named twice, InputRejectedError for a folder without figures.
    """
    folders = list(folders)
    _refuse_twice(folders)
    return add_up(_inspection(folder, names) for folder in folders)


def read_history(path: Path) -> tuple[Publication, ...]:
    """Read the versions published so far, the oldest first; none when the file is not there."""
    if not path.exists():
        return ()
    try:
        return tuple(_publication(found) for found in json.loads(path.read_text("utf-8"))["publications"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputRejectedError(
            f"{path.name} is not a history of publications; restore it from a copy, or publish into another folder."
        ) from error


def write_history(path: Path, history: Sequence[Publication]) -> None:
    """Write all versions, the current one last."""
    versions = [asdict(version) | {"as_of": version.as_of.isoformat()} for version in history]
    write_text(path, json.dumps({"publications": versions}, ensure_ascii=False, indent=2) + "\n")


def write_tables(
    folder: Path,
    *,
    classes: ClassTable | None,
    periods: PeriodTable | None,
    schemes: Sequence[SchemeFigures],
    as_of: date,
) -> None:
    """Write ``classes.csv``, ``periods.csv`` and ``schemes.csv`` (UTF-8 with BOM), each with its as-of day."""
    stamp = as_of.isoformat()
    if classes:
        rows = [[CLASS_NAMES[row.number], row.bodies, f"{row.percent:.1f}", stamp] for row in classes.rows]
        rows.append(["計", classes.total, "100.0" if classes.total else "", stamp])
        rows.append(["未回答", len(classes.unanswered), "", stamp])
        _write(folder / "classes.csv", ("区分", "団体数", "割合（％）", "時点"), rows)
    if periods:
        rows = [
            [
                period.first.isoformat(),
                period.last.isoformat(),
                period.wrong,
                period.viewed,
                period.uses,
                period.note,
                stamp,
            ]
            for period in periods.periods
        ]
        rows.append(["合計", "", periods.wrong, periods.viewed, periods.uses, "", stamp])
        headers = ("期間の始め", "期間の終わり", "誤登録件数", "閲覧件数", "利用件数", "注", "時点")
        _write(folder / "periods.csv", headers, rows)
    if schemes:
        rows = [[one.scheme, one.name_ja, *(getattr(one, name) for name in SCHEME_HEADERS), stamp] for one in schemes]
        _write(folder / "schemes.csv", ("制度コード", "制度", *SCHEME_HEADERS.values(), "時点"), rows)


def _refuse_twice(folders: Sequence[Path]) -> None:
    """Nobody is counted twice: a copy of a result holds the same verdicts on the same file for the same scheme."""
    known: dict[object, Path] = {}
    for folder in folders:
        manifest = _manifest(folder)
        inputs = manifest.get("inputs") or [{}]
        same = (manifest.get("scheme"), manifest.get("on"), inputs[0].get("sha256"), manifest.get("verdicts_sha256"))
        key = same if same[-1] else folder.resolve()
        if key in known:
            raise UsageError(
                f"{folder} is the same inspection as {known[key]} and would be counted twice. Name each result once."
            )
        known[key] = folder


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{folder} is not a result folder: it has no manifest.json. Name the --out of an inspection."
        ) from error
    except ValueError as error:
        raise InputRejectedError(f"{path} is damaged; run the inspection again.") from error
    return found


def _inspection(folder: Path, names: Mapping[str, tuple[str, str]]) -> tuple[str, str, str, Mapping[str, int]]:
    manifest = _manifest(folder)
    try:
        found = _figures(manifest)
        scheme = str(manifest["scheme"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputRejectedError(
            f"{folder / 'manifest.json'} holds no figures of a finished inspection; run the inspection again."
        ) from error
    name_ja, name_en = names.get(scheme, (scheme, scheme))
    return scheme, name_ja, name_en, found


def _figures(manifest: Mapping[str, Any]) -> dict[str, int]:
    funnel = manifest["figures"]["funnel"]
    return {
        "rows": int(manifest["rows_in_file"]),
        "verdicted": int(manifest["rows_verdicted"]),
        "quarantined": int(manifest["rows_quarantined"]),
        **{name: int(funnel[name]) for name in ("proven", "explained", "to_correct", "to_ask", "refuted")},
        "confirmed_wrong": int(manifest["figures"].get("confirmed_wrong", 0)),
    }


def _publication(found: Mapping[str, Any]) -> Publication:
    return Publication(
        version=int(found["version"]),
        as_of=date.fromisoformat(found["as_of"]),
        reason=str(found["reason"]),
        figures={str(name): int(value) for name, value in found["figures"].items()},
        changes=tuple(Change(one["figure"], one["before"], one["after"]) for one in found["changes"]),
    )


def _write(path: Path, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with replacing(path, encoding="utf-8-sig") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headers)
        writer.writerows(rows)
