"""Pensions of the mutual aid associations (S86)."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="mutual_aid_pension",
    name_ja="共済年金",
    name_en="Mutual aid pension",
    required_items_key="items.required.other",
)
