"""Comparing links with people from a register that answers one question at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from himozuke.identity.column import text_array
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.state import Comparison, How, ItemState, Parts
from himozuke.link.compare_columns import FORMS, Compared, Sides, compare
from himozuke.link.items import ITEMS, Agreement
from himozuke.ports.challenge import Person

_STATES = tuple(ItemState)
_HOWS = {int(how): how for how in How}
_PARTS = tuple(Parts(bits) for bits in range(4))

#: The five items equal byte for byte.
SAME = Agreement(*(Comparison(ItemState.EQUAL, How.BYTES),) * 5, Parts.NONE, Parts.NONE)


def compare_people(links: pa.RecordBatch, pairs: Sequence[tuple[int, Person]], gazetteer: Gazetteer | None) -> Compared:
    """Compare links (the five items, ``birth``, ``sex_code``), each named by its row, with people."""
    people = [person for _, person in pairs]
    entries: dict[str, pa.Array] = {
        name: text_array([getattr(person.items, name) for person in people]) for name in (*ITEMS, *FORMS)
    }
    entries["birth"] = pa.array(np.array([person.birth for person in people], np.int32))
    entries["sex_code"] = pa.array(np.array([person.sex_code for person in people], np.int8))
    rows = pa.array(np.array([row for row, _ in pairs], np.int64))
    return compare(Sides(links.take(rows), pa.record_batch(entries)), gazetteer)


def agreement_of(compared: Compared, place: int) -> Agreement:
    """One pair's comparison out of the columns."""
    states, hows, parts = (column[:, place].tolist() for column in compared)
    kanji, kana, birth, sex, address = (
        Comparison(_STATES[state], _HOWS[how]) for state, how in zip(states, hows, strict=True)
    )
    return Agreement(kanji, kana, birth, sex, address, _PARTS[parts[0]], _PARTS[parts[1]])


def is_same_bytes(link: Sequence[str], person: Person) -> bool:
    """Tell whether the five items of a link stand in the register byte for byte."""
    items = person.items
    return tuple(link) == (items.kanji_name, items.kana_name, items.birth_date, items.sex, items.address)
