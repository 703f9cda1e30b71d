"""Which encoding a text file is in: the one that leaves fewer broken lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from himozuke.errors import InputRejectedError

UTF_8 = "utf-8"
UTF_8_BOM = "utf-8-sig"
CP932 = "cp932"
_BLOCK_BYTES = 1 << 24
_SAMPLED_LINES = 4096
_HEAD_BYTES = 4096

# Python's codec lets the bytes 80, A0, FD, FE, FF pass as these characters; CP932 has no such characters.
NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


class Detected(NamedTuple):
    """An encoding, and how many lines either candidate could not read (estimated in broken blocks)."""

    encoding: str
    broken_utf8_lines: int
    broken_cp932_lines: int


def decode(data: bytes, encoding: str) -> str | None:
    """Decode strictly; ``None`` where a byte is no character of the encoding."""
    try:
        text = data.decode(UTF_8 if encoding == UTF_8_BOM else encoding)
    except UnicodeDecodeError:
        return None
    return None if encoding == CP932 and NOT_CP932.search(text) else text


def refuse_other_encodings(head: bytes, name: str) -> None:
    """Refuse what is no text in UTF-8 or CP932, in one clear sentence."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf16(head):
        raise InputRejectedError(
            f"Cannot read {name}: it is in UTF-16 (Excel calls it “Unicode text”); "
            "save it as CSV UTF-8 or CSV (Shift_JIS) and try again."
        )


def _looks_like_utf16(head: bytes) -> bool:
    even, odd = head[:_HEAD_BYTES:2].count(0), head[1:_HEAD_BYTES:2].count(0)
    return max(even, odd) * 8 > min(len(head), _HEAD_BYTES) and min(even, odd) * 4 < max(even, odd)


def _blocks(path: Path) -> Iterator[bytes]:
    carried = b""
    with path.open("rb") as file:
        while data := file.read(_BLOCK_BYTES):
            data = carried + data
            cut = data.rfind(b"\n") + 1 or len(data)
            carried = data[cut:]
            yield data[:cut]
    if carried:
        yield carried


def _broken_lines(block: bytes, encoding: str) -> int:
    """How many lines of a block cannot be decoded, estimated from its first lines."""
    if decode(block, encoding) is not None:
        return 0
    lines = block.split(b"\n")
    sample = lines[:_SAMPLED_LINES]
    broken = sum(decode(line, encoding) is None for line in sample)
    return max(broken * len(lines) // len(sample), 1)


def detect(path: Path) -> Detected:
    """Read a whole file once and choose between UTF-8 (with or without BOM) and CP932.

    A byte order mark decides; else the encoding with fewer broken lines, UTF-8 when there is no
    difference. A share of broken lines is allowed: they are set aside one by one.
    """
    utf8 = cp932 = 0
    for number, block in enumerate(_blocks(path)):
        if number == 0 and block.startswith(codecs.BOM_UTF8):
            return Detected(UTF_8_BOM, 0, 0)
        if block.isascii():
            continue
        broken = _broken_lines(block, UTF_8)
        utf8 += broken
        # where UTF-8 reads everything, what CP932 would make of it does not matter
        cp932 += _broken_lines(block, CP932) if broken else len(block)
    return Detected(CP932 if cp932 < utf8 else UTF_8, utf8, cp932)
