"""Making a population from its plan, in memory or straight into files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from himozuke.simulators.population import columns
from himozuke.simulators.population.case import Case
from himozuke.simulators.population.differences import make_differences
from himozuke.simulators.population.held import held_by
from himozuke.simulators.population.membership import Links, enrol
from himozuke.simulators.population.namesakes import (
    Rows,
    absent_people,
    make_bearers_of_former_names,
    make_namesakes,
)
from himozuke.simulators.population.people import NONE, People, draw_people
from himozuke.simulators.population.places import Dwellings
from himozuke.simulators.population.plan import Plan
from himozuke.simulators.population.styles import Styles, no_styles
from himozuke.simulators.population.variants import make_variants
from himozuke.simulators.population.wrong_links import absent_wanted, make_wrong_links, mark_undecidable


@dataclass(frozen=True)
class Population:
    """A register, an insurer's file of links about the same people, and the truth about each link.

    One row a person in ``register``, one row a link in ``links`` and ``truth``, in file order.
    """

    register: pa.Table
    links: pa.Table
    truth: pa.Table


@dataclass(frozen=True)
class Made:
    """A population as integers, ready to be written out chunk by chunk."""

    plan: Plan
    case: Case
    styles: Styles
    dwellings: Dwellings

    def register(self) -> Iterator[pa.RecordBatch]:
        """The register in chunks."""
        return (columns.register_chunk(self.case.people, rows) for rows in columns.chunks(self.case.registered))

    def links(self) -> Iterator[pa.RecordBatch]:
        """The links in chunks, in file order."""
        return (
            columns.link_chunk(self.case, self.styles, self.dwellings, rows, self.plan)
            for rows in columns.chunks(self.case.links.rows)
        )

    def truth(self) -> Iterator[pa.RecordBatch]:
        """The truth in chunks, row by row as the links."""
        return (columns.truth_chunk(self.case, rows) for rows in columns.chunks(self.case.links.rows))


def bystanders(people: People, plan: Plan, pairs: Rows, former: Rows, count: int) -> tuple[Rows, Rows]:
    """Choose holders for people who are not registered, and as many people who get no link."""
    draw = plan.draw("bystanders")
    if not count:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    free = (people.nation == NONE) & (people.twin == NONE)
    free[pairs.ravel()] = free[former.ravel()] = False
    places = np.flatnonzero(free)
    chosen = draw.choice(places, 2 * min(count, len(places) // 2), replace=False)
    half = len(chosen) // 2
    return chosen[:half], chosen[half:]


def open_case(plan: Plan) -> tuple[Case, Rows, Rows]:
    """Draw people and right links; also the pairs of namesakes and of bearers of former names."""
    people = draw_people(plan)
    pairs = make_namesakes(people, plan)
    former = make_bearers_of_former_names(people, plan, pairs)
    holders, without_link = bystanders(people, plan, pairs, former, absent_wanted(plan))
    if len(holders):
        people = people.followed_by(absent_people(people, plan, holders))
    links = without(enrol(people, plan), without_link)
    row_of = np.full(people.rows, NONE, np.int32)
    row_of[links.person] = np.arange(links.rows, dtype=np.int32)
    holder = links.person.copy()
    holder[row_of[plan.people :]] = holders
    rows = links.rows
    case = Case(
        people=people, links=links, held=held_by(links, people), row_of=row_of, registered=plan.people,
        cause=np.zeros(rows, np.int8), kind=np.zeros(rows, np.int8), holder=holder,
        undecidable=np.zeros(rows, np.int8), used=np.zeros(rows, np.bool_), draw=plan.draw("case"),
    )  # fmt: skip
    return case, pairs, former


def without(links: Links, persons: Rows) -> Links:
    """Leave out the links of some people."""
    if not len(persons):
        return links
    kept = ~np.isin(links.person, persons)
    return Links(**{f.name: getattr(links, f.name)[kept] for f in fields(links)})


def make(plan: Plan) -> Made:
    """Make a population as integers."""
    case, pairs, former = open_case(plan)
    make_wrong_links(case, plan, pairs, former)
    styles = no_styles(case.links.rows)
    dwellings = make_differences(case, styles, plan)
    make_variants(case, styles, plan, dwellings)
    mark_undecidable(case, dwellings)
    return Made(plan, case, styles, dwellings)


def generate(
    people: int,
    *,
    seed: int = 0,
    variants: float = 0.15,
    differences: float = 0.01,
    errors: float = 0.0007,
    scheme: str = "health_insurance",
) -> Population:
    """Make a population in memory; the same arguments always give the same tables.

    Raises ``UsageError`` for shares and counts that cannot be made.
    """
    made = make(Plan(people, seed, variants, differences, errors, scheme))
    return Population(
        register=pa.Table.from_batches(list(made.register())),
        links=pa.Table.from_batches(list(made.links())),
        truth=pa.Table.from_batches(list(made.truth())),
    )
