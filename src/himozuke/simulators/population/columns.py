"""The register, the links and the truth as Arrow tables, a chunk of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.simulators.population import names
from himozuke.simulators.population.addresses import address_texts
from himozuke.simulators.population.case import KINDS, UNDECIDABLE, Case
from himozuke.simulators.population.membership import (
    ACQUIRED_BY,
    ADDRESS,
    BIRTH,
    KANA,
    KANJI,
    NO_END,
    SEX,
)
from himozuke.simulators.population.numbers import number_text
from himozuke.simulators.population.people import CURRENT, NONE, Ints, People
from himozuke.simulators.population.places import Dwellings
from himozuke.simulators.population.plan import Plan
from himozuke.simulators.population.styles import NAME_PARALLEL, SEX_FORMS, UNREADABLE, Styles
from himozuke.simulators.population.texts import (
    KANA_DAMAGE,
    NAME_DAMAGE,
    birth_dates,
    iso_dates,
    kana_names,
    kanji_names,
    scattered,
    with_damage,
)

CHUNK = 131_072
STATUSES = ("current", "abroad", "dead", "replaced")
ITEMS = ((KANJI, "kanji_name"), (KANA, "kana_name"), (BIRTH, "birth_date"), (SEX, "sex"), (ADDRESS, "address"))
SCHEMES_WITH_INSURER = ("health_insurance", "national_health_insurance", "elderly_medical")
TRUTH_SCHEMA = pa.schema([
    ("row", pa.int64()), ("link_id", pa.string()), ("right", pa.bool_()), ("cause", pa.string()),
    ("kind", pa.string()), ("true_individual_number", pa.string()), ("undecidable", pa.string()),
])  # fmt: skip


def chunks(rows: int) -> Iterator[slice]:
    """Cut rows into chunks; one empty chunk when there is no row."""
    yield from (slice(start, min(start + CHUNK, rows)) for start in range(0, max(rows, 1), CHUNK))


def words(choices: tuple[str, ...], codes: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> pa.Array:
    """Write codes as words."""
    return pa.array(choices, pa.string()).take(pa.array(codes.astype(np.int64)))


def blank_where(texts: pa.Array, nothing: npt.NDArray[np.bool_]) -> pa.Array:
    """Empty the texts of some rows."""
    return pc.if_else(pa.array(nothing), "", texts) if nothing.any() else texts


def sparse_names(surname: Ints, given: Ints, there: npt.NDArray[np.bool_], form: int = 0) -> tuple[pa.Array, pa.Array]:
    """The kanji and kana of names that only some rows have."""
    zero = np.zeros(int(there.sum()), np.int8)
    kanji = kanji_names(surname[there], given[there], zero + form, zero, zero)
    return scattered(there, kanji), scattered(there, kana_names(surname[there], given[there], zero, zero))


def register_chunk(people: People, rows: slice) -> pa.RecordBatch:
    """Some rows of the register."""
    zero = np.zeros(rows.stop - rows.start, np.int8)
    surname, given = people.surname[rows], people.given[rows]
    status, previous = people.status[rows], people.previous_number[rows]
    old_home = np.where(people.old_home_held[rows], people.old_home[rows], NONE).astype(np.int32)
    former = sparse_names(people.maiden[rows], given, people.maiden_held[rows])
    alias = sparse_names(people.alias_surname[rows], people.alias_given[rows], people.alias_surname[rows] != NONE)
    columns = {
        "individual_number": number_text(people.number[rows]),
        "kanji_name": kanji_names(surname, given, zero, zero, zero),
        "kana_name": kana_names(surname, given, zero, zero),
        "furigana_certified": words(("0", "1"), people.certified[rows]),
        "birth_date": birth_dates(people.birth[rows], zero),
        "sex": words(("", *SEX_FORMS[0]), people.sex[rows]),
        "address": address_texts(people.dwellings, people.home[rows], zero, zero, zero),
        "former_kanji_names": former[0],
        "former_kana_names": former[1],
        "former_addresses": address_texts(people.dwellings, old_home, zero, zero, zero),
        "alias": alias[0],
        "alias_kana": alias[1],
        "parallel_kanji_name": sparse_names(surname, given, people.parallel[rows], NAME_PARALLEL)[0],
        "status": words(STATUSES, status),
        "status_on": iso_dates(people.status_on[rows], empty=status == CURRENT),
        "previous_number": scattered(previous > 0, number_text(previous[previous > 0])),
        "protected": words(("0", "1"), people.protected[rows]),
    }
    return pa.RecordBatch.from_pydict(columns)


def item_words() -> tuple[str, ...]:
    """The item names of every bit set."""
    return tuple("|".join(word for bit, word in ITEMS if mask & bit) for mask in range(32))


def insurer_number(insurer: int) -> str:
    """The eight digits of a health insurer: 06, prefecture, running number, check digit."""
    return with_check_digit(f"06{insurer % 47 + 1:02}{insurer // 47 + 101:03}")


def with_check_digit(body: str) -> str:
    """An insurer number from its digits without the last, the check digit (weights 2, 1 …)."""
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(body))
    return body + str(-total % 10)


def scheme_columns(case: Case, rows: slice, plan: Plan) -> dict[str, pa.Array]:
    """The scheme's own number: four columns for health insurers, one for other schemes."""
    links = case.links
    insurers = tuple(insurer_number(n) for n in range(int(links.insurer.max(initial=0)) + 1))
    symbol = pa.array(links.symbol[rows]).cast(pa.string())
    member = pa.array(links.member[rows]).cast(pa.string())
    branch = words(tuple(f"{n:02}" for n in range(100)), links.branch[rows])
    if plan.scheme not in SCHEMES_WITH_INSURER:
        insurer = words(insurers, links.insurer[rows])
        return {"scheme_number": pc.binary_join_element_wise(insurer, symbol, member, branch, "-")}
    return {
        "insurer_number": words(insurers, links.insurer[rows]),
        "symbol": symbol,
        "number": member,
        "branch": branch,
    }


