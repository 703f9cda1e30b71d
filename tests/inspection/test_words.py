"""Every code that people may meet has its words in Japanese and English."""

from __future__ import annotations

import re
import string

import pytest

from himozuke.errors import RuleError
from himozuke.identity.state import How, ItemState
from himozuke.inspection import words
from himozuke.inspection.model import (
    ACTIONS,
    CAUSES,
    ITEMS,
    RESTRICTIONS,
    STATES,
    VERDICTS,
    Fact,
)
from himozuke.link import cause as link_cause
from himozuke.link.verdict import decision

CONTRACT_REASONS = [
    "moved",
    "married",
    "former_name",
    "alias",
    "reading",
    "slip_<item>",
    "unreadable",
    "other_script",
    "middle_name",
    "missing_<item>",
    "not_held",
    "old_number",
    "abroad",
    "died_link_open",
    "died_before_link",
    "not_in_register",
    "check_digit",
    "rival_better",
    "rival_equal",
    "shared_number",
    "several_valid_links",
    "acquired_with_few_items",
    "too_little_held",
    "unexplained_<item>",
    "confirmed",
]
LANGUAGES: tuple[words.Lang, ...] = ("ja", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_the_contract_has_a_name(lang: words.Lang) -> None:
    lists = {
        "item": ITEMS,
        "verdict": VERDICTS,
        "action": ACTIONS,
        "restriction": RESTRICTIONS,
        "state": STATES,
        "entry_status": ("current", "abroad", "dead", "replaced"),
        "method": ("person", "jlis", "other", "unsaid"),
        "run": ("shift", "block", "sorted"),
    }
    for kind, codes in lists.items():
        assert all(words.label(kind, code, lang) for code in codes)
    assert all(words.about("verdict", code, lang) for code in VERDICTS)
    assert all(words.about("state", code, lang) for code in STATES)


def test_states_and_ways_are_those_of_the_comparators() -> None:
    assert tuple(state.word for state in ItemState) == STATES
    assert all(words.how(way.name.lower(), lang) for way in How for lang in LANGUAGES)


@pytest.mark.parametrize("code", CONTRACT_REASONS)
def test_every_reason_of_the_contract_is_worded(code: str) -> None:
    for item in ITEMS if "<item>" in code else ("",):
        written = code.replace("<item>", item)
        assert re.search(r"[ぁ-ん一-龠]", words.reason(written, "ja"))
        assert not re.search(r"[ぁ-ん一-龠]", words.reason(written, "en"))
        assert "{" not in words.reason(written) + words.reason(written, "en")


def test_every_reason_the_verdict_table_can_give_is_worded() -> None:
    given = {reason for pattern in range(0, 2**22, 997) for reason in decision(pattern % 1_000_000).reasons}

    assert given
    assert given <= set(words.reason_codes())


@pytest.mark.parametrize("code", ["unheard_of", "slip_shoe_size", "slip_", "missing", ""])
def test_a_code_without_words_is_an_error_that_says_where_to_add_it(code: str) -> None:
    with pytest.raises(RuleError, match=r"words/reasons\.toml"):
        words.reason(code)


@pytest.mark.seed("S94", "S95")
@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_has_a_title_an_account_and_a_playbook(code: str) -> None:
    for lang in LANGUAGES:
        said = [say(code, lang) for say in (words.cause, words.cause_about, words.playbook)]
        assert all(said)
        assert len(set(said)) == 3


def test_evidence_is_a_whole_sentence_and_names_its_cause() -> None:
    for code, cause in words.evidence_codes().items():
        assert cause in CAUSES
        table = words._table("evidence")[code]
        names = [{name for _, name, _, _ in string.Formatter().parse(table[lang]) if name} for lang in LANGUAGES]
        assert names[0] == names[1]
        fact = Fact(code, dict.fromkeys(names[0], 1_234))
        assert words.evidence(fact).endswith("。")
        assert words.evidence(fact, "en").endswith(".")
    assert "1,234" in words.evidence(Fact("previous_user", {"other_row": 1_234}))


def test_every_cause_that_is_looked_for_can_say_its_evidence() -> None:
    facts = link_cause.CauseFacts(
        row=5,
        number=123,
        batch="B",
        scheme_number="1",
        home_row=5_000,
        home_scheme_number="1",
        in_register=False,
        relative=True,
        twin=True,
        home_carries_ours=True,
        acquired_by="jlis",
        acquired_items=3,
        acquired_hits=2,
        agrees_on_inquiry=True,
        holder_bears_former_name=True,
    )
    for _, find in link_cause._FINDERS:
        for code, values in find(facts):
            assert words.evidence(Fact(code, values))
    for code, values in link_cause._few_item_inquiry(facts, 3):
        assert words.evidence(Fact(code, values))


def test_a_figure_that_is_not_given_is_an_error() -> None:
    with pytest.raises(RuleError, match="other_row"):
        words.evidence(Fact("previous_user"))
