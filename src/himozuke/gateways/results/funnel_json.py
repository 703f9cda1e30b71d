"""``funnel.json``: the steps from the whole file to the people to ask."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from himozuke.gateways.results.files import write_text
from himozuke.inspection.model import FunnelStep


def write_funnel(path: Path, steps: Iterable[FunnelStep]) -> None:
    """Write the steps in order, each as ``{"step", "name_ja", "count"}``."""
    listed = [{"step": step.step, "name_ja": step.name_ja, "count": step.count} for step in steps]
    write_text(path, json.dumps(listed, ensure_ascii=False, indent=2) + "\n")
