"""Received notices become links: number inquired for where it is missing, compared, released or stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from himozuke import schemes
from himozuke.errors import LinkRejectedError, RuleRefusedError, UpstreamDownError
from himozuke.identity import scheme_number
from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.verdict import Verdict
from himozuke.ports.office import AuditLog, CaseDesk, CaseOpening, Clock, Origin
from himozuke.ports.resident_register import (
    Inquiry,
    LinkClaim,
    LinkVerifier,
    OnlineVerdict,
    Purpose,
    ResidentRegister,
)
from himozuke.registration.decide import items_to_inquire
from himozuke.registration.finding import claim_columns, finding_of
from himozuke.registration.judge import Compared, Seen, agrees_in_all, held_for_company, judge
from himozuke.registration.model import VOLUNTARY, Filing, NoticeKind, Outcome, Problem, Registered
from himozuke.registration.ports import Finding, HeldNotice, NewLink, RegistrationStore, Vault
from himozuke.registration.turns import in_turn
from himozuke.rules.model import RuleBook

_ITEM_SEPARATOR = "|"


@dataclass(slots=True)
class _Candidate:
    """A notice on its way to a link."""

    notice: HeldNotice
    number: IndividualNumber | None
    texts: dict[str, str]
    insured_link_id: int | None = None
    inquired_items: Sequence[str] = ()
    inquired_hits: int | None = None
    problems: list[Problem] = field(default_factory=list)
    verdict: OnlineVerdict | None = None
    silence: UpstreamDownError | None = None  # why the register has not answered the inquiry for the number
    has_company: bool = False  # the person holds a valid qualification here already (S75)

    @property
    def is_inquired(self) -> bool:
        """Whether the number came from an inquiry."""
        return bool(self.inquired_items)

    @property
    def goes_on(self) -> bool:
        """Whether a link can be made of it: nothing is wrong with it, and its number is known."""
        return not self.problems and self.silence is None

    @property
    def is_refuted(self) -> bool:
        """Whether the comparison said that the number is somebody else's."""
        return self.verdict is not None and self.verdict.verdict == Verdict.REFUTED.name


