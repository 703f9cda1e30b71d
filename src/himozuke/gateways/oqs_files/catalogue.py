"""Which messages there are and what our result codes say; both are data a vendor may replace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from himozuke.errors import UsageError

_REQUEST_NAME = re.compile(r"(?P<prefix>[A-Za-z]+\d*)req_(?P<rest>.+)\.(?P<extension>xml|zip)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of request: its code here, the prefix of its files, the interfaces it stands for."""

    code: str
    prefix: str
    interfaces: tuple[str, ...]
    title_ja: str


@dataclass(frozen=True, slots=True)
class RequestName:
    """The name of a request file, taken apart."""

    prefix: str
    rest: str
    extension: str

    @property
    def answer(self) -> str:
        """The name of the answer without its extension: ``res`` in the place of ``req``."""
        return f"{self.prefix}res_{self.rest}"


def read_name(name: str) -> RequestName | None:
    """Take the name of a request file apart; None where it is no request."""
    match = _REQUEST_NAME.fullmatch(name)
    return RequestName(match["prefix"], match["rest"], match["extension"].lower()) if match else None


class Catalogue:
    """The kinds of message by the prefix of their files, and what result codes are called and say.

    ``codes``: by the code of ours, the one that is written out; a code without one is written as it is.
    """

    def __init__(
        self,
        kinds: Mapping[str, MessageKind],
        texts: Mapping[str, Mapping[str, str]],
        codes: Mapping[str, str] | None = None,
    ) -> None:
        self._kinds = kinds
        self._texts = texts
        self._codes = codes or {}

    def kind(self, prefix: str) -> MessageKind | None:
        """The kind of message whose files bear this prefix, in any case."""
        return self._kinds.get(prefix.lower())

    @property
    def kinds(self) -> tuple[MessageKind, ...]:
        """Every kind of message, in the order of the catalogue."""
        return tuple(self._kinds.values())

    @property
    def result_codes(self) -> tuple[str, ...]:
        """Every result code there is a text for."""
        return tuple(self._texts)

    def written(self, code: str) -> str:
        """A result code as it is written into answers: a vendor's own in the place of ours."""
        return self._codes.get(code, code)

    def text(self, code: str, language: str = "ja") -> str:
        """What a result code says; empty for a code without text."""
        return self._texts.get(code, {}).get(language, "")


def load_catalogue(messages: Path | None = None, result_codes: Path | None = None) -> Catalogue:
    """Read the catalogue that comes with the program, or a vendor's files in its place.

    A vendor's file of result codes has a row for each code of ours, and in ``as`` the code that is written out in
    its place. UsageError names the file and row that cannot be used, a code of ours that is missing, unknown or
    stands there twice, and one of the vendor's that would stand for several of ours.
    """
    kinds = {}
    for number, row in enumerate(_rows(messages, "catalogue.toml", "message"), 1):
        try:
            kind = MessageKind(row["code"], row["prefix"], tuple(row["interfaces"]), row["title_ja"])
        except KeyError as error:
            raise UsageError(f"{messages or 'catalogue.toml'}, message {number}: {error} is missing.") from None
        kinds[kind.prefix.lower()] = kind
    texts: dict[str, dict[str, str]] = {}
    codes: dict[str, str] = {}
    for number, row in enumerate(_rows(result_codes, "result_codes.toml", "result"), 1):
        if "code" not in row or "ja" not in row:
            raise UsageError(f"{result_codes or 'result_codes.toml'}, result {number}: code and ja are needed.")
        if row["code"] in texts:
            raise UsageError(f"{result_codes}, result {number}: {row['code']} stands there twice.")
        texts[row["code"]] = {"ja": row["ja"], "en": row.get("en", row["ja"])}
        written = row.get("as", row["code"]).strip()
        if not written or written in codes.values():
            raise UsageError(f"{result_codes}, result {number}: as = “{written}” is empty or stands for another code.")
        codes[row["code"]] = written
    if result_codes is not None:
        _must_be_whole(result_codes, texts)
    return Catalogue(kinds, texts, codes)


def _must_be_whole(given: Path, texts: Mapping[str, object]) -> None:
    ours = packaged_catalogue().result_codes
    missing = [code for code in ours if code not in texts]
    unknown = [code for code in texts if code not in ours]
    if missing:
        raise UsageError(f"{given} lacks {', '.join(missing)}: every code of ours needs its row.")
    if unknown:
        raise UsageError(
            f"{given} names {', '.join(unknown)}, which are no codes of ours. A vendor's code stands in as."
        )


@cache
def packaged_catalogue() -> Catalogue:
    """The catalogue that comes with the program."""
    return load_catalogue()


def _rows(given: Path | None, packaged: str, name: str) -> list[dict[str, str]]:
    source = given or Path(str(files("himozuke.gateways.oqs_files") / packaged))
    try:
        rows: list[dict[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))[name]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise UsageError(f"{source} cannot be used as a list of {name}s: {error}.") from None
    return rows
