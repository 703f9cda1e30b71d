"""Notices that become links, and links that are compared again, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.identity import birth_date, kana_name
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.office import Clock
from himozuke.registration.model import TEXTS, Insurer, NoticeKind, Overlap, Period, Problem
from himozuke.registration.ports import Finding, HeldLink, HeldNotice, InsuredLink, NewLink, Vault
from himozuke.rules.kinds import ITEMS
from himozuke.stores import changed_links
from himozuke.stores.link_rows import write_links
from himozuke.stores.notices import PostgresNotices, write_problems
from himozuke.stores.registration_rows import SEALED, held_link, held_notice, named_in

# Reads notice. Received ones, oldest first, held until the transaction ends; those another process holds are left.
_WAITING = f"""
SELECT notice_id, organisation_id, employer_id, kind, scheme, event_on, received_on, individual_number_sealed,
       register_due_on, created_by, {", ".join(TEXTS)}
FROM notice
WHERE state = 'received' AND (%(ids)s::bigint[] IS NULL OR notice_id = ANY(%(ids)s))
ORDER BY notice_id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - the names of our own columns

_NEXT_NUMBERS = """
INSERT INTO number_counter (organisation_id, symbol, last_number)
VALUES (%(organisation_id)s, %(symbol)s, %(count)s)
ON CONFLICT (organisation_id, symbol) DO UPDATE SET last_number = number_counter.last_number + %(count)s
RETURNING last_number
"""

# Reads link. The scheme numbers that an open link stands under.
_TAKEN = """
SELECT scheme_number
FROM link
WHERE organisation_id = %(organisation_id)s AND scheme = %(scheme)s AND scheme_number = ANY(%(numbers)s)
  AND valid_to IS NULL AND state <> 'withdrawn'
"""

# Reads link. When each person's last link ended.
_LAST_DAYS = """
SELECT individual_number_sealed, max(coalesce(valid_to, %(end_of_time)s)) AS last_day
FROM link
WHERE individual_number_sealed = ANY(%(sealed)s) AND organisation_id = %(organisation_id)s AND scheme = %(scheme)s
  AND state <> 'withdrawn' AND verdict IS DISTINCT FROM 'REFUTED'
GROUP BY individual_number_sealed
"""

# Whoever registers by itself comes beside others; who registers in several turns keeps everybody else out first, so
# that keys taken turn by turn never meet those of somebody who waits.
_BESIDE_OTHERS = "SELECT pg_advisory_xact_lock_shared(hashtext('registration turns'))"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('registration turns'))"

# Waits for whoever registers one of these keys, in one order for everybody so that no two wait for each other. The
# keys share 1,024 places: a chunk of many notices never fills the table of locks.
_RESERVE = """
SELECT pg_advisory_xact_lock(hashtext('registration'), place)
FROM (SELECT DISTINCT abs(hashtext(key) %% 1024) AS place FROM unnest(%(keys)s::text[]) AS key ORDER BY place) AS places
"""

# Reads link, qualification_period. The insured person's open link and the last branch under that number.
_INSURED = """
SELECT link.link_id, link.valid_from,
       (SELECT max(other.branch) FROM link AS other
        WHERE other.organisation_id = link.organisation_id AND other.symbol = link.symbol
          AND other.number = link.number AND other.branch ~ '^[0-9]{2}$') AS last_branch
FROM link
JOIN qualification_period AS period USING (link_id)
WHERE link.organisation_id = %(organisation_id)s AND link.scheme = %(scheme)s AND link.symbol = %(symbol)s
  AND link.number = %(number)s AND link.valid_to IS NULL AND link.state <> 'withdrawn'
  AND period.member_kind IN ('insured', 'voluntary') AND period.ended_on IS NULL
ORDER BY link.link_id
LIMIT 1
"""

