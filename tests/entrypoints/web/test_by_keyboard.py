"""Pages where the main stories of offices begin, by the Tab key alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from himozuke.ports.actor import Role

#: Where the main story of a role begins.
MAIN = {
    Role.HEADQUARTERS: ("/", "/campaigns", "/campaigns/new"),
    Role.MINISTRY_VIEWER: ("/", "/campaigns"),
    Role.INSURER_CLERK: ("/notices", "/notices/new", "/cases", "/calls"),
    Role.INSURER_SUPERVISOR: ("/", "/cases", "/profile"),
    Role.MUNICIPALITY_CLERK: ("/cases", "/profile"),
    Role.EMPLOYER: ("/notices", "/notices/new", "/notice-files"),
    Role.FUND_OPERATOR: ("/access-log",),
    Role.AUDITOR: ("/evidence",),
}
_MOST_STOPS = 200

# Everything a hand with a mouse can reach, in the order of the page; one of several radio buttons of a name.
_REACHABLE = """
() => {
    const seen = new Set();
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter(one => !one.disabled && one.type !== 'hidden' && one.checkVisibility({visibilityProperty: true}))
        .filter(one => {
            if (one.type !== 'radio') return true;
            if (seen.has(one.name)) return false;
            seen.add(one.name);
            return true;
        })
        .map((one, place) => { one.dataset.place = place; return one.outerHTML.slice(0, 120); });
}
"""
_STOPPED_AT = """
() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one);
    const label = one.closest('label');
    const around = label ? getComputedStyle(label) : style;
    const shown = [style, around].some(each => each.outlineStyle !== 'none' && each.outlineWidth !== '0px');
    return {place: Number(one.dataset.place ?? -1), shown: shown || style.boxShadow !== 'none', html: one.outerHTML.slice(0, 120)};
}
"""


@pytest.mark.parametrize("role", list(MAIN))
def test_the_tab_key_reaches_everything_in_order_and_shows_where_it_is(
    role: Role, live_desk: Callable[..., Any]
) -> None:
    page = live_desk(role.value)
    faults = []
    for path in MAIN[role]:
        assert page.open(path).status == 200, path
        wanted = page.evaluate(_REACHABLE)
        places: list[Any] = []
        for _ in range(min(_MOST_STOPS, len(wanted) + 5)):
            page.keyboard.press("Tab")
            stop = page.evaluate(_STOPPED_AT)
            if stop is None or (places and stop["place"] == places[0]):
                break
            places.append(stop["place"])
            if not stop["shown"]:
                faults.append(f"{path}: the focus does not show on {stop['html']}")
        faults += [f"{path}: not reached: {wanted[place]}" for place in range(len(wanted)) if place not in places]
        faults += [f"{path}: out of order"] if places != sorted(places) else []

    assert faults == []
