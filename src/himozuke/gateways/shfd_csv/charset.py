"""The characters of the form files: JIS X 0201 in one byte, JIS X 0208 in two, nothing else.

Not CP932: 髙, 﨑, ① and ㈱ are no characters of these files, and its 1,880 cells for private characters (外字)
decode to nothing that anybody else could read. What is found is told by byte.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from himozuke.identity.kana_width import half_width

_ENCODING = "shift_jis"
_KANA_FIRST, _KANA_LAST = 0xA1, 0xDF
_LEADS = (range(0x81, 0x85), range(0x88, 0xA0), range(0xE0, 0xEB))  # 特殊文字…; 第一水準; 第二水準
_PRIVATE = range(0xF0, 0xFD)  # F040 to F9FC in use; FA40 on are IBM's extensions
_IBM = range(0xFA, 0xFD)
_NEC = (range(0x85, 0x88), range(0xED, 0xEF))
_PRINTABLE = range(0x20, 0x7F)


class Foreign(NamedTuple):
    """One character that is none of the file's: from which byte of the text (0 = first), and what it is."""

    byte: int
    code: str  # the bytes, e.g. ED95
    what: str  # private (外字), vendor (機種依存文字), control, broken


def decode(data: bytes) -> tuple[str, list[Foreign]]:
    """Decode a text; a character that is none is 〓 in the text and told in the list."""
    text: list[str] = []
    foreign: list[Foreign] = []
    place = 0
    while place < len(data):
        lead = data[place]
        if lead in _PRINTABLE or _KANA_FIRST <= lead <= _KANA_LAST:
            text.append(chr(lead) if lead in _PRINTABLE else chr(0xFF61 + lead - _KANA_FIRST))
            place += 1
            continue
        pair = data[place : place + 2]
        character = _two_bytes(pair)
        if character is None:
            foreign.append(Foreign(place, pair.hex().upper() if _is_lead(lead) else f"{lead:02X}", _what(pair)))
        text.append(character or "〓")
        place += 2 if _is_lead(lead) and len(pair) == 2 else 1  # noqa: PLR2004 - a pair
    return "".join(text), foreign


def unwritable(text: str) -> list[str]:
    """The characters of a text that these files cannot hold, each once, in order; comma and quote among them."""
    return list(dict.fromkeys(character for character in text if not _is_writable(character)))


def encode(text: str) -> bytes:
    """Encode a text of which :func:`unwritable` says nothing."""
    return text.encode(_ENCODING)


def half_kana(text: str) -> str:
    """The text with katakana (hiragana too) and signs in half width, as these files want it.

    >>> half_kana("ヤマダ　タロウ"), half_kana("ガッパ・ー")
    ('ﾔﾏﾀﾞ ﾀﾛｳ', 'ｶﾞｯﾊﾟ･ｰ')
    """
    return "".join(_HALF_BY_FULL.get(character, character) for character in unicodedata.normalize("NFKC", text))


def full_text(text: str) -> str:
    """The text with everything that has a full width in full width, as these files want names and addresses."""
    return "".join(_FULL_BY_HALF.get(character, character) for character in text)


def _two_bytes(pair: bytes) -> str | None:
    if len(pair) < 2 or not any(pair[0] in leads for leads in _LEADS):  # noqa: PLR2004 - a pair
        return None
    try:
        return pair.decode(_ENCODING)
    except UnicodeDecodeError:
        return None


def _is_lead(byte: int) -> bool:
    return 0x81 <= byte <= 0x9F or 0xE0 <= byte <= 0xFC  # noqa: PLR2004 - the lead bytes of Shift_JIS


def _what(pair: bytes) -> str:
    lead = pair[0]
    if lead < _PRINTABLE.start or lead == _PRINTABLE.stop:
        return "control"
    if lead in _IBM or any(lead in rows for rows in _NEC):
        return "vendor"
    return "private" if lead in _PRIVATE else "broken"


def _is_writable(character: str) -> bool:
    if character in ',"\r\n':
        return False
    try:
        data = character.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return decode(data) == (character, [])


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    kana = map(chr, (*range(0x3000, 0x3094), *range(0x309B, 0x309D), *range(0x30A1, 0x30FD)))
    half_by_full = {full: half_width(full) for full in kana if half_width(full) != full}
    half_by_full |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}
    full_by_half = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code) not in ',"'} | {" ": "　"}
    return half_by_full, full_by_half


_HALF_BY_FULL, _FULL_BY_HALF = _tables()
