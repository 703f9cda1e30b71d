"""Pages whose content is wider than most: what is long breaks or is scrolled by itself, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from case_world import add_link
from database_fixture import SmallWorld
from desk_fixture import assert_reflows

DESKTOP = {"width": 1280, "height": 900}


def test_a_new_key_and_a_long_login_fit_a_narrow_screen(live_desk: Callable[..., Any], office: SmallWorld) -> None:
    with office.system_work() as work:
        work.connection.execute(
            "UPDATE user_account SET login = 'hokensha.tekiyo.tantou.0001@kumiai.hoken.example.jp' WHERE user_id = %s",
            [office.actor("insurer_clerk").user_id],
        )
    page = live_desk("administrator")
    page.open("/administration/keys")
    page.get_by_label("用途").fill("健保システムからの届出の送信")
    page.get_by_label("利用者").select_option(index=1)
    page.get_by_role("button", name="発行する").click()
    page.wait_for_selector("code.secret")

    assert_reflows(page)

    assert page.complaints == []


def test_the_table_of_overlaps_is_whole_on_a_usual_screen(live_desk: Callable[..., Any], office: SmallWorld) -> None:
    for place, kind in enumerate(("moved", "same_insurer", "doubtful")):
        link_id = add_link(
            office, body=40 + place, kanji_name="長曽我部　虎次郎左衛門", symbol="健保１２３４", number="98765432"
        )
        with office.system_work() as work:
            work.connection.execute(
                "INSERT INTO qualification_overlap (organisation_id, link_id, kind, others, others_began_on, found_on)"
                " VALUES (%s, %s, %s, 2, %s, %s)",
                [office.insurer, link_id, kind, date(2025, 12, 31), date(2026, 3, 31)],
            )
    page = live_desk("insurer_clerk")

    for language in ("ja", "en"):
        page.set_viewport_size(DESKTOP)
        page.open(f"/language/{language}?back=/overlaps")
        over = page.evaluate(
            "[...document.querySelectorAll('.table-scroll')].map(one => one.scrollWidth - one.clientWidth)"
        )
        assert over == [0], (language, over)
        assert page.locator("tbody tr").count() == 3
        assert_reflows(page)
