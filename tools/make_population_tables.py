"""Make the name tables of the synthetic population from PyPI ``japanese-personal-name-dataset``.

Writes ``surnames.tsv`` (kanji, kana, people or 0 for the made-up tail) and ``given_names.tsv`` (sex,
kanji, kana; the order is the popularity order that the generator draws by). The data set counts
surnames only; given names are ranked here: a short list of names everybody knows first, then by how
usual their characters and their reading are.
"""

from __future__ import annotations

import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

TABLES = Path(__file__).parents[1] / "src/himozuke/simulators/population/tables"
TAIL_SURNAMES = 30_000
GIVEN_NAMES_PER_SEX = 10_000
ROUNDS = 8
Shares = dict[tuple[str, str], float]
NEVER_FIRST = "んっゃゅょー"  # no character's reading begins so
SOURCE = "japanese-personal-name-dataset 0.4.0 (MIT), see names.LICENSE.txt"

KNOWN = {
    "1": """実 みのる 清 きよし 勇 いさむ 茂 しげる 誠 まこと 博 ひろし 隆 たかし 修 おさむ 健一 けんいち 浩 ひろし
        大輔 だいすけ 翔太 しょうた 健太 けんた 拓也 たくや 達也 たつや 直樹 なおき 和也 かずや 翔 しょう 大樹 だいき
        学 まなぶ 進 すすむ 弘 ひろし 正 ただし 武 たけし 明 あきら 豊 ゆたか 昇 のぼる 稔 みのる 剛 つよし 聡 さとし
        健 けん 亮 りょう 蓮 れん 陽翔 はると 悠真 ゆうま 颯太 そうた 大翔 ひろと 湊 みなと 樹 いつき 蒼 あおい 律 りつ
        一郎 いちろう 二郎 じろう 三郎 さぶろう 健二 けんじ 浩一 こういち 浩二 こうじ 洋一 よういち 和夫 かずお
        正雄 まさお 幸雄 ゆきお 義雄 よしお 秀樹 ひでき 英樹 ひでき 裕介 ゆうすけ 雄太 ゆうた 涼太 りょうた 駿 しゅん
        拓海 たくみ 海斗 かいと 翼 つばさ 陸 りく 悠斗 ゆうと 優斗 ゆうと 智也 ともや 哲也 てつや 淳 じゅん 徹 とおる""",
    "2": """和子 かずこ 幸子 さちこ 陽子 ようこ 節子 せつこ 京子 きょうこ 洋子 ようこ 恵子 けいこ 久美子 くみこ
        由美子 ゆみこ 真由美 まゆみ 智子 ともこ 裕子 ゆうこ 明美 あけみ 直美 なおみ 美咲 みさき 愛 あい 舞 まい 彩 あや
        美穂 みほ 千尋 ちひろ 葵 あおい 陽菜 ひな 結衣 ゆい 凛 りん 莉子 りこ 美月 みつき 結菜 ゆいな 心春 こはる 花 はな
        さくら さくら ひかり ひかり みゆき みゆき 恵美 えみ 幸恵 ゆきえ 美紀 みき 典子 のりこ 順子 じゅんこ 敏子 としこ
        文子 ふみこ 照子 てるこ 千代子 ちよこ 静子 しずこ 美智子 みちこ 弘子 ひろこ 悦子 えつこ 良子 よしこ 信子 のぶこ
        香織 かおり 麻衣 まい 恵 めぐみ 瞳 ひとみ 綾香 あやか 沙織 さおり 亜美 あみ 優花 ゆうか 七海 ななみ 遥 はるか
        楓 かえで 優奈 ゆうな 萌 もえ 芽衣 めい 紬 つむぎ 澪 みお 杏 あん 詩 うた 咲良 さくら 由紀 ゆき 理恵 りえ""",
}


def rows(name: str) -> Iterator[list[str]]:
    """The rows of one file of the data set."""
    text = files("japanese_personal_name_dataset").joinpath("dataset", name).read_text(encoding="utf-8")
    return csv.reader(text.splitlines())


def katakana(text: str) -> str:
    """Write hiragana as full-width katakana."""
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def held_by_cp932(text: str) -> bool:
    """Tell whether the insurers' code page can hold the text."""
    return text.encode("cp932", "ignore").decode("cp932") == text


