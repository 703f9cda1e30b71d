"""The account that a person names for receiving public money.

Name, address and date of birth identify the applicant and the account carries a name in kana; sex is
not among the particulars that are taken (本人特定事項は氏名・住所・生年月日), so it is not held. People
register at a shared terminal, where the user before may still be signed in (R-GUIDE C8).
"""

from himozuke.schemes.model import Scheme

SCHEME = Scheme(
    code="benefit_account",
    name_ja="公金受取口座",
    name_en="Public money receiving account",
    required_items_key="items.required.other",
    items_held=("kanji_name", "kana_name", "birth_date", "address"),
    is_self_service=True,
)