@dataclass(frozen=True, slots=True)
class RegisteringService:
    """Makes links of received notices, each compared with the register before anybody may see it (S53)."""

    store: RegistrationStore
    register: ResidentRegister
    verifier: LinkVerifier
    cases: CaseDesk
    vault: Vault
    rules: RuleBook
    clock: Clock
    audit: AuditLog
    by: str

    def register_notices(self, notice_ids: Sequence[int] | None = None, *, limit: int = 1000) -> list[Registered]:
        """Register received notices, or the oldest that wait; one answer for each.

        Where the register does not answer, links are written down and held: nobody sees them until
        :class:`himozuke.registration.answering.AnsweringService` has compared them. A notice whose number it does not
        tell stays as it was received, and has no answer here; UpstreamDownError when that is all there was to do.
        """
        notices = self.store.waiting(notice_ids, limit=limit)
        done: dict[int, Registered] = {}
        silence: UpstreamDownError | None = None
        waiting = notices
        while waiting:
            turn, waiting = in_turn(waiting, is_known=self._is_known)
            if waiting and not done:
                self.store.reserve_all()
            found, silent = self._register(turn)
            done |= {one.notice_id: one for one in found}
            silence = silent or silence
            behind = {_under(notice) for notice in turn if notice.notice_id not in done}
            waiting = [notice for notice in waiting if _under(notice) not in behind]
        if silence is not None and not done:
            raise silence
        return [done[notice.notice_id] for notice in notices if notice.notice_id in done]

    def _is_known(self, notice: HeldNotice) -> bool:
        """Whether whom a notice of a dependent, or of an end, speaks of is registered already."""
        known = self.store.insured_link if notice.kind is NoticeKind.DEPENDENT_ADDED else self.store.open_link
        return known(notice) is not None

    def _register(self, notices: Sequence[HeldNotice]) -> tuple[list[Registered], UpstreamDownError | None]:
        """What became of notices, and why some of them wait, if they do."""
        ends = [self._end(notice) for notice in notices if not notice.kind.begins]
        branches: dict[int, int] = {}
        candidates = [self._candidate(notice, branches) for notice in notices if notice.kind.begins]
        self._inquire(candidates)
        self._number(candidates)
        self._compare(candidates)
        self._see_company(candidates)
        silence = next((one.silence for one in candidates if one.silence and not one.problems), None)
        return [*ends, *self._write(candidates)], silence

    def _candidate(self, notice: HeldNotice, branches: dict[int, int]) -> _Candidate:
        """A notice on its way; ``branches`` holds the last branch that was given under each insured person's link."""
        sealed = notice.individual_number_sealed
        candidate = _Candidate(notice, self.vault.open(sealed) if sealed else None, dict(notice.texts))
        if notice.kind is NoticeKind.DEPENDENT_ADDED:
            insured = self.store.insured_link(notice)
            if insured is None:
                candidate.problems.append(Problem("insured_not_found", "number"))
            elif insured.valid_from and notice.event_on < insured.valid_from:
                candidate.problems.append(Problem("before_insured", "event_on", insured.valid_from.isoformat()))
            else:
                candidate.insured_link_id = insured.link_id
                last = max(insured.last_branch, branches.get(insured.link_id, 0))
                candidate.texts["branch"] = notice.text("branch") or f"{last + 1:02}"
                branches[insured.link_id] = max(last, _branch(candidate.texts["branch"]))
        return candidate

    def _inquire(self, candidates: Sequence[_Candidate]) -> None:
        """Ask for missing numbers, with every item the rule asks for and never fewer (S61)."""
        asked: list[tuple[_Candidate, Inquiry]] = []
        for candidate in candidates:
            if candidate.number is not None or candidate.problems:
                continue
            notice = candidate.notice
            scheme = schemes.find(notice.scheme)
            items = items_to_inquire(Filing(notice.kind, notice.event_on, notice.texts), scheme, self.rules)
            candidate.inquired_items = items
            purpose = Purpose("registration", f"notice:{notice.notice_id}")
            given = {item: notice.text(item) for item in items}
            asked.append((candidate, Inquiry(purpose, notice.event_on, notice.scheme, items=given)))
        answers = self.register.inquire_batch([inquiry for _, inquiry in asked]) if asked else []
        for (candidate, _), answer in zip(asked, answers, strict=True):
            if isinstance(answer, RuleRefusedError):
                candidate.problems.append(Problem("too_few_items", "individual_number"))
                continue
            if isinstance(answer, UpstreamDownError):
                candidate.silence = answer  # nothing is written: the notice waits until the register answers
                continue
            if isinstance(answer, Exception):
                candidate.problems.append(Problem("not_understood", "individual_number", str(answer)))
                continue
            candidate.inquired_hits = len(answer.entries)
            if len(answer.entries) == 1:
                candidate.number = answer.entries[0].individual_number
            else:  # several hits are never chosen among (S70, R-JLIS)
                code = "several_hits" if answer.entries else "no_hit"
                candidate.problems.append(Problem(code, "individual_number", str(len(answer.entries))))

    def _number(self, candidates: Sequence[_Candidate]) -> None:
        """Give scheme numbers where the notice has none, and refuse one that an open link stands under."""
        for candidate in candidates:
            if candidate.goes_on and not candidate.texts.get("number"):
                symbol = candidate.texts.get("symbol", "")
                first = self.store.next_numbers(candidate.notice.organisation_id, symbol, 1)
                candidate.texts["number"] = str(first)
        going_on = [candidate for candidate in candidates if candidate.goes_on]
        self.store.reserve(
            [(one.notice.organisation_id, _scheme_number(one)) for one in going_on],
            [(one.notice.organisation_id, one.number) for one in going_on if one.number is not None],
        )
        for organisation_id, scheme, group in _by_office(candidates):
            taken = self.store.taken_numbers(organisation_id, scheme, [_scheme_number(one) for one in group])
            for candidate in group:
                own = _scheme_number(candidate)
                if own in taken:
                    candidate.problems.append(Problem("number_taken", "number"))
                taken.add(own)

    def _see_company(self, candidates: Sequence[_Candidate]) -> None:
        """Note who holds a valid qualification here already, by a link that stands or by an earlier notice.

        Where a number is refuted it is somebody else's: that link is no second one of its bearer.
        """
        for organisation_id, scheme, group in _by_office(candidates):
            going_on = [(one, one.number) for one in group if one.number is not None and not one.is_refuted]
            ends = self.store.last_days(organisation_id, scheme, [number for _, number in going_on])
            for candidate, number in going_on:
                candidate.has_company = ends.get(number.value, date.min) > candidate.notice.event_on
                ends[number.value] = date.max

    def _compare(self, candidates: Sequence[_Candidate]) -> None:
        """Compare everybody with the register in both directions; whom it says nothing of has no verdict."""
        asked = [candidate for candidate in candidates if candidate.goes_on]
        if not asked:
            return
        claims = [self._claim(candidate) for candidate in asked]
        answers: Sequence[OnlineVerdict | Exception]
        try:
            answers = self.verifier.verify_batch(claims, purpose=Purpose("registration", _subject(asked)))
        except UpstreamDownError as error:
            answers = [error] * len(asked)
        for candidate, answer in zip(asked, answers, strict=True):
            if isinstance(answer, LinkRejectedError):
                told = answer.quarantined
                candidate.problems.append(Problem("not_understood", told.get("column", ""), told.get("reason", "")))
            elif isinstance(answer, UpstreamDownError):
                if candidate.is_inquired:  # what it said before is not taken unseen
                    candidate.silence = answer
            elif isinstance(answer, Exception):
                raise answer
            else:
                candidate.verdict = answer
                self._look_at_inquired(candidate, answer)

    def _look_at_inquired(self, candidate: _Candidate, verdict: OnlineVerdict) -> None:
        """A number that was inquired for is taken only when every item asked agrees (R-JLIS)."""
        states = list(verdict.states.values())
        if candidate.is_inquired and not agrees_in_all(states, candidate.inquired_items):
            candidate.problems.append(Problem("inquired_items_differ", "individual_number"))

    def _claim(self, candidate: _Candidate) -> LinkClaim:
        notice, number = candidate.notice, candidate.number
        assert number is not None  # noqa: S101 - a candidate without a number has a problem
        columns = claim_columns(
            candidate.texts,
            number,
            acquired_by="jlis" if candidate.is_inquired else "person",
            acquired_items=candidate.inquired_items,
            acquired_hits=candidate.inquired_hits,
            acquired_on=notice.received_on,
            valid_from=notice.event_on,
        )
        return LinkClaim(notice.scheme, self.clock.today(), columns)

    def _write(self, candidates: Sequence[_Candidate]) -> Iterator[Registered]:
        good = [candidate for candidate in candidates if candidate.goes_on]
        for candidate in candidates:
            if candidate.problems:
                yield self._return(candidate)
        judged = [self._judge(candidate, candidate.verdict) if candidate.verdict else None for candidate in good]
        links = [self._link(candidate, seen) for candidate, seen in zip(good, judged, strict=True)]
        ids = self.store.write_links(links)
        for candidate, link, seen, link_id in zip(good, links, judged, ids, strict=True):
            yield self._registered(candidate, link, seen, link_id)

    def _judge(self, candidate: _Candidate, verdict: OnlineVerdict) -> Seen:
        compared = Compared(
            verdict.verdict,
            verdict.restriction,
            verdict.restriction_by_table,
            verdict.action,
            list(verdict.states.values()),
            verdict.evidence_digest,
        )
        follows = self.store.follows_table(candidate.notice.organisation_id)
        seen = judge(compared, rules=self.rules, on=self.clock.today(), follows_table=follows, answered_digest=None)
        return held_for_company(seen) if candidate.has_company else seen

    def _link(self, candidate: _Candidate, seen: Seen | None) -> NewLink:
        number = candidate.number
        assert number is not None  # noqa: S101 - as above
        is_dependent = candidate.notice.kind is NoticeKind.DEPENDENT_ADDED
        insured = "voluntary" if candidate.notice.text("acquisition_kind") == VOLUNTARY else "insured"
        return NewLink(
            notice=candidate.notice,
            scheme_number=_scheme_number(candidate),
            texts=candidate.texts,
            sealed=self.vault.seal(number),
            acquired_by="jlis" if candidate.is_inquired else "person",
            acquired_items=_ITEM_SEPARATOR.join(candidate.inquired_items),
            acquired_hits=candidate.inquired_hits,
            state=seen.state if seen else "held",
            restriction=seen.restriction if seen else "ALL",
            finding=finding_of(candidate.verdict, has_company=candidate.has_company) if candidate.verdict else None,
            member_kind="dependent" if is_dependent else insured,
            insured_link_id=candidate.insured_link_id,
            relation=candidate.texts.get("relation", ""),
            registered_at=self.clock.now(),
            by=self.by,
        )

    def _registered(self, candidate: _Candidate, link: NewLink, seen: Seen | None, link_id: int) -> Registered:
        notice, finding = candidate.notice, link.finding
        case_id = self._open_case(notice, link_id, link, finding) if seen and seen.needs_case and finding else None
        details = {
            "link": link_id,
            "state": link.state,
            "restriction": link.restriction,
            "verdict": finding.verdict if finding else None,
            "acquired_by": link.acquired_by,
            "case": case_id,
        }
        self.audit.record("registration.register", subject="notice", subject_id=notice.notice_id, details=details)
        outcome = {"released": Outcome.RELEASED, "stopped": Outcome.STOPPED}.get(link.state, Outcome.HELD)
        verdict = finding.verdict if finding else None
        return Registered(notice.notice_id, outcome, link_id, verdict, link.restriction, case_id)

    def _open_case(self, notice: HeldNotice, link_id: int, link: NewLink, finding: Finding) -> int:
        opening = CaseOpening(
            organisation_id=notice.organisation_id,
            link_id=link_id,
            origin=Origin.REGISTRATION,
            restriction=link.restriction,
            verdict=finding.verdict,
            reasons=finding.reasons,
            cause=finding.cause,
            group_key=f"registration:{link.registered_at:%Y-%m-%d}:{finding.cause or '-'}",
            summary=f"届出{notice.notice_id}の登録時の照合",
            evidence={"states": list(finding.states), "digest": finding.evidence_digest},
        )
        return self.cases.open_case(opening)

    def _return(self, candidate: _Candidate) -> Registered:
        notice, problems = candidate.notice, tuple(candidate.problems)
        self.store.return_notice(notice, problems, self.clock.now())
        details = {"reasons": [problem.code for problem in problems], "hits": candidate.inquired_hits}
        self.audit.record("registration.return", subject="notice", subject_id=notice.notice_id, details=details)
        return Registered(notice.notice_id, Outcome.RETURNED, problems=problems)

    def _end(self, notice: HeldNotice) -> Registered:
        """A notice of loss ends the qualification; the number stays linked to its past (R-JLIS)."""
        found = self.store.open_link(notice)
        if found is None:
            return self._return(_Candidate(notice, None, {}, problems=[Problem("link_not_found", "number")]))
        link_id, began_on = found
        if began_on and notice.event_on < began_on:
            problem = Problem("end_before_begin", "event_on", began_on.isoformat())
            return self._return(_Candidate(notice, None, {}, problems=[problem]))
        self.store.end_link(link_id, notice, self.clock.now())
        details = {"link": link_id, "ended_on": notice.event_on.isoformat()}
        self.audit.record("registration.end", subject="notice", subject_id=notice.notice_id, details=details)
        return Registered(notice.notice_id, Outcome.ENDED, link_id)


