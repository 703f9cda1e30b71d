"""Which resident register inquiries go to: the service's own table, an address, or a folder of files."""

from __future__ import annotations

from pathlib import Path

from himozuke.gateways.jlis_files import FolderRegister
from himozuke.gateways.register_http.client import HttpRegister
from himozuke.ports.resident_register import ResidentRegister
from himozuke.rules.model import RuleBook
from himozuke.settings import Settings

_SECONDS_FOR_FILES = 5.0


def other_register(settings: Settings, rules: RuleBook) -> ResidentRegister | None:
    """The register the settings name, None for the service's own table.

    Links are proven against the own table where it holds a register, else by inquiries of this one
    (:mod:`himozuke.entrypoints.asked_verifying`).
    """
    named = settings.register
    if not named:
        return None
    if named.startswith(("https://", "http://")):
        return HttpRegister(named, rules, token=settings.register_token)
    folder = Path(named).expanduser()
    return FolderRegister(folder / "out", folder / "in", rules=rules, seconds=_SECONDS_FOR_FILES)
