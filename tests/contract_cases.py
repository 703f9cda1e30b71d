"""The contract as cases: one person and one link each, in one register and one file.

Every case is a function that puts people and a link into the world and says what must come out. Both
engines inspect the same file; see ``test_contract_cases``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from factories import World, number

ON = "2025-10-01"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out for one link; None where the contract leaves it open."""

    verdict: str
    action: str | None = None
    reasons: tuple[str, ...] = ()
    restriction: str | None = None
    restriction_by_table: str | None = None
    cause: str | None = None
    rival_count: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence of the contract: ``name`` is the rule, ``build`` the world it speaks of."""

    name: str
    build: Callable[[World, str], None]
    expected: Expected
    seeds: tuple[str, ...] = ()


CASES: list[Case] = []

#: Surnames and given names, one pair a case, so that no case meets another.
_SURNAMES = [
    "安藤",
    "内田",
    "遠藤",
    "大野",
    "加藤",
    "菊地",
    "熊谷",
    "近藤",
    "坂井",
    "柴田",
    "杉山",
    "関口",
    "園田",
    "武田",
    "千葉",
    "土屋",
    "手塚",
    "戸田",
    "中西",
    "西村",
]
_KANA = [
    "アンドウ",
    "ウチダ",
    "エンドウ",
    "オオノ",
    "カトウ",
    "キクチ",
    "クマガイ",
    "コンドウ",
    "サカイ",
    "シバタ",
    "スギヤマ",
    "セキグチ",
    "ソノダ",
    "タケダ",
    "チバ",
    "ツチヤ",
    "テヅカ",
    "トダ",
    "ナカニシ",
    "ニシムラ",
]
_GIVEN = ["和夫", "幸子", "健二", "直美", "浩一", "典子", "茂", "久美", "隆"]
_GIVEN_KANA = ["カズオ", "サチコ", "ケンジ", "ナオミ", "コウイチ", "ノリコ", "シゲル", "クミ", "タカシ"]


def items(at: int) -> dict[str, str]:
    """Plain items that no other case has."""
    surname, given = at % len(_SURNAMES), at % len(_GIVEN)
    return {
        "kanji_name": f"{_SURNAMES[surname]}　{_GIVEN[given]}",
        "kana_name": f"{_KANA[surname]}　{_GIVEN_KANA[given]}",
        "birth_date": f"{1931 + at % 80}-{1 + at % 12:02d}-{1 + at * 7 % 28:02d}",
        "sex": "12"[given % 2],
        "address": f"愛知県岡崎市十王町{1 + at % 3}丁目{10 + at}番{1 + at % 9}号",
    }


def case(
    verdict: str, action: str | None = None, *reasons: str, seeds: tuple[str, ...] = (), **more: object
) -> Callable[[Callable[[World, str, dict[str, str]], None]], None]:
    """Add a case; the function gets the world, the link's ID and items that are its own."""

    def add(build: Callable[[World, str, dict[str, str]], None]) -> None:
        own = items(len(CASES))
        expected = Expected(verdict, action, reasons, **more)  # type: ignore[arg-type]
        CASES.append(Case(build.__name__, lambda world, link_id: build(world, link_id, own), expected, seeds))

    return add


@case("PROVEN", "none", restriction="NONE", restriction_by_table="NONE", seeds=("S54",))
def all_five_items_equal(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link)


@case("PROVEN", "none", seeds=("S54",))
def folded_and_variant_items_count_fully(world: World, link: str, own: dict[str, str]) -> None:
    own |= {
        "kanji_name": "髙﨑　濵子",
        "kana_name": "タカサキ　ハマコ",
        "address": "愛知県岡崎市大字十王町二丁目９番地８",
    }
    own |= {"address": "愛知県岡崎市十王町二丁目９番８号"}
    other = {
        "kanji_name": "高崎 浜子",
        "kana_name": "ﾀｶｻｷ ﾊﾏｺ",
        "address": "岡崎市十王町2-9-8",
        "birth_date": "昭和26年3月9日",
    }
    own["birth_date"] = "1951-03-09"
    world.link(world.person(**own), link, **other)


@case("EXPLAINED", "none", "moved", restriction="NONE", restriction_by_table="NONE")
def address_alone_differs(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, address="福岡県福岡市中央区大名2丁目4-22")


@case("PROVEN", "none", "former_address")
def former_address_of_the_register_counts(world: World, link: str, own: dict[str, str]) -> None:
    old = "福岡県福岡市中央区大名2丁目4-23"
    world.link(world.person(**own, former_addresses=old), link, address=old)


