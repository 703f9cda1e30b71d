"""himozuke proves every link between a person and a scheme right.

>>> import himozuke
>>> himozuke.compare("kanji_name", "髙橋", "高橋").state.word
'variant'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from himozuke.entrypoints.comparing import compare_values as compare
    from himozuke.entrypoints.inspecting import Options, inspect, prepare_register
    from himozuke.entrypoints.results import Inspection
    from himozuke.errors import (
        HimozukeError,
        InputRejectedError,
        RuleError,
        UpstreamDownError,
        UsageError,
    )
    from himozuke.identity.state import Comparison, How, ItemState

_HOMES = {
    "compare": "himozuke.entrypoints.comparing:compare_values",
    "inspect": "himozuke.entrypoints.inspecting:inspect",
    "prepare_register": "himozuke.entrypoints.inspecting:prepare_register",
    "Options": "himozuke.entrypoints.inspecting:Options",
    "Inspection": "himozuke.entrypoints.results:Inspection",
    "Comparison": "himozuke.identity.state:Comparison",
    "How": "himozuke.identity.state:How",
    "ItemState": "himozuke.identity.state:ItemState",
    "HimozukeError": "himozuke.errors:HimozukeError",
    "InputRejectedError": "himozuke.errors:InputRejectedError",
    "RuleError": "himozuke.errors:RuleError",
    "UpstreamDownError": "himozuke.errors:UpstreamDownError",
    "UsageError": "himozuke.errors:UsageError",
}

__all__ = [
    "Comparison",
    "HimozukeError",
    "How",
    "InputRejectedError",
    "Inspection",
    "ItemState",
    "Options",
    "RuleError",
    "UpstreamDownError",
    "UsageError",
    "compare",
    "inspect",
    "prepare_register",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: ``import himozuke`` itself costs nothing."""
    if name not in _HOMES:
        message = f"module 'himozuke' has no attribute {name!r}"
        raise AttributeError(message)
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
