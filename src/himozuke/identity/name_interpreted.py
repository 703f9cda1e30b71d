"""Kernels as plain Python, so that one value never waits for a compiler.

A compiled kernel calls other compiled kernels; its ``py_func`` alone would still start the compiler
for those. Here the whole tree of calls is rebuilt from the same source without numba.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any


def interpreted(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Give the Python function a kernel was made from, with every kernel it calls plain as well."""
    return _plain(kernel, {})


def _plain(kernel: Callable[..., Any], done: dict[int, FunctionType]) -> FunctionType:
    if id(kernel) in done:
        return done[id(kernel)]
    source: FunctionType = vars(kernel)["py_func"]
    names = dict(source.__globals__)
    function = FunctionType(source.__code__, names, source.__name__, source.__defaults__)
    done[id(kernel)] = function
    for name in source.__code__.co_names:
        if hasattr(names.get(name), "py_func"):
            names[name] = _plain(names[name], done)
    return function