def _branch(text: str) -> int:
    """A branch as a figure; 0 for one that is none."""
    return int(text) if text.isascii() and text.isdecimal() else 0


def _under(notice: HeldNotice) -> tuple[int, str, str]:
    """What notices of one household are filed under; each by itself where it has no number."""
    return notice.organisation_id, notice.scheme, notice.text("number") or f"notice:{notice.notice_id}"


def _scheme_number(candidate: _Candidate) -> str:
    names = ("insurer_number", "symbol", "number", "branch")
    return scheme_number.joined(*(candidate.texts.get(name, "") for name in names))


def _by_office(candidates: Sequence[_Candidate]) -> Iterator[tuple[int, str, list[_Candidate]]]:
    groups: dict[tuple[int, str], list[_Candidate]] = {}
    for candidate in candidates:
        if candidate.goes_on:
            groups.setdefault((candidate.notice.organisation_id, candidate.notice.scheme), []).append(candidate)
    for (organisation_id, scheme), group in groups.items():
        yield organisation_id, scheme, group


def _subject(candidates: Sequence[_Candidate]) -> str:
    ids = [candidate.notice.notice_id for candidate in candidates]
    return f"notice:{ids[0]}" if len(ids) == 1 else f"notice:{min(ids)}-{max(ids)}"
