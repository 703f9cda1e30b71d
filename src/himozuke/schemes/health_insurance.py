"""Employees' health insurance: societies, the national association, and mutual aid short-term benefits."""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="health_insurance",
    name_ja="健康保険（健保組合・協会けんぽ・共済短期）",
    name_en="Health insurance",
    required_items_key="items.required.insurer",
    is_insurer=True,
    holds_medical_information=True,
)
