"""The links of an organisation and every change of one, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from himozuke.errors import ConflictError, NotFoundError, UsageError
from himozuke.link.restriction import Restriction
from himozuke.ports.actor import Actor
from himozuke.ports.office import AuditLog, Clock, LinkRecord, LinkVersion
from himozuke.rules.kinds import ITEMS

_NUMBER = "individual_number_sealed"
_NUMBER_MARK = "individual_number"  # stands in before and after where the number was changed; never the number
_NOT_JUDGED: Mapping[str, object] = dict.fromkeys(
    ("verdict", "evidence_digest", "answer", "answered_digest", "verified_at")
)
#: What a judgement leaves on a link; a change taken back never brings an old judgement with it.
_JUDGEMENT = {*_NOT_JUDGED, "reasons", "cause", "states", "rival_count", "pattern", "action", "register_day"}
_TRUSTED = {"PROVEN", "EXPLAINED"}

# Reads link. One row.
_FIND = """
SELECT link_id, organisation_id, scheme, insurer_number, symbol, number, branch, scheme_number, linkage_code,
       individual_number_sealed, kanji_name, kana_name, birth_date, sex, address, valid_from, valid_to,
       registered_at, state, restriction, verdict, reasons, cause, evidence_digest, states,
       link_is_protected(link) AS is_protected
FROM link
WHERE link_id = %(link_id)s
"""

# Reads link_version and the version that undid each. One row per change, oldest first.
_HISTORY = """
SELECT version.version_id, version.link_id, version.at, version.by_login AS by, version.act, version.reason,
       version.before, version.after, undoing.version_id AS undone_by
FROM link_version AS version
LEFT JOIN link_version AS undoing ON undoing.undoes = version.version_id
WHERE version.link_id = %(link_id)s
ORDER BY version.version_id
"""

_VERSION = """
SELECT version_id, link_id, act, before, before_individual_number_sealed, after_individual_number_sealed,
       EXISTS (SELECT FROM link_version AS undoing WHERE undoing.undoes = version.version_id) AS is_undone
FROM link_version AS version
WHERE version_id = %(version_id)s
"""

_WRITE_VERSION = """
INSERT INTO link_version (
    link_id, organisation_id, at, by_login, act, reason, before, after,
    before_individual_number_sealed, after_individual_number_sealed, undoes
)
VALUES (
    %(link_id)s, %(organisation_id)s, %(at)s, %(by)s, %(act)s, %(reason)s, %(before)s, %(after)s,
    %(number_before)s, %(number_after)s, %(undoes)s
)
RETURNING version_id
"""


class Work(Protocol):
    """The transaction in which a link is read and changed."""

    @property
    def connection(self) -> Connection[dict[str, Any]]:
        """The connection, with rows as dictionaries."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def clock(self) -> Clock:
        """The one source of now."""

    @property
    def audit(self) -> AuditLog:
        """Where the act is written."""