# Reads link. Open links under a number, insured or dependent, to be told apart by name and birth date.
_OPEN = """
SELECT link.link_id, link.kana_name, link.birth_date, link.valid_from
FROM link
JOIN qualification_period AS period ON period.link_id = link.link_id AND period.ended_on IS NULL
WHERE link.organisation_id = %(organisation_id)s AND link.scheme = %(scheme)s AND link.number = %(number)s
  AND (%(symbol)s = '' OR link.symbol = %(symbol)s) AND link.valid_to IS NULL AND link.state <> 'withdrawn'
  AND (period.member_kind = 'dependent') = %(is_dependent)s
ORDER BY link.link_id
"""

_RETURN = """
UPDATE notice
SET state = 'returned', return_codes = %(codes)s, returned_at = %(at)s
WHERE notice_id = %(notice_id)s
"""

# Ends a qualification and those of the dependents that hang on it; nobody's ends before it began.
_END_PERIODS = """
UPDATE qualification_period
SET ended_on = greatest(%(on)s, began_on), end_reason = %(reason)s, ended_by_notice_id = %(notice_id)s,
    overlap_checked_at = NULL
WHERE (link_id = %(link_id)s OR insured_link_id = %(link_id)s) AND ended_on IS NULL
RETURNING link_id, ended_on
"""

_END_LINKS = """
WITH ended AS (
    UPDATE link SET valid_to = given.ended_on
    FROM unnest(%(links)s::bigint[], %(days)s::date[]) AS given (link_id, ended_on)
    WHERE link.link_id = given.link_id
    RETURNING link.link_id, link.organisation_id, link.valid_to
)
INSERT INTO link_version (link_id, organisation_id, at, by_login, act, reason, before, after)
SELECT link_id, organisation_id, %(at)s, %(by)s, 'end', 'notice ' || %(notice_id)s,
       jsonb_build_object('valid_to', NULL), jsonb_build_object('valid_to', valid_to)
FROM ended
"""

_END_NOTICE = """
UPDATE notice
SET state = 'registered', link_id = %(link_id)s, registered_on = %(today)s, registered_at = %(at)s
WHERE notice_id = %(notice_id)s
"""

# Of a link: whether an earlier link of the same person is valid beside it at the same insurer (S75).
_HAS_COMPANY = """EXISTS (
    SELECT FROM link AS earlier
    WHERE earlier.individual_number_sealed = link.individual_number_sealed
      AND earlier.organisation_id = link.organisation_id AND earlier.scheme = link.scheme
      AND earlier.link_id < link.link_id AND earlier.state <> 'withdrawn'
      AND earlier.verdict IS DISTINCT FROM 'REFUTED'
      AND (earlier.valid_to IS NULL OR earlier.valid_to > link.valid_from)
)"""

_LINKS = f"""
SELECT link_id, organisation_id, scheme, insurer_number, symbol, number, branch, {", ".join(ITEMS)}, acquired_by,
       acquired_items, acquired_hits, acquired_on, valid_from, valid_to, individual_number_sealed, state, restriction,
       verdict, action, evidence_digest, answered_digest, notice_id,
       state = 'stopped' AND coalesce((
           SELECT version.act = 'stop_viewing' AND version.by_login <> 'system:duplicate_check'
           FROM link_version AS version
           WHERE version.link_id = link.link_id AND jsonb_exists(version.after, 'state')
             AND (version.act = 'stop_viewing' OR version.after->'state' IS DISTINCT FROM version.before->'state')
           ORDER BY version.version_id DESC LIMIT 1
       ), false) AS is_stopped_by_case,
       {_HAS_COMPANY} AS has_company
FROM link
WHERE link_id = ANY(%(ids)s) AND state <> 'withdrawn'
ORDER BY link_id
FOR UPDATE OF link
"""  # noqa: S608 - the names of our own columns

# Reads link. Those held because the register did not answer, or for company that they no longer have.
_UNCOMPARED = f"""
SELECT link_id
FROM link
WHERE state = 'held' AND (verdict IS NULL OR NOT {_HAS_COMPANY})
ORDER BY link_id
LIMIT %(limit)s
"""  # noqa: S608 - a condition of our own

