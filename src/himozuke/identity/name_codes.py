"""What a code point means in a name: the numbers that tables and kernels share."""

from __future__ import annotations

from typing import Final

# Rows of the folding table (one column a code point).
FIRST: Final = 0  # a raw letter to the folded one, or to a mark below
EXTRA: Final = 1  # not by code point: the letters that one letter expands to, each run after its length
KINDS: Final = 2  # flags of a folded letter
KEY: Final = 3  # a folded letter to its representative
NEAR: Final = 4  # a representative over koseki relations between different names
ALIKE: Final = 5  # group of letters that are mistaken for each other, 0: none
TO_VOICED: Final = 6
TO_HALF_VOICED: Final = 7
TO_PLAIN: Final = 8  # without dakuten
VOWEL: Final = 9  # the vowel kana of a kana
SOUND: Final = 10  # the kana of the same sound
ROWS: Final = 11

# Marks in row FIRST; every other negative number points into row EXTRA.
DROP: Final = -1  # variation selectors, joiners, apostrophes, combining accents
SPACE: Final = -2  # spaces, ・ and commas: they part tokens and are then left out
UNREADABLE: Final = -3  # ● 〓 □ and code points of private use (外字)
VOICED: Final = -4  # ゛ standing alone
HALF_VOICED: Final = -5  # ゜ standing alone
DASH: Final = -6  # anything that may be meant as ー
REPEAT: Final = -7  # ゝ ヽ
REPEAT_VOICED: Final = -8  # ゞ ヾ
EXPANDED: Final = -16  # -16 - i: the run at i of row EXTRA

PLANES: Final = 0x30000  # code points at or above this have no row in the tables

ONE: Final = 0x4E00  # 一
SAME: Final = 0x3005  # 々
LONG: Final = 0x30FC  # ー
UNKNOWN: Final = 0xFFFD  # the one letter every unreadable character is folded to
FIRST_KANA: Final = 0x30A1
LAST_KANA: Final = 0x30FA
FIRST_HALF_KANA: Final = 0xFF66
LAST_HALF_KANA: Final = 0xFF9D

# Flags of one folded name.
SMALL: Final = 1
HALF_WIDTH: Final = 2
UNREAD: Final = 4
LATIN: Final = 16
KANA: Final = 32
KANJI: Final = 64
OTHER: Final = 128
SCRIPTS: Final = LATIN | KANA | KANJI | OTHER

# Which item is folded: in kana names 一 after kana is always ー.
KANJI_ITEM: Final = 0
KANA_ITEM: Final = 1

MOST_TOKENS: Final = 16
# Places in the list a fold fills beside the letters.
LENGTH: Final = 0
FLAGS: Final = 1
TOKENS: Final = 2
STARTS: Final = 3  # token starts follow
ABOUT: Final = STARTS + MOST_TOKENS  # length of that list
LONGEST_EXPANSION: Final = 4  # letters one letter may fold to
