"""Addresses: what must be the same, what must not, and what cannot be decided without a register of lots."""

from __future__ import annotations

import pytest

from himozuke.identity import address
from himozuke.identity.column import utf8_column
from himozuke.identity.state import How, ItemState

pytestmark = pytest.mark.seed("S61", "S62")


def state(a: str, b: str) -> ItemState:
    forth, back = address.compare(a, b), address.compare(b, a)
    assert (forth.state, forth.how) == (back.state, back.how)
    return forth.state


NOTATIONS = [
    ("東京都千代田区紀尾井町１－３", "東京都千代田区紀尾井町1-3"),
    ("東京都千代田区紀尾井町1‐3", "東京都千代田区紀尾井町1ー3"),
    ("東京都千代田区紀尾井町1一3", "東京都千代田区紀尾井町1━3"),
    ("東京都千代田区紀尾井町一の三", "東京都千代田区紀尾井町1-3"),
    ("東京都千代田区紀尾井町壱番地三号", "東京都千代田区紀尾井町1番3号"),
    ("東京都台東区台東１－２－３", "東京都台東区台東一−二−三"),
    ("東京都豊島区南池袋2・45・1", "東京都豊島区南池袋2 - 45 - 1"),
    ("東京都豊島区南池袋2-45-1", "東京都豊島区南池袋二丁目四十五番一号"),
    ("東京都練馬区豊玉北６丁目１２番１号", "東京都練馬区豊玉北 六丁目 十二番一号"),
    ("千葉県春日部市八丁目353番地1", "千葉県春日部市八丁目353-1"),
    ("大阪府堺市堺区石津町2丁1-1", "大阪府堺市堺区石津町二丁1番1号"),
    ("大阪府東大阪市荒本北1-1-1", "大阪府東大阪市荒本北一丁目1の1"),
    ("広島県広島市西区商工センター六丁目9番39号", "広島県広島市西区商工センター6-9-39"),
    ("和歌山県和歌山市十二番丁5", "和歌山県和歌山市12番丁5"),
    ("〒100-0001 東京都千代田区千代田1-1", "東京都千代田区千代田1番1号"),
    ("東京都港区芝1-2-3 ﾊｲﾂﾊﾞｰｸﾞ1", "東京都港区芝1-2-3 ハイツバーグ1"),
    ("神奈川県川崎市川崎区駅前本町１５番５十五番館ビル", "神奈川県川崎市川崎区駅前本町15-5 15番館ビル"),
]


@pytest.mark.parametrize(("a", "b"), NOTATIONS)
def test_another_notation_is_folded(a: str, b: str) -> None:
    assert state(a, b) is ItemState.FOLDED
    assert address.folded(a) == address.folded(b)


