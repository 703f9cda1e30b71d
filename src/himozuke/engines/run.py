"""One inspection from a job to its findings, with whichever engine."""

from __future__ import annotations

from collections.abc import Callable

from himozuke.engines.base import Engine, Job
from himozuke.engines.decisions import Decisions, decide_all
from himozuke.engines.findings import Findings
from himozuke.engines.origin import add_causes


def inspect(job: Job, engine: Engine, when_decided: Callable[[Decisions], object] | None = None) -> Findings:
    """Let an engine look at every link, read the verdicts from the table, and name causes.

    ``when_decided`` is told the verdicts as soon as they stand.
    """
    outcomes = engine.inspect(job)
    job.progress.phase("decide", job.links.rows)
    decisions = decide_all(job, outcomes)
    job.progress.advance(job.links.rows)
    if when_decided:
        when_decided(decisions)
    add_causes(job, outcomes, decisions)
    return Findings(job, outcomes, decisions, engine.name)
