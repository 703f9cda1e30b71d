"""Public assistance (生活保護)."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="public_assistance",
    name_ja="生活保護",
    name_en="Public assistance",
    required_items_key="items.required.other",
)