VARIANTS = [
    ("東京都千代田区霞が関一丁目2番3号", "東京都千代田区霞ヶ関1-2-3", How.KANJI_VARIANT),
    ("愛知県名古屋市中区三の丸3-1-2", "愛知県名古屋市中区三ノ丸三丁目1番2号", How.KANJI_VARIANT),
    ("山口県山口市滝町1番1号", "山口県山口市瀧町1-1", How.KANJI_VARIANT),
    ("宮城県塩竈市旭町1-1", "宮城県塩釜市旭町1番1号", How.KANJI_VARIANT),
    ("京都府宇治市莵道森本8−10", "京都府宇治市菟道森本8−10", How.KANJI_VARIANT),
    ("茨城県鹿嶋市宮中1-2", "茨城県鹿島市宮中1-2", How.KANJI_VARIANT),
    ("大阪府四條畷市中野本町1-1", "大阪府四条畷市中野本町1番1号", How.KANJI_VARIANT),
    ("青森県西津軽郡鰺ヶ沢町本町209-2", "青森県西津軽郡鯵ケ沢町本町209番地2", How.KANJI_VARIANT),
    ("千葉県館山市北条1145-1", "千葉県舘山市北條1145-1", How.KANJI_VARIANT),
    ("岐阜県不破郡関ケ原町大字関ケ原894-58", "岐阜県不破郡関ヶ原町関ヶ原894番地の58", How.OMITTED_PART),
    ("長野県長野市大字南長野字幅下692-2", "長野市南長野幅下692番地2", How.OMITTED_PART),
    ("埼玉県川口市大字新堀10", "埼玉県川口市新堀10番地", How.OMITTED_PART),
    ("沖縄県那覇市泉崎1-2-2", "沖縄県那覇市字泉崎1-2-2", How.OMITTED_PART),
    ("岩手県盛岡市飯岡新田第4地割100番地1", "岩手県盛岡市飯岡新田4-100-1", How.OMITTED_PART),
    ("岩手県盛岡市青山1丁目2番3号", "盛岡市青山1-2-3", How.OMITTED_PART),
    ("岩手県花巻市大通り1-2", "岩手花巻市大通り1-2", How.OMITTED_PART),
    ("広島県安芸郡府中町本町1-2-3", "広島県府中町本町1-2-3", How.OMITTED_PART),
    ("奈良県吉野郡十津川村大字小原225番地の1", "十津川村小原225-1", How.OMITTED_PART),
    ("東京都八丈島八丈町大賀郷2551-2", "東京都八丈町大賀郷2551番地2", How.OMITTED_PART),
    ("北海道伊達市鹿島町20-1", "伊達市鹿島町20番地1", How.OMITTED_PART),
    ("横浜市みなとみらい2-2-1", "神奈川県横浜市西区みなとみらい2-2-1", How.OMITTED_PART),
    ("大阪市中央区久太郎町4丁目渡辺3", "大阪府大阪市中央区久太郎町四丁目渡辺3号", How.OMITTED_PART),
    ("神奈川県川崎市麻生区百合丘1-2-3", "神奈川県川崎市麻生区百合ケ丘1-2-3", How.OMITTED_PART),
    ("東京都江戸川区西小松川12-345", "東京都江戸川区西小松川町12-345", How.OMITTED_PART),
    ("北海道札幌市中央区北6条西10丁目1-2", "札幌市中央区北6西10-1-2", How.OMITTED_PART),
    ("北海道札幌市厚別区厚別中央2条5丁目6-2", "札幌市厚別区厚別中央2-5-6-2", How.OMITTED_PART),
    ("岩手県九戸郡洋野町種市第23地割27番地", "岩手県洋野町種市23-27", How.OMITTED_PART),
    ("大分県大分市大字荏隈394-1(小野ビル101号)", "大分市荏隈394-1 小野ビル101", How.OMITTED_PART),
    ("三重県名張市つつじが丘北三番町4-17", "三重県名張市つつじが丘北3-4-17", How.OMITTED_PART),
    ("京都府福知山市字裏ノ(南栄町)８", "京都府福知山市字裏ノ8", How.OMITTED_PART),
]


@pytest.mark.parametrize(("a", "b", "how"), VARIANTS)
def test_named_equivalences_are_variants(a: str, b: str, how: How) -> None:
    assert state(a, b) is ItemState.VARIANT
    assert address.compare(a, b).how is how


KYOTO_SAME = [
    ("京都市中京区寺町通御池上る上本能寺前町488", "京都府京都市中京区上本能寺前町488番地"),
    ("中京区上本能寺前町488", "京都府京都市中京区上本能寺前町488"),
    ("京都府京都市下京区烏丸通七条下ル東塩小路町721-1", "京都市下京区東塩小路町721-1"),
    ("京都市中京区竹屋町通烏丸西入ル亀屋町1", "京都府京都市中京区両替町通室町下る亀屋町1"),
    ("京都府京都市中京区河原町二条下ル一之舟入町537-50", "京都市中京区一之船入町537-50"),
    ("北区小山西元町14", "京都府京都市北区小山西元町14"),
]


@pytest.mark.parametrize(("a", "b"), KYOTO_SAME)
def test_kyoto_streets_and_city_may_be_left_out_where_the_town_is_certain(a: str, b: str) -> None:
    assert state(a, b) is ItemState.VARIANT


