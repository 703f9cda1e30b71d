"""Folding an address: the passes over code points that one value and a column share.

Columns run them compiled, a single value runs the same source interpreted.

``read_text``  UTF-8 → code points, compatible forms unified
``fold_text``  numerals to digits, 丁目 番地 番 号 and every hyphen to ``-``: the text of ``folded``
``vary_text``  kanji variants, ヶが, ノの, dropped 大字 字 第: the text of ``key``
"""

from __future__ import annotations

from himozuke.identity.address_number import (
    CHI,
    COUNTED,
    DIRECTIONS,
    FLOOR,
    HYPHEN_SIGN,
    JO,
    LONG,
    NO_KANA,
    NO_KANJI,
    NO_SMALL,
    NO_UNIT,
    ONE,
    OPEN,
    ORDINAL,
    UNIT_BITS,
    UNIT_COUNT,
    after_postal_code,
    counter,
    number_follows,
    read_counter,
    read_numeral,
    write_number,
)
from himozuke.identity.address_tables import (
    DIGIT,
    GETA,
    HYPHEN,
    KANJI,
    KATAKANA,
    LETTER,
    SPACE,
    UNREADABLE,
    Classes,
    Codes,
)
from himozuke.identity.column import Bytes
from himozuke.identity.kernel import kernel, usable_in_kernels

NOT_SIGN, NOT_YET, NOTED = ord("不"), ord("未"), ord("記")
SHITA = ord("下")
#: 不明 不詳 不定, 未詳 未記入, 記載なし
AFTER_NOT, AFTER_NOT_YET, AFTER_NOTED = (ord("明"), ord("詳"), ord("定")), (ord("詳"), NOTED), (ord("載"),)
MARKS = (0x3099, 0x309A)
VOICED_ROWS = "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ"
VOICEABLE = tuple(ord(sign) for sign in VOICED_ROWS)
U_KANA, VU_KANA = ord("ウ"), ord("ヴ")


@kernel
def read_text(data: Bytes, start: int, end: int, mapped: Codes, expanded: Codes, out: Codes) -> int:
    """Decode ``data[start:end]`` into unified code points; gives their number.

    Voicing marks join the kana before them; selectors and invisible signs fall away.
    """
    n = 0
    position = start
    while position < end:
        lead = int(data[position])
        if lead < 0x80:
            code = lead
            position += 1
        elif lead < 0xE0:
            code = (lead & 0x1F) << 6 | int(data[position + 1]) & 0x3F
            position += 2
        elif lead < 0xF0:
            code = (lead & 0x0F) << 12 | (int(data[position + 1]) & 0x3F) << 6 | int(data[position + 2]) & 0x3F
            position += 3
        else:
            code = (lead & 0x07) << 18 | (int(data[position + 1]) & 0x3F) << 12
            code |= (int(data[position + 2]) & 0x3F) << 6 | int(data[position + 3]) & 0x3F
            position += 4
        if code < len(mapped):
            code = int(mapped[code])
        elif 0xE0100 <= code < 0xE01F0:
            continue
        else:
            code = GETA
        if code > 0:
            if code in MARKS and n > 0 and out[n - 1] in VOICEABLE:
                out[n - 1] += code - 0x3098
            elif code == MARKS[0] and n > 0 and out[n - 1] == U_KANA:
                out[n - 1] = VU_KANA
            else:
                out[n] = code
                n += 1
        elif code < 0:
            for k in range(4):
                if expanded[-code - 1, k] > 0:
                    out[n] = expanded[-code - 1, k]
                    n += 1
    return n


@usable_in_kernels
def says_unknown(text: Codes, i: int, n: int, classes: Classes) -> bool:
    """Tell whether 不, 未 or 記 at a place begins a word like 不明; what folding drops may stand inside it."""
    k = i + 1
    while k < n and (classes[text[k]] == SPACE or classes[text[k]] == HYPHEN):
        k += 1
    if k >= n:
        return False
    if text[i] == NOT_SIGN:
        return bool(text[k] in AFTER_NOT)
    return bool(text[k] in AFTER_NOT_YET) if text[i] == NOT_YET else bool(text[k] in AFTER_NOTED)


