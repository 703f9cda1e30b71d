"""What stands on certificates in the demo, and what can be viewed: by age, limit certificates, diseases, medicines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from himozuke.eligibility.copay import birthday, first_day_of_70
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.simulators.demo.bodies import ELDERLY

_RATIOS = (10, 10, 10, 20, 10, 30)  # of people of 75 and more, as they share out
_AUGUST = 8
_LIMIT_EVERY, _DISEASE_EVERY = 211, 1_009
_LIMITS = (("01", "A03"), ("02", "A05"))  # class of the certificate and of the income (OQSCD011, OQSCD012)

# Reads periods with the person's birth date. One row per open period.
_OPEN_PERIODS = """
SELECT period.period_id, period.organisation_id, link.birth_date, period.began_on
FROM qualification_period AS period
JOIN link USING (link_id)
WHERE period.ended_on IS NULL
ORDER BY period.period_id
"""

# Writes qualification_certificate. One row.
_INSERT = """
INSERT INTO qualification_certificate (
    period_id, organisation_id, elderly_ratio, elderly, limits, diseases, elderly_ratio_from, elderly_ratio_until
)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""

_MEDICINES = (
    ("622000000", "アムロジピン錠５ｍｇ「合成」", "1", "錠", "28", "１日１回朝食後"),
    ("622000001", "ロスバスタチン錠２．５ｍｇ「合成」", "1", "錠", "28", "１日１回夕食後"),
    ("622000002", "メトホルミン塩酸塩錠２５０ｍｇ「合成」", "2", "錠", "28", "１日２回朝夕食後"),
)
_CHECKUP = (
    ("9N001000000000001", "身長", "162.4", "cm"),
    ("9N006000000000001", "体重", "58.1", "kg"),
    ("9A751000000000001", "収縮期血圧", "128", "mm[Hg]"),
    ("3F070000002327101", "ＬＤＬコレステロール", "121", "mg/dL"),
)
_DIAGNOSES = (("8833421", "高血圧症"), ("8842101", "脂質異常症"))
_PROCEDURES = (("150000001", "外来の手術（合成）"),)


class _Ages(NamedTuple):
    """The ages of the law, in years; the fields are named as its rules."""

    elderly: int
    elderly_medical: int


def issue_certificates(world: DemoWorld) -> int:
    """Give people of 70 to 74 their certificate, older ones their ratio, and some a limit certificate; how many."""
    older = world.organisations[ELDERLY]
    with world.program("demo", world.days_ago(1)) as work:
        rows = work.connection.execute(_OPEN_PERIODS).fetchall()
        ages = _Ages(*(work.office.rules.count(f"copay.age.{name}", world.today) for name in _Ages._fields))
        given = (_certificate(world.today, place, row, older, ages) for place, row in enumerate(rows))
        made = [row for row in given if row]
        work.connection.cursor().executemany(_INSERT, made)
        work.audit.record(
            "demo.certificates", subject="qualification", subject_id="all", details={"certificates": len(made)}
        )
    return len(made)


def _certificate(today: date, place: int, row: Mapping[str, Any], older: int, ages: _Ages) -> Sequence[Any] | None:
    """One certificate in the order of the columns; None for a plain one."""
    born = whole_day(birth_date.parse(row["birth_date"]))
    ratio, elderly = None, None
    if row["organisation_id"] == older:
        ratio = _RATIOS[place % len(_RATIOS)]
    elif born is not None and birthday(born, ages.elderly) <= today < birthday(born, ages.elderly_medical):
        elderly = {
            "valid_from": first_day_of_70(born, ages.elderly).isoformat(),
            "valid_until": (birthday(born, ages.elderly_medical) - timedelta(days=1)).isoformat(),
            "ratio": 30 if place % 9 == 0 else 20,
        }
    began = row["began_on"].isoformat()
    limits = [_limit(today, place)] if place % _LIMIT_EVERY == 0 else []
    diseases = [_disease(began)] if place % _DISEASE_EVERY == 0 else []
    if not (ratio or elderly or limits or diseases):
        return None
    jsonb = (Jsonb(elderly) if elderly else None, Jsonb(limits), Jsonb(diseases))
    begun = (
        date(today.year - (today.month < _AUGUST), _AUGUST, 1) if ratio else None
    )  # income is judged anew each August
    until = date(begun.year + 1, _AUGUST, 1) - timedelta(days=1) if begun else None
    return [row["period_id"], row["organisation_id"], ratio, *jsonb, begun, until]


def _limit(today: date, place: int) -> Mapping[str, str]:
    certificate_class, income_class = _LIMITS[place // _LIMIT_EVERY % len(_LIMITS)]
    begun = today.replace(day=1) - timedelta(days=60)
    return {
        "certificate_class": certificate_class,
        "income_class": income_class,
        "issued_on": begun.isoformat(),
        "valid_from": begun.replace(day=1).isoformat(),
        "valid_until": (today + timedelta(days=200)).isoformat(),
    }


def _disease(began: str) -> Mapping[str, Any]:
    return {"disease": "1", "valid_from": began, "self_pay": 10_000}


def put_on_record(world: DemoWorld, link_ids: Sequence[int]) -> None:
    """Put medicines of three months, a checkup, diagnoses and a procedure on the record of people with a story."""
    rows = [(link_id, *entry) for link_id in link_ids for entry in _entries(world.today)]
    with world.program("demo", world.days_ago(1)) as work:
        work.connection.cursor().executemany(
            "INSERT INTO medical_entry (organisation_id, link_id, viewable, on_day, institution_name, content) "
            "SELECT organisation_id, link_id, %s, %s, %s, %s FROM link WHERE link_id = %s",
            [(*entry, link_id) for link_id, *entry in rows],
        )
        work.audit.record("demo.records", subject="medical_entry", subject_id="all", details={"entries": len(rows)})


def _entries(today: date) -> Iterator[tuple[str, date, str, Jsonb]]:
    names = ("code", "name", "amount", "unit", "times", "usage")
    for place, months in enumerate((1, 2, 3)):
        drugs = [dict(zip(names, drug, strict=True)) for drug in _MEDICINES[: place + 1]]
        yield "medicines", today - timedelta(days=30 * months), "こだま薬局", Jsonb(drugs)
    values = [dict(zip(("code", "name", "value", "unit"), item, strict=True)) for item in _CHECKUP]
    yield "checkups", today - timedelta(days=150), "合成第一病院", Jsonb(values)
    for viewable, items in (("diagnoses", _DIAGNOSES), ("procedures", _PROCEDURES)):
        named = [{"code": code, "name": name} for code, name in items]
        yield viewable, today - timedelta(days=90), "青空診療所", Jsonb(named)