MERGED = [
    ("山梨県西八代郡上九一色村梯12", "山梨県甲府市梯町12"),
    ("山梨県西八代郡上九一色村精進12", "山梨県南都留郡富士河口湖町精進12"),
    ("静岡県浜松市北区三方原町100-1", "静岡県浜松市中央区三方原町100-1"),
    ("静岡県浜松市北区細江町気賀100-1", "静岡県浜松市浜名区細江町気賀100-1"),
    ("静岡県引佐郡細江町気賀100-1", "静岡県浜松市浜名区細江町気賀100-1"),
    ("埼玉県浦和市常盤6-4-4", "埼玉県さいたま市浦和区常盤6-4-4"),
    ("岩手県水沢市大町1", "岩手県奥州市水沢大町1"),
    ("滋賀県伊香郡木之本町大音123", "滋賀県長浜市木之本町大音123"),
    ("長野県南安曇郡豊科町豊科4932", "長野県安曇野市豊科4932"),
    ("福岡県筑紫郡那珂川町片縄1-2", "福岡県那珂川市片縄1-2"),
    ("北海道石狩郡石狩町花畔1", "北海道石狩市花畔1"),
    ("広島県佐伯郡五日市町楽々園1-2-3", "広島県広島市佐伯区楽々園1-2-3"),
    ("神奈川県津久井郡城山町久保沢1-3-1", "神奈川県相模原市緑区久保沢1-3-1"),
    ("徳島県美馬郡半田町1", "徳島県美馬郡つるぎ町半田1"),
    ("兵庫県篠山市北新町41", "兵庫県丹波篠山市北新町41"),
]


@pytest.mark.parametrize(("a", "b"), MERGED)
def test_former_municipalities_are_followed(a: str, b: str) -> None:
    assert state(a, b) is ItemState.VARIANT
    assert address.compare(a, b).how is How.MERGER


BUILDINGS_SAME = [
    ("東京都渋谷区道玄坂1-2-3コーポ101号室", "東京都渋谷区道玄坂1-2-3"),
    ("東京都渋谷区道玄坂1-2-3-305", "東京都渋谷区道玄坂1-2-3 渋谷マンション305号室"),
    ("東京都渋谷区道玄坂1-2-3　305号", "東京都渋谷区道玄坂1-2-3"),
    ("東京都渋谷区道玄坂1-2-3渋谷ビル3F301号室", "渋谷区道玄坂1-2-3渋谷ビル301"),
    ("東京都渋谷区道玄坂1-2-3-A-101", "渋谷区道玄坂1-2-3 A101号室"),
    ("東京都渋谷区道玄坂1-2-3 渋谷ハイツB1F", "渋谷区道玄坂1-2-3渋谷ハイツ地下1階"),
    ("東京都渋谷区道玄坂1-2-3 山田様方", "渋谷区道玄坂1-2-3山田方"),
    ("東京都渋谷区道玄坂1-2-3 シヤトー渋谷101", "渋谷区道玄坂1-2-3シャトー渋谷101号室"),
    ("東京都渋谷区道玄坂1-2-3 第2コーポ101", "渋谷区道玄坂1-2-3第二コーポ101号室"),
    ("東京都渋谷区道玄坂1-2-3 メゾン・ド・渋谷", "渋谷区道玄坂1-2-3メゾンド渋谷"),
    ("東京都渋谷区道玄坂1-2-3 渋谷ビル10階", "渋谷区道玄坂1-2-3 渋谷ビル10F"),
]


@pytest.mark.parametrize(("a", "b"), BUILDINGS_SAME)
def test_a_building_on_one_side_or_in_another_notation_is_a_variant(a: str, b: str) -> None:
    assert state(a, b) is ItemState.VARIANT


