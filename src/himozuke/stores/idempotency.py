"""Requests that may come twice: the second is given the answer of the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import Connection

from himozuke.errors import ConflictError, NotAllowedError
from himozuke.ports.actor import Actor
from himozuke.ports.office import Clock

# Writes idempotency_key. Of two requests with one key, the second waits here until the first has ended.
_BEGIN = """
INSERT INTO idempotency_key (organisation_id, key, request_digest, begun_at)
VALUES (%(organisation_id)s, %(key)s, %(digest)s, %(now)s)
ON CONFLICT (organisation_id, key) DO NOTHING
"""

# Reads idempotency_key. One row: the request that came under a key before, and its answer.
_FIND = """
SELECT request_digest, status, media_type, body
FROM idempotency_key
WHERE organisation_id = %(organisation_id)s AND key = %(key)s
"""

_FINISH = """
UPDATE idempotency_key
SET status = %(status)s, media_type = %(media_type)s, body = %(body)s
WHERE organisation_id = %(organisation_id)s AND key = %(key)s
"""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request was answered with."""

    status: int
    media_type: str
    body: bytes


class Work(Protocol):
    """The transaction of the request."""

    @property
    def connection(self) -> Connection[dict[str, Any]]:
        """The connection, with rows as dictionaries."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def clock(self) -> Clock:
        """The one source of now."""


class RepeatedRequests:
    """The keys of the actor's organisation. Key, act and answer are kept in one transaction, or none of them."""

    def __init__(self, work: Work) -> None:
        if work.actor.organisation_id is None:
            raise NotAllowedError("Only somebody of an organisation may send requests with a key.")
        self._work = work

    def begin(self, key: str, request_digest: bytes) -> StoredAnswer | None:
        """The answer the same request was given before; None when it is the first, and is to be done now.

        ConflictError when another request came under this key.
        """
        given = {
            "organisation_id": self._work.actor.organisation_id,
            "key": key,
            "digest": request_digest,
            "now": self._work.clock.now(),
        }
        if self._work.connection.execute(_BEGIN, given).rowcount:
            return None
        row = self._work.connection.execute(_FIND, given).fetchone()
        if row is None or bytes(row["request_digest"]) != request_digest or row["status"] is None:
            raise ConflictError("This Idempotency-Key was used for another request. Send this one with a new key.")
        return StoredAnswer(row["status"], row["media_type"], bytes(row["body"]))

    def finish(self, key: str, answer: StoredAnswer) -> None:
        """Keep the answer for whoever asks again."""
        self._work.connection.execute(
            _FINISH,
            {
                "organisation_id": self._work.actor.organisation_id,
                "key": key,
                "status": answer.status,
                "media_type": answer.media_type,
                "body": answer.body,
            },
        )