def splits(kanji: str, kana: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """The ways to give each of two characters its share of the reading."""
    for cut in range(1, len(kana)):
        if kana[cut] not in NEVER_FIRST and kana[cut:] != "う":
            yield (kanji[0], kana[:cut]), (kanji[1], kana[cut:])


def parts(surnames: list[tuple[str, str, int]]) -> tuple[Shares, Shares]:
    """Learn how the two characters of surnames read, weighed by people (a few rounds of EM)."""
    pairs = [(kanji, kana, people) for kanji, kana, people in surnames if len(kanji) == 2]
    first: Shares = defaultdict(float)
    last: Shares = defaultdict(float)
    for round_ in range(ROUNDS):
        new_first: Shares = defaultdict(float)
        new_last: Shares = defaultdict(float)
        for kanji, kana, people in pairs:
            options = list(splits(kanji, kana))
            weights = [(first[f] + 1) * (last[e] + 1) for f, e in options]
            if round_ == ROUNDS - 1:  # at the end each name takes its best split alone
                weights = [float(weight == max(weights)) for weight in weights]
            for (f, e), weight in zip(options, weights, strict=True):
                new_first[f] += weight / sum(weights) * math.sqrt(people)
                new_last[e] += weight / sum(weights) * math.sqrt(people)
        first, last = new_first, new_last
    return first, last


def most_common(shares: Shares, count: int) -> list[tuple[tuple[str, str], float]]:
    """The largest shares, ties in the order of the text."""
    return sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:count]


def tail(surnames: list[tuple[str, str, int]]) -> list[tuple[str, str]]:
    """Combine first and last characters of real surnames into rare ones nobody counted."""
    first, last = parts(surnames)
    known = {kanji for kanji, _, _ in surnames}
    draw = random.Random(40)
    combined: dict[str, tuple[float, str]] = {}
    for (a, a_kana), a_weight in most_common(first, 600):
        for (b, b_kana), b_weight in most_common(last, 400):
            if a + b in known or a == b:
                continue
            weight = math.log1p(a_weight) + math.log1p(b_weight) + draw.gauss(0, 1.5)
            if weight > combined.get(a + b, (-1e9, ""))[0]:
                combined[a + b] = (weight, a_kana + b_kana)
    ranked = sorted(combined, key=lambda kanji: (-combined[kanji][0], kanji))
    return [(kanji, combined[kanji][1]) for kanji in ranked[:TAIL_SURNAMES]]


def ranked_given_names(names: Iterable[str], sex: str) -> list[tuple[str, str]]:
    """Rank spellings with their reading, best known first."""
    spellings: list[tuple[str, str]] = []
    readings: Counter[str] = Counter()
    for name in names:
        for row in rows(name):
            kana = row[0]
            usable = [w for w in row[2:] if 1 <= len(w) <= 3 and held_by_cp932(w)]
            spellings += [(w, kana) for w in usable]
            readings[kana] += len(usable)
    usual: dict[int, Counter[str]] = defaultdict(Counter)
    for written, _ in spellings:
        for position, character in enumerate(written):
            usual[position][character] += 1

    def usualness(pair: tuple[str, str]) -> float:
        return sum(math.log(usual[i][c]) for i, c in enumerate(pair[0])) / len(pair[0])

    seen: Counter[str] = Counter()
    scores: dict[tuple[str, str], float] = {}
    for pair in sorted(set(spellings), key=lambda pair: (-usualness(pair), pair)):
        seen[pair[1]] += 1  # the tenth spelling of a reading is rarer than the first of another
        scores[pair] = usualness(pair) + 0.5 * math.log(readings[pair[1]]) - 0.9 * math.log(seen[pair[1]])
    known = KNOWN[sex].split()
    best = list(zip(known[::2], known[1::2], strict=True))
    rest = sorted(set(scores) - set(best), key=lambda pair: (-scores[pair], pair))
    return (best + rest)[:GIVEN_NAMES_PER_SEX]


def main() -> None:
    """Write both tables."""
    surnames = [(kanji, kana, int(people)) for kanji, people, kana, _ in rows("last_name_org.csv")]
    lines = [f"# {SOURCE}; people 0: made-up tail", "kanji\tkana\tpeople"]
    lines += [f"{kanji}\t{katakana(kana)}\t{people}" for kanji, kana, people in surnames if held_by_cp932(kanji)]
    lines += [f"{kanji}\t{katakana(kana)}\t0" for kanji, kana in tail(surnames) if held_by_cp932(kanji)]
    TABLES.joinpath("surnames.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [f"# {SOURCE}; in order of popularity", "sex\tkanji\tkana"]
    for sex, kind in (("1", "man"), ("2", "woman")):
        names = ranked_given_names([f"first_name_{kind}_opti.csv", f"first_name_{kind}_org.csv"], sex)
        lines += [f"{sex}\t{kanji}\t{katakana(kana)}" for kanji, kana in names]
        print(f"given names {kind}: {len(names)}, readings {len({kana for _, kana in names})}")
    TABLES.joinpath("given_names.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