@kernel
def fold_text(text: Codes, n: int, classes: Classes, figures: Codes, out: Codes) -> tuple[int, int, bool]:
    """Fold numbers and their notation; gives length, units of the figures, and whether to look for gaps.

    Gaps are signs that cannot be read, and words like 不明.

    A ``-`` stands only between letters and figures. Kanji numerals become digits where a counter or the
    place in a number says that they count; 三田 and 八丁堀 stay as they are.
    """
    m = 0
    i = after_postal_code(text, n, classes) if n > 0 and classes[text[0]] == DIGIT else 0
    units = 0
    runs = 0
    pending = False  # a separator was read and is written before the next figure or letter
    tail = False  # the last thing read was a figure with its counter
    gaps = False
    while i < n:
        c = int(text[i])
        kind = classes[c]
        if (
            kind == KANJI
            and figures[c] < 0
            and c != CHI
            and c != NO_KANJI
            and c != NOT_SIGN
            and c != NOT_YET
            and c != NOTED
        ):
            # Every other kanji that is no numeral stays as it is.
            out[m] = c
            m += 1
            i += 1
            pending = False
            tail = False
            continue
        before = int(classes[text[i - 1]]) if i > 0 else 0
        after = int(classes[text[i + 1]]) if i + 1 < n else 0
        if kind == SPACE:
            pending = True
            i += 1
            continue
        if kind == HYPHEN or c == LONG or c == ONE:
            if c != LONG and before == KATAKANA and after == KATAKANA and i > 0 and text[i - 1] != LONG:
                out[m] = LONG
                m += 1
                i += 1
                tail = False
                pending = False
                continue
            if (
                kind == HYPHEN
                or (c == LONG and (before in (DIGIT, LETTER) or tail or (before == KANJI and after == DIGIT)))
                or (c == ONE and before == DIGIT and after == DIGIT)
            ):
                pending = True
                i += 1
                continue
        if (
            tail
            and c in (NO_KANA, NO_SMALL, NO_KANJI)
            and (after == DIGIT or (i + 1 < n and figures[text[i + 1]] >= 0))
        ):
            pending = True
            i += 1
            continue
        if kind == DIGIT or figures[c] >= 0:
            if kind == DIGIT:
                j = i + 1
                while j < n and classes[text[j]] == DIGIT:
                    j += 1
                stop = j
                while stop < n and classes[text[stop]] == SPACE:
                    stop += 1
                unit, taken, value, reading = NO_UNIT, 0, 0, COUNTED
                if stop < n and classes[text[stop]] == KANJI:
                    following = int(text[stop + 1]) if stop + 1 < n else 0
                    third = int(text[stop + 2]) if stop + 2 < n else 0
                    follows = int(classes[following]) if following else SPACE
                    counts = number_follows(following, follows, figures[following] >= 0)
                    unit, taken = counter(int(text[stop]), following, third, counts, follows)
                stop = stop + taken if taken > 0 else j
            else:
                j, value = read_numeral(text, n, i, classes, figures)
                unit, stop, reading = read_counter(text, n, j, classes, figures)
            if reading == OPEN and (tail or (m > 1 and out[m - 1] in DIRECTIONS and out[m - 2] == JO)):
                reading = COUNTED
            if kind != DIGIT and reading != COUNTED and not (m > 0 and out[m - 1] == ORDINAL):
                while i < j:
                    out[m] = text[i]
                    m += 1
                    i += 1
                pending = False
                tail = False
                continue
            joined = m > 0 and classes[out[m - 1]] == DIGIT
            if joined or (pending and m > 0 and classes[out[m - 1]] in (LETTER, UNREADABLE)):
                out[m] = 0x2D
                m += 1
            if kind == DIGIT:
                while i < j - 1 and text[i] == 0x30:
                    i += 1
                while i < j:
                    out[m] = text[i]
                    m += 1
                    i += 1
            else:
                m = write_number(value, out, m)
            if runs < UNIT_COUNT:
                units |= unit << (UNIT_BITS * runs)
            runs += 1
            tail = True
            pending = unit not in (NO_UNIT, FLOOR)
            if unit == FLOOR:
                out[m] = 0x46
                m += 1
            i = stop
            continue
        if kind == LETTER:
            if pending and m > 0 and classes[out[m - 1]] in (DIGIT, LETTER, UNREADABLE):
                out[m] = 0x2D
                m += 1
        elif (
            c == CHI
            and i + 2 < n
            and text[i + 1] == SHITA
            and (after == KANJI)
            and (classes[text[i + 2]] == DIGIT or figures[text[i + 2]] >= 0)
        ):
            c = 0x42  # 地下1階 is B1F
            i += 1
        elif (c == NOT_SIGN or c == NOT_YET or c == NOTED) and says_unknown(text, i, n, classes):
            gaps = True
        elif kind == UNREADABLE:
            gaps = True
            if pending and m > 0 and classes[out[m - 1]] in (DIGIT, LETTER, UNREADABLE):
                out[m] = 0x2D
                m += 1
        out[m] = c
        m += 1
        i += 1
        pending = False
        tail = False
    return m, units, gaps