class PostgresLinkBook:
    """The links the actor may see; each change leaves a version and an audit row in its transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def find(self, link_id: int) -> LinkRecord:
        """The link; NotFoundError when it is not there or belongs to somebody else."""
        return LinkRecord(**self._row(link_id))

    def stop_viewing(self, link_id: int, *, restriction: str, reason: str) -> None:
        """Stop viewing; a stop never loosens a stricter one that stands. UsageError for NONE."""
        link = self._locked(link_id)
        asked = Restriction[restriction]
        if asked is Restriction.NONE:
            raise UsageError(f"Link {link_id}: a stop needs MEDICAL or ALL; to let it be seen, release it.")
        standing = Restriction[link["restriction"]] if link["state"] == "stopped" else Restriction.NONE
        self._change(
            link, {"state": "stopped", "restriction": max(asked, standing).name}, act="stop_viewing", reason=reason
        )

    def release(self, link_id: int, *, reason: str) -> None:
        """Let the link be seen again; one that is seen already stays as it is.

        Where no verdict proves the link, the release is the answer: no doubt, until the evidence changes.
        """
        link = self._locked(link_id)
        if link["state"] == "released":
            return
        changes: dict[str, Any] = {"state": "released", "restriction": "NONE"}
        if link["verdict"] not in _TRUSTED:
            changes |= {"answer": "no_doubt", "answered_digest": link["evidence_digest"]}
        self._change(link, changes, act="release", reason=reason)

    def replace_number(
        self,
        link_id: int,
        *,
        individual_number_sealed: bytes,
        reason: str,
        judgement: Mapping[str, object] | None = None,
    ) -> int:
        """Put another number in; what was found about the old one no longer speaks of the link."""
        return self._change(
            self._locked(link_id),
            judgement or _NOT_JUDGED,
            act="replace_number",
            reason=reason,
            number=individual_number_sealed,
        )

    def correct_items(
        self,
        link_id: int,
        *,
        items: Mapping[str, str],
        reason: str,
        judgement: Mapping[str, object] | None = None,
    ) -> int:
        """Mend the five items of the record, the number standing; UsageError for another column."""
        strange = [name for name in items if name not in ITEMS]
        if strange or not items:
            raise UsageError(f"Link {link_id}: only {', '.join(ITEMS)} can be corrected, not {strange or 'nothing'}.")
        judged = judgement or _NOT_JUDGED
        return self._change(self._locked(link_id), {**items, **judged}, act="correct_items", reason=reason)

    def undo(self, version_id: int, *, reason: str) -> int:
        """Take a change back by a new version; ConflictError when it is undone or no longer stands."""
        version = self._work.connection.execute(_VERSION, {"version_id": version_id}).fetchone()
        if version is None:
            raise NotFoundError(f"There is no change {version_id} of a link.")
        link = self._locked(version["link_id"])
        touched = set(version["before"]) - _JUDGEMENT
        after = [row for row in self.history(link["link_id"]) if row.version_id > version_id]
        cancelled = {row.undone_by for row in after}  # a later change and the taking back of it leave nothing
        later = [
            row.version_id
            for row in after
            if row.undone_by is None and row.version_id not in cancelled and set(row.after) & touched
        ]
        if version["is_undone"] or later:
            told = "it was undone" if version["is_undone"] else f"change {later[-1]} came after it; undo that first"
            raise ConflictError(f"Change {version_id} of link {link['link_id']} does not stand any more: {told}.")
        number = version["before_individual_number_sealed"]
        changes = {name: version["before"][name] for name in touched - {_NUMBER_MARK}}
        if number is not None or touched & set(ITEMS):
            changes |= _NOT_JUDGED
        return self._change(link, changes, act="undo", reason=reason, number=number, undoes=version_id)

    def history(self, link_id: int) -> Sequence[LinkVersion]:
        """Every change, oldest first; NotFoundError as for :meth:`find`."""
        self._row(link_id)
        rows = self._work.connection.execute(_HISTORY, {"link_id": link_id})
        return [LinkVersion(**row) for row in rows]

    def _row(self, link_id: int, *, lock: bool = False) -> dict[str, Any]:
        query = _FIND + ("FOR UPDATE" if lock else "")
        row = self._work.connection.execute(sql.SQL(query), {"link_id": link_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no link {link_id} among yours.")
        return row

    def _locked(self, link_id: int) -> dict[str, Any]:
        row = self._row(link_id, lock=True)
        if row["state"] == "withdrawn":
            raise ConflictError(f"Link {link_id} was withdrawn; nothing about it can be changed.")
        return row

    def _change(
        self,
        link: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        act: str,
        reason: str,
        number: bytes | None = None,
        undoes: int | None = None,
    ) -> int:
        if not reason.strip():
            raise UsageError(f"Link {link['link_id']}: say why; a change without a reason is not evidence.")
        columns = dict(changes) | ({_NUMBER: number} if number is not None else {})
        before = {name: _plain(value) for name, value in self._columns(link["link_id"], changes).items()}
        after = {name: _plain(value) for name, value in changes.items()}
        if number is not None:
            before[_NUMBER_MARK] = after[_NUMBER_MARK] = "sealed"
        parts = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in columns
        )
        self._work.connection.execute(
            sql.SQL("UPDATE link SET {} WHERE link_id = {}").format(parts, sql.Placeholder("the_link")),
            columns | {"the_link": link["link_id"]},
        )
        version = self._work.connection.execute(
            _WRITE_VERSION,
            {
                "link_id": link["link_id"],
                "organisation_id": link["organisation_id"],
                "at": self._work.clock.now(),
                "by": self._work.actor.login,
                "act": act,
                "reason": reason.strip(),
                "before": Jsonb(before),
                "after": Jsonb(after),
                "number_before": link[_NUMBER] if number is not None else None,
                "number_after": number,
                "undoes": undoes,
            },
        ).fetchone()
        assert version is not None  # noqa: S101 - INSERT … RETURNING gives its row
        version_id = int(version["version_id"])
        self._work.audit.record(
            f"link.{act}",
            subject="link",
            subject_id=link["link_id"],
            details={"version": version_id, "columns": sorted(columns), "reason": reason.strip()},
        )
        return version_id

    def _columns(self, link_id: int, names: Mapping[str, Any]) -> dict[str, Any]:
        columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
        query = sql.SQL("SELECT {} FROM link WHERE link_id = {}").format(columns, sql.Placeholder("link_id"))
        row = self._work.connection.execute(query, {"link_id": link_id}).fetchone()
        return row or {}


def _plain(value: object) -> object:
    """A value of a column as JSON can hold it."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value
