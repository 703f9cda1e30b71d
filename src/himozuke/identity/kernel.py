"""Kernels: plain Python functions that are compiled when a column first needs them.

Importing this module costs nothing: numba is loaded with the first compilation. What is compiled is kept
on disk under a digest of everything it calls, so that the next process only loads it and a change anywhere
below makes it anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import update_wrapper
from threading import RLock
from types import CodeType, FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_LOCK = RLock()


class Kernel(Generic[_Given, _Result]):
    """A loop over buffers. Called, it runs compiled and without the GIL; ``py_func`` is the source.

    A kernel may call other kernels and functions marked by :func:`usable_in_kernels`.
    """

    def __init__(self, function: Callable[_Given, _Result]) -> None:
        """Keep the source; nothing is compiled yet."""
        update_wrapper(self, function)
        self.source = cast("FunctionType", function)
        self.py_func = function
        self._compiled: Callable[_Given, _Result] | None = None

    def __call__(self, *arguments: _Given.args, **named: _Given.kwargs) -> _Result:
        """Run compiled."""
        return (self._compiled or self.compiled())(*arguments, **named)

    def compiled(self) -> Callable[_Given, _Result]:
        """The compiled form; made on first use, with everything it calls."""
        with _LOCK:
            if self._compiled is None:
                self._compiled = _compile(self.source)
            return self._compiled


def kernel(function: Callable[_Given, _Result]) -> Kernel[_Given, _Result]:
    """Make a kernel of a function over numpy arrays and numbers."""
    return Kernel(function)


def usable_in_kernels(function: _Function) -> _Function:
    """Mark a function that runs as it is in Python and compiled inside kernels."""
    vars(function)["usable_in_kernels"] = True
    return function


def _source(value: object) -> FunctionType | None:
    """The function behind a name that a kernel may call."""
    if isinstance(value, Kernel):
        return value.source
    return value if isinstance(value, FunctionType) and "usable_in_kernels" in vars(value) else None


def _callees(function: FunctionType) -> Iterator[tuple[str, object, FunctionType]]:
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        source = _source(value)
        if source is not None:
            yield name, value, source


def digest(function: FunctionType) -> int:
    """A number that changes when a function changes, or anything it calls, or a constant it reads."""
    code, names = function.__code__, function.__globals__
    plain = [(n, names[n]) for n in code.co_names if isinstance(names.get(n), int | float | str | tuple)]
    inner = [part.co_code.hex() if isinstance(part, CodeType) else part for part in code.co_consts]
    called = [(name, digest(source)) for name, _, source in _callees(function)]
    return zlib.crc32(code.co_code + repr((inner, code.co_names, plain, called)).encode())


def _compile(function: FunctionType) -> Callable[..., Any]:
    from numba import njit

    names = dict(function.__globals__)
    for name, value, source in _callees(function):
        names[name] = value.compiled() if isinstance(value, Kernel) else _compiled_once(source)
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
    copy.__module__ = function.__module__
    copy.__qualname__ = f"{function.__qualname__}_{digest(function):08x}"
    compiled: Callable[..., Any] = njit(cache=True, nogil=True)(copy)
    return compiled


def _compiled_once(function: FunctionType) -> Callable[..., Any]:
    if "compiled" not in vars(function):
        vars(function)["compiled"] = _compile(function)
    compiled: Callable[..., Any] = vars(function)["compiled"]
    return compiled
