"""Links proven one by one, or a few at a time, against a register that answers at once.

Reading, folding, comparing, judging and deciding are those of a file; only the looking-up differs.
Source: S60–S64; R-JLIS (every new record is compared with the register before it may be seen).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from himozuke import schemes
from himozuke.engines.cases import RIGHT, UNANSWERED, Case
from himozuke.engines.cause_alone import Judged, cause_of
from himozuke.engines.claims import Claims, ReadClaims, stage_claims
from himozuke.engines.decisions import DecisionTerms, decide_case
from himozuke.engines.judge import NOBODY_ELSE, OthersFacts, OwnFacts, Terms, is_full, judge
from himozuke.engines.people import SAME, agreement_of, compare_people, is_same_bytes
from himozuke.identity.gazetteer import Gazetteer
from himozuke.link import fit
from himozuke.link.fit import Credits, credit_columns
from himozuke.link.items import ITEMS, traits
from himozuke.link.pattern import encode
from himozuke.link.proof import evidence_digest
from himozuke.link.verdict import Action
from himozuke.ports.challenge import ChallengeRegister, LedgerLine, Own, Person
from himozuke.ports.resident_register import LinkClaim, OnlineVerdict, Purpose
from himozuke.rules.model import RuleBook


class _Challengers(NamedTuple):
    """Everybody else who may be the person of a link, compared with it, and how rare its kanji name is."""

    people: Sequence[Person] = ()
    facts: OthersFacts = NOBODY_ELSE
    name_rarity: int = 0


class _Terms(NamedTuple):
    finding: Terms
    decision: DecisionTerms


@dataclass(frozen=True, slots=True)
class OnlineVerifier:
    """Proves links against a register; safe to share between threads when the register is.

    The verdict is the one that a file holding this link alone would get. Every link that was proven leaves
    a line in the register's ledger.
    """

    register: ChallengeRegister
    rules: RuleBook
    read: ReadClaims
    gazetteer: Gazetteer | None = None

    def verify(self, claim: LinkClaim, *, purpose: Purpose) -> OnlineVerdict:
        """Verify one link in both directions. LinkRejectedError when it cannot be understood."""
        found = self.verify_batch([claim], purpose=purpose)[0]
        if isinstance(found, Exception):
            raise found
        return found

    def verify_batch(self, claims: Sequence[LinkClaim], *, purpose: Purpose) -> Sequence[OnlineVerdict | Exception]:
        """Verify many links with few questions; a verdict or the error for each, in order."""
        answers: dict[int, OnlineVerdict | Exception] = {}
        alike: dict[tuple[str, date], list[int]] = defaultdict(list)
        for place, claim in enumerate(claims):
            alike[claim.scheme, claim.on].append(place)
        for (scheme, on), places in alike.items():
            finding = Terms(schemes.find(scheme), self.rules, on)
            terms = _Terms(finding, DecisionTerms.of(finding.scheme, self.rules, on))
            found = self._verify_alike([claims[place] for place in places], terms, purpose)
            answers |= dict(zip(places, found, strict=True))
        return [answers[place] for place in range(len(claims))]

    def _verify_alike(
        self, given: Sequence[LinkClaim], terms: _Terms, purpose: Purpose
    ) -> list[OnlineVerdict | Exception]:
        """Verify links of one scheme and day."""
        batch = self.read([claim.columns for claim in given], terms.finding.on)
        claims = stage_claims(batch, terms.finding.scheme)
        owners = self.register.owners(claims.numbers["number"])
        own = self._compare_owners(claims, owners)
        challengers = self._find_challengers(claims, own, owners)
        answers: dict[int, OnlineVerdict | Exception] = dict(batch.refused)
        lines = []
        for row, number in enumerate(batch.typed.column("row").to_pylist()):
            others = challengers.get(row, _Challengers())
            facts = claims.facts(row)
            finding = judge(facts, own[row], others.facts, name_rarity=others.name_rarity, terms=terms.finding)
            rival = others.people[finding.rival] if finding.rival is not None else None
            case = Judged(claims, row, finding, owners[row], rival)
            answer = answers[number] = self._answer(case, given[number - 1], terms)
            lines.append(_ledger_line(case, terms.finding, answer))
        self.register.write_ledger(lines, purpose)
        return [answers[number] for number in range(1, len(given) + 1)]

    def _compare_owners(self, claims: Claims, owners: Sequence[Own | None]) -> list[OwnFacts | None]:
        """Each link beside its number's own entry; what is equal byte for byte needs no closer look."""
        agreements = {
            row: SAME
            for row, own in enumerate(owners)
            if own and claims.numbers["complete"][row] and is_same_bytes(claims.items[row], own.person)
        }
        pairs = [(row, own.person) for row, own in enumerate(owners) if own and row not in agreements]
        if pairs:
            compared = compare_people(claims.sides, pairs, self.gazetteer)
            agreements |= {row: agreement_of(compared, place) for place, (row, _) in enumerate(pairs)}
        return [
            OwnFacts(agreements[row], own.is_previous, own.person.status, own.person.status_on) if own else None
            for row, own in enumerate(owners)
        ]

    def _find_challengers(
        self, claims: Claims, own: Sequence[OwnFacts | None], owners: Sequence[Own | None]
    ) -> dict[int, _Challengers]:
        """For each link that does not agree in full with its own entry: who else may be meant."""
        rows = [row for row, facts in enumerate(own) if not is_full(facts)]
        if not rows:
            return {}
        found = self.register.others(claims.keys(rows))
        pairs: list[tuple[int, Person]] = []
        edges = [0]
        for row, others in zip(rows, found, strict=True):
            owner = owners[row]
            pairs += [(row, one) for one in others.people if not (owner and one.number == owner.person.number)]
            edges.append(len(pairs))
        credits_ = credit_columns(*compare_people(claims.sides, pairs, self.gazetteer))
        people = [person for _, person in pairs]
        numbers = np.array([person.number for person in people], np.int64)
        challengers = {}
        for place, row in enumerate(rows):
            span = slice(edges[place], edges[place + 1])
            facts = OthersFacts(numbers[span], Credits(*(column[span] for column in credits_)))
            bearers = found[place].name_count if claims.items[row][0] else 1
            challengers[row] = _Challengers(people[span], facts, fit.rarity(bearers, self.register.size))
        return challengers

    def _answer(self, judged: Judged, claim: LinkClaim, terms: _Terms) -> OnlineVerdict:
        finding, own = judged.finding, judged.own
        states = [comparison.state for comparison in finding.agreement.comparisons]
        link_hash = judged.claims.numbers["row_hash"][judged.row]
        digest = evidence_digest(link_hash, own.person.evidence if own else 0)
        pattern = encode(finding.pattern)
        case = Case(
            pattern,
            int(traits(finding.agreement)),
            tuple(states),
            answer=RIGHT if claim.no_doubt_digest == digest else UNANSWERED,
        )
        decision, restriction, by_table = decide_case(case, terms.decision)
        cause = None
        if decision.action is Action.ASK:
            cause = cause_of(judged, terms.finding, self.register)
        return OnlineVerdict(
            verdict=decision.verdict.name,
            restriction=restriction.name,
            restriction_by_table=by_table.name,
            action=decision.action.name.lower(),
            cause=cause,
            rival_count=finding.rival_count,
            pattern=pattern,
            states={item: state.word for item, state in zip(ITEMS, states, strict=True)},
            reasons=decision.reasons,
            evidence_digest=digest,
            register_day=self.register.as_of,
            own=own.person.entry() if own else None,
            rival=judged.rival.entry() if judged.rival else None,
        )


def _ledger_line(judged: Judged, terms: Terms, answer: OnlineVerdict) -> LedgerLine:
    held = [item for item, text in zip(ITEMS, judged.claims.items[judged.row], strict=True) if text]
    hits = int(judged.own is not None) + judged.finding.rival_count
    return LedgerLine(
        "verification", terms.scheme.code, terms.on, held, hits, answer.evidence_digest, answer.register_day
    )