_FIND = """
WITH before AS (SELECT link_id, state, restriction, verdict FROM link WHERE link_id = %(link_id)s),
found AS (
    UPDATE link SET
        state = %(state)s, restriction = %(restriction)s, verdict = %(verdict)s, reasons = %(reasons)s,
        cause = %(cause)s, action = %(action)s, rival_count = %(rival_count)s, pattern = %(pattern)s,
        states = %(states)s, register_items = %(register_items)s, evidence_digest = %(evidence_digest)s,
        register_day = %(register_day)s, verified_at = %(at)s
    WHERE link_id = %(link_id)s
    RETURNING link_id, organisation_id
)
INSERT INTO link_version (link_id, organisation_id, at, by_login, act, reason, before, after)
SELECT found.link_id, found.organisation_id, %(at)s, %(by)s, 'compare', %(digest)s,
       to_jsonb(before) - 'link_id',
       jsonb_build_object('state', %(state)s::text, 'restriction', %(restriction)s::text, 'verdict', %(verdict)s::text,
                          'register_day', %(register_day)s::date)
FROM found JOIN before USING (link_id)
"""

_ANSWER = """
UPDATE link
SET answer = %(answer)s, answer_reason = %(reason)s, answered_digest = coalesce(%(digest)s, answered_digest),
    answered_at = %(at)s
WHERE link_id = %(link_id)s
"""

# Reads qualification_period, link. Numbers with a qualification not checked yet, oldest first.
_UNCHECKED = """
SELECT DISTINCT ON (link.individual_number_sealed) link.individual_number_sealed
FROM qualification_period AS period
JOIN link USING (link_id)
WHERE period.overlap_checked_at IS NULL
ORDER BY link.individual_number_sealed
LIMIT %(limit)s
"""

_PERIODS = """
SELECT period.period_id, period.link_id, period.organisation_id, period.began_on, period.ended_on, link.verdict,
       link.restriction, link.states, link.scheme, link.state, link.individual_number_sealed
FROM qualification_period AS period
JOIN link USING (link_id)
WHERE link.individual_number_sealed = ANY(%(sealed)s) AND link.state <> 'withdrawn'
ORDER BY period.period_id
"""

_SETTLE = """
UPDATE qualification_overlap
SET settled_on = %(on)s, settled_reason = 'no other qualification is valid on the same day any more'
WHERE settled_on IS NULL AND link_id = ANY(%(checked)s) AND NOT link_id = ANY(%(found)s)
"""

_OVERLAP = """
INSERT INTO qualification_overlap (organisation_id, link_id, kind, others, others_began_on, found_on)
VALUES (%(organisation_id)s, %(link_id)s, %(kind)s, %(others)s, %(others_began_on)s, %(on)s)
ON CONFLICT (link_id) WHERE settled_on IS NULL DO NOTHING
RETURNING overlap_id
"""

_CHECKED = "UPDATE qualification_period SET overlap_checked_at = %(at)s WHERE period_id = ANY(%(ids)s)"

_FOLLOWS = "SELECT follows_table FROM insurer_profile WHERE organisation_id = %(organisation_id)s"


