"""Medical care for people of 75 years and more."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="elderly_medical",
    name_ja="後期高齢者医療",
    name_en="Medical care for older people",
    required_items_key="items.required.insurer",
    is_insurer=True,
    holds_medical_information=True,
)
