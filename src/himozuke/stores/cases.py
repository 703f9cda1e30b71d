"""Cases, what happened to them, and their groups, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from himozuke.errors import NotFoundError
from himozuke.incident.fold import fold
from himozuke.incident.model import Case, CaseState, Event, EventKind, Happening, Result
from himozuke.incident.store import SEPARATOR, CaseFilter, CaseRow, Colleague, Due, GroupRow, Stamp
from himozuke.ports.office import CaseOpening
from himozuke.stores.case_lists import APPROVE, CONTRADICTED, COUNTS, GROUPS, QUEUE, condition

Row = dict[str, Any]
_CARRIERS = ["insurer_clerk", "insurer_supervisor", "municipality_clerk"]

# Writes case_group. One row: the group of a cause and batch, made when there is none.
_GROUP = """
INSERT INTO case_group (organisation_id, cause, group_key, opened_at)
VALUES (%(organisation_id)s, %(cause)s, %(group_key)s, %(at)s)
ON CONFLICT (organisation_id, cause, group_key) DO UPDATE SET group_key = excluded.group_key
RETURNING group_id
"""

# Writes incident_case. One row.
_ADD = """
INSERT INTO incident_case (
    organisation_id, link_id, group_id, origin, opened_at, opened_on, step, restriction, verdict, cause
)
VALUES (
    %(organisation_id)s, %(link_id)s, %(group_id)s, %(origin)s, %(at)s, %(on)s, 'stop', %(restriction)s,
    %(verdict)s, %(cause)s
)
RETURNING case_id
"""

# Writes case_event. One row.
_APPEND = """
INSERT INTO case_event (
    case_id, organisation_id, kind, at, on_day, by_login, by_user_id, by_name, token, said, individual_number_sealed
)
VALUES (
    %(case_id)s, %(organisation_id)s, %(kind)s, %(at)s, %(on)s, %(by_login)s, %(by_user_id)s, %(by_name)s,
    %(token)s, %(said)s, %(sealed)s
)
RETURNING event_id
"""

# Reads incident_case. One row.
_CASE = """
SELECT case_id, organisation_id, link_id, group_id, opened_at
FROM incident_case
WHERE case_id = %s
{lock}
"""

# Reads case_event. One row per event, oldest first.
_EVENTS = """
SELECT event_id, kind, at, on_day AS on, by_login, by_user_id, by_name, said, individual_number_sealed
FROM case_event
WHERE case_id = %(case_id)s
ORDER BY event_id
"""

# Writes incident_case. One row: the columns lists go by.
_PROJECT = """
UPDATE incident_case
SET state = %(state)s,
    step = %(step)s,
    restriction = %(restriction)s,
    verdict = %(verdict)s,
    cause = %(cause)s,
    assignee_id = %(assignee_id)s,
    due_on = %(due_on)s,
    due_clock = %(due_clock)s,
    is_escalated = %(is_escalated)s,
    known_on = %(known_on)s,
    is_wrong = %(is_wrong)s,
    viewings = %(viewings)s,
    corrected_on = %(corrected_on)s,
    published_on = %(published_on)s,
    closed_at = CASE WHEN %(state)s = 'closed' THEN coalesce(closed_at, %(at)s) END,
    last_event_id = %(last_event_id)s
