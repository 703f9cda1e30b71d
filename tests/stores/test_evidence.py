"""The evidence: numbered without gaps, append-only, sealed behind the writers, and every meddling named."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest
from database_fixture import SmallWorld

from himozuke.errors import InputRejectedError, UsageError
from himozuke.ports.actor import Actor
from himozuke.stores.evidence import public_key
from himozuke.stores.evidence_table import evidence_of, traces_of
from himozuke.stores.sealing import ROLE, Sealer
from himozuke.stores.verification import Flaw, Report, trusted, verify

EVIDENCE = ("audit_record", "audit_seal")


@pytest.fixture
def sealer(office: SmallWorld, tmp_path: Path) -> Sealer:
    return Sealer(office.database, office.vault.ring, head_file=tmp_path / "audit_head.json")


def act(office: SmallWorld, count: int = 1, **details: object) -> None:
    for subject_id in range(count):
        with office.work("insurer_clerk") as work:
            work.audit.record("test.act", subject="thing", subject_id=subject_id, details=details)


def check(office: SmallWorld, head_file: Path | None = None) -> Report:
    keys = trusted([public_key(office.vault.ring.read().audit_key)])
    with office.database.transaction(Actor.system("verify"), database_role=ROLE) as work:
        return verify(evidence_of(work.connection, head_file=head_file), keys)


def meddle(office: SmallWorld, *statements: str) -> None:
    with office.database.maintenance() as connection:
        for table in EVIDENCE:  # triggers and policies sleep: what only the owner of the tables can do
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        connection.execute("ALTER TABLE audit_record NO FORCE ROW LEVEL SECURITY")
        for statement in statements:
            connection.execute(statement.encode())
        connection.execute("ALTER TABLE audit_record FORCE ROW LEVEL SECURITY")
        for table in EVIDENCE:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def test_what_is_committed_is_sealed_and_holds(office: SmallWorld, sealer: Sealer, tmp_path: Path) -> None:
    act(office, 3, 氏名="山田", zeichen='"\\\n\t\x1f/')
    assert sealer.seal() == 3
    act(office, 2)
    assert sealer.seal() == 2
    act(office)

    report = check(office, tmp_path / "audit_head.json")

    assert (report.findings, report.records, report.seals) == ([], 5, 2)
    assert len(report.unsealed) == 1
    assert sealer.seal() == 1
    assert sealer.seal() == 0


def test_an_act_that_is_taken_back_leaves_no_gap(office: SmallWorld, sealer: Sealer) -> None:
    act(office)
    with suppress(ZeroDivisionError), office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id="x", details={})
        _ = 1 / 0
    act(office)
    sealer.seal()

    report = check(office)

    assert (report.findings, report.records) == ([], 2)


def test_writers_at_the_same_time_wait_neither_for_each_other_nor_for_the_sealer(
    office: SmallWorld, sealer: Sealer
) -> None:
    actor = office.actor("insurer_clerk")
    both_have_written = Barrier(2, timeout=20)

    def write() -> None:
        with office.database.transaction(actor) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            both_have_written.wait()  # neither is committed: one that waited for the other would never come here
            sealer.seal()
            work.audit.record("test.act", subject="thing", subject_id=2, details={})

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    sealer.seal()

    report = check(office)

    assert not both_have_written.broken
    assert (report.findings, report.records) == ([], 4)


def test_a_writer_given_out_is_taken_again_in_the_order_of_commits(office: SmallWorld) -> None:
    act(office, 5)

    with office.system_work() as work:
        rows = work.connection.execute("SELECT writer_id, number, subject_id FROM audit_record ORDER BY 1, 2")
        found = [(row["writer_id"], row["number"], row["subject_id"]) for row in rows]

    writer = found[0][0]
    assert found == [(writer, number + 1, str(number)) for number in range(5)]


@pytest.mark.parametrize(
    ("statement", "flaw", "where"),
    [
        ("UPDATE audit_record SET act = 'test.other' WHERE number = 2", Flaw.ALTERED, "record 1-2"),
        ("UPDATE audit_record SET details = '{\"a\": 1}' WHERE number = 5", Flaw.ALTERED, "record 1-5"),
        ("UPDATE audit_record SET at = at + interval '1 microsecond' WHERE number = 1", Flaw.ALTERED, "record 1-1"),
        ("UPDATE audit_record SET digest = sha256('x') WHERE number = 3", Flaw.ALTERED, "record 1-3"),
        ("DELETE FROM audit_record WHERE number = 4", Flaw.MISSING, "record 1-4"),
        ("DELETE FROM audit_record WHERE number >= 7", Flaw.MISSING, "record 1-7"),
        ("UPDATE audit_record SET number = 99 WHERE number = 3", Flaw.MISSING, "record 1-3"),
        ("UPDATE audit_record SET number = 99 WHERE number = 8", Flaw.MISSING, "record 1-8"),
        ("DELETE FROM audit_seal WHERE seal_id = 1", Flaw.SEAL_MISSING, "seal 1"),
        ("DELETE FROM audit_seal WHERE seal_id = 2", Flaw.SEAL_MISSING, "seal 2"),
        ("UPDATE audit_seal SET sealed_at = sealed_at + interval '1 s'", Flaw.SEAL_ALTERED, "seal 1"),
        ("UPDATE audit_seal SET digests = substr(digests, 33) WHERE seal_id = 2", Flaw.SEAL_ALTERED, "seal 2"),
        ("UPDATE audit_seal SET signature = digests WHERE seal_id = 2", Flaw.SEAL_FORGED, "seal 2"),
        ("UPDATE audit_writer SET last_number = 7", Flaw.ADDED, "record 1-8"),
        ("UPDATE audit_writer SET last_number = 9", Flaw.MISSING, "record 1-9"),
        ("DELETE FROM audit_record; DELETE FROM audit_seal", Flaw.SEAL_MISSING, "seal 1"),
    ],
)
def test_every_meddling_is_found_and_named(
    office: SmallWorld, sealer: Sealer, tmp_path: Path, statement: str, flaw: Flaw, where: str
) -> None:
    act(office, 4)
    sealer.seal()
    act(office, 2)
    sealer.seal()
    act(office, 2)

    meddle(office, *statement.split("; "))
    report = check(office, tmp_path / "audit_head.json")

    assert (report.findings[0].flaw, report.findings[0].where) == (flaw, where)


EMPTIED = ("DELETE FROM audit_record", "DELETE FROM audit_seal", "DELETE FROM audit_writer")


def test_emptied_evidence_is_found_by_its_key_without_the_note_outside(
    office: SmallWorld, sealer: Sealer, tmp_path: Path
) -> None:
    act(office, 3)
    sealer.seal()
    (tmp_path / "audit_head.json").unlink()

    meddle(office, *EMPTIED)
    report = check(office, tmp_path / "audit_head.json")

    assert [finding.flaw for finding in report.findings] == [Flaw.SEAL_MISSING]


def test_a_chain_begun_anew_with_the_same_key_is_found(office: SmallWorld, sealer: Sealer, tmp_path: Path) -> None:
    act(office, 3)
    sealer.seal()
    meddle(office, *EMPTIED)
    office.clock.set("2026-04-02T09:00")
    act(office)
    sealer.seal()

    report = check(office, tmp_path / "audit_head.json")

    assert [finding.flaw for finding in report.findings] == [Flaw.SEAL_MISSING]
    assert report.findings[0].where.startswith("key ")


def test_emptied_evidence_is_found_by_what_acts_have_left(office: SmallWorld, sealer: Sealer) -> None:
    act(office, 3)
    sealer.seal()
    meddle(office, *EMPTIED, "DELETE FROM audit_key")
    with office.system_work() as work:
        traces = traces_of(work.connection)
    keys = trusted([public_key(office.vault.ring.read().audit_key)])

    with office.database.transaction(Actor.system("verify"), database_role=ROLE) as work:
        report = verify(replace(evidence_of(work.connection), traces=traces), keys)

    assert "user_account" in traces
    assert [(finding.flaw, finding.where) for finding in report.findings] == [(Flaw.MISSING, "every record")]


def test_two_records_that_changed_places_are_named_with_their_homes(office: SmallWorld, sealer: Sealer) -> None:
    act(office, 4)
    sealer.seal()
    meddle(
        office,
        "UPDATE audit_record SET number = 99 WHERE number = 2",
        "UPDATE audit_record SET number = 2 WHERE number = 3",
        "UPDATE audit_record SET number = 3 WHERE number = 99",
    )

    report = check(office)

    assert [(finding.flaw, finding.where) for finding in report.findings] == [
        (Flaw.MOVED, "record 1-2"),
        (Flaw.MOVED, "record 1-3"),
    ]
    assert "belongs to record 1-3" in report.findings[0].what


def test_a_record_rewritten_with_a_matching_digest_is_still_found(office: SmallWorld, sealer: Sealer) -> None:
    act(office, 3)
    sealer.seal()
    meddle(
        office,
        "UPDATE audit_record SET login = 'somebody' WHERE number = 2",
        "UPDATE audit_record SET digest = sha256(convert_to(json_build_array(writer_id, number, audit_time(at), "
        "organisation_id, user_id, login, role, act, subject, subject_id, details::text)::text, 'UTF8')) "
        "WHERE number = 2",
    )

    report = check(office)

    assert [(finding.flaw, finding.where) for finding in report.findings] == [(Flaw.ALTERED, "record 1-2")]


def test_a_chain_that_another_key_signed_anew_is_forged(office: SmallWorld, sealer: Sealer, tmp_path: Path) -> None:
    act(office, 2)
    sealer.seal()
    from himozuke.stores.vault import KeyRing

    meddle(office, "DELETE FROM audit_seal")
    Sealer(office.database, KeyRing.open_or_make(tmp_path / "forger.json")).seal()

    report = check(office)

    assert [finding.flaw for finding in report.findings] == [Flaw.SEAL_FORGED, Flaw.SEAL_MISSING]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET act = 'x.y'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "DELETE FROM audit_seal",
    ],
)
def test_evidence_can_only_be_added_to_even_by_the_owner(office: SmallWorld, sealer: Sealer, statement: str) -> None:
    act(office)
    sealer.seal()

    with (
        office.database.maintenance() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_record SELECT * FROM audit_record",
        "UPDATE audit_record SET act = 'x.y'",
        "DELETE FROM audit_record",
        "UPDATE audit_writer SET last_number = 0",
        "INSERT INTO audit_seal SELECT * FROM audit_seal",
        "INSERT INTO audit_key VALUES ('a', 'b', now())",
    ],
)
def test_nobody_writes_evidence_past_the_one_function(office: SmallWorld, statement: str) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        office.work("administrator") as work,
    ):
        work.connection.execute(statement.encode())


def test_the_sealer_reads_evidence_and_nothing_else(office: SmallWorld) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        office.database.transaction(Actor.system("sealer"), database_role=ROLE) as work,
    ):
        work.connection.execute("SELECT user_id FROM user_account")


@pytest.mark.parametrize("text", ["001234567894", "0012-3456-7894", "００１２３４５６７８９４", "番号 001234567894。"])
def test_a_text_with_twelve_digits_in_a_row_is_not_kept_as_evidence(office: SmallWorld, text: str) -> None:
    with pytest.raises(InputRejectedError, match="twelve digits"), office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id=1, details={"reason": text})


def test_digests_and_dates_are_no_numbers(office: SmallWorld) -> None:
    act(office, digest="a123456789012b", day="2026-04-01 12:00", insurer="06139999", serial="x0123456789012")


def test_an_act_is_an_area_and_a_verb(office: SmallWorld) -> None:
    with pytest.raises(UsageError, match=r"area\.verb"), office.work("insurer_clerk") as work:
        work.audit.record("Something", subject="thing", subject_id=1, details={})


def test_an_organisation_reads_its_own_evidence_the_auditor_reads_all(office: SmallWorld) -> None:
    act(office, 2)
    seen = {}

    for role, of in (("insurer_clerk", office.insurer), ("insurer_clerk", office.other_insurer), ("auditor", None)):
        with office.work(role, of=of) as work:
            row = work.connection.execute("SELECT count(*) AS count FROM audit_record").fetchone()
        assert row is not None
        seen[role, of] = row["count"]

    assert list(seen.values()) == [2, 0, 2]
