"""``himozuke settings``: what the program takes from the environment."""

from __future__ import annotations

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.settings import SETTINGS, Setting, load


def settings_command(*, format: Format = "table") -> None:
    """Print every setting, its value, and the variable that sets it.

    Parameters
    ----------
    format
        table, csv or json.
    """
    settings = load()
    rows = [
        {
            "variable": setting.variable,
            "value": _shown(setting, getattr(settings, setting.name)),
            "meaning": setting.meaning_en if settings.language == "en" else setting.meaning_ja,
        }
        for setting in SETTINGS
    ]
    show(("variable", "value", "meaning"), rows, format)


def _shown(setting: Setting, value: object) -> str:
    text = "" if value is None else str(value)
    return "********" if setting.is_secret and text else text
