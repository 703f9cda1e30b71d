"""The verdict table: what the contract says of patterns, whoever made them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.link.items import Trait
from himozuke.link.pattern import (
    Challenge,
    ItemClass,
    Life,
    NameClass,
    NumberFact,
    Pattern,
    Sharing,
    decode,
    encode,
    required_mask,
)
from himozuke.link.verdict import Action, Decision, Verdict, decide

PATTERNS = st.builds(
    Pattern,
    kanji_name=st.sampled_from(NameClass),
    kana_name=st.sampled_from(NameClass),
    birth_date=st.sampled_from(ItemClass),
    sex=st.sampled_from(ItemClass),
    address=st.sampled_from(ItemClass),
    challenge=st.sampled_from(Challenge),
    number=st.sampled_from(NumberFact),
    life=st.sampled_from(Life),
    few_items=st.integers(0, 1),
    several_valid=st.integers(0, 1),
    sharing=st.sampled_from(Sharing),
    required=st.integers(0, 31),
)


@given(PATTERNS)
def test_a_pattern_survives_packing(pattern: Pattern) -> None:
    """One integer holds everything, and fits 31 bits."""
    packed = encode(pattern)

    assert decode(packed) == pattern
    assert 0 <= packed < 2**31


@given(PATTERNS)
def test_who_fits_better_refutes_whatever_could_explain(pattern: Pattern) -> None:
    """The challenge comes before any explanation (S54, S111)."""
    found = decide(pattern._replace(challenge=Challenge.BETTER, number=NumberFact.CURRENT))

    assert found.verdict is Verdict.REFUTED
    assert "rival_better" in found.reasons


@given(PATTERNS)
def test_exactly_doubted_links_are_asked_about(pattern: Pattern) -> None:
    """DOUBTFUL and REFUTED ask; nothing else does."""
    found = decide(pattern)

    assert (found.action is Action.ASK) == (found.verdict in (Verdict.DOUBTFUL, Verdict.REFUTED))


@given(PATTERNS)
def test_a_proven_link_asks_for_nothing_and_holds_what_it_must(pattern: Pattern) -> None:
    """PROVEN: every item the scheme must hold agrees, no rival, nothing to do."""
    found = decide(pattern)

    if found.verdict is Verdict.PROVEN:
        assert found.action is Action.NONE
        assert not pattern.few_items
        assert all(not pattern.required >> i & 1 or pattern[i] == 0 for i in range(5))
        assert pattern.challenge not in (Challenge.EQUAL, Challenge.BETTER)


@given(PATTERNS)
def test_every_verdict_but_a_plain_one_says_why(pattern: Pattern) -> None:
    """An official can read the reason of every verdict that is not plainly PROVEN."""
    found = decide(pattern)

    assert found.reasons or found.verdict is Verdict.PROVEN


@given(PATTERNS, st.integers(0, 255))
def test_how_items_agree_never_changes_the_verdict(pattern: Pattern, traits: int) -> None:
    """Traits name; they do not judge."""
    plain, named = decide(pattern), decide(pattern, Trait(traits))

    assert plain.verdict == named.verdict


@pytest.mark.seed("S92", "S63")
@given(PATTERNS)
def test_three_items_never_prove_and_are_left_to_the_full_inspection(pattern: Pattern) -> None:
    """A number got with few items is at most EXPLAINED, and its single items are not corrected."""
    found = decide(pattern._replace(few_items=1))

    assert found.verdict is not Verdict.PROVEN
    assert found.action is not Action.CORRECT or found.verdict is Verdict.UNTESTABLE
    assert "acquired_with_few_items" in found.reasons


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (Pattern(address=ItemClass.DIFFERENT), Decision(Verdict.EXPLAINED, Action.NONE, ("moved",))),
        (
            Pattern(kanji_name=NameClass.DIFFERENT, address=ItemClass.DIFFERENT),
            Decision(Verdict.DOUBTFUL, Action.ASK, ("unexplained_kanji_name", "unexplained_address")),
        ),
        (Pattern(birth_date=ItemClass.NEAR), Decision(Verdict.EXPLAINED, Action.CORRECT, ("slip_birth_date",))),
        (
            Pattern(birth_date=ItemClass.DIFFERENT),
            Decision(Verdict.DOUBTFUL, Action.ASK, ("unexplained_birth_date",)),
        ),
        (
            Pattern(address=ItemClass.MISSING, challenge=Challenge.SHARED),
            Decision(Verdict.UNTESTABLE, Action.CORRECT, ("too_little_held", "missing_address")),
        ),
        (Pattern(challenge=Challenge.SHARED), Decision(Verdict.PROVEN, Action.NONE)),
        (
            Pattern(kana_name=NameClass.MISSING, required=required_mask(("kanji_name", "birth_date", "sex"))),
            Decision(Verdict.PROVEN, Action.NONE, ("missing_kana_name",)),
        ),
    ],
)
def test_decided_differences(pattern: Pattern, expected: Decision) -> None:
    """The differences that the contract decides one by one."""
    assert decide(pattern) == expected