KE_SIGNS = tuple(ord(sign) for sign in "ヶケがガヵ")
NO_SIGNS = (NO_KANA, NO_SMALL, NO_KANJI)
TSU_SIGNS = tuple(ord(sign) for sign in "つツっッ")
KE, TSU_KANA = ord("ケ"), ord("ツ")
AZA, OO, KO = (ord(sign) for sign in "字大小")
BEFORE_AZA = tuple(ord(sign) for sign in "文十数赤漢習名丁")


@kernel
def vary_text(text: Codes, n: int, classes: Classes, variants: Codes, out: Codes) -> int:
    """Fold what place names exchange or leave out; gives the length.

    Only 大字, 小字, 字 and 第 shorten the text; every other change keeps its length.
    """
    m = 0
    i = 0
    while i < n:
        c = int(text[i])
        kind = classes[c]
        if kind == DIGIT or (kind == KANJI and c != AZA and c != OO and c != KO and c != ORDINAL and c != NO_KANJI):
            out[m] = variants[c]
            m += 1
            i += 1
            continue
        after = int(classes[text[i + 1]]) if i + 1 < n else 0
        if i > 0 and after == KANJI and kind != KANJI:
            if c in KE_SIGNS:
                c = KE
            elif c in NO_SIGNS:
                c = NO_KANA
            elif c in TSU_SIGNS and classes[text[i - 1]] in (KANJI, DIGIT):
                c = TSU_KANA
        elif kind == KANJI:
            if c == NO_KANJI and i > 0 and after == KANJI:
                c = NO_KANA
            else:
                dropped = 0
                if c in (OO, KO) and i + 2 < n and text[i + 1] == AZA:
                    dropped = 2
                elif (c == AZA and i > 0 and i + 1 < n and text[i - 1] not in BEFORE_AZA) or (
                    c == ORDINAL and after == DIGIT
                ):
                    dropped = 1
                if dropped > 0:
                    i += dropped
                    if m > 0 and i < n and classes[out[m - 1]] == DIGIT and classes[text[i]] == DIGIT:
                        out[m] = HYPHEN_SIGN
                        m += 1
                    continue
        if c < len(variants):
            c = int(variants[c])
        if 0x3041 <= c <= 0x3096 and c != NO_KANA:
            c += 0x60
        out[m] = c
        m += 1
        i += 1
    return m


@kernel
def write_utf8(text: Codes, n: int, out: Bytes) -> int:
    """Encode code points as UTF-8; gives the number of bytes."""
    m = 0
    for i in range(n):
        c = int(text[i])
        if c < 0x80:
            out[m] = c
            m += 1
        elif c < 0x800:
            out[m] = 0xC0 | c >> 6
            out[m + 1] = 0x80 | c & 0x3F
            m += 2
        elif c < 0x10000:
            out[m] = 0xE0 | c >> 12
            out[m + 1] = 0x80 | c >> 6 & 0x3F
            out[m + 2] = 0x80 | c & 0x3F
            m += 3
        else:
            out[m] = 0xF0 | c >> 18
            out[m + 1] = 0x80 | c >> 12 & 0x3F
            out[m + 2] = 0x80 | c >> 6 & 0x3F
            out[m + 3] = 0x80 | c & 0x3F
            m += 4
    return m
