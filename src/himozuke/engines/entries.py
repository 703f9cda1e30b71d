"""The register entries that somebody will look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from himozuke.engines.base import Longs
from himozuke.engines.register import PreparedRegister


def entries(register: PreparedRegister, positions: Longs) -> pa.Table:
    """What the register holds at these positions, one row each; a row of nulls for none (-1)."""
    wanted = np.unique(positions[positions >= 0])
    place = np.searchsorted(wanted, positions)
    return register.residents().at(wanted).take(pa.array(place, mask=positions < 0))


def entries_by_position(register: PreparedRegister, positions: Longs) -> dict[int, dict[str, Any]]:
    """The entries at these positions, each as a dictionary of its columns."""
    wanted = np.unique(positions[positions >= 0])
    return dict(zip(wanted.tolist(), register.residents().at(wanted).to_pylist(), strict=True))