WHERE case_id = %(case_id)s
"""


class PostgresCases:
    """The cases an actor may see; satisfies ``CaseStore``."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def add(self, opening: CaseOpening, happenings: Sequence[Happening], stamp: Stamp) -> int:
        """A new case in the group of its cause and batch, with its first events."""
        values = {
            "organisation_id": opening.organisation_id,
            "link_id": opening.link_id,
            "origin": opening.origin,
            "restriction": opening.restriction,
            "verdict": opening.verdict,
            "cause": opening.cause,
            "at": stamp.at,
            "on": stamp.on,
            "group_id": None,
        }
        if opening.group_key:
            group = {**values, "cause": opening.cause or "", "group_key": opening.group_key}
            values["group_id"] = self._one(_GROUP, group)["group_id"]
        case_id = int(self._one(_ADD, values)["case_id"])
        self._append(case_id, opening.organisation_id, happenings, stamp)
        return case_id

    def open_case_of(self, link_id: int) -> int | None:
        """The open case of a link; two who look at once wait for each other."""
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('incident_case'), %s::int)", [link_id % 2**31])
        found = self._connection.execute(
            "SELECT case_id FROM incident_case WHERE link_id = %s AND state = 'open'", [link_id]
        ).fetchone()
        return int(found["case_id"]) if found else None

    def lock(self, case_id: int) -> Case:
        """The case, held until the transaction ends; NotFoundError."""
        return self._case(case_id, "FOR UPDATE")

    def find(self, case_id: int) -> Case:
        """The case; NotFoundError."""
        return self._case(case_id, "")

    def taken_as(self, case_id: int, token: str) -> str | None:
        """The token under which this form was taken already, with the digest of its content; None for a new one."""
        query = "SELECT token FROM case_event WHERE case_id = %s AND split_part(token, %s, 1) = %s LIMIT 1"
        own = token.split(SEPARATOR, maxsplit=1)[0]
        row = self._connection.execute(query, [case_id, SEPARATOR, own]).fetchone()
        return str(row["token"]) if row else None

    def append(self, case: Case, happenings: Sequence[Happening], stamp: Stamp) -> Sequence[Event]:
        """Add what happens to the case's events."""
        return self._append(case.case_id, case.organisation_id, happenings, stamp)

    def project(self, case: Case, state: CaseState, *, step: str, due: Due | None) -> None:
        """Write down for the lists where a case stands."""
        last = case.events[-1] if case.events else None
        values = {
            "case_id": case.case_id,
            "state": "open" if state.is_open else "closed",
            "step": step,
            "restriction": state.stopped_as if state.is_stopped else state.restriction,
            "verdict": state.verdict,
            "cause": state.cause,
            "assignee_id": state.assignee_id,
            "due_on": due.on if due else None,
            "due_clock": due.clock if due else "",
            "is_escalated": bool(state.escalated) and state.is_open,
            "known_on": state.known_on,
            "is_wrong": None if state.result is None else state.result is Result.WRONG,
            "viewings": state.exposure.medical if state.exposure else None,
            "corrected_on": state.corrected_on,
            "published_on": state.published_on,
            "at": last.at if last else case.opened_at,
            "last_event_id": last.event_id if last else None,
        }
        self._connection.execute(_PROJECT, values)

    def queue(
        self, chosen: CaseFilter, *, today: date, me: int | None, limit: int, offset: int
    ) -> tuple[Sequence[CaseRow], int]:
        """A page of cases, the nearest last day first, and how many there are."""
        where, values = condition(chosen, today=today, me=me)
        query = sql.SQL(QUEUE).format(where=where)
        rows = self._connection.execute(query, {**values, "limit": limit, "offset": offset}).fetchall()
        total = int(rows[0]["total"]) if rows else 0
        return [CaseRow(**{name: value for name, value in row.items() if name != "total"}) for row in rows], total

    def overdue(self, today: date) -> Sequence[int]:
        """Open cases whose nearest last day is past, of every organisation the actor may see."""
        query = "SELECT case_id FROM incident_case WHERE state = 'open' AND due_on < %s ORDER BY case_id"
        return [int(row["case_id"]) for row in self._connection.execute(query, [today])]

    def counts(self, *, today: date, me: int | None) -> Mapping[str, int]:
        """Open cases, counted as the start page shows them."""
        query = sql.SQL(COUNTS).format(approve=sql.SQL(APPROVE), contradicted=sql.SQL(CONTRADICTED))
        row = self._connection.execute(query, {"today": today, "me": me}).fetchone() or {}
        return {name: int(count) for name, count in row.items()}

    def groups(self, *, today: date) -> Sequence[GroupRow]:
        """Groups that have open cases first, the newest first."""
        rows = self._connection.execute(sql.SQL(GROUPS).format(where=sql.SQL("true")), {"today": today})
        return [GroupRow(**row) for row in rows]

    def group(self, group_id: int, *, today: date) -> GroupRow:
        """One group; NotFoundError."""
        query = sql.SQL(GROUPS).format(where=sql.SQL("grouped.group_id = %(group_id)s"))
        row = self._connection.execute(query, {"today": today, "group_id": group_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no group {group_id} of cases among yours.")
        return GroupRow(**row)

    def cases_of(self, group_id: int) -> Sequence[int]:
        """The cases of a group in the order of their numbers."""
        query = "SELECT case_id FROM incident_case WHERE group_id = %s ORDER BY case_id"
        return [int(row["case_id"]) for row in self._connection.execute(query, [group_id])]

    def colleagues(self) -> Sequence[Colleague]:
        """Who in the actor's organisation can carry cases."""
        query = """
        SELECT user_id, display_name AS name, role FROM user_account
        WHERE is_active AND role = ANY(%s) AND organisation_id = acting_organisation()
        ORDER BY display_name, user_id
        """
        return [Colleague(**row) for row in self._connection.execute(query, [_CARRIERS])]

    def links_of_number(self, typed: str, *, limit: int = 20) -> Sequence[Mapping[str, Any]]:
        """The links a number may mean, however it is written: with or without insurer number and branch.

        Open ones stand before those of the past; of one number only the latest stands.
        """
        query = """
        SELECT link_id, scheme_number, kanji_name, birth_date, valid_from, valid_to
        FROM (
            SELECT DISTINCT ON (scheme_number)
                   link_id, scheme_number, kanji_name, birth_date, valid_from, valid_to
            FROM link
            WHERE organisation_id = acting_organisation() AND state <> 'withdrawn'
              AND search_number LIKE '%%' || nullif(search_number(%(typed)s), '') || '%%'
            ORDER BY scheme_number, valid_to DESC NULLS FIRST, link_id DESC
        ) AS latest
        ORDER BY search_number(scheme_number) = search_number(%(typed)s) DESC, valid_to IS NOT NULL, scheme_number
        LIMIT %(limit)s
        """
        return self._connection.execute(query, {"typed": typed, "limit": limit}).fetchall()

    def name_of(self, user_id: int) -> str:
        """The name a user is shown by; empty for an unknown one."""
        query = "SELECT display_name FROM user_account WHERE user_id = %s"
        row = self._connection.execute(query, [user_id]).fetchone()
        return str(row["display_name"]) if row else ""

    def _case(self, case_id: int, lock: str) -> Case:
        row = self._connection.execute(sql.SQL(_CASE).format(lock=sql.SQL(lock)), [case_id]).fetchone()
        if row is None:
            raise NotFoundError(f"There is no case {case_id} among yours.")
        events = [_event(one) for one in self._connection.execute(_EVENTS, {"case_id": case_id})]
        return Case(**row, state=fold(events), events=events)

    def _append(
        self, case_id: int, organisation_id: int, happenings: Sequence[Happening], stamp: Stamp
    ) -> Sequence[Event]:
        events = []
        for happening in happenings:
            values = {
                "case_id": case_id,
                "organisation_id": organisation_id,
                "kind": happening.kind,
                "at": stamp.at,
                "on": stamp.on,
                "by_login": stamp.by_login,
                "by_user_id": stamp.by_user_id,
                "by_name": stamp.by_name,
                "token": stamp.token,
                "said": Jsonb(dict(happening.said)),
                "sealed": happening.individual_number_sealed,
            }
            event_id = int(self._one(_APPEND, values)["event_id"])
            events.append(
                Event(
                    event_id,
                    happening.kind,
                    stamp.at,
                    stamp.on,
                    stamp.by_login,
                    stamp.by_user_id,
                    stamp.by_name,
                    happening.said,
                    happening.individual_number_sealed,
                )
            )
        return events

    def _one(self, query: str, values: Mapping[str, Any]) -> Row:
        row = self._connection.execute(sql.SQL(query), values).fetchone()
        assert row is not None  # noqa: S101 - every query here gives its row
        return row


def _event(row: Row) -> Event:
    sealed = row["individual_number_sealed"]
    return Event(
        **{**row, "kind": EventKind(row["kind"]), "individual_number_sealed": bytes(sealed) if sealed else None}
    )
