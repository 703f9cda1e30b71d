"""Writing everything an inspection leaves behind, and reading it back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.engines.findings import Findings
from himozuke.entrypoints.originals import Unmended
from himozuke.errors import InputRejectedError
from himozuke.gateways.report import ReviewHead, write_report
from himozuke.gateways.results.corrections_csv import write_corrections
from himozuke.gateways.results.files import write_text
from himozuke.gateways.results.funnel_json import write_funnel
from himozuke.gateways.results.review_csv import write_review
from himozuke.gateways.results.verdicts_parquet import write_verdicts
from himozuke.gateways.tables import LinkBatch, TableReader
from himozuke.identity.gazetteer import Gazetteer
from himozuke.inspection import corrections as mending
from himozuke.inspection.decide import count
from himozuke.inspection.funnel import funnel
from himozuke.inspection.model import (
    FunnelStep,
    InputFile,
    QuarantineCount,
    ReviewRow,
    RuleUsed,
    Summary,
)
from himozuke.inspection.review import ReviewColumns

if TYPE_CHECKING:
    from himozuke.entrypoints.inspecting import Options

_FILES = (
    "verdicts.parquet",
    "review.csv",
    "corrections.csv",
    "quarantine.csv",
    "register_quarantine.csv",
    "funnel.json",
    "report.html",
    "manifest.json",
)
_RULES_USED = (
    "acquisition.few_items_at_most",
    "death.grace_days",
    "inspection.full_if_items_at_most",
    "jlis.multi_hit",
    "restriction.table",
)


@dataclass(frozen=True)
class Inspection:
    """What an inspection found, as a library user meets it; every table is read when asked for."""

    folder: Path
    summary: Summary
    funnel: tuple[FunnelStep, ...]
    manifest: dict[str, Any]
    _keep: list[Any] = field(default_factory=list, repr=False, compare=False)

    @property
    def verdicts(self) -> pa.Table:
        """One row per understood row of the file, in file order (columns of ``verdicts.parquet``)."""
        return pq.read_table(self.folder / "verdicts.parquet")

    @property
    def review(self) -> pa.Table:
        """The rows somebody must act on: to ask by rank, then to correct."""
        table = self.verdicts
        action = pa.compute.field("action")
        chosen = table.filter(action != "none")
        order = [("action", "ascending"), ("rank", "ascending"), ("row", "ascending")]
        return chosen.sort_by(order)

    def report(self) -> Path:
        """The report as one self-contained HTML file."""
        return self.folder / "report.html"

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 4 rows set aside (of the links or the register), 3 somebody must act, else 0."""
        if self.summary.rows_quarantined or self.summary.register_rows_quarantined:
            return 4
        actions = self.summary.counts.actions
        return 3 if actions["ask"] or actions["correct"] else 0

    def owning(self, folder: Path) -> Inspection:
        """The same, removing its folder when it is no longer used."""
        finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return self

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{step.name_ja}<br><small>{step.name_en}</small></th>"
            f"<td style='text-align:right'>{step.count:,}</td></tr>"
            for step in self.funnel
        )
        return f"<table><caption>himozuke {self.summary.on}</caption><tbody>{rows}</tbody></table>"