@case("EXPLAINED", None, "married", restriction="NONE", restriction_by_table="MEDICAL")
def another_surname_in_kanji_and_kana(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    given, kana = own["kanji_name"].split("　")[1], own["kana_name"].split("　")[1]
    world.link(someone, link, kanji_name=f"勅使河原　{given}", kana_name=f"テシガワラ　{kana}")


@case("EXPLAINED", None, "married", "moved", restriction_by_table="MEDICAL")
def another_surname_and_another_address(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    given, kana = own["kanji_name"].split("　")[1], own["kana_name"].split("　")[1]
    place = "福岡県福岡市中央区大名1丁目8-3"
    world.link(someone, link, kanji_name=f"勅使河原　{given}", kana_name=f"テシガワラ　{kana}", address=place)


@case("PROVEN", "none", "former_name")
def former_name_of_the_register_counts(world: World, link: str, own: dict[str, str]) -> None:
    former = {"former_kanji_names": "蓼沼　和美", "former_kana_names": "タデヌマ　カズミ"}
    world.link(world.person(**own, **former), link, kanji_name="蓼沼　和美", kana_name="タデヌマ　カズミ")


@case("EXPLAINED", "correct", "slip_birth_date", restriction="NONE", restriction_by_table="ALL")
def one_near_item_is_a_slip(world: World, link: str, own: dict[str, str]) -> None:
    own["birth_date"] = "1962-11-23"
    world.link(world.person(**own), link, birth_date="1962-11-24")


@case("EXPLAINED", "none", "missing_address")
def missing_address_is_explained(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, address="")


@case("EXPLAINED", "correct", "reading")
def same_kanji_another_reading(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "東海林　裕美", "kana_name": "ショウジ　ヒロミ"}
    world.link(world.person(**own), link, kana_name="ショウジ　ユミ")


@case(
    "DOUBTFUL", "ask", "unexplained_kanji_name", restriction="MEDICAL", restriction_by_table="MEDICAL", seeds=("S61",)
)
def namesake_in_kana_whose_own_person_is_absent(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "五十嵐　優子", "kana_name": "イガラシ　ユウコ"}
    place = "北海道函館市若松町12-13"
    world.link(world.person(**own), link, kanji_name="五十嵐　由布香", address=place)


@case("DOUBTFUL", "ask", "unexplained_birth_date", restriction="ALL", restriction_by_table="ALL")
def birth_date_different_and_no_slip(world: World, link: str, own: dict[str, str]) -> None:
    own["birth_date"] = "1958-02-11"
    world.link(world.person(**own), link, birth_date="1983-09-27")


@case("REFUTED", "ask", "rival_better", cause="C2", rival_count=1, restriction="ALL", seeds=("S54", "S73"))
def a_twin_is_never_a_slip(world: World, link: str, own: dict[str, str]) -> None:
    first = own | {"kanji_name": "小鳥遊　太一", "kana_name": "タカナシ　タイチ", "sex": "1"}
    second = own | {"kanji_name": "小鳥遊　太二", "kana_name": "タカナシ　タイジ", "sex": "1"}
    one, other = world.person(**first), world.person(**second)
    world.link(one, link, individual_number=other["individual_number"])


@case("REFUTED", "ask", "rival_better", restriction="ALL", seeds=("S63", "S61"))
def a_namesake_has_never_moved(world: World, link: str, own: dict[str, str]) -> None:
    here = own | {"kanji_name": "佐藤　誠", "kana_name": "サトウ　マコト", "sex": "1"}
    there = here | {"address": "宮城県仙台市青葉区国分町3丁目7番1号"}
    one, other = world.person(**here), world.person(**there)
    world.link(one, link, individual_number=other["individual_number"])


@case("UNTESTABLE", "correct", "too_little_held", "missing_address")
def two_people_fit_all_that_is_held(world: World, link: str, own: dict[str, str]) -> None:
    here = own | {"kanji_name": "鈴木　恵子", "kana_name": "スズキ　ケイコ", "sex": "2"}
    one = world.person(**here)
    world.person(**here | {"address": "宮城県仙台市青葉区国分町2丁目6番2号"})
    world.link(one, link, address="")


@case("REFUTED", "ask", "not_in_register", cause="C10", restriction="ALL", restriction_by_table="NONE")
def a_number_that_nobody_bears(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, individual_number=number(999_000_001))


@case("REFUTED", "ask", "check_digit", cause="C10")
def a_number_with_a_wrong_check_digit(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    right = someone["individual_number"]
    world.link(someone, link, individual_number=right[:-1] + str((int(right[-1]) + 1) % 10))


@case("EXPLAINED", "correct", "old_number")
def a_number_that_was_changed_belongs_to_its_entry(world: World, link: str, own: dict[str, str]) -> None:
    old = number(999_000_100)
    someone = world.person(**own, status="replaced", status_on="2024-01-15", previous_number=old)
    world.link(someone, link, individual_number=old)


@case("PROVEN", "none", "abroad")
def a_person_abroad_is_living(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own, status="abroad", status_on="2024-06-30"), link)


@case("PROVEN", "none")
def a_link_that_ended_on_the_day_after_death(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own, status="dead", status_on="2024-06-30"), link, valid_to="2024-07-01")


@case("EXPLAINED", "correct", "died_link_open")
def a_link_that_ended_two_days_after_death(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own, status="dead", status_on="2024-06-30"), link, valid_to="2024-07-02")


