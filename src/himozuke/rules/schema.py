"""The keys the program knows, the kind of each value, and how to read a decision table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from himozuke.errors import RuleError
from himozuke.rules.kinds import Count, Day, DecisionTable, ItemList, Kind, Row, Word, WordList, meets

FIRST_DAY = date(2015, 10, 5)  # the day from which Individual Numbers exist (R-DATES)

RESTRICTION_TABLE = DecisionTable(
    conditions={
        "birth_or_sex": ("agree", "different"),
        "names": ("agree", "one_different", "both_different"),
        "address": ("agree", "different"),
        "several_valid_links": (False, True),
    },
    results={"case": ("1", "2a", "2b", "3", "-"), "restriction": ("NONE", "MEDICAL", "ALL")},
)

PROCESS_CLASSES = DecisionTable(
    conditions={
        "three_items": ("no", "yes", "unconfirmed"),
        "any_of_several": ("no", "yes", "unconfirmed"),
        "other_wrong": ("no", "yes", "unconfirmed"),
        "mended": (False, True),
    },
    results={"class": (1, 2, 3)},
)

FILING_ITEMS = DecisionTable(
    conditions={
        "item": (
            "kana_name", "kanji_name", "birth_date", "sex", "category", "acquisition_kind", "individual_number",
            "qualified_on", "has_dependents", "pay", "address", "establishment", "remarks",
        ),
        "insurer": ("association", "society", "mutual_aid", "national", "elderly"),
    },
    results={"need": ("required", "optional", "by_number_rule", "unless_confirmed", "unless_not_asked")},
)  # fmt: skip

COPAY_RATIO = DecisionTable(
    conditions={
        "age": ("preschool", "general", "from_70", "elderly_medical"),
        "income": ("ordinary", "some", "active"),
        "specially_held": (False, True),
    },
    results={"percent": (10, 20, 30)},
)

EVIDENCE = (
    "card",
    "portal",
    "insurance_card",
    "eligibility_certificate",
    "eligibility_notice",
    "declaration",
)
INSURER_KINDS = ("national", "elderly", "other")
EVIDENCE_ACCEPTED = DecisionTable(
    conditions={"insurer": INSURER_KINDS, "evidence": EVIDENCE}, results={"accept": ("yes", "after_inquiry", "no")}
)

LEAK_CONTENTS = (
    "summary",
    "items",
    "persons",
    "cause",
    "secondary_damage",
    "response",
    "publication",
    "prevention",
    "other",
)
INCIDENT_PERIODS = (
    "stop",
    "papers",
    "ask",
    "employer",
    "reply",
    "reminder",
    "reply_link",
    "confirm",
    "correct",
    "exposure",
    "tell",
    "release",
    "publish",
)

KNOWN: Mapping[str, Kind] = {
    "items.required.insurer": ItemList(),
    "items.required.other": ItemList(),
    "jlis.multi_hit": Word(("undefined", "reject")),
    "restriction.table": RESTRICTION_TABLE,
    "inspection.full_if_items_at_most": Count(5),
    "acquisition.few_items_at_most": Count(5),
    "process.classes": PROCESS_CLASSES,
    "process.inspected_by": Day(),
    "campaign.survey_by": Day(),
    "campaign.status_report_by": Day(),
    "campaign.result_report_by": Day(),
    "campaign.interim_report_by": Day(),
    "campaign.publication_by": Day(),
    "death.grace_days": Count(31),
    "filing.employer_days": Count(31),
    "filing.insurer_register_days": Count(31),
    "filing.number": Word(("optional", "required")),
    "filing.without_number": Word(("inquire", "all_items_or_return")),
    "filing.items.acquisition": FILING_ITEMS,
    "check.new_record": Word(("none", "all")),
    "check.past_record_contact": Word(("allowed", "forbidden")),
    "leak.report_from_persons.own_system": Count(1000),
    "leak.report_from_persons.malicious": Count(1000),
    "leak.report_from_persons.public": Count(1000),
    "leak.report_from_persons.other": Count(1000),
    "leak.prompt_days": Count(31),
    "leak.prompt_days_early": Count(31),
    "leak.final_days": Count(366),
    "leak.final_days_malicious": Count(366),
    "leak.known_day": Word(("counts", "left_out")),
    "leak.contents": WordList(LEAK_CONTENTS),
    "leak.tell_person": Word(("optional", "required")),
    "copay.ratio": COPAY_RATIO,
    "copay.age.school": Count(120),
    "copay.age.elderly": Count(120),
    "copay.age.elderly_medical": Count(120),
    "copay.specially_held_born_until": Day(),
    "copay.active.taxable_from": Count(10**8),
    "copay.active.pay_from": Count(10**7),
    "copay.active.income_single": Count(10**8),
    "copay.active.income_several": Count(10**8),
    "copay.some.taxable_from": Count(10**8),
    "copay.some.income_single": Count(10**8),
    "copay.some.income_several": Count(10**8),
    "evidence.accepted": EVIDENCE_ACCEPTED,
    "consent.hours": Count(24 * 366),
    "viewing.begun": Count(1),
    "outage.open_hours": Count(24 * 31),
    "outage.report_days": Count(366),
    "card.insurance_grace_months": Count(60),
    "card.renewal_months": Count(60),
    "claim.unknown_insurer": WordList(("77777777", "77777779")),
    **{f"incident.{step}_days": Count(366) for step in INCIDENT_PERIODS},
    "incident.reply_tries": Count(1000),
}

# A scheme added from outside may bring its own list of required items.
FAMILIES: Mapping[str, Kind] = {"items.required.": ItemList()}


def kind_of(key: str) -> Kind | None:
    """Return the kind of a key's value, or None for a key the program does not know."""
    family = next((kind for start, kind in FAMILIES.items() if key.startswith(start)), None)
    return KNOWN.get(key, family)


def first_matching(rows: Iterable[Row], facts: Row) -> Row:
    """Return the first row of a decision table whose conditions the facts meet.

    A condition that a row leaves out holds always. RuleError when no row decides, which a loaded
    table can only do when it is empty: no decision was defined on that day.
    """
    for row in rows:
        if meets(row, facts):
            return row
    message = f"No row of the decision table decides {dict(facts)}; on that day no decision was defined."
    raise RuleError(message)
