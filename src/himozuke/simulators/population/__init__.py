"""A population of people who do not exist, and an insurer's file of links about them.

Everybody's Individual Number comes from the synthetic range (bodies that start with 00). The data are
made for the snapshot day ``SNAPSHOT``; inspect them ``--on`` that day or any later one.
"""

from himozuke.simulators.population.assembly import Population, generate
from himozuke.simulators.population.plan import SNAPSHOT, Plan
from himozuke.simulators.population.write import write

__all__ = ["SNAPSHOT", "Plan", "Population", "generate", "write"]
