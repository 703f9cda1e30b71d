"""Invented bodies, as many of each kind as the nation had when 3,411 of them reported (S71)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from himozuke.simulators.population.columns import insurer_number, with_check_digit

CITY = "139907"  # the municipality of the demo, and its number as an insurer

#: Kind, how many, what stands before the running number of their insurer numbers, scheme (sizing of the insurers).
_ASSOCIATION = 1
_SOCIETIES = 1_399
_MUTUAL_AID = 85
_MUNICIPALITIES = 1_716
_NATIONAL_SOCIETIES = 163
_ELDERLY = 47

#: How many bodies are in class ①, ② and ③ (S71).
CLASSES = (293, 1_010, 2_108)

_PLACES = (
    "青空", "若葉", "朝日", "白樺", "みなと", "さくら", "北斗", "銀河", "あかね", "こだま", "はやぶさ", "つばめ",
    "すみれ", "ひなた", "せせらぎ", "やまびこ", "かもめ", "あおば", "いずみ", "ゆうなぎ",
)  # fmt: skip
_TRADES = (
    "機械", "電子", "製紙", "食品", "運輸", "繊維", "化学", "建設", "印刷", "商事", "造船", "硝子", "薬品", "通信",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """One invented body: ``process_class`` is what its answers come to."""

    code: str
    name: str
    kind: str  # insurer, municipality
    scheme: str
    ministry: str
    holds_residents: bool
    process_class: int


@dataclass(frozen=True, slots=True)
class Ministry:
    """A ministry under which bodies stand."""

    code: str
    name: str


MINISTRIES = (
    Ministry("MHLW", "厚生労働省"),
    Ministry("MIC", "総務省"),
    Ministry("MOF", "財務省"),
    Ministry("MEXT", "文部科学省"),
)


def _numbered(law: str, prefecture: int, running: int) -> str:
    return with_check_digit(f"{law}{prefecture:02}{running % 1000:03}")


ELDERLY = _numbered("39", 13, 0)  # insures everybody of 75 and more in the demo


def bodies() -> tuple[Body, ...]:
    """Every body; the societies bear the insurer numbers of the invented population, from its largest on.

    Bodies that hold residents' data are in class ③; the others fill ① and ②, the rest is ③ again.
    """
    made = tuple(_all())
    first, second = CLASSES[0], CLASSES[0] + CLASSES[1]
    asked = [body for body in made if not body.holds_residents]
    classes = {body.code: 1 if place < first else 2 if place < second else 3 for place, body in enumerate(asked)}
    return tuple(replace(body, process_class=classes.get(body.code, 3)) for body in made)


def _all() -> Iterator[Body]:
    yield _insurer(_numbered("01", 13, 0), "全国合成健康保険協会", "MHLW")
    for place in range(_SOCIETIES):
        yield _insurer(insurer_number(place), f"{_name(place)}健康保険組合", "MHLW")
    for place in range(_MUTUAL_AID):
        ministry = "MOF" if place < 20 else "MEXT" if place == 20 else "MIC"  # of the state, of schools, of regions
        law = {"MOF": "31", "MEXT": "34", "MIC": "32"}[ministry]
        yield _insurer(_numbered(law, 1 + place % 47, place), f"合成第{place + 1}共済組合", ministry)
    for place in range(_NATIONAL_SOCIETIES):
        name = f"合成{_TRADES[place % len(_TRADES)]}第{place + 1}国民健康保険組合"
        yield Body(
            f"{1 + place % 47:02}3{place:03}",
            name,
            "insurer",
            "national_health_insurance",
            "MHLW",
            holds_residents=False,
            process_class=3,
        )
    for place in range(_MUNICIPALITIES):
        code = CITY if place == 0 else f"{1 + place % 47:02}9{place // 47:02}{place % 10}"
        name = "紐付市" if place == 0 else f"合成第{place + 1}市町村"
        yield Body(
            code, name, "municipality", "national_health_insurance", "MHLW", holds_residents=True, process_class=3
        )
    for place in range(_ELDERLY):
        code = _numbered("39", place + 1, 0)
        yield Body(
            code,
            f"合成第{place + 1}後期高齢者医療広域連合",
            "insurer",
            "elderly_medical",
            "MHLW",
            holds_residents=True,
            process_class=3,
        )


def _insurer(code: str, name: str, ministry: str) -> Body:
    return Body(code, name, "insurer", "health_insurance", ministry, holds_residents=False, process_class=3)


def _name(place: int) -> str:
    first, second = place % len(_PLACES), place // len(_PLACES) % len(_TRADES)
    turn = place // (len(_PLACES) * len(_TRADES))
    return f"{_PLACES[first]}{_TRADES[second]}" + (f"第{turn + 1}" if turn else "")
