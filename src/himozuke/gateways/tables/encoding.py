"""Which encoding a text file is in: the one that leaves fewer broken lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from himozuke.errors import InputRejectedError, Sentence

UTF_8 = "utf-8"
UTF_8_BOM = "utf-8-sig"
CP932 = "cp932"
_BLOCK_BYTES = 1 << 24
_SAMPLED_LINES = 1024
_HEAD_BYTES = 4096

# Python's codec lets the bytes 80, A0, FD, FE, FF pass as these characters; CP932 has no such characters.
_NOT_CP932 = "\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3"


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
    if encoding == CP932 and any(character in text for character in _NOT_CP932):
        return None
    return text


def decode_at_once(data: bytes) -> str | None:
    """Decode a small file whole, UTF-8 with or without BOM, else CP932; ``None`` where it is neither."""
    for encoding in (UTF_8_BOM, CP932):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def excerpt(line: bytes, encoding: str) -> str:
    """The beginning of a broken line as far as it can be shown."""
    text = line[:200].decode(CP932 if encoding == CP932 else UTF_8, "replace")
    if encoding == CP932:
        for character in _NOT_CP932:
            text = text.replace(character, "\N{REPLACEMENT CHARACTER}")
    return text


def refuse_other_encodings(head: bytes, name: str) -> None:
    """Refuse what is no text in UTF-8 or CP932, in one clear sentence."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf16(head):
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。UTF-16（Excelの「Unicodeテキスト」）です。「CSV UTF-8」かCSV（シフト JIS）で保存し直してください。",
                f"Cannot read {name}: it is in UTF-16 (Excel calls it “Unicode text”); "
                "save it as CSV UTF-8 or CSV (Shift_JIS) and try again.",
            )
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


def _broken_lines(lines: list[bytes], encoding: str) -> int:
    return sum(decode(line, encoding) is None for line in lines)


def detect(path: Path) -> Detected:
    """Read a whole file once and choose between UTF-8 (with or without BOM) and CP932.

    A byte order mark decides; else the encoding with fewer broken lines, UTF-8 when there is no
    difference. A share of broken lines is allowed: they are set aside one by one. In pieces of the
    file that are no UTF-8, an even sample of lines is counted for both.
    """
    utf8 = cp932 = 0
    for number, block in enumerate(_blocks(path)):
        if number == 0 and block.startswith(codecs.BOM_UTF8):
            return Detected(UTF_8_BOM, 0, 0)
        if block.isascii():
            continue
        lines = block.split(b"\n")
        if decode(block, UTF_8) is not None:
            # where UTF-8 reads everything, CP932 would break most lines; how many does not matter
            cp932 += len(lines)
            continue
        step = len(lines) // _SAMPLED_LINES + 1
        sample = lines[::step]
        utf8 += max(_broken_lines(sample, UTF_8) * step, 1)
        cp932 += _broken_lines(sample, CP932) * step
    return Detected(CP932 if cp932 < utf8 else UTF_8, utf8, cp932)