@case("REFUTED", "ask", "died_before_link", cause="")
def a_link_that_began_after_death(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own, status="dead", status_on="2019-12-31"), link, valid_from="2020-04-01")


@case("DOUBTFUL", "ask", "unexplained_birth_date", cause="")
def two_rows_of_one_person_are_no_evidence_of_an_unrelated_one(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own | {"birth_date": "1952-03-01"})
    world.link(
        someone,
        f"{link} (later)",
        birth_date="1931-01-17",
        batch="later",
        kanji_name=own["kanji_name"].replace("　", " "),
    )
    world.link(someone, link, birth_date="1931-01-17", batch="first")


@case("PROVEN", "none", "former_name", restriction_by_table="NONE")
def a_former_surname_alone_stands_for_the_former_name(world: World, link: str, own: dict[str, str]) -> None:
    today = own | {"kanji_name": own["kanji_name"].replace(own["kanji_name"].split("　")[0], "浮田")}
    today["kana_name"] = "ウキタ　" + own["kana_name"].split("　")[1]
    former = {
        "former_kanji_names": own["kanji_name"].split("　")[0],
        "former_kana_names": own["kana_name"].split("　")[0],
    }
    names = {name: own[name] for name in ("kanji_name", "kana_name")}
    world.link(world.person(**today, **former), link, **names)


@case("EXPLAINED", "none", "acquired_with_few_items", seeds=("S63", "S92"))
def three_items_prove_nothing(world: World, link: str, own: dict[str, str]) -> None:
    got = {"acquired_by": "jlis", "acquired_items": "kana_name|birth_date|sex"}
    world.link(world.person(**own), link, **got)


@case("EXPLAINED", "none", "acquired_with_few_items", seeds=("S72",))
def several_hits_prove_nothing(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, acquired_by="jlis", acquired_hits="2")


@case("PROVEN", "none", "missing_kana_name", seeds=("S51", "S01"))
def four_items_were_enough_before_june_2023(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, kana_name="", acquired_on="2023-05-31")


@case("EXPLAINED", "correct", "missing_kana_name", seeds=("S51", "S61"))
def five_items_are_needed_from_june_2023(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, kana_name="", acquired_on="2023-06-01")


@case("EXPLAINED", "none", "unreadable")
def an_unreadable_character_is_explained(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "祇園寺　琴", "kana_name": "ギオンジ　コト"}
    world.link(world.person(**own), link, kanji_name="●園寺　琴")


@case("PROVEN", "none", "alias")
def an_alias_counts(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "KIM MINJUN", "kana_name": "キム　ミンジュン"}
    someone = world.person(**own, alias="金本　俊", alias_kana="カネモト　シュン")
    world.link(someone, link, kanji_name="金本　俊", kana_name="カネモト　シュン")


