"""Qualifications, consents and requests of institutions, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.eligibility.model import (
    GivenConsent,
    InsuredKey,
    JudgedIncome,
    Qualification,
    Viewable,
)
from himozuke.eligibility.own_notice import LinkOnPaper
from himozuke.eligibility.store import (
    AnsweredFile,
    Asker,
    BulkRequest,
    Card,
    Consented,
    Institution,
    Insured,
    MedicalEntry,
)
from himozuke.errors import NotFoundError
from himozuke.identity.coded_number import plain_digits
from himozuke.identity.scheme_number import PART_SEPARATOR, canonical, joined
from himozuke.ports.office import Clock
from himozuke.stores.qualification_rows import consent, insured, qualification
from himozuke.stores.qualification_sql import (
    BY_CODE,
    BY_KEY,
    BY_LINK,
    BY_LINKS,
    BY_NUMBER,
    BY_ORGANISATION,
    CONSENTED,
    INSTITUTION,
    LIVE_CONSENTS,
    LOG,
    MEDICAL,
    NEXT_BULK,
)
from himozuke.stores.vault import Vault

_AFTER_SEPARATOR = chr(ord(PART_SEPARATOR) + 1)  # every branch of a number lies between the two

_OF_INSTITUTION = (
    "organisation_id",
    "code",
    "name",
    "kind",
    "treats_at_home",
    "treats_online",
    "telephone",
    "folder",
    "requests_per_minute",
)


def _limits(key: InsuredKey) -> dict[str, object]:
    """Between which texts the scheme numbers lie that a certificate may mean."""
    number = joined(plain_digits(key.insurer_number), key.symbol, key.number)
    branch = canonical(key.branch)
    exact = number + PART_SEPARATOR + branch if branch else None
    return {"from": number + PART_SEPARATOR, "before": number + _AFTER_SEPARATOR, "exact": exact}


class PostgresEligibility:
    """Everything an answer is made of; opened in the name of the program, since insurers are many."""

    def __init__(self, connection: Connection[dict[str, Any]], vault: Vault, clock: Clock) -> None:
        self._connection = connection
        self._vault = vault
        self._clock = clock

    def institution(self, code: str) -> Institution | None:
        """The institution with this code."""
        return self._institution("code", code)

    def institution_of(self, organisation_id: int) -> Institution | None:
        """The institution that an organisation is."""
        return self._institution("organisation_id", organisation_id)

    def institution_of_folder(self, folder: str) -> Institution | None:
        """The institution whose folder has this name."""
        return self._institution("folder", folder)

    def _institution(self, column: str, value: object) -> Institution | None:
        query = f"{INSTITUTION} WHERE {column} = %s".encode()
        row = self._connection.execute(query, [value], prepare=True).fetchone()
        return None if row is None else self._read_institution(row)

    def _read_institution(self, row: Mapping[str, Any]) -> Institution:
        sealed = row["zip_password_sealed"]
        password = self._vault.box.open(sealed, purpose="zip_password").decode() if sealed is not None else None
        return Institution(**{name: row[name] for name in _OF_INSTITUTION}, zip_password=password)

    def asked(self, asker: Asker, key: InsuredKey) -> tuple[Institution | None, Sequence[Insured]]:
        """Who asks, and everybody a certificate may name, as they are at this moment; in one look."""
        by_code = asker.code is not None
        values = _limits(key) | {"asker": asker.code if by_code else asker.organisation_id}
        rows = self._connection.execute(BY_CODE if by_code else BY_ORGANISATION, values, prepare=True).fetchall()
        if not rows:
            return None, ()
        institution = self._read_institution(rows[0])
        return institution, self._people(institution, rows) if rows[0]["link_id"] is not None else ()

    def insured_by_key(self, institution: Institution, key: InsuredKey) -> Sequence[Insured]:
        """Everybody a certificate may name: those with the very branch where there are any, else all of its number."""
        values = _limits(key) | {"organisation_id": institution.organisation_id}
        return self._people(institution, self._connection.execute(BY_KEY, values, prepare=True).fetchall())

    def _people(self, institution: Institution, rows: Sequence[Mapping[str, Any]]) -> Sequence[Insured]:
        """The people; looked up again by every version of the number while a key is changed."""
        by_number: dict[bytes, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_number.setdefault(row["individual_number_sealed"], []).append(row)
        if not by_number or len(self._vault.ring.read().looked_up) == 1:
            found = [insured(of_one) for of_one in by_number.values()]
        else:
            each = {self._vault.open(sealed): sealed for sealed in by_number}  # one may stand under two versions
            found = [self.insured_by_number(institution, sealed) for sealed in each.values()]
        return [one for one in found if one is not None]

    def insured_by_number(self, institution: Institution, individual_number_sealed: bytes) -> Insured | None:
        """The person a card or a consent leads to."""
        values = {
            "numbers": self._versions(individual_number_sealed),
            "organisation_id": institution.organisation_id,
        }
        return insured(self._connection.execute(BY_NUMBER, values, prepare=True).fetchall())

    def held_through(self, link_ids: Sequence[int]) -> Sequence[Qualification]:
        """Every qualification through some links, as they stand now."""
        rows = self._connection.execute(BY_LINKS, {"links": list(link_ids)}).fetchall()
        return [qualification(row) for row in rows]

    def link_on_paper(self, link_id: int, *, of: int) -> LinkOnPaper:
        """A link of an insurer as a notice is made of it; NotFoundError where the insurer has no such link."""
        rows = self._connection.execute(BY_LINK, {"link_id": link_id, "organisation_id": of}).fetchall()
        if not rows:
            raise NotFoundError(f"There is no link {link_id} among yours.")
        is_proven = rows[0]["verdict"] in {"PROVEN", "EXPLAINED"}
        number = str(self._vault.open(rows[0]["individual_number_sealed"])) if is_proven else ""
        held = [qualification(row) for row in rows if row["period_id"] is not None]
        return LinkOnPaper(held, rows[0]["is_doubted"], number)

    def note_income(self, period_id: int, income: JudgedIncome) -> None:
        """Keep the income of a household beside a period of insurance that the actor may see."""
        known = asdict(income.household) | {
            "valid_from": income.valid_from.isoformat(),
            "valid_until": income.valid_until.isoformat(),
        }
        self._connection.execute(
            "INSERT INTO qualification_certificate (period_id, organisation_id, income) "
            "SELECT period_id, organisation_id, %s FROM qualification_period WHERE period_id = %s "
            "ON CONFLICT (period_id) DO UPDATE SET income = excluded.income",
            [Jsonb(known), period_id],
        )

    def _versions(self, individual_number_sealed: bytes) -> list[bytes]:
        """The number as every version of the key seals it; while a key is changed both stand in the tables."""
        if len(self._vault.ring.read().looked_up) == 1:
            return [individual_number_sealed]
        return self._vault.look_up(self._vault.open(individual_number_sealed))

    def card(self, card_id: str) -> Card | None:
        """A card; locked until the transaction ends."""
        row = self._connection.execute(
            "SELECT card_id, individual_number_sealed, kind, pin_hash, pin_tries, certificate_until, is_damaged, "
            "is_registered FROM card WHERE card_id = %s FOR UPDATE",
            [card_id],
        ).fetchone()
        return Card(**row) if row else None

    def count_pin(self, card_id: str, *, tries: int) -> None:
        """Keep how many wrong tries in a row a card has seen."""
        self._connection.execute("UPDATE card SET pin_tries = %s WHERE card_id = %s", [tries, card_id])

    def live_consents(
        self, institution: Institution, individual_number_sealed: bytes, *, at: datetime
    ) -> Mapping[Viewable, GivenConsent]:
        """What the person allows this institution at a moment."""
        rows = self._connection.execute(
            LIVE_CONSENTS,
            {
                "organisation_id": institution.organisation_id,
                "numbers": self._versions(individual_number_sealed),
                "at": at,
            },
            prepare=True,
        ).fetchall()
        return {Viewable(row["viewable"]): consent(row) for row in rows}

    def give_consent(
        self, institution: Institution, individual_number_sealed: bytes, given: GivenConsent, *, channel: str
    ) -> None:
        """Keep a consent."""
        self._connection.execute(
            "INSERT INTO consent (organisation_id, individual_number_sealed, viewable, channel, given_at, "
            "available_until) VALUES (%s, %s, %s, %s, %s, %s)",
            [
                institution.organisation_id,
                individual_number_sealed,
                given.viewable,
                channel,
                given.given_at,
                given.available_until,
            ],
        )

    def withdraw_consents(self, institution: Institution, individual_number_sealed: bytes, *, at: datetime) -> int:
        """End every live consent of a person to an institution; how many there were."""
        return self._connection.execute(
            "UPDATE consent SET withdrawn_at = %s WHERE organisation_id = %s AND individual_number_sealed = ANY(%s) "
            "AND withdrawn_at IS NULL AND available_until > %s",
            [at, institution.organisation_id, self._versions(individual_number_sealed), at],
        ).rowcount

    def consented(self, institution: Institution, *, channel: str, since: date, until: date) -> Sequence[Consented]:
        """Who consented from a distance on some days, both included, oldest first."""
        asked = {"organisation_id": institution.organisation_id, "channel": channel, "since": since, "until": until}
        rows = self._connection.execute(CONSENTED, asked).fetchall()
        return [Consented(row["individual_number_sealed"], consent(row)) for row in rows]

    def log_access(
        self,
        institution: Institution,
        qualification: Qualification,
        *,
        viewer: str,
        items: Sequence[str],
        consented: str,
    ) -> None:
        """Write that something was shown, in the transaction that shows it."""
        self._connection.execute(
            LOG,
            {
                "at": self._clock.now(),
                "link_id": qualification.link_id,
                "code": institution.code,
                "name": institution.name,
                "viewer": viewer,
                "items": list(items),
                "consent": consented,
            },
            prepare=True,
        )

    def log_again(self, institution: Institution, link_id: int, *, viewer: str, items: Sequence[str]) -> None:
        """Write that a qualification that was shown before is shown again, in the transaction that shows it."""
        told = {"at": self._clock.now(), "link_id": link_id, "viewer": viewer, "items": list(items), "consent": ""}
        told |= {"code": institution.code, "name": institution.name}
        self._connection.execute(LOG, told, prepare=True)

    def medical_entries(
        self, individual_number_sealed: bytes, viewable: Viewable, *, since: date, until: date
    ) -> Sequence[MedicalEntry]:
        """What is on record through trusted, unrestricted links of a number, latest first, both days included."""
        rows = self._connection.execute(
            MEDICAL,
            {
                "numbers": self._versions(individual_number_sealed),
                "viewable": viewable,
                "since": since,
                "until": until,
            },
        ).fetchall()
        return [MedicalEntry(row["link_id"], row["on_day"], row["institution_name"], row["content"]) for row in rows]

    def is_number_of_another(self, institution: Institution, link_id: int, reference_number: str) -> bool:
        """Tell whether the institution gave this number to another person."""
        found = self._connection.execute(
            "SELECT FROM reference_number AS own JOIN link USING (link_id) "
            "JOIN link AS asked ON asked.link_id = %s AND asked.individual_number_sealed <> link.individual_number_sealed "
            "WHERE own.organisation_id = %s AND own.reference_number = %s AND link.state <> 'withdrawn' LIMIT 1",
            [link_id, institution.organisation_id, reference_number],
        ).fetchone()
        return found is not None

    def keep_reference_number(self, institution: Institution, link_id: int, reference_number: str) -> None:
        """Keep the institution's number of a patient in the place of an earlier one."""
        self._connection.execute(
            "INSERT INTO reference_number (organisation_id, link_id, reference_number, registered_at) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (organisation_id, link_id) "
            "DO UPDATE SET reference_number = excluded.reference_number, registered_at = excluded.registered_at",
            [institution.organisation_id, link_id, reference_number, self._clock.now()],
        )

    def answered_file(self, institution: Institution, name: str, request_digest: bytes) -> AnsweredFile | None:
        """What is kept of an earlier answer to the same request file."""
        row = self._connection.execute(
            "SELECT answered_at, answer_digest, reception_number FROM answered_file "
            "WHERE organisation_id = %s AND name = %s AND request_digest = %s",
            [institution.organisation_id, name, request_digest],
            prepare=True,
        ).fetchone()
        return AnsweredFile(**row) if row else None

    def keep_answered_file(
        self, institution: Institution, name: str, request_digest: bytes, answered: AnsweredFile
    ) -> None:
        """Keep that a request file was answered, in the place of an earlier answer."""
        self._connection.execute(
            "INSERT INTO answered_file (organisation_id, name, request_digest, answered_at, answer_digest, "
            "reception_number) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (organisation_id, name, request_digest) "
            "DO UPDATE SET answered_at = excluded.answered_at, answer_digest = excluded.answer_digest",
            [
                institution.organisation_id,
                name,
                request_digest,
                answered.answered_at,
                answered.answer_digest,
                answered.reception_number,
            ],
            prepare=True,
        )

    def accept_bulk(self, institution: Institution, kind: str, request: bytes, *, at: datetime) -> str:
        """Take a bulk request in; returns its reception number."""
        row = self._connection.execute(
            "INSERT INTO bulk_request (reception_number, organisation_id, kind, request, received_at) "
            "VALUES (%s || lpad(nextval('bulk_reception')::text, 6, '0'), %s, %s, %s, %s) RETURNING reception_number",
            [f"R{at:%Y%m%d}", institution.organisation_id, kind, request, at],
        ).fetchone()
        assert row is not None  # noqa: S101  # an insert returns its row
        return str(row["reception_number"])

    def next_bulk(self) -> tuple[str, Institution, str, bytes] | None:
        """The oldest request that waits, locked: reception number, institution, kind, request."""
        row = self._connection.execute(NEXT_BULK).fetchone()
        if row is None:
            return None
        institution = self.institution_of(row["organisation_id"])
        assert institution is not None  # noqa: S101  # the request refers to it
        return row["reception_number"], institution, row["kind"], row["request"]

    def finish_bulk(self, reception_number: str, answer: bytes | None, *, at: datetime) -> None:
        """Keep that a bulk request is done, with its result where that is not judged at the fetch."""
        self._connection.execute(
            "UPDATE bulk_request SET state = 'done', done_at = %s, answer = %s WHERE reception_number = %s",
            [at, answer, reception_number],
        )

    def bulk_request(self, institution: Institution, reception_number: str) -> BulkRequest | None:
        """A bulk request of the institution; None where it has none of this number."""
        row = self._connection.execute(
            "SELECT kind, request, state = 'done' AS is_done, answer FROM bulk_request "
            "WHERE organisation_id = %s AND reception_number = %s",
            [institution.organisation_id, reception_number],
        ).fetchone()
        return BulkRequest(**row) if row else None
