"""When an answer does not settle it: the next steps by day, what is taken instead, and the declaration (S82–S82g)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response

from himozuke.eligibility import counter
from himozuke.eligibility.counter import DeemedBasis, Failure
from himozuke.eligibility.visits import Visit
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.reception import INSTITUTION, counter_of, looked_at
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError
from himozuke.identity.coded_number import is_insurer_number, plain_digits
from himozuke.link.items import ITEMS
from himozuke.rules.schema import EVIDENCE

INSURANCE_KINDS = ("society", "association", "national", "elderly", "mutual_aid", "unknown")
_PRINTED = ("insurer_number", "symbol", "number", "branch")
_ENTRIES = (
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "address",
    "telephone",
    "insurance_kind",
    "insurer_name",
    "insurer_number",
    "symbol",
    "number",
    "branch",
    "workplace",
)
#: The entries a claim or a deemed declaration cannot do without, as they are called.
_CLAIMED = {
    "kanji_name": Said("氏名", "the name"),
    "kana_name": Said("カナ氏名", "the name in kana"),
    "birth_date": Said("生年月日", "the birth date"),
    "sex": Said("性別", "the sex"),
    "address": Said("住所", "the address"),
    "telephone": Said("連絡先（電話番号）", "the telephone number"),
    "insurance_kind": Said("保険の種別", "the kind of insurance"),
    "insurer_name": Said("保険者等の名称", "the insurer"),
    "insurer_number": Said("保険者番号", "the insurer number"),
    "number": Said("番号", "the number"),
    "workplace": Said("事業所名", "the place of work"),
}


@page("/reception/visits/{visit_id:int}/fallback", roles=INSTITUTION)
def show_fallback(desk: Desk, visit_id: int, failure: str = "") -> Response[Any]:
    """Why it failed, and the next steps in order by the day of the visit."""
    visit = looked_at(desk, visit_id, shows_answer=False)
    chosen = failure if failure in set(Failure) else failure_of(visit)
    return _fallback_page(desk, visit, Form.of(failure=chosen or None), chosen)


@form_post("/reception/visits/{visit_id:int}/fallback", roles=INSTITUTION)
def take_evidence(desk: Desk, visit_id: int, form: Form) -> Response[Any]:
    """Take a paper or screen as proof."""
    failure = form.choice("failure", [str(one) for one in Failure], label=Said("事由", "the reason"))
    evidence = form.value("evidence")
    if form.errors:
        visit = looked_at(desk, visit_id, shows_answer=False)
        return _fallback_page(desk, visit, form, failure)
    if evidence == "declaration":
        return desk.redirect(f"/reception/visits/{visit_id}/declaration?failure={failure}")
    if evidence not in EVIDENCE:
        raise NotFoundError("There is no such evidence.")
    return desk.redirect(f"/reception/visits/{visit_id}/evidence/{evidence}?failure={failure}")


@page("/reception/visits/{visit_id:int}/evidence/{evidence:str}", roles=INSTITUTION)
def show_evidence(desk: Desk, visit_id: int, evidence: str, failure: str = "") -> Response[Any]:
    """What stands on the paper or screen that is taken in the place of an answer, filled in with what is known."""
    visit = looked_at(desk, visit_id)
    chosen = failure if failure in set(Failure) else failure_of(visit) or Failure.NOT_FOUND
    return _evidence_page(desk, visit, Form.of(failure=chosen, **entries_of(visit)), evidence)


@form_post("/reception/visits/{visit_id:int}/evidence/{evidence:str}", roles=INSTITUTION)
def keep_evidence(desk: Desk, visit_id: int, evidence: str, form: Form) -> Response[Any]:
    """Keep what stands on it: the claim is made of it, and the share to take follows."""
    failure = form.choice("failure", [str(one) for one in Failure], label=Said("事由", "the reason"))
    entries = _declared(form)
    for name in counter.missing_for_evidence(entries):
        if name not in form.errors:
            form.wrong(name, f"{_CLAIMED[name].ja}を入力してください。", f"Enter {_CLAIMED[name].en}.")
    if form.errors:
        visit = looked_at(desk, visit_id)
        return _evidence_page(desk, visit, form, evidence)
    with counter_of(desk) as (_, visits):
        visits.take_evidence(visit_id, Failure(failure), evidence, entries)
    return desk.redirect(f"/reception/visits/{visit_id}", notice="saved")


def _evidence_page(desk: Desk, visit: Visit, form: Form, evidence: str) -> Response[Any]:
    if evidence not in EVIDENCE or evidence in {"card", "declaration"}:
        raise NotFoundError("There is no such evidence.")
    return desk.render("reception/evidence.html", form=form, visit=visit, evidence=evidence)


@page("/reception/visits/{visit_id:int}/declaration", roles=INSTITUTION)
def show_declaration(desk: Desk, visit_id: int, failure: str = "") -> Response[Any]:
    """The declaration of insured status, filled in with what is known."""
    visit = looked_at(desk, visit_id)
    chosen = failure if failure in set(Failure) else failure_of(visit) or Failure.NOT_FOUND
    return declaration_page(desk, visit, Form.of(failure=chosen, **entries_of(visit)))


@form_post("/reception/visits/{visit_id:int}/declaration", roles=INSTITUTION)
def declare(desk: Desk, visit_id: int, form: Form) -> Response[Any]:
    """Take the declaration, on paper or deemed given on its three grounds."""
    failure = form.choice("failure", [str(one) for one in Failure], label=Said("事由", "the reason"))
    entries = _declared(form)
    grounds = set(form.all("basis"))
    is_deemed = form.value("how") == "deemed"
    basis = DeemedBasis(*(name in grounds for name in ("was_seen_before", "is_unchanged_by_word", "knows_the_entries")))
    if is_deemed and not basis.suffices:
        form.wrong(
            "basis",
            "申立書の提出があったものとして扱うには、3つすべてに当てはまる必要があります。",
            "All three grounds are needed to treat the declaration as given.",
        )
    elif is_deemed:
        for name in counter.missing_for_deeming(entries):
            if name not in form.errors:
                label = _CLAIMED[name]
                form.wrong(
                    name,
                    f"申立書の提出があったものとして扱うには、{label.ja}が必要です。分からないときは申立書を書いてもらいます。",
                    f"To treat the declaration as given, {label.en} must be known. Else take it on paper.",
                )
    if form.errors:
        visit = looked_at(desk, visit_id)
        return declaration_page(desk, visit, form)
    with counter_of(desk) as (_, visits):
        visits.declare(
            visit_id,
            Failure(failure),
            entries,
            basis=basis if is_deemed else None,
        )
    return desk.redirect(f"/reception/visits/{visit_id}", notice="saved")


def _fallback_page(desk: Desk, visit: Visit, form: Form, failure: str) -> Response[Any]:
    steps: Sequence[counter.Step] = ()
    if failure:
        steps = counter.next_steps(
            Failure(failure), visit.visited_on, rules=desk.office.rules, insurer=visit.insurer_kind
        )
    may_ask = bool(failure) and counter.may_use_outage_mode(Failure(failure))
    failures = [str(one) for one in Failure]
    return desk.render(
        "reception/fallback.html",
        form=form,
        visit=visit,
        steps=steps,
        failures=failures,
        chosen=failure,
        may_ask=may_ask,
    )


def declaration_page(desk: Desk, visit: Visit, form: Form) -> Response[Any]:
    """The declaration as a form."""
    grounds = ("was_seen_before", "is_unchanged_by_word", "knows_the_entries")
    return desk.render("reception/declaration.html", form=form, visit=visit, kinds=INSURANCE_KINDS, grounds=grounds)


def failure_of(visit: Visit) -> str:
    """The reason the answer itself gives, where it gives one."""
    if visit.validity in {"2", "3"}:
        return Failure.INVALID
    if visit.validity == "4":
        return Failure.NOT_FOUND
    return {"damaged": Failure.CARD_BROKEN, "expired": Failure.CARD_EXPIRED}.get(visit.card_problem, "")


def entries_of(visit: Visit) -> Mapping[str, str]:
    """What of the declaration is known: what was declared, else our own record, else what was shown."""
    shown = visit.displayed or {}
    known = {item: visit.own_items.get(item) or str(shown.get(item) or "") for item in ITEMS}
    known |= {name: str(shown.get(name) or "") for name in ("insurer_name", *_PRINTED)}
    return {name: value for name, value in {**known, **visit.entries}.items() if value}


def _declared(form: Form) -> dict[str, str]:
    entries = {name: form.text(name, most=200) for name in _ENTRIES}
    if not entries["kanji_name"]:
        form.wrong("kanji_name", "氏名を入力してください。", "Enter the name.")
    born = form.day("birth_date", label=Said("生年月日", "the birth date"))
    entries["birth_date"] = born.isoformat() if born else ""
    entries["insurer_number"] = plain_digits(entries["insurer_number"])
    if entries["insurer_number"] and not is_insurer_number(entries["insurer_number"]):
        form.wrong(
            "insurer_number",
            "保険者番号の検証番号が合いません。6桁または8桁の番号を確かめてください。",
            "The check digit of the insurer number is wrong. It has six or eight digits.",
        )
    percent = form.choice("copay_percent", ("10", "20", "30"))
    return {name: value for name, value in {**entries, "copay_percent": percent}.items() if value}


HANDLERS = (show_fallback, take_evidence, show_evidence, keep_evidence, show_declaration, declare)
