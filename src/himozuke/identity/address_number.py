"""Numbers in addresses: kanji numerals, and the counters 丁目 番地 番 号 behind them."""

from __future__ import annotations

from himozuke.identity.address_tables import DIGIT, HYPHEN, KANJI, LETTER, SPACE, Classes, Codes
from himozuke.identity.kernel import kernel

# The unit written behind a figure; three bits a figure, the first figure lowest.
NO_UNIT, CHOME, BANCHI, BAN, GO, ROOM, CHIWARI, FLOOR = range(8)
UNIT_BITS, UNIT_COUNT = 3, 20
LONG, ONE, HYPHEN_SIGN = ord("ー"), ord("一"), ord("-")
NO_KANA, NO_SMALL, NO_KANJI = ord("の"), ord("ノ"), ord("之")
CHO, ME, BAN_SIGN, CHI, GO_SIGN, SHITSU, KAI, WARI = (ord(sign) for sign in "丁目番地号室階割")
JO, SEN, KEN, KU, TO, KUMI, BU, MACHI = (ord(sign) for sign in "条線軒区棟組部町")
KAN, GAI, TSU, SOTO, DORI, OKU, HORI, DAI, HASHI, KURUMA = (ord(sign) for sign in "館街通外所屋堀台橋車")
ORDINAL = ord("第")
JO_OLD, GO_OLD = ord("條"), ord("號")
SAKI, UCHI = ord("先"), ord("内")
LONGEST_NUMERAL = 12  # no address needs more, and the value stays within 64 bits
NOS = (NO_KANA, NO_SMALL, NO_KANJI)
DIRECTIONS = tuple(ord(sign) for sign in "東西南北")
# Behind 番 and 号 these make a name: 一番町, 一番館, 三号線.
AFTER_BAN = (MACHI, CHO, KAN, GAI, KUMI, DORI, SEN, SOTO, OKU, HORI, DAI)
AFTER_GO = (SEN, KAN, CHI, TSU, HASHI, KURUMA)
NAMING = (JO, SEN, KEN, KU, TO, KUMI, BU)

# How a kanji numeral is to be read: as part of a name, as a number, or as a number behind another number.
NAME, COUNTED, OPEN = range(3)


@kernel
def after_postal_code(text: Codes, n: int, classes: Classes) -> int:
    """The place behind a postal code in front, which is no part of the address; else 0."""
    digits = 0
    j = 0
    while j < n and digits < 8 and (classes[text[j]] == DIGIT or (digits == 3 and text[j] == HYPHEN_SIGN)):
        digits += 1 if classes[text[j]] == DIGIT else 0
        j += 1
    if digits == 7 and j < n and classes[text[j]] not in (DIGIT, HYPHEN, LETTER):
        return j
    return 0


@kernel
def read_numeral(text: Codes, n: int, i: int, classes: Classes, figures: Codes) -> tuple[int, int]:
    """Read a run of digits or of kanji numerals at ``i``; gives its end and, of the latter, the value."""
    j = i
    if classes[text[i]] == DIGIT:
        while j < n and classes[text[j]] == DIGIT:
            j += 1
        return j, 0
    value = 0
    section = 0
    while j < n and j - i < LONGEST_NUMERAL and figures[text[j]] >= 0:
        figure = int(figures[text[j]])
        if figure >= 10:
            value += max(section, 1) * figure
            section = 0
        else:
            section = section * 10 + figure
        j += 1
    return j, value + section


@kernel
def read_counter(text: Codes, n: int, j: int, classes: Classes, figures: Codes) -> tuple[int, int, int]:
    """Read the counter behind a number that ends at ``j``; gives unit, where to read on, and how to read."""
    stop = j
    while stop < n and classes[text[stop]] == SPACE:
        stop += 1
    if stop >= n:
        return NO_UNIT, j, COUNTED
    sign = int(text[stop])
    written = classes[text[j - 1]] == DIGIT
    if written and classes[sign] != KANJI:
        return NO_UNIT, j, COUNTED
    following = int(text[stop + 1]) if stop + 1 < n else 0
    third = int(text[stop + 2]) if stop + 2 < n else 0
    follows = int(classes[following]) if following else SPACE
    counts = number_follows(following, follows, figures[following] >= 0)
    unit, taken = counter(sign, following, third, counts, follows)
    if taken >= 0:
        return unit, stop + taken if taken > 0 else j, COUNTED
    if written:
        return NO_UNIT, j, COUNTED
    return NO_UNIT, j, read_name(text, n, j, stop, counts, classes, figures)


@kernel
def number_follows(following: int, follows: int, numeral: bool) -> bool:  # noqa: FBT001
    """Tell whether a sign of this class goes on with a number, or ends it."""
    return follows in (DIGIT, HYPHEN, SPACE) or numeral or following == LONG or following in NOS


@kernel
def counter(sign: int, following: int, third: int, counts: bool, follows: int) -> tuple[int, int]:  # noqa: FBT001
    """The unit of three signs behind a number, and how many they are: 0 for a name like 番町, -1 for none.

    Numbers only, no buffers: handing one to a compiled function costs more than reading a sign.
    """
    unit, taken = NO_UNIT, -1
    if sign == CHO:
        if following == ME:
            unit, taken = CHOME, 2
        elif counts:
            unit, taken = CHOME, 1
    elif sign == BAN_SIGN:
        if following == CHI:
            unit, taken = BANCHI, 3 if third in (SAKI, UCHI) else 2
        elif following in AFTER_BAN:
            taken = 0
        else:
            unit, taken = BAN, 1
    elif sign in (GO_SIGN, GO_OLD):
        if following == SHITSU:
            unit, taken = ROOM, 2
        elif following == TO:
            taken = 1
        elif following in AFTER_GO:
            taken = 0
        else:
            unit, taken = GO, 1
    elif sign == CHI and following == WARI:
        unit, taken = CHIWARI, 2
    elif sign == KAI:
        unit, taken = FLOOR, 1
    elif sign == SHITSU and follows == SPACE:
        unit, taken = ROOM, 1
    return unit, taken


@kernel
def read_name(text: Codes, n: int, j: int, stop: int, counts: bool, classes: Classes, figures: Codes) -> int:  # noqa: FBT001
    """Tell how to read a kanji numeral without counter by what follows it."""
    sign = int(text[stop])
    following = int(text[stop + 1]) if stop + 1 < n else 0
    if sign in NAMING or sign == JO_OLD or (sign == MACHI and following == ME):
        return COUNTED
    if sign in NOS and following == TSU:
        return COUNTED  # 五の通り
    if sign in (HYPHEN_SIGN, LONG) and counts:
        return COUNTED
    if sign in NOS and counts:
        # 一の三 is a number when nothing but a number goes on behind it.
        k = stop + 1
        while k < n and (classes[text[k]] == DIGIT or figures[text[k]] >= 0):
            k += 1
        ends = k == n or classes[text[k]] in (SPACE, HYPHEN) or text[k] in (BAN_SIGN, GO_SIGN)
        return COUNTED if ends else NAME
    return OPEN if classes[text[j]] in (SPACE, HYPHEN) or sign == LONG else NAME


@kernel
def write_number(value: int, out: Codes, m: int) -> int:
    """Write the value of kanji numerals in digits; gives the new length."""
    scale = 1
    while value // scale >= 10:
        scale *= 10
    while scale > 0:
        out[m] = 0x30 + value // scale % 10
        m += 1
        scale //= 10
    return m