@dataclass(frozen=True, slots=True)
class PostgresRegistrations:
    """The store of registering and answering."""

    connection: Connection[dict[str, Any]]
    vault: Vault
    clock: Clock
    login: str

    def insurer(self, organisation_id: int) -> Insurer:
        """The insurer an office is."""
        return PostgresNotices(self.connection, self.vault, self.clock, self.login).insurer(organisation_id)

    def follows_table(self, organisation_id: int) -> bool:
        """Whether the ministry's table binds an insurer; unless it says otherwise it does."""
        row = self.connection.execute(_FOLLOWS, {"organisation_id": organisation_id}).fetchone()
        return bool(row["follows_table"]) if row else True

    def waiting(self, notice_ids: Sequence[int] | None, *, limit: int) -> list[HeldNotice]:
        """Received notices by id, or the oldest, locked until the transaction ends."""
        ids = None if notice_ids is None else list(notice_ids)
        rows = self.connection.execute(_WAITING, {"ids": ids, "limit": limit if ids is None else max(limit, len(ids))})
        return [held_notice(row) for row in rows]

    def next_numbers(self, organisation_id: int, symbol: str, count: int) -> int:
        """The first of some numbers not given out yet under a symbol."""
        asked = {"organisation_id": organisation_id, "symbol": symbol, "count": count}
        row = self.connection.execute(_NEXT_NUMBERS, asked).fetchone()
        assert row is not None  # noqa: S101 - INSERT … RETURNING gives its row
        return int(row["last_number"]) - count + 1

    def taken_numbers(self, organisation_id: int, scheme: str, scheme_numbers: Sequence[str]) -> set[str]:
        """The scheme numbers that an open link stands under."""
        asked = {"organisation_id": organisation_id, "scheme": scheme, "numbers": list(scheme_numbers)}
        return {row["scheme_number"] for row in self.connection.execute(_TAKEN, asked)}

    def last_days(self, organisation_id: int, scheme: str, people: Sequence[IndividualNumber]) -> dict[int, date]:
        """The day on which the last link of each person ended, by number; the end of time for one that is open."""
        sealed = [form for number in people for form in self.vault.look_up(number)]
        asked = {"organisation_id": organisation_id, "scheme": scheme, "sealed": sealed, "end_of_time": date.max}
        found: dict[int, date] = {}
        for row in self.connection.execute(_LAST_DAYS, asked):
            number = self.vault.open(bytes(row[SEALED])).value
            found[number] = max(row["last_day"], found.get(number, date.min))
        return found

    def reserve(
        self, scheme_numbers: Sequence[tuple[int, str]], people: Sequence[tuple[int, IndividualNumber]]
    ) -> None:
        """Keep others from registering the same scheme numbers and people until the transaction ends."""
        keys = [f"number:{organisation_id}:{number}" for organisation_id, number in scheme_numbers]
        keys += [f"person:{organisation_id}:{self.vault.seal(number).hex()}" for organisation_id, number in people]
        self.connection.execute(_BESIDE_OTHERS)
        self.connection.execute(_RESERVE, {"keys": keys})

    def reserve_all(self) -> None:
        """Keep everybody else from registering until the transaction ends."""
        self.connection.execute(_ALONE)

    def insured_link(self, notice: HeldNotice) -> InsuredLink | None:
        """The open link of the insured person a dependent's notice names."""
        row = self.connection.execute(_INSURED, named_in(notice)).fetchone()
        return InsuredLink(row["link_id"], int(row["last_branch"] or 0), row["valid_from"]) if row else None

    def open_link(self, notice: HeldNotice) -> tuple[int, date | None] | None:
        """The open link that a notice of loss names, and the day it began; None where it does not fit just one."""
        asked = named_in(notice) | {"is_dependent": notice.kind is NoticeKind.DEPENDENT_REMOVED}
        rows = self.connection.execute(_OPEN, asked)
        key, born = kana_name.key(notice.text("kana_name")), birth_date.parse(notice.text("birth_date"))
        fitting = [
            (int(row["link_id"]), row["valid_from"])
            for row in rows
            if kana_name.key(row["kana_name"]) == key and birth_date.parse(row["birth_date"]) == born
        ]
        return fitting[0] if len(fitting) == 1 else None

    def write_links(self, links: Sequence[NewLink]) -> list[int]:
        """Write links with their first version, period and notice; their ids, in order."""
        return write_links(self.connection, links, today=self.clock.today())

    def return_notice(self, notice: HeldNotice, problems: Sequence[Problem], at: datetime) -> None:
        """Give a notice back with reasons."""
        codes = [problem.code for problem in problems]
        self.connection.execute(_RETURN, {"notice_id": notice.notice_id, "codes": codes, "at": at})
        rows = [(notice.notice_id, None, problem) for problem in problems]
        write_problems(self.connection, rows, notice.organisation_id, notice.employer_id)

    def end_link(self, link_id: int, notice: HeldNotice, at: datetime) -> None:
        """End a qualification, and those of the dependents that hang on it."""
        about = {"link_id": link_id, "notice_id": notice.notice_id, "on": notice.event_on, "at": at, "by": self.login}
        about |= {"reason": notice.text("end_reason"), "today": self.clock.today()}
        ended = list(self.connection.execute(_END_PERIODS, about))
        about |= {"links": [row["link_id"] for row in ended], "days": [row["ended_on"] for row in ended]}
        self.connection.execute(_END_LINKS, about)
        self.connection.execute(_END_NOTICE, about)

    def links(self, link_ids: Sequence[int]) -> list[HeldLink]:
        """Links by id, locked until the transaction ends; those that were withdrawn are left out."""
        return [held_link(row) for row in self.connection.execute(_LINKS, {"ids": list(link_ids)})]

    def uncompared(self, *, limit: int) -> list[int]:
        """Held links that can be compared: the register did not answer, or the earlier qualification has ended."""
        return [row["link_id"] for row in self.connection.execute(_UNCOMPARED, {"limit": limit})]

    def changed(self, *, limit: int) -> list[int]:
        """Links of people whose entry changed, not compared since; held until the transaction ends."""
        return changed_links.held(self.connection, limit=limit)

    def forget_changed(self, link_ids: Sequence[int]) -> None:
        """Note that links were compared with the register as it stands."""
        changed_links.forget(self.connection, link_ids)

    def write_finding(self, link: HeldLink, finding: Finding, *, state: str, restriction: str) -> None:
        """Write what a comparison said, with a version of the link."""
        self.connection.execute(
            _FIND,
            {
                "link_id": link.link_id,
                "state": state,
                "restriction": restriction,
                "verdict": finding.verdict,
                "reasons": list(finding.reasons),
                "cause": finding.cause,
                "action": finding.action,
                "rival_count": finding.rival_count,
                "pattern": finding.pattern,
                "states": list(finding.states),
                "register_items": Jsonb(finding.register_items) if finding.register_items else None,
                "evidence_digest": finding.evidence_digest,
                "register_day": finding.register_day,
                "digest": f"compared with the register of {finding.register_day}",
                "at": self.clock.now(),
                "by": self.login,
            },
        )

    def write_answer(self, link: HeldLink, *, answer: str, reason: str, digest: str | None) -> None:
        """Write the clerk's answer."""
        given = {"link_id": link.link_id, "answer": answer, "reason": reason, "digest": digest}
        self.connection.execute(_ANSWER, given | {"at": self.clock.now()})

    def unchecked_numbers(self, *, limit: int) -> list[bytes]:
        """Sealed numbers with a qualification that was not checked across insurers yet."""
        return [bytes(row[SEALED]) for row in self.connection.execute(_UNCHECKED, {"limit": limit})]

    def periods(self, sealed: Sequence[bytes]) -> list[tuple[bytes, Period]]:
        """Every qualification under some sealed numbers, at whichever insurer, each with its number."""
        rows = self.connection.execute(_PERIODS, {"sealed": list(sealed)})
        return [(bytes(row.pop(SEALED)), Period(**row)) for row in rows]

    def write_overlaps(self, periods: Sequence[Period], found: Sequence[Overlap], on: date) -> list[Overlap]:
        """Write what was found, settle what is over; the overlaps that were not known before."""
        links = [overlap.link_id for overlap in found]
        checked = [period.link_id for period in periods]
        self.connection.execute(_SETTLE, {"on": on, "checked": checked, "found": links})
        fresh = []
        for overlap in found:
            row = {
                "organisation_id": overlap.organisation_id,
                "link_id": overlap.link_id,
                "kind": overlap.kind.value,
                "others": overlap.others,
                "others_began_on": overlap.others_began_on,
                "on": on,
            }
            if self.connection.execute(_OVERLAP, row).fetchone():
                fresh.append(overlap)
        ids = [period.period_id for period in periods]
        self.connection.execute(_CHECKED, {"ids": ids, "at": self.clock.now()})
        return fresh
