"""What is known of places besides the packaged data: municipality changes, lots and houses."""

from __future__ import annotations

from pathlib import Path

from himozuke.identity import gazetteer
from himozuke.identity.gazetteer import Gazetteer
from himozuke.settings import Settings


def places_known(settings: Settings, mergers: Path | None = None, address_base: Path | None = None) -> Gazetteer | None:
    """Load what options name, and else what the settings name; None where nothing is added.

    InputRejectedError or UsageError when a file cannot be read or is not there.
    """
    mergers, address_base = mergers or settings.mergers, address_base or settings.address_base
    return gazetteer.load(mergers, address_base) if mergers or address_base else None
