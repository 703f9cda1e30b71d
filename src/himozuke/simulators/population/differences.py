"""Right links in which an item really differs from the register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population import names
from himozuke.simulators.population.case import KIND, TIED, Case, Rows
from himozuke.simulators.population.held import look, sound
from himozuke.simulators.population.people import DEAD, MAN, NONE, REPLACED, WOMAN, Ints
from himozuke.simulators.population.places import Dwellings, draw_dwellings
from himozuke.simulators.population.plan import EPOCH, TODAY, Plan, day
from himozuke.simulators.population.styles import KANA_SLIP, KANJI_SLIP, Styles

Bools = npt.NDArray[np.bool_]
ADDRESS_BANCHI = 9  # the notation of ``addresses`` that writes a 番 as 番地

SLIPS = {"kana_slip": KANA_SLIP, "kanji_slip": KANJI_SLIP}
# Shares of the wrong links; they are few, and what is hard about them should be seen.
DAMAGE_OF_WRONG = {
    "moved": 0.04, "missing_address": 0.03, "reading": 0.03, "married": 0.03, "kana_slip": 0.02, "kanji_slip": 0.02,
    "birth_slip": 0.02, "address_slip": 0.02, "missing_kana_name": 0.01,
}  # fmt: skip
# Shares among the differences. Birth date and sex: 1.7e-5 of all records against 8.7e-3 of names and addresses.
SHARES = {
    "moved": 0.50, "married": 0.14, "married_moved": 0.05, "reading": 0.05, "kana_slip": 0.04, "kanji_slip": 0.04,
    "birth_slip": 0.02, "sex_slip": 0.003, "missing_address": 0.07, "missing_kana_name": 0.007, "address_slip": 0.04,
    "banchi": 0.01, "middle_name": 0.01, "old_number": 0.01, "died_link_open": 0.01, "moved_slip": 0.01,
}  # fmt: skip


@dataclass
class Moves:
    """Dwellings that only links know, standing behind those of the people."""

    dwellings: Dwellings
    draw: np.random.Generator

    def add(self, more: Dwellings) -> Ints:
        """Append dwellings; their places."""
        first = self.dwellings.rows
        self.dwellings = self.dwellings.followed_by(more)
        return np.arange(first, self.dwellings.rows, dtype=np.int32)


@cache
def other_readings() -> dict[int, tuple[int, ...]]:
    """Given names written alike that read otherwise, by name."""
    book = names.load().given
    places = names.alike(book.look[: book.drawn])
    found = {}
    for group in places.values():
        for place in group.tolist():
            others = tuple(o for o in group.tolist() if book.sound[o] != book.sound[place])
            if others:
                found[place] = others
    return found


@cache
def without_middle_name() -> dict[int, int]:
    """Foreign given names without their middle name, by name."""
    book = names.load().given
    place_by_text = {(latin, kana): i for i, (latin, kana) in enumerate(zip(book.kanji, book.kana, strict=True))}
    found: dict[int, int] = {}
    for place, latin in enumerate(book.kanji):
        if latin.isascii() and " " in latin:
            kana = book.kana[place].split("　")
            for keep in (0, -1):
                short = place_by_text.get((latin.split(" ")[keep], kana[keep]))
                if short is not None:
                    found.setdefault(place, short)
    return found


def eligible(case: Case, kind: str) -> Bools:
    """Tell which links a difference can befall."""
    people, person = case.people, case.links.person
    able: dict[str, Callable[[], Bools]] = {
        "married": lambda: (people.maiden[person] != NONE) & ~people.maiden_held[person],
        "reading": lambda: named(case, list(other_readings())),
        "middle_name": lambda: named(case, list(without_middle_name())),
        "old_number": lambda: people.status[person] == REPLACED,
        "died_link_open": lambda: people.status[person] == DEAD,
        "banchi": lambda: people.dwellings.chome[people.home[person]] > 0,
        "kana_slip": lambda: people.nation[person] == NONE,
        "address_slip": lambda: case.held.home != NONE,
    }
    able |= {"married_moved": able["married"], "kanji_slip": able["kana_slip"], "moved_slip": able["kana_slip"]}
    return able[kind]() if kind in able else np.ones(len(person), np.bool_)


def named(case: Case, given: list[int]) -> Bools:
    """Tell which links are about people with one of some given names."""
    some = np.zeros(len(names.load().given.kanji), np.bool_)
    some[given] = True
    return np.asarray(some[case.people.given[case.links.person]], np.bool_)


def move(case: Case, rows: Rows, moves: Moves) -> None:
    """The insurer knows another address: an old one the register does not show, or any other."""
    person = case.links.person[rows]
    old = np.where(case.people.old_home_held[person], NONE, case.people.old_home[person])
    fresh = np.flatnonzero(old == NONE)
    old[fresh] = moves.add(draw_dwellings(len(fresh), moves.draw))
    case.held.home[rows] = old


def marry(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer still writes the surname before marriage."""
    maiden = case.people.maiden[case.links.person[rows]]
    case.held.surname[rows] = case.held.surname_kana[rows] = maiden


