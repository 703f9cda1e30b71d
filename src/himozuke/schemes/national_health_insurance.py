"""National Health Insurance of municipalities and of National Health Insurance Societies."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="national_health_insurance",
    name_ja="国民健康保険（市町村国保・国保組合）",
    name_en="National Health Insurance",
    required_items_key="items.required.insurer",
    is_insurer=True,
    holds_medical_information=True,
)
