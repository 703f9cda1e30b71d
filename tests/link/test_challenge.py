"""Fit and challenge: who is a rival, and how strong (S54, S64)."""

from __future__ import annotations

import pytest

from himozuke.identity.state import Comparison, How, ItemState, Parts
from himozuke.link import challenge
from himozuke.link.fit import credits_of, fit, rarity
from himozuke.link.items import Agreement
from himozuke.link.pattern import Challenge

S, P = ItemState, Parts


def agreement(*states: ItemState, parts: tuple[Parts, Parts] = (P.NONE, P.NONE)) -> Agreement:
    """Five states in the order of ITEMS."""
    hows = [How.BYTES if s is S.EQUAL else How.EMPTY if s is S.MISSING else How.DIFFERENT for s in states]
    kanji, kana, birth, sex, place = (Comparison(s, h) for s, h in zip(states, hows, strict=True))
    return Agreement(kanji, kana, birth, sex, place, *parts)


SAME = agreement(S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, parts=(P.BOTH, P.BOTH))


def outcome(own: Agreement, other: Agreement) -> Challenge:
    """What the other entry is to a link with this own entry."""
    ours, theirs = credits_of(own), credits_of(other)
    return Challenge(int(challenge.classify(ours, int(fit(ours)), theirs, int(fit(theirs)))))


def test_who_agrees_on_nothing_more_is_never_a_rival() -> None:
    """Whatever the margin: an entry equal in all five items cannot be beaten."""
    assert outcome(SAME, SAME) is Challenge.SHARED
    assert outcome(SAME, agreement(S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT, parts=(P.BOTH, P.BOTH))) is (
        Challenge.NONE
    )


@pytest.mark.seed("S54", "S63")
def test_a_namesake_beats_a_mover() -> None:
    """Four items agree with the own entry, all five with the other: the person has not moved."""
    moved = agreement(S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT, parts=(P.BOTH, P.BOTH))

    assert outcome(moved, SAME) is Challenge.BETTER


def test_a_twin_beats_a_slip() -> None:
    """A near given name is no slip where somebody bears exactly that name."""
    near = agreement(S.NEAR, S.NEAR, S.EQUAL, S.EQUAL, S.EQUAL, parts=(P.SURNAME, P.SURNAME))

    assert outcome(near, SAME) is Challenge.BETTER


def test_a_new_tenant_at_the_old_address_is_no_rival() -> None:
    """The address alone is not enough against name and birth date."""
    moved = agreement(S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT, parts=(P.BOTH, P.BOTH))
    tenant = agreement(S.DIFFERENT, S.DIFFERENT, S.DIFFERENT, S.EQUAL, S.EQUAL)

    assert outcome(moved, tenant) is Challenge.NONE


def test_a_married_woman_is_not_her_twin_at_the_parents_home() -> None:
    """Surname and address agree with the twin, the given name with her own entry."""
    own = agreement(S.DIFFERENT, S.DIFFERENT, S.EQUAL, S.EQUAL, S.DIFFERENT, parts=(P.GIVEN, P.GIVEN))
    twin = agreement(S.DIFFERENT, S.DIFFERENT, S.EQUAL, S.EQUAL, S.EQUAL, parts=(P.SURNAME, P.SURNAME))

    assert outcome(own, twin) is Challenge.NONE


def test_chance_resemblance_is_no_rival() -> None:
    """Birth date and half a name are shared by many: such an entry is no better person."""
    stranger = agreement(S.DIFFERENT, S.DIFFERENT, S.DIFFERENT, S.DIFFERENT, S.DIFFERENT)
    alike = agreement(S.DIFFERENT, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT, parts=(P.NONE, P.BOTH))

    assert outcome(stranger, alike) is Challenge.NONE


def test_agreeing_on_a_rare_name_weighs_more() -> None:
    """The bonus falls with the number of people who bear the name, never below nothing."""
    bonuses = [rarity(count, 10_000_000) for count in (1, 10, 100, 1_000, 10_000)]

    assert bonuses == sorted(bonuses, reverse=True)
    assert bonuses[0] > 0 == bonuses[-1]