def write_results(
    findings: Findings,
    reader: TableReader[LinkBatch],
    out: Path,
    *,
    unmended: Unmended,
    started: datetime,
    options: Options,
) -> Inspection:
    """Write all result files beside their place, then put them there, ``manifest.json`` last.

    A reader never meets half of a file, and a run that fails on the way leaves the former results whole.
    """
    progress = findings.job.progress
    progress.phase("write", findings.job.links.rows)
    draft = findings.job.work / "results"
    draft.mkdir(exist_ok=True)
    head = ReviewHead()
    reports: list[Future[None]] = []

    def report() -> None:
        write_report(draft / "report.html", summarised.result(), head)

    def reporting(blocks: Iterator[ReviewColumns]) -> Iterator[ReviewColumns]:
        for block in blocks:
            if head.is_full and not reports:
                reports.append(pool.submit(report))
            yield block

    with ThreadPoolExecutor(3) as pool:  # Arrow reads and writes outside the GIL, and so does hashing
        verdicts = pool.submit(_write_verdicts, findings, draft)
        summarised = pool.submit(summarise, findings, reader, started=started, options=options)
        digest = pool.submit(findings.content_digest)
        fixes: list[pa.Table] = []
        reviewed = _collecting(findings.reviews(reveal=options.reveal), fixes, options.reviewed)
        write_review(draft / "review.csv", reporting(head.watch(reviewed)))
        if not reports:
            reports.append(pool.submit(report))
        corrected = pool.submit(
            write_corrections,
            draft / "corrections.csv",
            pa.concat_tables(fixes),
            layout=reader.layout,
            originals=unmended.pieces(),
            reveal=options.reveal,
        )
        summary = summarised.result()
        steps = funnel(summary)
        write_funnel(draft / "funnel.json", steps)
        shutil.copyfile(findings.job.links.folder / "quarantine.csv", draft / "quarantine.csv")
        shutil.copyfile(findings.job.register.quarantine, draft / "register_quarantine.csv")
        corrected.result()
        verdicts.result()
        reports[0].result()
    manifest = _manifest(findings, summary, steps, digest.result())
    write_text(draft / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    for name in _FILES:
        (draft / name).replace(out / name)
    return Inspection(out, summary, steps, manifest)


def write_rejection(out: Path, error: InputRejectedError, *, scheme: str, on: date) -> None:
    """Leave only a manifest that says why nothing could be read; results of an earlier run go."""
    out.mkdir(parents=True, exist_ok=True)
    for name in _FILES[:-1]:
        (out / name).unlink(missing_ok=True)
    content = {"program": version("himozuke"), "scheme": scheme, "on": str(on), "rejected": str(error)}
    write_text(out / "manifest.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _collecting(
    blocks: Iterator[ReviewColumns], fixes: list[pa.Table], show: Callable[[ReviewRow], object] | None
) -> Iterator[ReviewColumns]:
    fixes.append(mending.SCHEMA.empty_table())
    for block in blocks:
        fixes.append(mending.corrections(block))
        if show:
            for row in block.rows(range(len(block))):
                show(row)
        yield block


def _write_verdicts(findings: Findings, out: Path) -> None:
    write_verdicts(out / "verdicts.parquet", findings.batches(), advance=findings.job.progress.advance)


def summarise(findings: Findings, reader: TableReader[LinkBatch], *, started: datetime, options: Options) -> Summary:
    """Gather the figures of an inspection for its report and its manifest."""
    job = findings.job
    return Summary(
        scheme=job.scheme.code,
        scheme_name_ja=job.scheme.name_ja,
        scheme_name_en=job.scheme.name_en,
        on=job.on,
        snapshot=date.fromisoformat(job.register.snapshot),
        started_at=started,
        rows_in_file=job.links.rows_read,
        rows_verdicted=job.links.rows,
        rows_quarantined=job.links.rows_quarantined,
        counts=count(findings.tallies()),
        people=findings.people(),
        people_to_ask=findings.people_to_ask(),
        hows=findings.hows(),
        reasons=findings.reasons(),
        ledger=findings.ledger(),
        full_inspection_rows=findings.full_inspection_rows(),
        confirmed_wrong=findings.confirmed_wrong(),
        quarantine=tuple(
            QuarantineCount(code, rows, *job.links.quarantine_reasons[code])
            for code, rows in sorted(job.links.quarantine_counts.items())
        ),
        register_rows_quarantined=job.register.rows_quarantined,
        glyph_findings=job.links.glyph_findings,
        runs=findings.runs(),
        wrong_positions=findings.wrong_positions(),
        inputs=(
            InputFile("links", reader.name, job.links.rows_read, reader.digest, reader.encoding or "", reader.format),
            InputFile(
                "register",
                job.register.name,
                job.register.rows_read,
                job.register.digest,
                job.register.encoding,
                job.register.format,
            ),
            *((_answers_read(options.confirmed),) if options.confirmed else ()),
        ),
        rules_version=job.rules.version,
        rules_used=_rules_used(findings),
        engine=findings.engine,
        program_version=version("himozuke"),
        restriction_mode="table" if options.stricter_by_table else "verdict",
        timings={"seconds": round((datetime.now(UTC) - started).total_seconds(), 3)},
    )


def _answers_read(path: Path) -> InputFile:
    """The file of an earlier round's answers: verdicts depend on it as on the others."""
    content = path.read_bytes()
    rows = sum(1 for _ in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return InputFile("confirmed", path.name, rows, hashlib.sha256(content).hexdigest(), "utf-8", "csv")


def _rules_used(findings: Findings) -> tuple[RuleUsed, ...]:
    job = findings.job
    keys = (*_RULES_USED, job.scheme.required_items_key)
    entries = [job.rules.entry(key, job.on) for key in keys]
    return tuple(RuleUsed(e.key, _said(e.value), e.since, e.source, e.title_ja) for e in entries)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(v if isinstance(v, str) else "/".join(map(str, v.values())) for v in value)
    return str(value)


def _manifest(findings: Findings, summary: Summary, steps: tuple[FunnelStep, ...], digest: str) -> dict[str, Any]:
    """What a second run needs to prove that it got the same answer."""
    return {
        "program": summary.program_version,
        "engine": summary.engine,
        "scheme": summary.scheme,
        "on": str(summary.on),
        "rules_version": summary.rules_version,
        "restriction_mode": summary.restriction_mode,
        "inputs": [
            {
                "role": one.role,
                "name": one.name,
                "rows": one.rows,
                "sha256": one.digest,
                "encoding": one.encoding,
                "format": one.format,
            }
            for one in summary.inputs
        ],
        "rows_in_file": summary.rows_in_file,
        "rows_verdicted": summary.rows_verdicted,
        "rows_quarantined": summary.rows_quarantined,
        "figures": {
            "verdicts": dict(summary.counts.verdicts),
            "actions": dict(summary.counts.actions),
            "causes": dict(summary.counts.causes),
            "restriction": dict(summary.counts.restrictions),
            "restriction_by_table": dict(summary.counts.restrictions_by_table),
            "people": {name: dict(counts) for name, counts in summary.people.items()},
            "people_to_ask": summary.people_to_ask,
            "full_inspection_rows": summary.full_inspection_rows,
            "confirmed_wrong": summary.confirmed_wrong,
            "funnel": {step.step: step.count for step in steps},
        },
        "places": _places(findings.job.gazetteer),
        "answers_used": summary.reasons.get("confirmed", 0),
        "verdicts_sha256": digest,
        "started_at": summary.started_at.isoformat(timespec="seconds"),
        "timings": dict(summary.timings),
    }


def _places(known: Gazetteer | None) -> dict[str, Any]:
    """What the run knew of places besides the packaged data; empty for nothing."""
    if known is None:
        return {}
    base = known.base
    files = {"files": list(base.files), "sha256": base.digest, "rows_of_unknown_towns": base.unknown} if base else {}
    return {"sha256": known.version, "municipality_changes": len(known.mergers.changes), "address_base": files}
