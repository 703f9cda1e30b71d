"""Kanji variants: what is one name written two ways, and what never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from himozuke.identity import kanji_name
from himozuke.identity.name_tables import read_pairs
from himozuke.identity.state import How, ItemState

# (variant, usual form), as they stand in names.
TRUE_PAIRS = """髙高 﨑崎 嵜崎 邉辺 邊辺 濵浜 濱浜 嶋島 嶌島 㠀島 齋斎 齊斉 𠮷吉 㐂喜 圡土 𡈽土 槗橋 𣘺橋 桒桑 栁柳 桺柳 舘館 萬万 廣広
    國国 圀国 澤沢 瀧滝 龍竜 惠恵 德徳 悳徳 眞真 壽寿 晉晋 穐秋 龝秋 秌秋 峯峰 嶽岳 冨富 渕淵 渊淵 瀨瀬 曾曽 桧檜 薮藪 籔藪 籠篭
    鯵鰺 祢禰 弥彌 鷗鴎 鐵鉄 櫻桜 會会 聰聡 尭堯 遙遥 槇槙 晄晃 煕熙 凞熙 彥彦 亙亘 緖緒 繪絵 郞郎 朖朗 條条 榮栄 與与 靑青 淸清
    敎教 啟啓 寬寛 顯顕 賴頼 黑黒 黃黄 橫横 增増 瘦痩 凛凜 埀垂 邨村 枩松 栢柏 麪麺 頸頚 檮梼 礪砺 剥剝 填塡 頬頰 叱𠮟 鄕郷 鄉郷
    禮礼 豐豊 關関 藏蔵 參参 圓円 寶宝 實実 靜静 狀状 緣縁 戶戸 步歩 吳呉 溫温 祿禄 祕秘 穗穂 釼剣 劔剣 劍剣 辯辯 珎珍 皈帰
    刘劉 陈陳 张張 赵趙 杨楊 孙孫 马馬 郑鄭 谢謝 罗羅 吴呉 吕呂 蒋蔣 阳陽 宫宮 龙竜""".split()  # noqa: SIM905 (a list of pairs reads best so)

NEAR_PAIRS = "園薗 刈苅 芦蘆 野埜 糸絲 体躰 予豫 弁辯 欠缺 芸藝 缶罐 余餘 沖冲 杉椙 旗籏 葉叶".split()  # noqa: SIM905

DIFFERENT_PAIRS = """藤籐 坂阪 享亨 斎斉 齋齊 玉王 梅某 陽易 舟船 丁介 片斥 及弓 越遅 満漫 著箸 売殻 川坤 原源 宣宜 柿杮 祇祗 己已 己巳 未末
    土士 太大 犬太 千干 宋宗 昂昴 裕祐 治冶 浩活 郎朗 郎廊 崎埼 緑縁 菅管 荻萩 候侯 石右 若苦 瓜爪 鳥烏 微徴 輪輪論 晴睛 恵思 東束 陽揚
    彰影 弘引 綾陵 奈奏 幸辛 菜采 辰震 岡岳 昌晶 朋明 良艮 木本 日曰 田由 甲申 力刀 人入 天夫 矢失 庄圧 純鈍 博傅 隆降 健建 持侍 杏呑
    怜玲 伶怜 聖型 匡匠 亮高 希布 巧功 充允 知智 彬斌 暁焼 有宥 司同 佳住 淳惇 亘互 洋羊 航舟 里理 紀記 和利 秀季 愛受""".split()  # noqa: SIM905


@pytest.mark.parametrize("pair", [p for p in TRUE_PAIRS if p[0] != p[1]])
def test_a_variant_of_the_same_name_agrees(pair: str) -> None:
    found = kanji_name.compare(f"{pair[0]}田 花子", f"{pair[1]}田花子")

    assert found.state in {ItemState.FOLDED, ItemState.VARIANT}


@pytest.mark.parametrize("pair", NEAR_PAIRS)
def test_names_that_only_the_family_register_relates_are_near(pair: str) -> None:
    found = kanji_name.compare(f"{pair[0]}田 花子", f"{pair[1]}田 花子")

    assert (found.state, found.how) == (ItemState.NEAR, How.LOOKALIKE_KANJI)


@pytest.mark.parametrize("pair", DIFFERENT_PAIRS)
def test_another_kanji_is_another_name(pair: str) -> None:
    found = kanji_name.compare(f"{pair[0]}田花子", f"{pair[-1]}田花子")

    assert found.state == ItemState.NEAR  # one character wrong in four, never the same
    assert not kanji_name.compare(pair[0], pair[-1]).state.agrees
    assert kanji_name.key(pair[0]) != kanji_name.key(pair[-1])


def test_enough_pairs_are_tried() -> None:
    assert len(TRUE_PAIRS) >= 60
    assert len(DIFFERENT_PAIRS) >= 60


def test_no_two_joyo_kanji_are_one() -> None:
    lines = (Path(__file__).parent / "joyo_kanji.txt").read_text("utf-8").splitlines()
    joyo = "".join(line for line in lines if not line.startswith("#"))

    keys = {kanji_name.key(kanji) for kanji in joyo}

    assert len(keys) == len(joyo) == 2136


def test_frequent_surnames_merge_only_as_variants_read_alike() -> None:
    rows = read_pairs("surnames.tsv")
    by_key: dict[str, list[str]] = {}
    for surname, _ in rows:
        by_key.setdefault(kanji_name.key(surname), []).append(surname)
    merged = [group for group in by_key.values() if len(group) > 1]
    readings = dict(zip((r[0] for r in rows), surname_readings(), strict=True))
    read_otherwise = [group for group in merged if len({readings[name] for name in group}) > 1]

    assert len(rows) == 1999
    assert len(merged) == 59
    assert read_otherwise == [["富山", "冨山"], ["中条", "中條"]]


def surname_readings() -> list[str]:
    path = Path(kanji_name.__file__).parent / "tables" / "surnames.tsv"
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t")[3] for line in lines if not line.startswith("#")]


def test_the_fold_is_direct() -> None:
    fold = dict(read_pairs("kanji_fold.tsv") + read_pairs("kanji_simplified.tsv"))

    assert not {variant for variant, main in fold.items() if main in fold}
    assert all(len(variant) == len(main) == 1 for variant, main in fold.items())


def test_the_near_table_touches_no_fold() -> None:
    fold = dict(read_pairs("kanji_fold.tsv") + read_pairs("kanji_simplified.tsv"))
    near = read_pairs("kanji_near.tsv")

    assert not [kanji for kanji, _ in near if kanji in fold]
    assert all(kanji_name.key(a) != kanji_name.key(b) for a, b in near)


def test_the_fold_agrees_with_the_reference_table() -> None:
    path = Path(__file__).parents[2].parent / "shared" / "data" / "kanji" / "kanji_fold_mit.tsv"
    if not path.exists():
        pytest.skip("the reference table is not beside the project")
    lines = path.read_text("utf-8").splitlines()
    reference = [line.split("\t") for line in lines if not line.startswith("#")]

    agreeing = sum(kanji_name.key(variant) == kanji_name.key(main) for variant, main in reference)

    assert agreeing / len(reference) > 0.99