def read_otherwise(case: Case, rows: Rows, moves: Moves) -> None:
    """The insurer reads the given name another way."""
    for row in rows.tolist():
        others = other_readings()[int(case.held.given[row])]
        case.held.given_kana[row] = others[int(moves.draw.integers(len(others)))]


def slip_birth(case: Case, rows: Rows, moves: Moves) -> None:
    """One slip in the date of birth."""
    for row in rows.tolist():
        case.held.birth[row] = slipped_date(int(case.held.birth[row]), moves.draw)


def slipped_date(birth: int, draw: np.random.Generator) -> int:
    """One day, month, year or ten off, or day and month exchanged, always an existing past date."""
    on = EPOCH + timedelta(days=birth)
    ways: tuple[Callable[[], date], ...] = (
        lambda: on.replace(day=on.month, month=on.day),
        lambda: on.replace(year=on.year + (1 if draw.random() < 0.5 else -1)),
        lambda: on.replace(month=on.month + (1 if draw.random() < 0.5 else -1)),
        lambda: on + timedelta(days=1 if draw.random() < 0.5 else -1),
        lambda: on.replace(day=on.day + (10 if draw.random() < 0.5 else -10)),
        lambda: on.replace(year=on.year - 10),
    )
    for way in draw.permutation(len(ways)).tolist():
        try:
            slipped = day(ways[way]())
        except ValueError:  # no such day
            continue
        if slipped != birth and slipped < TODAY - 20:
            return slipped
    return birth - 1


def slip_sex(case: Case, rows: Rows, _: Moves) -> None:
    """The wrong box was ticked."""
    case.held.sex[rows] = MAN + WOMAN - case.held.sex[rows]


