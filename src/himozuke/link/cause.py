"""Why a link went wrong: the first of C1–C10 that has evidence, with that evidence.

Source: R-GUIDE (cause classes), S85–S87, S94; the order is the contract's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from himozuke.identity import scheme_number
from himozuke.link.runs import RowRun

Evidence = tuple[str, dict[str, int | str]]

#: "A few rows away": what a clerk has on the desk at one time.
NEARBY_ROWS = 20
#: Entries that may stand between two neighbours of a list sorted by kana.
LIST_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class CauseFacts:
    """What is known of one wrong link, from the file and the register.

    ``home`` facts speak of the row of the same file on which the number's holder stands (None: not in
    the file). ``relative``, ``twin`` and ``agrees_on_inquiry`` compare the holder with the link or its
    rightful person; ``rightful_number`` is the rival's number, 0 without a rival. ``between_in_list``
    counts register entries between holder and person in kana order (None: far apart or unknown).
    """

    row: int
    number: int
    batch: str = ""
    scheme_number: str = ""
    in_register: bool = True
    valid_check_digit: bool = True
    rightful_number: int = 0
    home_row: int | None = None
    home_batch: str = ""
    home_scheme_number: str = ""
    home_carries_ours: bool = False
    home_holds_number: bool = False
    relative: bool = False
    twin: bool = False
    holder_bears_former_name: bool = False
    acquired_by: str = ""
    acquired_items: int = 0
    acquired_hits: int = -1
    agrees_on_inquiry: bool = False
    self_service: bool = False
    between_in_list: int | None = None
    run: RowRun | None = None


def find_cause(facts: CauseFacts, *, few_items_at_most: int) -> tuple[str | None, tuple[Evidence, ...]]:
    """Name the cause of a wrong link; ``None`` where nothing has evidence."""
    for cause, find in _FINDERS:
        evidence = find(facts)
        if evidence:
            return cause, tuple(evidence)
        if cause == "C7":
            evidence = _few_item_inquiry(facts, few_items_at_most)
            if evidence:
                return "C4", tuple(evidence)
    return None, ()


def household_number(number: str) -> str:
    """A scheme number without its branch, which differs within a family.

    >>> household_number("06130017:12:345:01")
    '06130017:12:345'
    """
    parts = number.split(scheme_number.PART_SEPARATOR)
    return scheme_number.PART_SEPARATOR.join(parts[:-1]) if len(parts) == 4 else number


def _scheme_number_reused(facts: CauseFacts) -> list[Evidence]:
    if facts.home_row is None or not facts.scheme_number or not facts.home_scheme_number:
        return []
    if facts.scheme_number == facts.home_scheme_number:
        return [("earlier_holder", {"other_row": facts.home_row})]
    # Consecutive scheme numbers look alike too: neighbours in the file, families and runs do not count.
    elsewhere = abs(facts.home_row - facts.row) > NEARBY_ROWS or facts.home_batch != facts.batch
    ours, theirs = household_number(facts.scheme_number), household_number(facts.home_scheme_number)
    if elsewhere and not facts.relative and facts.run is None and ours != theirs:
        if scheme_number.looks_alike(ours, theirs):
            return [("lookalike_scheme_number", {"other_row": facts.home_row})]
    return []


def _part_of_run(facts: CauseFacts) -> list[Evidence]:
    run = facts.run
    if run is None:
        return []
    extent: dict[str, int | str] = {"first_row": run.first_row, "last_row": run.last_row}
    return [(f"run_{run.kind}", extent | {"shift": run.shift, "rows": len(run.rows)})]


def _exchanged_or_twin(facts: CauseFacts) -> list[Evidence]:
    found: list[Evidence] = []
    if facts.home_row is not None and facts.home_carries_ours and facts.relative:
        found.append(("exchanged_with_relative", {"other_row": facts.home_row}))
    if facts.twin:
        found.append(("twin", {}))
    return found


def _relatives_number(facts: CauseFacts) -> list[Evidence]:
    return [("relatives_number", {})] if facts.relative else []


def _previous_user(facts: CauseFacts) -> list[Evidence]:
    if facts.self_service and facts.home_row is not None and facts.home_row == facts.row - 1:
        return [("previous_user", {"other_row": facts.home_row})]
    return []


def _neighbour_in_batch(facts: CauseFacts) -> list[Evidence]:
    if facts.home_row is None or facts.home_batch != facts.batch:
        return []
    distance = abs(facts.home_row - facts.row)
    if 0 < distance <= NEARBY_ROWS:
        return [("neighbour_in_batch", {"other_row": facts.home_row, "distance": distance})]
    return []


def _former_name(facts: CauseFacts) -> list[Evidence]:
    return [("former_name_of_person", {})] if facts.holder_bears_former_name else []


def _few_item_inquiry(facts: CauseFacts, at_most: int) -> list[Evidence]:
    inquiry = facts.acquired_by == "jlis" or not facts.acquired_by
    few = facts.acquired_items <= at_most  # 0: the ledger does not say, the agreement shows it
    found: list[Evidence] = []
    if inquiry and few and facts.agrees_on_inquiry:
        found.append(("few_item_inquiry", {"items": facts.acquired_items or at_most}))
    if inquiry and facts.acquired_hits > 1:
        found.append(("several_hits", {"hits": facts.acquired_hits}))
    return found


def _transcription(facts: CauseFacts) -> list[Evidence]:
    found: list[Evidence] = []
    slip = digit_slip(facts.number, facts.rightful_number) if facts.rightful_number else None
    if slip:
        found.append((slip, {}))
    if not facts.in_register:
        found.append(("absent_number" if facts.valid_check_digit else "bad_number", {}))
    if facts.between_in_list is not None and facts.between_in_list <= LIST_NEIGHBOURS:
        found.append(("list_neighbour", {}))
    return found


def _valid_elsewhere(facts: CauseFacts) -> list[Evidence]:
    if facts.home_row is not None and facts.home_holds_number and facts.home_batch != facts.batch:
        return [("also_valid_elsewhere", {"other_row": facts.home_row})]
    return []


_FINDERS: tuple[tuple[str, Callable[[CauseFacts], list[Evidence]]], ...] = (
    ("C6", _scheme_number_reused),
    ("C5", _part_of_run),
    ("C2", _exchanged_or_twin),
    ("C1", _relatives_number),
    ("C8", _previous_user),
    ("C3", _neighbour_in_batch),
    ("C7", _former_name),  # C4 comes here; it alone needs a rule value
    ("C10", _transcription),
    ("C9", _valid_elsewhere),
)


def digit_slip(a: int, b: int) -> str | None:
    """Tell how two 12-digit numbers are one slip of the hand apart.

    >>> digit_slip(1234, 1235), digit_slip(1234, 1243), digit_slip(1, 9999)
    ('one_digit', 'digits_exchanged', None)
    """
    left, right = f"{a:012d}", f"{b:012d}"
    wrong = [i for i in range(12) if left[i] != right[i]]
    if len(wrong) == 1:
        return "one_digit"
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        i, j = wrong
        if left[i] == right[j] and left[j] == right[i]:
            return "digits_exchanged"
    return None
