"""Handbooks for people with physical, intellectual and mental disabilities (S87)."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="disability_handbook",
    name_ja="障害者手帳（身体・療育・精神）",
    name_en="Disability handbook",
    required_items_key="items.required.other",
)
