"""Notices in every state, filed by an employer and typed from paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from himozuke.entrypoints.demo.organisations import EMPLOYER, FIRST, OTHER_EMPLOYER, SECOND
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.entrypoints.registering import check_overlaps, register_received
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import Channel, Filing, NoticeKind, NoticeState

_PLACE = {
    "name": "株式会社合成商店",
    "postal_code": "100-0000",
    "address": "東京都千代田区霞が関一丁目2番3号",
    "employer_name": "合成 一郎",
    "telephone": "03-0000-0000",
}
_NUMBERS = ("insurer_number", "symbol", "number", "branch")
_MOVERS = 12
_WRONG = 3
_WITHOUT_NUMBER = 3

# Reads link. People proven at another insurer who are still members there; they change to the first one.
_CANDIDATES = """
SELECT link.kanji_name, link.kana_name, link.birth_date, link.sex, link.address, link.individual_number_sealed,
       link.symbol, link.number, link.branch, link.insurer_number
FROM link
WHERE link.organisation_id = %(second)s
  AND link.verdict = 'PROVEN'
  AND link.valid_to IS NULL
  AND link.branch = '00'
  AND link.states = ARRAY['equal', 'equal', 'equal', 'equal', 'equal']
  AND link.birth_date > '1965' AND link.birth_date < '2000'
ORDER BY link.link_id
LIMIT %(limit)s
"""


def file_notices(world: DemoWorld) -> None:
    """File notices that end in every state: registered, stopped, inquired, returned, waiting, prepared."""
    people = _candidates(world, _MOVERS + _WRONG + _WITHOUT_NUMBER + 4)
    _enrol(world)
    movers, rest = people[:_MOVERS], people[_MOVERS:]
    _leave(world, movers)
    filed = [_acquired(one, world.days_ago(5), number_of=one) for one in movers]
    wrong = rest[:_WRONG]  # the number of whoever stands next in the list: found before anything is seen
    filed += [_acquired(one, world.days_ago(5), number_of=people[n]) for n, one in enumerate(wrong)]
    without = rest[_WRONG : _WRONG + _WITHOUT_NUMBER]
    filed += [_acquired(one, world.days_ago(4), number_of=None) for one in without]
    _take_in(world, filed, "employer", world.days_ago(3), Channel.WEB)
    late, lacking, waiting, ahead = rest[_WRONG + _WITHOUT_NUMBER :]
    _take_in(world, [_acquired(late, world.days_ago(25), number_of=late)], "clerk", world.days_ago(2), Channel.PAPER)
    incomplete = _acquired(lacking, world.days_ago(3), number_of=None).with_texts(address="", kana_name="")
    _take_in(world, [incomplete], "employer", world.days_ago(2), Channel.WEB)
    _take_in(
        world, [_acquired(ahead, world.days_ago(-20), number_of=ahead)], "employer", world.days_ago(1), Channel.WEB
    )
    _receive(
        world, [_acquired(waiting, world.days_ago(2), number_of=waiting)], "employer", world.days_ago(0), Channel.WEB
    )
    check_overlaps(world.office)


def _candidates(world: DemoWorld, limit: int) -> Sequence[Mapping[str, Any]]:
    with world.program("demo", world.days_ago(6)) as work:
        values = {"second": world.organisations[SECOND], "limit": limit}
        rows = work.connection.execute(_CANDIDATES, values).fetchall()
    return [{**row, "own_number": world.office.vault.open(bytes(row["individual_number_sealed"]))} for row in rows]


def _enrol(world: DemoWorld) -> None:
    with world.program("demo", world.days_ago(400)) as work:
        first = world.organisations[FIRST]
        work.notice_store.enrol(first, _PLACE, employer_id=world.organisations[EMPLOYER])
        work.notice_store.enrol(
            first, {**_PLACE, "name": "株式会社見本工業"}, employer_id=world.organisations[OTHER_EMPLOYER]
        )


def _leave(world: DemoWorld, people: Sequence[Mapping[str, Any]]) -> None:
    """They leave the insurer they were with, the day before the new one begins."""
    losses = [
        Filing(
            NoticeKind.LOSS,
            world.days_ago(5),
            {**_items(one), **{name: one[name] for name in _NUMBERS}, "end_reason": "4"},
            one["own_number"],
        )
        for one in people
    ]
    _take_in(world, losses, "clerk2", world.days_ago(4), Channel.PAPER, to=SECOND)


def _acquired(person: Mapping[str, Any], on: date, *, number_of: Mapping[str, Any] | None) -> Filing:
    """A notice of acquisition; ``number_of`` is whose number it carries, None for none."""
    number: IndividualNumber | None = number_of["own_number"] if number_of else None
    texts = {
        **_items(person),
        "symbol": "900",
        "category": "1",
        "acquisition_kind": "1",
        "has_dependents": "0",
        "pay_in_cash": "280000",
        "pay_in_kind": "0",
        "postal_code": "100-0000",
        "establishment_name": _PLACE["name"],
        "establishment_address": _PLACE["address"],
        "employer_name": _PLACE["employer_name"],
    }
    return Filing(NoticeKind.ACQUISITION, on, texts, number)


def _items(person: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(person[name]) for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}


def _receive(
    world: DemoWorld, filings: Sequence[Filing], login: str, day: date, channel: Channel, *, to: str = FIRST
) -> list[int]:
    with world.acting(login, day) as work:
        received = work.receptions.receive(filings, to=world.organisations[to], channel=channel)
    return [one.notice_id for one in received if one.state is NoticeState.RECEIVED]


def _take_in(
    world: DemoWorld, filings: Sequence[Filing], login: str, day: date, channel: Channel, *, to: str = FIRST
) -> None:
    waiting = _receive(world, filings, login, day, channel, to=to)
    register_received(world.office, world.users[login].actor, waiting)