def lose_address(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer holds no address."""
    case.held.home[rows] = NONE


def lose_kana(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer holds no kana."""
    case.held.surname_kana[rows] = case.held.given_kana[rows] = NONE


def slip_address(case: Case, rows: Rows, moves: Moves) -> None:
    """One figure of the house number is another."""
    homes = moves.dwellings.take(case.held.home[rows])
    in_lot = homes.lot > 0
    changed = np.where(in_lot, homes.lot, homes.block)
    changed = np.where(changed % 10 == 9, changed - 1, changed + 1).astype(np.int16)
    lot, block = np.where(in_lot, changed, homes.lot), np.where(in_lot, homes.block, changed)
    case.held.home[rows] = moves.add(replace(homes, lot=lot, block=block))


def lose_middle_name(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer left out a middle name."""
    short = without_middle_name()
    for row in rows.tolist():
        case.held.given[row] = case.held.given_kana[row] = short[int(case.held.given[row])]


def keep_old_number(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer has not heard of the new number."""
    case.links.number[rows] = case.people.previous_number[case.links.person[rows]]


def stay_open(case: Case, rows: Rows, _: Moves) -> None:
    """The insurer has not heard of the death."""
    case.links.valid_to[rows] = -1


EFFECTS: dict[str, Callable[[Case, Rows, Moves], None]] = {
    "moved": move, "married": marry, "reading": read_otherwise, "birth_slip": slip_birth, "sex_slip": slip_sex,
    "missing_address": lose_address, "missing_kana_name": lose_kana, "address_slip": slip_address,
    "middle_name": lose_middle_name, "old_number": keep_old_number, "died_link_open": stay_open,
}  # fmt: skip


def counts(wanted: int) -> dict[str, int]:
    """Share the differences among their kinds; the rarest may get none."""
    found = {kind: int(share * wanted) for kind, share in SHARES.items()}
    found["moved"] += wanted - sum(found.values())
    return found


def differ(case: Case, styles: Styles, moves: Moves, kind: str, rows: Rows) -> None:
    """Let one kind of difference befall some links."""
    case.kind[rows] = KIND[kind]
    case.used[rows] = True
    if kind == "married_moved":
        marry(case, rows, moves)
        move(case, rows, moves)
    elif kind == "banchi":
        styles.number[rows] = ADDRESS_BANCHI
    elif kind == "moved_slip":
        move(case, rows, moves)
        styles.damage[rows] = KANA_SLIP
    elif kind in SLIPS:
        styles.damage[rows] = SLIPS[kind]
    else:
        EFFECTS[kind](case, rows, moves)


def make_differences(case: Case, styles: Styles, plan: Plan) -> Dwellings:
    """Let the planned share of right links differ; returns the dwellings with those only links know."""
    moves = Moves(case.people.dwellings, plan.draw("moves"))
    taken = case.used.copy()
    case.used[:] = case.cause > 0
    wanted = round(plan.differences * int((case.cause == 0).sum()))
    short = 0
    for kind, count in counts(wanted).items():
        if kind == "moved":
            continue
        rows = case.pick(count, eligible(case, kind))
        short += count - len(rows)
        differ(case, styles, moves, kind, rows)
    rows = case.pick(counts(wanted)["moved"] + short, np.ones(case.links.rows, np.bool_))
    differ(case, styles, moves, "moved", rows)
    case.used[:] = False
    if plan.differences:
        damage_some_wrong_links(case, styles, moves)
    mark_tied(case)
    case.used[:] |= taken
    return moves.dwellings


def damage_some_wrong_links(case: Case, styles: Styles, moves: Moves) -> None:
    """Let some wrong links differ from their own person too, more often than right ones do."""
    for kind, share in DAMAGE_OF_WRONG.items():
        able = (case.cause > 0) & (case.undecidable == 0) & eligible(case, kind)
        rows = np.flatnonzero(able & ~case.used)
        rows = rows[moves.draw.random(len(rows)) < share]
        case.used[rows] = True
        if kind in SLIPS:
            styles.damage[rows] = SLIPS[kind]
        else:
            EFFECTS[kind](case, rows, moves)


def mark_tied(case: Case) -> None:
    """Mark right links whose address tells nothing while somebody else bears the same name and birth date."""
    people, book, person = case.people, names.load(), case.links.person
    surname, given = look(book.surnames, people.surname), look(book.given, people.given)
    sounds = sound(book.surnames, people.surname).astype(np.int64) << 24 | sound(book.given, people.given)
    key = np.stack([surname.astype(np.int64) << 32 | given, sounds, people.birth.astype(np.int64) << 2 | people.sex])
    mixed = (key[0] * 1_000_003 ^ key[1]) * 1_000_003 ^ key[2]
    registered = mixed[: case.registered]
    ranked = np.sort(registered)
    several = ranked[1:][ranked[1:] == ranked[:-1]]
    silent = [KIND[kind] for kind in ("moved", "missing_address")]
    rows = np.flatnonzero((case.cause == 0) & np.isin(case.kind, silent))
    case.undecidable[rows[np.isin(mixed[person[rows]], several)]] = TIED
