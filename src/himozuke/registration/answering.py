"""Doubts are answered, links compared again, and several valid qualifications of one number found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from himozuke.errors import ConflictError, LinkRejectedError, UpstreamDownError, UsageError
from himozuke.link.restriction import Restriction
from himozuke.link.verdict import Verdict
from himozuke.ports.office import AuditLog, CaseDesk, CaseOpening, Clock, LinkBook, Origin
from himozuke.ports.resident_register import LinkClaim, LinkVerifier, OnlineVerdict, Purpose
from himozuke.registration.finding import finding_of
from himozuke.registration.judge import Compared, Seen, held_for_company, judge, overlaps
from himozuke.registration.model import Answered, Overlap, OverlapKind, Period
from himozuke.registration.ports import Finding, HeldLink, RegistrationStore, Vault
from himozuke.rules.model import RuleBook

ANSWERS = ("corrected", "no_doubt")


@dataclass(frozen=True, slots=True)
class AnsweringService:
    """The desk where an insurer answers for its records (R-JLIS: 誤入力あり・理由付き疑いなし)."""

    store: RegistrationStore
    book: LinkBook
    verifier: LinkVerifier
    cases: CaseDesk
    vault: Vault
    rules: RuleBook
    clock: Clock
    audit: AuditLog

    def answer(
        self, link_ids: Sequence[int], *, answer: str, reason: str, items: Mapping[str, str] | None = None
    ) -> list[Answered]:
        """Answer for one link or for many at once (本人確認判定フラグ).

        ``corrected`` mends ``items`` of one link and compares it again. ``no_doubt`` needs a reason and holds
        until the evidence changes; a link that somebody else fits better (REFUTED), or that was stopped for
        another reason, stays stopped all the same, until its case is settled. Every link is compared with the
        register of today first: where that says something else than what the clerk had before the eyes, the new
        finding is written down and no answer (``answer`` of the result is empty). ConflictError for a link that
        is not in doubt; UpstreamDownError when the register does not answer.
        """
        if answer not in ANSWERS:
            raise UsageError(f"{answer!r} is no answer; answer {' or '.join(ANSWERS)}.")
        if not reason.strip():
            raise UsageError("Say why: an answer without a reason is not evidence (理由付き疑いなし).")
        if items and len(link_ids) != 1:
            raise UsageError("Items are corrected one link at a time.")
        if items:
            self.book.correct_items(link_ids[0], items=items, reason=reason)
        links = self.store.links(link_ids)
        if answer == "corrected":
            return [self._corrected(link, reason) for link in links]
        for link in links:
            _refuse_undoubted(link)
        return [self._no_doubt(link, finding, reason) for link, finding in self._compared(links)]

    def compare_again(self, link_ids: Sequence[int]) -> list[Answered]:
        """Compare links with the register as it is today; what may be seen follows the new finding.

        A link the register says nothing of stays as it is, and has no answer here; UpstreamDownError when it says
        nothing of any.
        """
        links = self.store.links(link_ids)
        answers = self._answered(links)
        done = [self._judged(link, self._finding(link, answer)) for link, answer in answers]
        self.store.forget_changed([link.link_id for link, _ in answers])
        return done

    def compare_held(self, *, limit: int = 1000) -> list[Answered]:
        """Compare the links that are held because the register did not answer, or no longer for company."""
        held = self.store.uncompared(limit=limit)
        return self.compare_again(held) if held else []

    def compare_changed(self, *, limit: int = 1000) -> int:
        """Compare links of people whose entry in the register changed; how many were taken, 0 when none waits.

        An answer "no doubt" that spoke of the entry as it was ends here. A link that can no longer be read is
        left as it is, with an audit row. A link the register says nothing of waits on; UpstreamDownError when it says
        nothing of any.
        """
        waiting = self.store.changed(limit=limit)
        links = self.store.links(waiting) if waiting else []
        answers = self._answered(links)
        silent = {link.link_id for link in links} - {link.link_id for link, _ in answers}
        for link, answer in answers:
            if isinstance(answer, LinkRejectedError):
                details = {
                    "refused": answer.quarantined.get("code", ""),
                    "column": answer.quarantined.get("column", ""),
                }
                self.audit.record("registration.compare", subject="link", subject_id=link.link_id, details=details)
            else:
                self._judged(link, self._finding(link, answer))
        taken = [link_id for link_id in waiting if link_id not in silent]
        self.store.forget_changed(taken)
        return len(taken)

    def check_overlaps(self, *, limit: int = 1000) -> list[Overlap]:
        """Look for several valid qualifications of one number, across insurers, in system scope (S75).

        Each side is told of its own link only. A doubtful one is stopped and becomes a case.
        """
        unchecked = self.store.unchecked_numbers(limit=limit)
        forms = {sealed: self.vault.look_up(self.vault.open(sealed)) for sealed in unchecked}
        wanted = [form for several in forms.values() for form in several]
        periods = self.store.periods(wanted)
        groups: dict[int, list[Period]] = defaultdict(list)
        for number, period in periods:
            groups[self.vault.open(number).value].append(period)
        on = self.clock.today()
        found = [overlap for group in groups.values() for overlap in overlaps(group, rules=self.rules, on=on)]
        fresh = self.store.write_overlaps([period for _, period in periods], found, on)
        for overlap in fresh:
            self._tell(overlap)
        return fresh

    def _corrected(self, link: HeldLink, reason: str) -> Answered:
        [(link, finding)] = self._compared([link])
        answered = self._judged(link, finding)
        self._write_answer(link, "corrected", reason, None)
        return Answered(link.link_id, "corrected", answered.is_released, finding.verdict, self.clock.now())

    def _no_doubt(self, link: HeldLink, finding: Finding, reason: str) -> Answered:
        if (finding.evidence_digest, finding.verdict) != (link.evidence_digest, link.verdict):
            return self._judged(link, finding)
        self._write_answer(link, "no_doubt", reason, link.evidence_digest)
        is_released = link.verdict != Verdict.REFUTED.name and not link.is_stopped_by_case
        if is_released:
            self.book.release(link.link_id, reason=reason)
        return Answered(link.link_id, "no_doubt", is_released, link.verdict, self.clock.now())

    def _write_answer(self, link: HeldLink, answer: str, reason: str, digest: str | None) -> None:
        self.store.write_answer(link, answer=answer, reason=reason, digest=digest)
        self.cases.settle_by_answer(link.link_id, answer=answer, reason=reason)
        details = {"answer": answer, "reason": reason, "digest": digest}
        self.audit.record("registration.answer", subject="link", subject_id=link.link_id, details=details)

    def _compared(self, links: Sequence[HeldLink]) -> list[tuple[HeldLink, Finding]]:
        """A finding for every link, or the error for the first that has none."""
        return [(link, self._finding(link, answer)) for link, answer in zip(links, self._verified(links), strict=True)]

    def _answered(self, links: Sequence[HeldLink]) -> list[tuple[HeldLink, OnlineVerdict | Exception]]:
        """What the register says of those it says anything of; UpstreamDownError when that is nobody."""
        answers = list(zip(links, self._verified(links), strict=True))
        said = [(link, answer) for link, answer in answers if not isinstance(answer, UpstreamDownError)]
        for _, answer in answers:
            if not said and isinstance(answer, UpstreamDownError):
                raise answer
        return said

    def _finding(self, link: HeldLink, answer: OnlineVerdict | Exception) -> Finding:
        if isinstance(answer, Exception):
            raise answer
        return finding_of(answer, has_company=link.has_company)

    def _verified(self, links: Sequence[HeldLink]) -> Sequence[OnlineVerdict | Exception]:
        if not links:
            return []
        claims = [self._claim(link) for link in links]
        return self.verifier.verify_batch(claims, purpose=Purpose("registration", "links compared again"))

    def _claim(self, link: HeldLink) -> LinkClaim:
        number = self.vault.open(link.individual_number_sealed).reveal()
        columns = {**link.columns, "individual_number": number}
        return LinkClaim(link.scheme, self.clock.today(), columns, no_doubt_digest=link.answered_digest or "")

    def _judged(self, link: HeldLink, finding: Finding) -> Answered:
        compared = Compared(
            finding.verdict,
            finding.restriction,
            finding.restriction_by_table,
            finding.action,
            finding.states,
            finding.evidence_digest,
        )
        seen = judge(
            compared,
            rules=self.rules,
            on=self.clock.today(),
            follows_table=self.store.follows_table(link.organisation_id),
            answered_digest=link.answered_digest,
        )
        if link.has_company and link.state != "released" and link.answered_digest != finding.evidence_digest:
            seen = held_for_company(seen)
        if link.is_stopped_by_case:
            stricter = max(Restriction[link.restriction], Restriction[seen.restriction])
            seen = Seen("stopped", stricter.name, needs_case=seen.needs_case)
        self.store.write_finding(link, finding, state=seen.state, restriction=seen.restriction)
        if seen.needs_case:
            self._open_case(link, finding, seen.restriction, Origin.REGISTRATION)
        details = {"verdict": finding.verdict, "state": seen.state, "restriction": seen.restriction}
        self.audit.record("registration.compare", subject="link", subject_id=link.link_id, details=details)
        is_released = seen.state == "released"
        return Answered(link.link_id, "", is_released, finding.verdict, self.clock.now())

    def _open_case(self, link: HeldLink, finding: Finding, restriction: str, origin: Origin) -> int:
        return self.cases.open_case(
            CaseOpening(
                organisation_id=link.organisation_id,
                link_id=link.link_id,
                origin=origin,
                restriction=restriction,
                verdict=finding.verdict,
                reasons=finding.reasons,
                cause=finding.cause,
                group_key=f"registration:{self.clock.today()}:{finding.cause or '-'}",
                evidence={"states": list(finding.states), "digest": finding.evidence_digest},
            )
        )

    def _tell(self, overlap: Overlap) -> None:
        details = {"kind": overlap.kind.value, "others": overlap.others}
        self.audit.record("registration.overlap", subject="link", subject_id=overlap.link_id, details=details)
        if overlap.kind is not OverlapKind.DOUBTFUL:
            return
        reason = "同じ番号に有効な資格が複数あり、台帳と一致しないものがある（R-JLIS）"
        if overlap.restriction != "NONE":
            self.book.stop_viewing(overlap.link_id, restriction=overlap.restriction, reason=reason)
        self.cases.open_case(
            CaseOpening(
                organisation_id=overlap.organisation_id,
                link_id=overlap.link_id,
                origin=Origin.DUPLICATE_CHECK,
                restriction=overlap.restriction,
                verdict=None,
                reasons=["several_valid_links"],
                group_key=f"duplicate_check:{self.clock.today()}",
                summary="同じ番号に有効な資格が複数ある",
            )
        )


def _refuse_undoubted(link: HeldLink) -> None:
    """Only what is stopped, held for company or to be corrected can be answered for."""
    is_in_doubt = link.state == "stopped" or (link.state == "held" and link.has_company)
    is_in_doubt = is_in_doubt or (link.state == "released" and link.action == "correct")
    if link.verdict is None or not is_in_doubt:
        raise ConflictError(f"Link {link.link_id} is not stopped for a doubt; there is nothing to answer.")
