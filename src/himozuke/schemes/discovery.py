"""Finding schemes: the files of this package and the entry points ``himozuke.schemes`` of others."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from himozuke.errors import UsageError
from himozuke.schemes.model import Scheme

GROUP = "himozuke.schemes"


@cache
def all_schemes() -> tuple[Scheme, ...]:
    """Every known scheme by code: this package's, then those that other packages bring.

    UsageError when two packages claim one code or an entry point is not a scheme.
    """
    found: dict[str, Scheme] = {}
    for place, candidate in [*_own(), *_brought()]:
        if not isinstance(candidate, Scheme):
            message = f"Entry point {place} of group {GROUP} is not a Scheme; mend or remove that package."
            raise UsageError(message)
        if candidate.code in found:
            message = f"{place} claims the scheme code {candidate.code}, which is taken; give it another code."
            raise UsageError(message)
        found[candidate.code] = candidate
    return tuple(found[code] for code in sorted(found))


def find(code: str) -> Scheme:
    """Return the scheme of a code; UsageError names the known codes."""
    for scheme in all_schemes():
        if scheme.code == code:
            return scheme
    known = ", ".join(scheme.code for scheme in all_schemes())
    message = f"Unknown scheme {code!r}. Known schemes: {known}."
    raise UsageError(message)


def _own() -> list[tuple[str, object]]:
    package = import_module("himozuke.schemes")
    names = [f"himozuke.schemes.{module.name}" for module in iter_modules(package.__path__)]
    modules = [import_module(name) for name in names]
    return [(module.__name__, module.SCHEME) for module in modules if hasattr(module, "SCHEME")]


def _brought() -> list[tuple[str, object]]:
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return [(f"{point.name} ({point.value})", point.load()) for point in points]