def link_ids(rows: slice) -> pa.Array:
    """The identifiers of some rows."""
    numbers = pa.array(np.arange(rows.start + 1, rows.stop + 1, dtype=np.int64)).cast(pa.string())
    return pc.binary_join_element_wise("L", pc.utf8_lpad(numbers, 9, "0"), "")


def item_columns(case: Case, styles: Styles, dwellings: Dwellings, rows: slice, seed: int) -> dict[str, pa.Array]:
    """The five items as the insurer writes them."""
    held, book = case.held, names.load()
    damage = styles.damage[rows]
    rare = (styles.plain[rows] > 0) & (damage != UNREADABLE)
    surname = np.where(rare, book.surnames.plain[held.surname[rows]], held.surname[rows]).astype(np.int32)
    given = np.where(rare, book.given.plain[held.given[rows]], held.given[rows]).astype(np.int32)
    kanji = kanji_names(surname, given, styles.latin[rows], styles.separator[rows], styles.reversed_name[rows])
    kana = kana_names(held.surname_kana[rows], held.given_kana[rows], styles.kana[rows], styles.kana_separator[rows])
    sexes = ("", *(word for form in SEX_FORMS for word in form))
    return {
        "kanji_name": with_damage(kanji, damage, NAME_DAMAGE, rows.start, seed),
        "kana_name": with_damage(kana, damage, KANA_DAMAGE, rows.start, seed),
        "birth_date": birth_dates(held.birth[rows], styles.birth[rows]),
        "sex": words(sexes, styles.sex[rows].astype(np.int64) * 2 + held.sex[rows]),
        "address": address_texts(
            dwellings, held.home[rows], styles.number[rows], styles.place[rows], styles.building[rows]
        ),
    }


def link_chunk(case: Case, styles: Styles, dwellings: Dwellings, rows: slice, plan: Plan) -> pa.RecordBatch:
    """Some rows of the insurers' file."""
    links = case.links
    hits = links.acquired_hits[rows]
    operators = tuple(f"入力{n + 1:02}" for n in range(20))
    columns = {
        "link_id": link_ids(rows),
        **scheme_columns(case, rows, plan),
        "individual_number": number_text(links.number[rows]),
        **item_columns(case, styles, dwellings, rows, plan.seed),
        "acquired_by": words(ACQUIRED_BY, links.acquired_by[rows]),
        "acquired_items": words(item_words(), links.acquired_items[rows]),
        "acquired_hits": blank_where(pa.array(np.maximum(hits, 0)).cast(pa.string()), hits < 0),
        "acquired_on": iso_dates(links.acquired_on[rows]),
        "registered_on": iso_dates(links.registered_on[rows]),
        "valid_from": iso_dates(links.valid_from[rows]),
        "valid_to": iso_dates(links.valid_to[rows], empty=links.valid_to[rows] == NO_END),
        "operator": words(operators, (links.batch[rows].astype(np.int64) * 7 + links.insurer[rows]) % 20),
        "batch": pc.binary_join_element_wise("B", pa.array(links.batch[rows]).cast(pa.string()), ""),
    }
    return pa.RecordBatch.from_pydict(columns)


def truth_chunk(case: Case, rows: slice) -> pa.RecordBatch:
    """What is true of some rows of the insurers' file."""
    cause = case.cause[rows]
    causes = pa.array([None, *(f"C{n}" for n in range(1, 11))], pa.string())
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(rows.start + 1, rows.stop + 1, dtype=np.int64)),
            link_ids(rows),
            pa.array(cause == 0),
            causes.take(pa.array(cause.astype(np.int64))),
            words(KINDS, case.kind[rows]),
            number_text(case.people.number[case.links.person[rows]]),
            words(UNDECIDABLE, case.undecidable[rows]),
        ],
        schema=TRUTH_SCHEMA,
    )
