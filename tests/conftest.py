"""What every test shares: the same examples in every run where that is asked for."""

from __future__ import annotations

import os

from hypothesis import settings

# Where changes land, a test that has passed passes again; at a desk, new examples are drawn each time.
settings.register_profile("landing", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("landing")
