"""What invented bodies answer, so that each comes to its class by the rules."""

from __future__ import annotations

from datetime import date

from himozuke.campaign.model import Survey, SurveyLine
from himozuke.simulators.demo.bodies import Body

_FOUR = ("kanji_name", "birth_date", "sex", "address")
_FIVE = ("kanji_name", "kana_name", "birth_date", "sex", "address")
_THREE = ("kana_name", "birth_date", "sex")
_SINCE = date(2021, 10, 1)


def answers(body: Body, place: int) -> Survey:
    """The survey of one body, the ``place``-th of all; variety without chance."""
    if body.holds_residents:
        return Survey(body.scheme, "yes", "register", _FOUR, holds_residents=True)
    by_person = SurveyLine("person", _SINCE, None, "no", "no", "no")
    items = _THREE if body.process_class == 1 else _FIVE
    return Survey(body.scheme, "yes", "jlis", items, lines=(by_person, _by_inquiry(body, place)))


def _by_inquiry(body: Body, place: int) -> SurveyLine:
    if body.process_class == 1:
        a, b, c = (("yes", "no", "no"), ("no", "yes", "no"), ("yes", "no", "yes"))[place % 3]
        return SurveyLine("jlis", _SINCE, date(2023, 5, 31), a, b, c, stopped=True)
    if body.process_class == 2:
        a, b, c = (("unconfirmed", "no", "no"), ("no", "no", "unconfirmed"))[place % 2]
        return SurveyLine("jlis", _SINCE, date(2023, 5, 31), a, b, c)
    if place % 5 == 0:  # did so once, stopped, and inspected the data of that time before the deadline
        return SurveyLine(
            "jlis", _SINCE, date(2022, 3, 31), "yes", "no", "no", stopped=True, inspected_on=date(2023, 6, 20)
        )
    return SurveyLine("jlis", _SINCE, None, "no", "no", "no")
