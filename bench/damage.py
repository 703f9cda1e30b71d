"""Twenty ways to break one line of a CP932 file of links, each of which must be noticed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Fields = list[bytes]


def _set(name: bytes, value: bytes) -> Callable[[Fields, dict[bytes, int]], Fields]:
    def damage(fields: Fields, place: dict[bytes, int]) -> Fields:
        fields[place[name]] = value
        return fields

    return damage


def _edit(name: bytes, edit: Callable[[bytes], bytes]) -> Callable[[Fields, dict[bytes, int]], Fields]:
    def damage(fields: Fields, place: dict[bytes, int]) -> Fields:
        fields[place[name]] = edit(fields[place[name]])
        return fields

    return damage


def _header(text: str) -> bytes:
    return text.encode("cp932")


_NUMBER, _BIRTH, _SEX = _header("個人番号"), _header("生年月日"), _header("性別")
_NAME, _FROM, _GOT = _header("漢字氏名"), _header("資格取得年月日"), _header("取得年月日")

DAMAGES: dict[str, Callable[[Fields, dict[bytes, int]], Fields]] = {
    "number_empty": _set(_NUMBER, b""),
    "number_short": _edit(_NUMBER, lambda value: value[:11]),
    "number_long": _edit(_NUMBER, lambda value: value + b"0"),
    "number_letters": _edit(_NUMBER, lambda value: value[:6] + b"ABCDEF"),
    "number_exponent": _set(_NUMBER, b"1.23E+11"),
    "number_decimal": _edit(_NUMBER, lambda value: value + b".0"),
    "birth_month_13": _set(_BIRTH, b"1980-13-01"),
    "birth_day_30_february": _set(_BIRTH, b"1980-02-30"),
    "birth_in_the_future": _set(_BIRTH, b"2999-01-01"),
    "birth_is_a_word": _set(_BIRTH, b"abc"),
    "birth_era_beyond": _set(_BIRTH, "昭和99年1月1日".encode("cp932")),
    "got_in_the_future": _set(_GOT, b"2999-04-01"),
    "valid_from_impossible": _set(_FROM, b"2020-04-31"),
    "sex_code_unknown": _set(_SEX, b"4"),
    "sex_word_unknown": _set(_SEX, b"x"),
    "nul": _edit(_NAME, lambda value: value[:2] + b"\x00" + value[2:]),
    "byte_80": _edit(_NAME, lambda value: value + b"\x80"),
    "byte_fd": _edit(_NAME, lambda value: value + b"\xfd"),
    "half_a_character": _edit(_NAME, lambda value: value + b"\x88"),
    "field_missing": lambda fields, _place: fields[:-1],
    "field_too_many": lambda fields, _place: [*fields, b"x"],
}


def damage_file(source: Path, target: Path, *, share: float, seed: int) -> dict[int, str]:
    """Copy a file and break a share of its lines; returns what was done by physical line (header is 1)."""
    draw = random.Random(seed)  # noqa: S311 -- a choice of lines, not a secret
    kinds = list(DAMAGES)
    done: dict[int, str] = {}
    with source.open("rb") as lines, target.open("wb") as out:
        header = next(lines)
        out.write(header)
        place = {name: i for i, name in enumerate(header.rstrip(b"\r\n").split(b","))}
        for number, line in enumerate(lines, 2):
            if draw.random() >= share or b'"' in line:
                out.write(line)
                continue
            kind = kinds[len(done) % len(kinds)]
            ending = line[len(line.rstrip(b"\r\n")) :]
            fields = DAMAGES[kind](line.rstrip(b"\r\n").split(b","), place)
            out.write(b",".join(fields) + ending)
            done[number] = kind
    return done
