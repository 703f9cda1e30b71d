"""Make the kanji tables of names from the npm package ``@mandel59/mojidata``.

    npm pack @mandel59/mojidata@1.8.1 && tar xzf mandel59-mojidata-1.8.1.tgz
    python tools/make_kanji_tables.py package/dist/moji.db

Writes ``radicals.tsv``, ``kanji_fold.tsv`` and ``kanji_simplified.tsv``. Only the variant tables of
the Kanji Database Project (MIT) and Unicode data are read; the MJ lists in the same file are
CC BY-SA and stay out. ``kanji_near.tsv`` and ``kanji_alike.tsv`` are kept by hand.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

TABLES = Path(__file__).parent.parent / "src" / "himozuke" / "identity" / "tables"

# Annexes of the jōyō and jinmeiyō lists: the official old forms.
ANNEXES = ("joyo/variant", "jinmei1/variant", "jinmei2/variant", "hyogai/variant")
# Next the family register's own variants, then old forms in general print.
FURTHER = ("koseki/variant", "jp/old-style")
LONGEST_CHAIN = 5
# Forms that JIS X 0208 exchanged or simplified in 1983: one name printed by two machines.
JIS_1983 = "鰺鯵 鶯鴬 蠣蛎 攪撹 竈竃 灌潅 諫諌 頸頚 礪砺 蘂蕊 靱靭 賤賎 壺壷 檮梼 濤涛 邇迩 蠅蝿 檜桧 儘侭 藪薮 籠篭"
# Well-known name variants the tables miss, and the print forms of four jōyō kanji (JIS X 0213:2004).
ADDED = "嶌島 枩松 苐第 麪麺 杦杉 籔薮 毘毗 鄉郷 凞熙 靍鶴 鈆鉛 莵菟 兔兎 廐厩 廏厩 廚厨 翦剪 叱𠮟 填塡 剥剝 頬頰 礦鉱 砿鉱 麹麴 裡裏"
# Koseki relations that would join two names in use, or a name with another word.
REFUSED = frozenset("宍吊仝韮釖冈")
# Simplified letters of frequent Chinese surnames and given names with two traditional forms.
SIMPLIFIED = "吴呉 罗羅 邓鄧 钟鍾 苏蘇 吕呂 艳艶 龚龔 冈岡 宫宮 卫衛 发発"
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

Pair = tuple[str, str]


class Moji:
    """The parts of ``moji.db`` that are read."""

    def __init__(self, path: Path) -> None:
        """Open the database and load the character sets."""
        self._connection = sqlite3.connect(path)
        # A row that names another code point is the print form of that jōyō kanji.
        self.joyo = self._letters("unihan_each_kJoyoKanji", "WHERE value = '2010'")
        self.jis0208 = self._letters("unihan_each_kJis0")
        # Rows that name another code point ("2010:U+…") are annex forms of that kanji.
        self.jinmei = self._letters("unihan_each_kJinmeiyoKanji", "WHERE value NOT LIKE '%:%'")
        self.jinmei_annex = self._letters("unihan_each_kJinmeiyoKanji", "WHERE value LIKE '%:%'")

    def _letters(self, table: str, where: str = "") -> frozenset[str]:
        return frozenset(row[0] for row in self._connection.execute(f'SELECT UCS FROM "{table}" {where}'))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def radicals(self) -> list[Pair]:
        """CJK and Kangxi radicals with the ideograph they equal (Unicode)."""
        rows = self._connection.execute("SELECT radical_character, radical_CJKUI FROM radeqv ORDER BY 1")
        return [(radical, kanji) for radical, kanji in rows if kanji]

    def variants(self, table: str) -> list[Pair]:
        """Pairs (variant, main form) of one table, NFKC, without variation selectors."""
        rows = self._connection.execute(f'SELECT object, subject FROM "kdpv_{table}" ORDER BY 1, 2')
        pairs = ((_bare(variant), _bare(main)) for variant, main in rows)
        return [p for p in pairs if len(p[0]) == len(p[1]) == 1 and p[0] != p[1]]

    def rank(self, letter: str) -> int:
        """0 jōyō, 1 jinmeiyō, 2 JIS X 0208, 3 none of them."""
        if letter in self.joyo:
            return 0
        if letter in self.jinmei or letter in self.jinmei_annex:
            return 1
        return 2 if letter in self.jis0208 else 3


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", _SELECTORS.sub("", text))


def _pairs(words: str) -> list[Pair]:
    return [(word[0], word[1]) for word in words.split()]


def steps(moji: Moji) -> dict[str, str]:
    """One step from each variant to its main form; a jōyō kanji never moves."""
    out = {variant: main for variant, main in _pairs(JIS_1983) + _pairs(ADDED) if variant not in moji.joyo}
    for table in ANNEXES:
        for variant, main in moji.variants(table):
            if variant not in moji.joyo:
                out.setdefault(variant, main)
    for table in FURTHER:
        for variant, main in unique_mains(moji, moji.variants(table)).items():
            if variant not in moji.joyo and variant not in moji.jinmei and variant not in REFUSED:
                out.setdefault(variant, main)
    return out


def unique_mains(moji: Moji, pairs: Iterable[Pair]) -> dict[str, str]:
    """The one main form of best rank of each variant; ambiguous variants stay out."""
    mains: dict[str, set[str]] = defaultdict(set)
    for variant, main in pairs:
        mains[variant].add(main)
    out = {}
    for variant, candidates in mains.items():
        best = min(map(moji.rank, candidates))
        top = [main for main in candidates if moji.rank(main) == best]
        if len(top) == 1 and best < moji.rank("\0"):
            out[variant] = top[0]
    return out


def followed(step: Mapping[str, str]) -> dict[str, str]:
    """Follow steps to their end, at most ``LONGEST_CHAIN``, never in a circle."""
    out = {}
    for variant in step:
        seen = [variant]
        while seen[-1] in step and step[seen[-1]] not in seen and len(seen) <= LONGEST_CHAIN:
            seen.append(step[seen[-1]])
        out[variant] = seen[-1]
    return out


def one_way(moji: Moji, fold: Mapping[str, str]) -> dict[str, str]:
    """Break circles (A to B and B to A): the form of better rank stands, then of lower code."""
    out = {}
    for variant, main in fold.items():
        if fold.get(main) == variant:
            best, other = sorted((variant, main), key=lambda letter: (moji.rank(letter), letter))
            out[other] = best
        elif variant != main:
            out[variant] = main
    return {variant: out.get(main, main) for variant, main in out.items()}


def fold_pairs(moji: Moji, near: Mapping[str, str]) -> dict[str, str]:
    """The direct fold; letters of the near table stay themselves."""
    step = {variant: main for variant, main in steps(moji).items() if variant not in near and near.get(main) != variant}
    fold = one_way(moji, followed(step))
    return {variant: main for variant, main in fold.items() if moji.rank(main) < moji.rank("\0")}


def simplified_pairs(moji: Moji, fold: Mapping[str, str]) -> dict[str, str]:
    """Simplified Chinese letters to the Japanese form, where no Japanese list knows the letter."""
    mains: dict[str, set[str]] = defaultdict(set)
    for traditional, simplified in ((main, variant) for variant, main in moji.variants("cjkvi/simplified")):
        mains[simplified].add(fold.get(traditional, traditional))
    out = {
        simplified: next(iter(targets))
        for simplified, targets in mains.items()
        if len(targets) == 1 and moji.rank(simplified) == moji.rank("\0")
    }
    out.update(_pairs(SIMPLIFIED))
    kept = {
        simplified: main for simplified, main in out.items() if simplified not in fold and out.get(main) != simplified
    }
    return {simplified: kept.get(main, main) for simplified, main in kept.items()}


def write(name: str, header: str, pairs: Iterable[Pair]) -> None:
    """Write one table, sorted, with a remark that names its columns."""
    lines = [f"# {header}\n", *(f"{a}\t{b}\n" for a, b in sorted(pairs))]
    (TABLES / name).write_text("".join(lines), "utf-8")


def near_letters() -> dict[str, str]:
    """The letters that the near table leads elsewhere."""
    rows = (TABLES / "kanji_near.tsv").read_text("utf-8").splitlines()
    return {row[0]: row[2] for row in rows if not row.startswith("#")}


def main(path: Path) -> None:
    """Make the three tables."""
    with closing(Moji(path)) as moji:
        fold = fold_pairs(moji, near_letters())
        write("radicals.tsv", "radical\tideograph", moji.radicals())
        write("kanji_fold.tsv", "variant\trepresentative", fold.items())
        write("kanji_simplified.tsv", "simplified\tJapanese form", simplified_pairs(moji, fold).items())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
