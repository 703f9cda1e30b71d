"""Fixtures of the entry points, named as a plugin by the tests that use them: a cache and one sample on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from one_sample import Sample

from himozuke.entrypoints.cli.main import run


@pytest.fixture(scope="session")
def register_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder that no earlier run has filled."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIMOZUKE_CACHE_DIR", str(folder))
        patch.setenv("HIMOZUKE_THREADS", "2")
        yield folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, register_cache: Path) -> Sample:
    """600 people with some wrong links and many real differences among them."""
    assert register_cache.is_dir()
    folder = tmp_path_factory.mktemp("sample")
    assert run(["population", "600", "--errors", "0.05", "--differences", "0.2", "--out", str(folder)]) == 0
    return Sample(folder)


@pytest.fixture(scope="session")
def result(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of inspecting the sample once; tests only read them."""
    out = tmp_path_factory.mktemp("result")
    assert sample.inspect(out) == 3
    return out
