"""``himozuke population``: synthetic people and links with the truth about them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def population(
    n: Annotated[int, Parameter(name="N")],
    /,
    *,
    out: Path,
    seed: int = 0,
    variants: float = 0.15,
    differences: float = 0.01,
    errors: float = 0.0007,
    scheme: str = "health_insurance",
) -> None:
    """Make N people who do not exist, one link each, and the truth about every link.

    Writes register.parquet, links.parquet, links.csv (CP932, Japanese headers) and truth.parquet. The
    same arguments always give the same bytes.

    Parameters
    ----------
    n
        The people in the register, and the rows of links.
    out
        The folder to write into; it is made when missing.
    seed
        Another seed gives other people.
    variants
        The share of links written another way (width, kana, dates, addresses, spellings).
    differences
        The share of right links in which an item really differs (moved, married, a slip).
    errors
        The share of links that carry somebody else's number, by the causes C1 to C10.
    scheme
        The scheme whose links are made; benefit_account also gets the errors of self-service (C8).
    """
    from himozuke import schemes
    from himozuke.entrypoints.cli.progress import Bar
    from himozuke.simulators.population import SNAPSHOT, Plan, write

    schemes.find(scheme)
    plan = Plan(n, seed, variants, differences, errors, scheme)
    with Bar(quiet=False) as bar:
        bar.phase("population", total=3 * n)  # register, links and truth
        write(plan, out, lambda _, rows: bar.advance(rows))
    print(f"{n:,} 人・{n:,} 件の紐付けを {out} に作成しました（基準日 {SNAPSHOT.isoformat()}）。")
