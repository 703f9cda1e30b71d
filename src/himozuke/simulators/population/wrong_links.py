"""Links that carry somebody else's number, by the causes C1 to C10 of the ministries' guideline (R-GUIDE)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from himozuke.simulators.population import mistakes
from himozuke.simulators.population.case import OWNER_FITS_BETTER, TIED, Case, Rows
from himozuke.simulators.population.held import agreement
from himozuke.simulators.population.people import NONE
from himozuke.simulators.population.places import Dwellings
from himozuke.simulators.population.plan import Plan
from himozuke.simulators.population.transcription import number_slips, transcriptions
from himozuke.simulators.population.wrong_runs import break_runs

# Shares of the causes, from the counts of R-GUIDE where one bulk accident does not hide the others.
SHARES = {1: 0.15, 2: 0.17, 3: 0.10, 4: 0.17, 5: 0.12, 6: 0.07, 7: 0.04, 8: 0.0, 9: 0.09, 10: 0.09}
SELF_SERVICE_SHARES = SHARES | {8: 0.30}
SELF_SERVICE = ("benefit_account",)
EVERY_CAUSE_FROM = 30
ALL_RUNS_FROM = 60
SHORTEST_RUN = 8
ABSENT_SHARE = 0.02


def quotas(plan: Plan) -> dict[int, int]:
    """Share the wrong links among the causes; every cause gets one from 30 wrong links on."""
    shares = SELF_SERVICE_SHARES if plan.scheme in SELF_SERVICE else SHARES
    wrong = plan.wrong
    runs = 0 if wrong < EVERY_CAUSE_FROM else SHORTEST_RUN if wrong < ALL_RUNS_FROM else 3 * SHORTEST_RUN
    in_runs = max(int(shares[5] * wrong), runs) if runs else 0
    least = 1 if wrong >= EVERY_CAUSE_FROM else 0
    others = {cause: share for cause, share in shares.items() if share and cause != 5}
    found = {c: max(int(s / sum(others.values()) * (wrong - in_runs)), least) for c, s in others.items()}
    found[9] += wrong - in_runs - sum(found.values())
    return found | {5: in_runs}


def absent_wanted(plan: Plan) -> int:
    """The number of links about people who are not in the register."""
    return max(round(ABSENT_SHARE * plan.wrong), 1) if plan.wrong >= ALL_RUNS_FROM else 0


def make_wrong_links(case: Case, plan: Plan, pairs: Rows, former: Rows) -> None:
    """Make the planned number of links wrong, cause by cause.

    What a cause cannot take (too few namesakes, too small a file) goes to C9, then C3, then C10.
    """
    wanted = quotas(plan)
    absent = mistakes.absent_persons(case)  # first, for these links can be nothing else
    wanted[4] -= absent
    nearest = 2 if plan.scheme in SELF_SERVICE else 1
    makers: dict[int, Callable[[int], int]] = {
        5: lambda n: break_runs(case, n),
        4: lambda n: mistakes.namesakes(case, n, pairs),
        7: lambda n: mistakes.former_surname_queries(case, n, former),
        2: lambda n: mistakes.twins_and_swaps(case, n),
        1: lambda n: mistakes.family_numbers(case, n),
        6: lambda n: mistakes.scheme_numbers(case, n),
        3: lambda n: mistakes.batch_neighbours(case, n, nearest=nearest),
        8: lambda n: mistakes.previous_users(case, n),
        10: lambda n: transcriptions(case, n),
    }
    made = absent + sum(maker(wanted[cause]) for cause, maker in makers.items() if wanted.get(cause))
    rest: tuple[Callable[[int], int], ...] = (
        lambda n: mistakes.duplicates(case, n),
        lambda n: mistakes.batch_neighbours(case, n, nearest=nearest, swaps=1.0),
        lambda n: number_slips(case, n),
    )
    for maker in rest:
        if made < plan.wrong:
            made += maker(plan.wrong - made)


def mark_undecidable(case: Case, dwellings: Dwellings) -> None:
    """Mark wrong links whose items fit the number's holder as well as, or better than, the person."""
    rows = np.flatnonzero((case.cause > 0) & (case.holder != NONE) & (case.undecidable == 0))
    persons, holders = case.links.person[rows].astype(np.int64), case.holder[rows].astype(np.int64)
    own = agreement(case.held, rows, case.people, persons, dwellings)
    holder = agreement(case.held, rows, case.people, holders, dwellings)
    case.undecidable[rows[own == holder]] = TIED
    better = (own & holder == own) & (own != holder)
    case.undecidable[rows[better]] = OWNER_FITS_BETTER
