"""What a verdict means for a new record, and several valid qualifications of one number. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from himozuke.identity.state import ItemState
from himozuke.link.restriction import Restriction, by_table
from himozuke.link.verdict import Verdict
from himozuke.registration.model import Overlap, OverlapKind, Period
from himozuke.rules.kinds import ITEMS, Row
from himozuke.rules.model import RuleBook

_DOUBTED = frozenset({Verdict.REFUTED.name, Verdict.DOUBTFUL.name})


@dataclass(frozen=True, slots=True)
class Compared:
    """What the comparison with the register said of one record."""

    verdict: str
    restriction: str
    restriction_by_table: str
    action: str
    states: Sequence[str]
    evidence_digest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What may be seen of a record, and whether somebody must look into it."""

    state: str
    restriction: str
    needs_case: bool


def judge(found: Compared, *, rules: RuleBook, on: date, follows_table: bool, answered_digest: str | None) -> Seen:
    """Decide whether a record that was compared may be seen.

    ``follows_table``: the stricter of our restriction and the ministry's table stands (R-JLIS). An answer
    "no doubt, with reason" holds as long as the evidence is the one it spoke of. Before every new record was
    compared (S53), a doubt stopped nothing.
    """
    if answered_digest == found.evidence_digest:
        return Seen("released", "NONE", needs_case=False)
    restriction = Restriction[found.restriction]
    if follows_table:
        restriction = max(restriction, Restriction[found.restriction_by_table])
    if rules.word("check.new_record", on) == "none":
        return Seen("released", "NONE", needs_case=found.action == "ask")
    if restriction is Restriction.NONE:
        return Seen("released", "NONE", needs_case=found.action == "ask")
    return Seen("stopped", restriction.name, needs_case=True)


def held_for_company(seen: Seen) -> Seen:
    """What may be seen of a second valid qualification at one insurer: nothing, until the first ends (S75).

    Somebody may answer for it; what is stopped for another reason stays so.
    """
    return replace(seen, state="held", restriction="ALL") if seen.state == "released" else seen


def agrees_in_all(states: Sequence[str], required: Sequence[str]) -> bool:
    """Tell whether every item that an inquiry must agree in does agree: only then is its number taken (R-JLIS)."""
    by_item = dict(zip(ITEMS, states, strict=True))
    return all(ItemState[by_item[item].upper()].agrees for item in required)


def do_overlap(one: Period, other: Period) -> bool:
    """Tell whether two qualifications are valid on one day; the day of loss is no longer one."""
    return one.began_on < (other.ended_on or date.max) and other.began_on < (one.ended_on or date.max)


def overlaps(periods: Sequence[Period], *, rules: RuleBook, on: date) -> list[Overlap]:
    """Tell each qualification of one number that has company which it is; each side learns only its own.

    Where names agree and the address does not, several valid qualifications stop medical information
    (R-JLIS ③): most wrong links known by 2022 were of this kind.
    """
    table = rules.rows("restriction.table", on)
    found = []
    for period in periods:
        others = [other for other in periods if other.link_id != period.link_id and do_overlap(period, other)]
        if not others:
            continue
        restriction = _by_table(period, table)
        is_doubtful = period.verdict in _DOUBTED or restriction is not Restriction.NONE
        is_one_insurer = all(other.organisation_id == period.organisation_id for other in others)
        kind = OverlapKind.SAME_INSURER if is_one_insurer else OverlapKind.MOVED
        found.append(
            Overlap(
                link_id=period.link_id,
                organisation_id=period.organisation_id,
                kind=OverlapKind.DOUBTFUL if is_doubtful else kind,
                others=len(others),
                others_began_on=max(other.began_on for other in others),
                restriction=restriction.name,
            )
        )
    return found


def _by_table(period: Period, table: Sequence[Row]) -> Restriction:
    if len(period.states) != len(ITEMS):
        return Restriction.NONE
    states = [ItemState[state.upper()] for state in period.states]
    return by_table(states, several_valid=True, table=table)