DIFFERENT = [
    ("神奈川県横浜市緑区鴨居1-2-3", "神奈川県横浜市緑区鴨居町1-2-3"),
    ("埼玉県川口市新堀10", "埼玉県川口市新堀町10"),
    ("鹿嶋市宮中1-2", "鹿島市宮中1-2"),
    ("北海道伊達市鹿島町20-1", "福島県伊達市鹿島町20-1"),
    ("東京都中央区日本橋1-1-1", "大阪府大阪市中央区日本橋1-1-1"),
    ("静岡県浜松市北区三方原町100-1", "静岡県浜松市浜名区細江町気賀100-1"),
    ("京都市中京区竹屋町通烏丸西入亀屋町1", "京都市中京区釜座通竹屋町下る亀屋町1"),
    ("北海道札幌市中央区南一条西1-2-3", "北海道札幌市中央区北一条西1-2-3"),
    ("東京都千代田区一番町2-3", "東京都千代田区1番2-3"),
    ("東京都千代田区二番町3-4", "東京都千代田区三番町2-4"),
    ("東京都千代田区紀尾井町1-1-11", "東京都千代田区紀尾井町1-11-1"),
    ("東京都千代田区紀尾井町1-1-11", "東京都千代田区紀尾井町11-1"),
    ("岩手県盛岡市青山1-12-3", "岩手県盛岡市青山1-47-3"),
    ("愛媛県松山市中須賀甲12", "愛媛県松山市中須賀乙12"),
    ("千葉県匝瑳市八日市場ハ793-2", "千葉県匝瑳市八日市場イ793-2"),
    ("東京都渋谷区道玄坂1-2-3コーポ101号室", "東京都渋谷区道玄坂1-2-3コーポ102号室"),
    ("東京都渋谷区道玄坂1-2-3-305", "東京都渋谷区道玄坂1-2-3-306"),
    ("東京都渋谷区道玄坂1-2-3 A棟101", "東京都渋谷区道玄坂1-2-3 B棟101"),
    ("東京都渋谷区道玄坂1-2-3 第一コーポ", "東京都渋谷区道玄坂1-2-3 第二コーポ"),
]


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_other_places_numbers_and_rooms_are_different(a: str, b: str) -> None:
    assert state(a, b) is ItemState.DIFFERENT


NEAR = [
    ("東京都千代田区紀尾井町4番1号", "東京都千代田区紀尾井町4番地1", How.BANCHI),
    ("東京都千代田区紀尾井町1丁目2番", "東京都千代田区紀尾井町1番2号", How.BANCHI),
    ("岩手県盛岡市青山1-2-3", "岩手県盛岡市青山1-2-4", How.ONE_FIGURE),
    ("岩手県盛岡市青山1-2-3", "盛岡市青山1-2-13", How.ONE_FIGURE),
    ("東京都府中市府中町1-2-3", "府中市府中町1-2-3", How.NEAR_PLACE),
    ("札幌市北六条西10-1", "北海道札幌市中央区北六条西10丁目1", How.NEAR_PLACE),
    ("青森県八戸市大字尻内町字下根市25-2", "八戸市尻内町25-2", How.NEAR_PLACE),
    ("京都市中京区亀屋町1", "京都市中京区釜座通竹屋町下る亀屋町1", How.NEAR_PLACE),
    ("東京都渋谷区道玄坂1-2-3", "東京都渋谷区道玄坂1-2", How.NEAR_PLACE),
    ("東京都千代田区三崎町1-3-2", "東京都千代田区神田三崎町1-3-2", How.NEAR_PLACE),
    ("大阪府大阪市港区築港1", "大阪府大阪市港区築港1-2", How.NEAR_PLACE),
]


@pytest.mark.parametrize(("a", "b", "how"), NEAR)
def test_what_cannot_be_decided_is_near(a: str, b: str, how: How) -> None:
    assert state(a, b) is ItemState.NEAR
    assert address.compare(a, b).how is how