@case("PROVEN", "none", "several_valid_links", seeds=("S75",))
def several_valid_links_of_one_person(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    world.link(someone, link)
    world.link(someone, f"{link}-again")


@case("EXPLAINED", None, "moved", "several_valid_links", restriction_by_table="MEDICAL", seeds=("S75",))
def an_address_that_differs_on_one_of_several_valid_links(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    world.link(someone, link, address="福岡県福岡市中央区大名2丁目9-9")
    world.link(someone, f"{link}-again")


@case("REFUTED", "ask", "shared_number", seeds=("S75", "S86"))
def one_number_on_two_people_of_whom_one_is_absent(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    world.link(someone, f"{link}-holder")
    stranger = {"kanji_name": "御手洗　渉", "kana_name": "ミタライ　ワタル", "birth_date": "1990-12-12"}
    world.link(someone, link, **stranger, address="大分県大分市荷揚町2-31")


@case("PROVEN", "none", seeds=("S75",))
def the_rightful_holder_of_a_shared_number_is_not_asked(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    world.link(someone, link)
    stranger = {"kanji_name": "御手洗　学", "kana_name": "ミタライ　マナブ", "birth_date": "1991-12-12"}
    world.link(someone, f"{link}-stranger", **stranger, address="大分県大分市荷揚町2-32")


@case("REFUTED", "ask", "rival_better", cause="C1", seeds=("S87",))
def a_relatives_number_one_way(world: World, link: str, own: dict[str, str]) -> None:
    father = world.person(**own | {"kanji_name": "毛受　宗一", "kana_name": "メンジョウ　ソウイチ", "sex": "1"})
    child = world.person(
        **own | {"kanji_name": "毛受　結衣", "kana_name": "メンジョウ　ユイ", "birth_date": "2011-05-05", "sex": "2"}
    )
    world.link(father, f"{link}-father")
    world.link(child, link, individual_number=father["individual_number"])


@case("REFUTED", "ask", "rival_better", cause="C2", seeds=("S87",))
def relatives_carry_each_others_numbers(world: World, link: str, own: dict[str, str]) -> None:
    husband = world.person(**own | {"kanji_name": "薬袋　剛", "kana_name": "ミナイ　ツヨシ", "sex": "1"})
    wife = world.person(
        **own | {"kanji_name": "薬袋　遥", "kana_name": "ミナイ　ハルカ", "birth_date": "1979-08-13", "sex": "2"}
    )
    world.link(husband, link, individual_number=wife["individual_number"])
    world.link(wife, f"{link}-wife", individual_number=husband["individual_number"])


@case("DOUBTFUL", "ask", restriction="MEDICAL")
def twins_given_name_with_the_twin_absent(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "月見里　桜", "kana_name": "ヤマナシ　サクラ", "sex": "2"}
    world.link(world.person(**own), link, kanji_name="月見里　椿", kana_name="ヤマナシ　ツバキ")


@case("PROVEN", "none", "former_name", seeds=("S07",))
def names_may_stand_unseparated(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "四十物　薫", "kana_name": "アイモノ　カオル"}
    former = {"former_kanji_names": "十六沢　薫", "former_kana_names": "イザサワ　カオル"}
    world.link(world.person(**own, **former), link, kanji_name="十六沢薫", kana_name="イザサワカオル")


@case("EXPLAINED", None, "married", "missing_sex")
def a_marriage_does_not_need_the_sex(world: World, link: str, own: dict[str, str]) -> None:
    someone = world.person(**own)
    given, kana = own["kanji_name"].split("　")[1], own["kana_name"].split("　")[1]
    world.link(someone, link, kanji_name=f"勅使河原　{given}", kana_name=f"テシガワラ　{kana}", sex="")


@case("EXPLAINED", "correct", "slip_birth_date", "moved", restriction_by_table="ALL")
def a_slip_and_a_move_are_both_named(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "弓削　和彦", "kana_name": "ユゲ　カズヒコ", "birth_date": "1967-06-28"}
    world.link(world.person(**own), link, birth_date="1967-06-29", address="福岡県福岡市中央区大名2丁目8-1")


@case("EXPLAINED", "none", "slip_birth_date", "acquired_with_few_items", seeds=("S92",))
def few_items_are_left_to_the_full_inspection(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"birth_date": "1967-06-28"}
    got = {"acquired_by": "jlis", "acquired_items": "kana_name|birth_date|sex"}
    world.link(world.person(**own), link, birth_date="1967-06-29", **got)


@case("EXPLAINED", "none", "missing_kana_name")
def what_only_the_register_lacks_is_not_to_be_mended(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own | {"kana_name": ""}), link, kana_name=own["kana_name"])


@case("REFUTED", "ask", "rival_better", "shared_number", seeds=("S75",))
def both_rows_of_a_shared_number_say_so(world: World, link: str, own: dict[str, str]) -> None:
    holder = world.person(**own)
    other = world.person(kanji_name="樗木　徳子", kana_name="オテキ　ノリコ", birth_date="1944-03-03", sex="2")
    world.link(holder, f"{link}-holder", batch="B1")
    world.link(other, link, individual_number=holder["individual_number"], batch="B2")


@case("DOUBTFUL", "ask", "unexplained_birth_date", cause="")
def the_same_person_at_the_same_home_is_no_relative(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"birth_date": "1951-02-03"}
    world.link(world.person(**own), link, birth_date="1986-10-29")


@case("DOUBTFUL", "ask", "unexplained_kanji_name")
def a_wholly_different_kanji_name_is_no_slip(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "諏訪部　環", "kana_name": "スワベ　タマキ"}
    world.link(world.person(**own), link, kanji_name="遠山　香子")


@case("EXPLAINED", "correct", "slip_kanji_name")
def other_characters_with_the_same_reading_at_the_same_home(world: World, link: str, own: dict[str, str]) -> None:
    own |= {"kanji_name": "諏訪部　真央", "kana_name": "スワベ　マオ"}
    world.link(world.person(**own), link, kanji_name="諏訪部　舞桜")


@case("EXPLAINED", "none", "unreadable")
def an_address_of_which_nothing_can_be_read_is_not_a_move(world: World, link: str, own: dict[str, str]) -> None:
    world.link(world.person(**own), link, address="●●●")
