"""What an engine is given and what it gives back; an engine has one required method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from himozuke.engines.register import PreparedRegister
from himozuke.engines.staged import StagedLinks
from himozuke.identity.gazetteer import Gazetteer
from himozuke.link.cause import Evidence
from himozuke.link.runs import RowRun
from himozuke.rules.model import RuleBook
from himozuke.schemes.model import Scheme
from himozuke.settings import memory_bytes

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody found out about a doubted link in an earlier round: right or wrong."""

    is_right: bool
    evidence_digest: str


class Progress(Protocol):
    """Where an engine says what it is doing."""

    def phase(self, name: str, total: int | None = None) -> None:
        """A phase of work begins; ``total`` rows are expected, if known."""

    def advance(self, rows: int) -> None:
        """So many more rows are done in this phase."""


class Silence:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, rows: int) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """One inspection: staged links, a prepared register and what they are judged by.

    ``on`` is the day of the snapshot. ``memory`` bounds the SQL engine and what is looked at together
    (e.g. ``3GB``); ``work`` is a
    folder for half-done results that belongs to this job alone. ``stricter_by_table`` is for offices bound
    by the ministry's table: the stricter of both restrictions stands.
    """

    links: StagedLinks
    register: PreparedRegister
    scheme: Scheme
    rules: RuleBook
    on: date
    work: Path
    memory: str = "3GB"
    threads: int = 2
    answers: Mapping[str, Answer] = field(default_factory=dict)
    stricter_by_table: bool = False
    gazetteer: Gazetteer | None = None
    progress: Progress = field(default_factory=Silence)

    @property
    def memory_bytes(self) -> int:
        """The bound of memory in bytes."""
        return memory_bytes(self.memory)


@dataclass(slots=True)
class Outcomes:
    """What an engine found out about every link, in file order (one element a link).

    ``states`` and ``hows`` are (5, n) in the order of ITEMS, ``parts`` is (2, n). ``own`` and ``rival`` are positions in the
    register, -1 for none. ``doubt`` orders the links to ask about: higher is likelier wrong.
    ``shared_scheme_number`` lists the links whose scheme number stands on another row too.
    ``several_valid`` says that the number carries several valid qualifications, whoever they fit.
    """

    pattern: Ints
    traits: Bytes
    states: Bytes
    hows: Bytes
    parts: Bytes
    own: Longs
    rival: Longs
    rival_count: Ints
    entry_hash: Hashes
    doubt: Ints
    several_valid: npt.NDArray[np.bool_]
    scheme_number_twice: npt.NDArray[np.bool_]
    shared_scheme_number: Longs
    causes: dict[int, tuple[str | None, tuple[Evidence, ...]]] = field(default_factory=dict)
    runs: list[RowRun] = field(default_factory=list)


class Engine(Protocol):
    """Inspects a whole file of links against a register."""

    name: str

    def inspect(self, job: Job) -> Outcomes:
        """Find out everything the verdicts depend on.

        UpstreamDownError when the disk or the SQL engine gives up.
        """