UNKNOWN = [
    ("東京都千代田区紀尾●町1-3", "東京都千代田区紀尾井町1-3"),
    ("東京都千代田区紀尾〓町1丁目3番", "千代田区紀尾井町1-3"),
    ("東京都千代田区丸の内1-●-3", "東京都千代田区丸の内1-2-3"),
    ("東京都千代田区丸の内1-2-3 ●●ビル", "東京都千代田区丸の内1-2-3"),
    ("東京都千代田区\ue123尾井町1-3", "東京都千代田区紀尾井町1-3"),
    ("不明", "東京都千代田区紀尾井町1-3"),
    ("住所不定", "東京都千代田区紀尾井町1-3"),
    ("不詳", "不詳"),
    ("東京都千代田区以下不詳", "東京都千代田区紀尾井町2-3"),
]


@pytest.mark.parametrize(("a", "b"), UNKNOWN)
def test_signs_that_cannot_be_read_leave_an_agreeing_address_unknown(a: str, b: str) -> None:
    assert state(a, b) is ItemState.UNKNOWN


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("東京都千代田区紀尾●町1-3", "東京都千代田区紀尾井町2-3"),
        ("大阪府以下不詳", "東京都千代田区紀尾井町2-3"),
        ("東京都千代田区丸の内1-2-3", "東京都港区芝1-2-3 ●●ビル"),
    ],
)
def test_a_readable_rest_that_differs_is_different(a: str, b: str) -> None:
    assert state(a, b) is ItemState.DIFFERENT


@pytest.mark.parametrize(
    ("a", "b", "state"),
    [
        ("ﾄｳｷﾖｳﾄﾁﾖﾀﾞｸｶｽﾐｶﾞｾｷ1-2-3", "東京都千代田区霞が関1-2-3", ItemState.UNKNOWN),
        (
            "東京都千代田区霞が関十二丁目2番3号",
            "トウキョウト　チヨダク　カスミガセキ１２チョウメ２－３",
            ItemState.UNKNOWN,
        ),
        ("ﾄｳｷﾖｳﾄﾁﾖﾀﾞｸｶｽﾐｶﾞｾｷ1-2-4", "東京都千代田区霞が関1-2-3", ItemState.DIFFERENT),
        ("大阪府大阪市北区中之島1-2-3", "東京都千代田区霞が関1-2-3", ItemState.DIFFERENT),
        ("ｵｵｻｶｼｷﾀｸﾅｶﾉｼﾏ1-2-3", "ﾄｳｷﾖｳﾄﾁﾖﾀﾞｸｶｽﾐｶﾞｾｷ1-2-3", ItemState.DIFFERENT),
    ],
)
def test_katakana_beside_kanji_are_another_script_where_the_figures_agree(a: str, b: str, state: ItemState) -> None:
    """One pair and a column of it, either way round."""
    for one, other in ((a, b), (b, a)):
        found = address.compare(one, other)
        columns = address.compare_columns(utf8_column([one]), utf8_column([other]))
        assert found.state is state
        assert (columns.states[0], columns.hows[0]) == (found.state, found.how)
        assert (found.how is How.OTHER_SCRIPT) == (state is ItemState.UNKNOWN)


def test_the_street_fumei_dori_is_no_missing_word() -> None:
    a, b = "京都市下京区不明門通七条上る粉川町1", "京都府京都市下京区粉川町1"

    assert state(a, b) is not ItemState.UNKNOWN


@pytest.mark.parametrize("empty", ["", "　", " \t"])
def test_an_empty_address_is_missing(empty: str) -> None:
    assert state(empty, "東京都千代田区紀尾井町1-3") is ItemState.MISSING


def test_equal_bytes_are_equal() -> None:
    assert state("東京都千代田区紀尾井町1-3", "東京都千代田区紀尾井町1-3") is ItemState.EQUAL


@pytest.mark.parametrize("long", ["9" * 6000, "九" * 6000, "一丁目" * 2000, "京都市" * 2000, "1-" * 3000])
def test_an_absurdly_long_value_is_answered(long: str) -> None:
    text = "京都府京都市中京区亀屋町" + long

    assert state(text, text + "1") in {ItemState.DIFFERENT, ItemState.NEAR, ItemState.VARIANT, ItemState.FOLDED}
