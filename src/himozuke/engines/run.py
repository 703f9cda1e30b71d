"""One inspection from a job to its findings, with whichever engine."""

from __future__ import annotations

from himozuke.engines.base import Engine, Job
from himozuke.engines.decisions import decide_all
from himozuke.engines.findings import Findings
from himozuke.engines.origin import add_causes


def inspect(job: Job, engine: Engine) -> Findings:
    """Let an engine look at every link, read the verdicts from the table, and name causes."""
    outcomes = engine.inspect(job)
    job.progress.phase("decide", job.links.rows)
    decisions = decide_all(job, outcomes)
    job.progress.advance(job.links.rows)
    add_causes(job, outcomes, decisions)
    return Findings(job, outcomes, decisions, engine.name)
