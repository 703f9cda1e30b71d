"""One inspection from a job to its findings, with whichever engine."""

from __future__ import annotations

import numpy as np

from himozuke.engines.base import Engine, Job
from himozuke.engines.decisions import decide_all
from himozuke.engines.entry_book import EntryBook
from himozuke.engines.findings import Findings
from himozuke.engines.origin import add_causes
from himozuke.link.verdict import Action


def inspect(job: Job, engine: Engine) -> Findings:
    """Let an engine look at every link, read the verdicts from the table, and name causes."""
    outcomes, lookups = engine.inspect(job)
    job.progress.phase("decide", job.links.rows)
    decisions = decide_all(job, outcomes)
    job.progress.advance(job.links.rows)
    seen = decisions.where(decisions.action != Action.NONE)
    book = EntryBook(lookups, np.concatenate([outcomes.own[seen], outcomes.rival[seen]]))
    add_causes(job, outcomes, decisions, lookups, book)
    return Findings(job, outcomes, decisions, book, engine.name)
