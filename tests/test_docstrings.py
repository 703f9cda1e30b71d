"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import himozuke

PURE = ("rules", "identity", "link", "schemes", "inspection")
MODULES = [
    module.name
    for module in walk_packages(himozuke.__path__, "himozuke.")
    if module.name.split(".")[1] in PURE and not module.ispkg
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
