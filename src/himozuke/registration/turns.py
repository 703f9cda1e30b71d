"""In which turn each of many notices takes effect, so that a later one finds what an earlier one made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from himozuke.registration.model import NoticeKind
from himozuke.registration.ports import HeldNotice


def in_turn(
    notices: Sequence[HeldNotice], *, is_known: Callable[[HeldNotice], bool]
) -> tuple[list[HeldNotice], list[HeldNotice]]:
    """The notices that can take effect together, and those that wait for them, both in order.

    A notice waits when an earlier one under the same insurer and number has to take effect first: the
    acquisition before its dependents (the usual file of somebody who enters), before its loss, and everything
    behind what waits itself. An end whose qualification stands (``is_known``) frees its number first, so that one
    file may give the number to somebody else. The first notice never waits: every turn takes at least one.
    """
    turn: list[HeldNotice] = []
    later: list[HeldNotice] = []
    begun: dict[tuple[int, str, str], list[HeldNotice]] = {}
    put_off: set[tuple[int, str, str]] = set()
    for notice in notices:
        key = (notice.organisation_id, notice.scheme, notice.text("number"))
        before = [one for one in begun.get(key, ()) if _is_one_symbol(one, notice)] if notice.text("number") else []
        if key in put_off or _must_wait(notice, before, is_known):
            later.append(notice)
            put_off.add(key)
            continue
        turn.append(notice)
        if notice.kind.begins and notice.text("number"):
            begun.setdefault(key, []).append(notice)
    return turn, later


def _must_wait(notice: HeldNotice, before: Sequence[HeldNotice], is_known: Callable[[HeldNotice], bool]) -> bool:
    """Whether a notice needs what those before it, in the same turn, only make."""
    if not before or notice.kind is NoticeKind.ACQUISITION:
        return False
    if notice.kind is NoticeKind.DEPENDENT_ADDED:
        return not is_known(notice)
    if any(one.kind is NoticeKind.DEPENDENT_ADDED for one in before):
        return True  # who joins before the end joins, and ends with it
    return not is_known(notice)


def _is_one_symbol(one: HeldNotice, other: HeldNotice) -> bool:
    """A notice of loss may leave the symbol out."""
    return one.text("symbol") == other.text("symbol") or not other.text("symbol")
