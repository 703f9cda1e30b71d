"""A synthetic inspection to render: every section filled, or every section empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from himozuke.inspection.decide import count
from himozuke.inspection.model import (
    ITEMS,
    Fact,
    InputFile,
    Items,
    LedgerLine,
    QuarantineCount,
    ReviewRow,
    RuleUsed,
    Run,
    Summary,
    Tally,
)

EQUAL = ("equal",) * 5


def tallies() -> list[Tally]:
    """Outcomes of a file of 120,000 understood rows."""
    return [
        Tally("PROVEN", "none", "NONE", "NONE", None, EQUAL, 98_210),
        Tally("PROVEN", "none", "NONE", "NONE", None, ("equal", "folded", "equal", "equal", "folded"), 15_411),
        Tally("PROVEN", "none", "NONE", "NONE", None, ("variant", "equal", "equal", "equal", "equal"), 3_904),
        Tally("EXPLAINED", "none", "NONE", "NONE", None, ("equal", "equal", "equal", "equal", "different"), 1_620),
        Tally("EXPLAINED", "correct", "NONE", "ALL", None, ("equal", "equal", "near", "equal", "equal"), 611),
        Tally("UNTESTABLE", "correct", "NONE", "NONE", None, ("equal", "missing", "missing", "equal", "missing"), 48),
        Tally("DOUBTFUL", "ask", "MEDICAL", "MEDICAL", "C4", ("different", "equal", "equal", "equal", "different"), 57),
        Tally("REFUTED", "ask", "ALL", "ALL", "C5", ("different",) * 5, 96),
        Tally("REFUTED", "ask", "ALL", "ALL", "C1", ("different", "different", "different", "different", "equal"), 25),
        Tally("REFUTED", "ask", "ALL", "ALL", "C10", ("different",) * 5, 11),
        Tally("REFUTED", "ask", "ALL", "ALL", None, ("different",) * 5, 7),
    ]


def summary(**changes: object) -> Summary:
    """A filled summary that belongs to :func:`tallies`."""
    found = tallies()
    counts = count(found)
    rows = sum(tally.rows for tally in found)
    values: dict[str, object] = {
        "scheme": "health_insurance",
        "scheme_name_ja": "健康保険",
        "scheme_name_en": "Health insurance",
        "on": date(2026, 10, 1),
        "snapshot": date(2026, 9, 30),
        "started_at": datetime(2026, 10, 2, 9, 15, tzinfo=UTC),
        "rows_in_file": rows + 21,
        "rows_verdicted": rows,
        "rows_quarantined": 21,
        "counts": counts,
        "people": {
            "restriction": {"NONE": 119_800, "MEDICAL": 57, "ALL": 138},
            "restriction_by_table": {"NONE": 119_100, "MEDICAL": 57, "ALL": 745},
        },
        "people_to_ask": 195,
        "hows": {
            "kanji_name": {"bytes": 116_000, "kanji_variant": 3_904, "different": 196},
            "kana_name": {"bytes": 104_000, "fold": 14_900, "small_kana": 511},
            "birth_date": {"bytes": 119_000, "one_digit": 402, "off_by_one": 209},
            "sex": {"bytes": 119_900, "different": 132},
            "address": {"bytes": 102_000, "fold": 15_411, "merger": 222, "omitted_building": 1_290},
        },
        "reasons": {
            "moved": 1_620,
            "slip_birth_date": 611,
            "rival_better": 121,
            "too_little_held": 48,
            "check_digit": 11,
        },
        "ledger": (
            LedgerLine("person", None, 96_000),
            LedgerLine("jlis", 5, 18_400),
            LedgerLine("jlis", 3, 4_210),
            LedgerLine("", None, 1_390),
        ),
        "full_inspection_rows": 4_210,
        "quarantine": (
            QuarantineCount(
                "number_not_12_digits",
                14,
                "個人番号が12桁の数字ではありません",
                "the Individual Number is not 12 digits",
            ),
            QuarantineCount("date_impossible", 7, "存在しない日付です", "the date does not exist"),
        ),
        "register_rows_quarantined": 2,
        "glyph_findings": 18,
        "runs": (
            Run("shift", 20_011, 20_071, 1, 61, "B0412"),
            Run("shift", 71_200, 71_219, -2, 20, "B0777"),
            Run("block", 90_001, 90_012, 4_000, 12, "B0911"),
            Run("sorted", 110_500, 110_502, 0, 3, "B0999"),
        ),
        "wrong_positions": tuple(3 if place != 16 else 48 for place in range(100)),
        "inputs": (
            InputFile("links", "加入者一覧.csv", rows + 21, "3f" * 32, "cp932", "csv"),
            InputFile("register", "register.parquet", 400_000, "a1" * 32, "", "parquet"),
        ),
        "rules_version": "5a1c09d27b3e",
        "rules_used": (
            RuleUsed(
                "items.required.insurer",
                "漢字氏名・カナ氏名・生年月日・性別・住所",
                date(2023, 6, 1),
                "健康保険法施行規則第24条",
                "保険者が照会に用いる項目",
            ),
            RuleUsed("restriction.table", "1/different/ALL", date(2023, 9, 7), "R-JLIS", "閲覧停止の範囲"),
            RuleUsed(
                "inspection.full_if_items_at_most", "3", date(2023, 6, 21), "S92", "全件点検の対象となる照会項目数"
            ),
        ),
        "engine": "duckdb",
        "program_version": "0.1.0",
        "timings": {"reading": 2.4, "comparing": 0.9},
    }
    return Summary(**(values | changes))  # type: ignore[arg-type]


def empty_summary(**changes: object) -> Summary:
    """A file in which everything is byte-equal."""
    counts = count([Tally("PROVEN", "none", "NONE", "NONE", None, EQUAL, 500)])
    none = {"NONE": 500, "MEDICAL": 0, "ALL": 0}
    values: dict[str, object] = {
        "rows_in_file": 500,
        "rows_verdicted": 500,
        "rows_quarantined": 0,
        "counts": counts,
        "people": {"restriction": none, "restriction_by_table": none},
        "people_to_ask": 0,
        "hows": {},
        "reasons": {},
        "ledger": (),
        "full_inspection_rows": 0,
        "quarantine": (),
        "register_rows_quarantined": 0,
        "glyph_findings": 0,
        "runs": (),
        "wrong_positions": (0,) * 100,
    }
    return summary(**(values | changes))


def review_row(**changes: object) -> ReviewRow:
    """A refuted link whose number belongs to a younger brother."""
    values: dict[str, object] = {
        "link_id": "L000123",
        "row": 20_012,
        "verdict": "REFUTED",
        "action": "ask",
        "restriction": "ALL",
        "restriction_by_table": "ALL",
        "cause": "C1",
        "rank": 1,
        "reasons": ("rival_better", "unexplained_birth_date"),
        "states": dict(zip(ITEMS, ("different", "different", "different", "equal", "folded"), strict=True)),
        "hows": {"kanji_name": "different", "address": "fold", "birth_date": "different"},
        "link": Items("佐々木　健一", "ササキ　ケンイチ", "昭和62年3月4日", "男", "千葉県船橋市本町１－２－３"),
        "entry": Items("佐々木　健二", "ササキ　ケンジ", "1990-11-20", "1", "千葉県船橋市本町1丁目2番3号"),
        "rival": Items("佐々木　健一", "ササキ　ケンイチ", "1987-03-04", "1", "千葉県船橋市本町1丁目2番3号"),
        "rival_count": 1,
        "rival_masked_number": "*********456",
        "scheme_number": "06123456-101-789-00",
        "masked_number": "*********123",
        "evidence_digest": "9f8e7d6c5b4a",
        "batch": "B0412",
        "operator": "op07",
        "evidence": (Fact("relatives_number"),),
        "entry_status": "current",
    }
    return ReviewRow(**(values | changes))  # type: ignore[arg-type]


def review_rows() -> Iterator[ReviewRow]:
    """A review list as the engine gives it: 196 to ask by rank, then 659 to correct."""
    for rank in range(1, 197):
        if rank % 3 == 0:
            yield review_row(
                link_id=f"L{rank:06d}",
                row=20_011 + rank,
                rank=rank,
                cause="C5",
                rival=None,
                rival_count=0,
                rival_masked_number="",
                reasons=("not_in_register",),
                entry=None,
                entry_status="",
                states=dict.fromkeys(ITEMS, "missing"),
                hows={},
                evidence=(Fact("run_shift", {"first_row": 20_011, "last_row": 20_071, "shift": 1, "rows": 61}),),
            )
        elif rank % 3 == 1:
            yield review_row(link_id=f"L{rank:06d}", row=30_000 + rank, rank=rank, protected=rank == 4)
        else:
            yield review_row(
                link_id=f"L{rank:06d}",
                row=40_000 + rank,
                rank=rank,
                verdict="DOUBTFUL",
                restriction="MEDICAL",
                cause="C4",
                reasons=("namesake", "rival_equal"),
                rival_count=3,
                states=dict(zip(ITEMS, ("different", "equal", "folded", "folded", "different"), strict=True)),
                hows={"birth_date": "fold", "sex": "fold"},
                link=Items(
                    "髙橋　優子", "タカハシ　ユウコ", "S55.7.1", "女", "宮城県仙台市青葉区一番町2-3-4　青葉コーポ201"
                ),
                entry=Items("高橋　裕子", "タカハシ　ユウコ", "1980-07-01", "2", "大阪府堺市北区百舌鳥梅町5-6"),
                rival=Items(
                    "高橋　優子", "タカハシ　ユウコ", "1980-07-01", "2", "宮城県仙台市青葉区一番町二丁目3番4号"
                ),
                evidence=(Fact("few_item_inquiry", {"items": 3}),),
            )
    for place in range(659):
        yield review_row(
            link_id=f"K{place:06d}",
            row=50_000 + place,
            rank=None,
            verdict="EXPLAINED",
            action="correct",
            restriction="NONE",
            cause=None,
            evidence=(),
            rival=None,
            rival_count=0,
            rival_masked_number="",
            reasons=("slip_birth_date",),
            states=dict(zip(ITEMS, ("variant", "equal", "near", "equal", "folded"), strict=True)),
            hows={"kanji_name": "kanji_variant", "birth_date": "one_digit", "address": "fold"},
            link=Items("渡邊　茜", "ワタナベ　アカネ", "2001-05-16", "2", "京都府京都市左京区吉田町１２"),
            entry=Items("渡辺　茜", "ワタナベ　アカネ", "2001-05-18", "2", "京都府京都市左京区吉田町12番地"),
        )
