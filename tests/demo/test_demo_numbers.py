"""Numbers of the demo that programs check, and its cards."""

from __future__ import annotations

from himozuke.entrypoints.demo import institutions
from himozuke.identity.coded_number import is_insurer_number
from himozuke.simulators.demo.bodies import CITY


def test_the_municipality_of_the_demo_bears_a_number_whose_check_digit_closes() -> None:
    assert is_insurer_number(CITY)


def test_an_infants_card_keeps_the_pin_that_the_guardian_enters() -> None:
    assert institutions._OF_CARDS["infant_card"] == {"kind": "infant"}
