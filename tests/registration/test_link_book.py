"""The history of a link: every change with who and why, and taken back only while it stands."""

from __future__ import annotations

from datetime import date

import pytest
from database_fixture import SmallWorld
from factories import person
from registration_counter import Counter
from registration_filings import filing

from himozuke.errors import ConflictError, NotFoundError, UsageError
from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.links import PostgresLinkBook

TARO = person(1001)


@pytest.fixture
def link_id(office: SmallWorld) -> int:
    """A released link of the insurer."""
    counter = Counter.over(office, [TARO], as_of=date(2026, 4, 1))
    items = {name: TARO[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}
    [registered] = counter.take_in(filing(1001, {"insurer_number": "", **items}))
    assert registered.link_id is not None
    return registered.link_id


def test_a_stop_is_never_loosened_by_another_stop(office: SmallWorld, link_id: int) -> None:
    with office.work("insurer_clerk") as work:
        book = PostgresLinkBook(work)
        book.stop_viewing(link_id, restriction="ALL", reason="doubt")
        book.stop_viewing(link_id, restriction="MEDICAL", reason="table")
        assert (book.find(link_id).state, book.find(link_id).restriction) == ("stopped", "ALL")
        book.release(link_id, reason="confirmed")
        assert (book.find(link_id).state, book.find(link_id).restriction) == ("released", "NONE")


def test_a_replaced_number_is_undone_with_its_reason_and_nothing_is_lost(office: SmallWorld, link_id: int) -> None:
    other = office.vault.seal(IndividualNumber(int(person(1008)["individual_number"])))
    with office.work("insurer_supervisor") as work:
        book = PostgresLinkBook(work)
        before = book.find(link_id).individual_number_sealed
        version = book.replace_number(link_id, individual_number_sealed=other, reason="wrong person")
        assert (book.find(link_id).individual_number_sealed, book.find(link_id).verdict) == (other, None)
        book.undo(version, reason="the first was right")
        assert book.find(link_id).individual_number_sealed == before
        history = book.history(link_id)

    assert [(one.act, one.undone_by is not None) for one in history] == [
        ("register", False),
        ("replace_number", True),
        ("undo", False),
    ]
    assert "1008" not in str([(one.before, one.after) for one in history])
    assert history[1].by.startswith("insurer_supervisor")


def test_a_change_that_another_covered_is_not_undone_under_it(office: SmallWorld, link_id: int) -> None:
    with office.work("insurer_clerk") as work:
        book = PostgresLinkBook(work)
        first = book.correct_items(link_id, items={"address": "東京都"}, reason="one")
        second = book.correct_items(link_id, items={"address": "大阪府"}, reason="two")
        with pytest.raises(ConflictError, match="undo that first"):
            book.undo(first, reason="back")
        book.undo(second, reason="back")
        book.undo(first, reason="back")
        assert book.find(link_id).address == TARO["address"]
        with pytest.raises(ConflictError, match="was undone"):
            book.undo(first, reason="again")


def test_what_is_no_item_and_what_has_no_reason_is_refused(office: SmallWorld, link_id: int) -> None:
    with office.work("insurer_clerk") as work:
        book = PostgresLinkBook(work)
        with pytest.raises(UsageError, match="only kanji_name"):
            book.correct_items(link_id, items={"individual_number": "x"}, reason="x")
        with pytest.raises(UsageError, match="say why"):
            book.stop_viewing(link_id, restriction="ALL", reason=" ")
        with pytest.raises(UsageError, match="needs MEDICAL or ALL"):
            book.stop_viewing(link_id, restriction="NONE", reason="x")


def test_links_of_others_are_not_there(office: SmallWorld, link_id: int) -> None:
    with office.work("insurer_clerk", of=office.other_insurer) as work:
        book = PostgresLinkBook(work)
        with pytest.raises(NotFoundError):
            book.find(link_id)
        with pytest.raises(NotFoundError):
            book.stop_viewing(link_id, restriction="ALL", reason="x")
        with pytest.raises(NotFoundError):
            book.undo(1, reason="x")


def test_nobody_alters_the_history(office: SmallWorld, link_id: int) -> None:
    with pytest.raises(Exception, match="append-only"), office.work("insurer_clerk") as work:
        work.connection.execute("UPDATE link_version SET reason = 'x' WHERE link_id = %s", [link_id])
