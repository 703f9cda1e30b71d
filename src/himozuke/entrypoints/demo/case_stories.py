"""Cases in every state: one story of a wrong link, carried to another step in each of several cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow.parquet as pq

from himozuke.campaign.inspections import FindingFilter
from himozuke.entrypoints.case_wiring import CaseBench
from himozuke.entrypoints.demo.organisations import FIRST
from himozuke.entrypoints.demo.world import DemoWorld
from himozuke.errors import HimozukeError
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import ExposureWords
from himozuke.incident.figures import Period
from himozuke.incident.model import Channel, Finding, Reply, Result
from himozuke.ports.office import CaseOpening, Origin

_BEGUN = 35  # days ago
_NINE = {
    "summary": "被保険者1名に、同姓同名の別の方の個人番号を紐付けていた。",
    "items": "氏名、生年月日、性別、薬剤情報",
    "persons": "1名",
    "cause": "3情報のみでの照会により、同姓同名の別の方の番号を取得した。",
    "secondary_damage": "確認されていない。",
    "response": "閲覧を停止し、正しい番号に訂正した。本人へ書面で説明した。",
    "publication": "点検の結果とともに公表する。",
    "prevention": "5情報による照会と、登録時の台帳との突合を徹底する。",
    "other": "なし",
}
_PUBLISHED = {
    "summary": "別の方の個人番号が紐付けられていた事例",
    "shown": "医療機関において薬剤情報が表示された事例がある。",
    "money": "給付額・保険料への影響はない。",
    "cause": "3情報のみでの照会",
    "prevention_new": "登録時に台帳と全件突合する。",
    "prevention_existing": "登録済みの全データを点検した。",
}

# Writes access_log. One row per viewing; some were of links that turned out wrong.
_VIEWINGS = """
INSERT INTO access_log (
    at, link_id, organisation_id, institution_code, institution_name, viewer, items, consent, source_key
)
SELECT %(from)s::timestamptz + make_interval(hours => (place * 7919 %% 8000)::integer),
       link.link_id, link.organisation_id, '13' || lpad((place * 31 %% 90000 + 10000)::text, 8, '0'),
       (ARRAY['合成第一病院', '青空診療所', 'こだま薬局', 'みなと歯科'])[1 + place %% 4],
       (ARRAY['doctor', 'doctor', 'pharmacist', 'reception'])[1 + place %% 4],
       CASE
           WHEN link.is_refuted THEN ARRAY['qualification', 'medicines']
           WHEN place %% 4 = 1 THEN ARRAY['qualification', 'medicines', 'checkups']
           WHEN place %% 4 = 3 THEN ARRAY['qualification']
           ELSE ARRAY['qualification', 'medicines']
       END,
       'card', 'demo-' || place
FROM (
    SELECT link_id, organisation_id, coalesce(verdict = 'REFUTED', false) AS is_refuted,
           row_number() OVER (ORDER BY link_id) AS place
    FROM link
    WHERE organisation_id = %(organisation_id)s AND link_id %% %(every)s = 0
) AS link
"""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the story: how many days after its beginning, who, and what."""

    after: int
    login: str
    do: Callable[[CaseBench, int, str], object]


def story() -> Sequence[Act]:
    """The acts from the insurer's papers to the final report."""
    papers = partial(
        decide.check_papers, finding=Finding.UNCLEAR, note_="届書に番号の記載がなく、3情報で照会していた。"
    )
    employer = partial(decide.employer_answered, finding=Finding.UNCLEAR, note_="事業主は番号を預かっていない。")
    ask = partial(decide.ask_employer, note_="電話で照会")
    reply = partial(
        decide.person_answered, reply=Reply.OWN, channel=Channel.PAPER, wrong_items={}, note_="回答書", letter_id=None
    )
    return (
        Act(1, "clerk", lambda bench, case, _: bench.cases.act(case, papers)),
        Act(2, "clerk", lambda bench, case, _: bench.cases.act(case, ask)),
        Act(3, "clerk", lambda bench, case, _: bench.cases.act(case, employer)),
        Act(3, "clerk", lambda bench, case, _: bench.asking.print_inquiry(case)),
        Act(10, "clerk", lambda bench, case, _: bench.cases.act(case, reply)),
        Act(10, "clerk", lambda bench, case, _: _confirm(bench, case)),
        Act(
            11,
            "clerk",
            lambda bench, case, number: bench.correcting.propose(
                case, number=number, items={}, reason="本人のカードで正しい番号を確認した。"
            ),
        ),
        Act(12, "supervisor", lambda bench, case, _: bench.correcting.approve(case)),
        Act(
            12,
            "clerk",
            lambda bench, case, _: bench.exposing.find(
                case, ExposureWords({}, "当システムの記録は全件を確認した。支払基金の記録は照会中。")
            ),
        ),
        Act(13, "clerk", lambda bench, case, _: bench.reporting.submit(case, kind="prompt", contents=_NINE)),
        Act(
            14,
            "clerk",
            lambda bench, case, _: bench.reporting.tell_by_letter(
                case, what_happened="別の方の個人番号を紐付けていました。", prevention="登録時に全項目を照合します。"
            ),
        ),
        Act(
            15, "clerk", lambda bench, case, _: bench.correcting.propose_release(case, reason="正しい番号に訂正した。")
        ),
        Act(16, "supervisor", lambda bench, case, _: bench.correcting.approve_release(case)),
        Act(30, "clerk", lambda bench, case, _: bench.reporting.submit(case, kind="final", contents=_NINE)),
    )


def open_everywhere(world: DemoWorld) -> int:
    """Open a case for every doubtful link of the bodies whose own inspection does not; returns how many."""
    first = world.organisations[FIRST]
    with world.program("inspection", world.days_ago(_BEGUN)) as work:
        rows = work.connection.execute(
            """
            SELECT link_id, organisation_id, verdict, reasons, cause, scheme
            FROM link
            WHERE action = 'ask' AND organisation_id <> %s
            ORDER BY link_id
            """,
            (first,),
        ).fetchall()
        for row in rows:
            work.case_desk.open_case(
                CaseOpening(
                    organisation_id=row["organisation_id"],
                    link_id=row["link_id"],
                    origin=Origin.INSPECTION,
                    restriction="ALL" if row["verdict"] == "REFUTED" else "MEDICAL",
                    verdict=row["verdict"],
                    reasons=row["reasons"],
                    cause=row["cause"],
                    group_key="whole_register",
                    summary="登録データ全体の突合で判明",
                )
            )
    return len(rows)


def open_by_call(world: DemoWorld) -> None:
    """Somebody telephones that a stranger's medicines are in the list: everything is stopped until it is looked into."""
    with world.acting("clerk", world.days_ago(1)) as work:
        row = work.connection.execute(
            """
            SELECT link_id, organisation_id, verdict
            FROM link
            WHERE organisation_id = %s AND verdict = 'PROVEN' AND state = 'released' AND valid_to IS NULL
                AND branch = '00'
            ORDER BY link_id DESC
            LIMIT 1
            """,
            (world.organisations[FIRST],),
        ).fetchone()
        if row:
            work.case_desk.open_case(
                CaseOpening(
                    organisation_id=row["organisation_id"],
                    link_id=row["link_id"],
                    origin=Origin.CALL,
                    restriction="ALL",
                    verdict=row["verdict"],
                    reasons=[],
                    cause=None,
                    group_key="call:others_shown",
                    summary="知らない薬が自分の薬剤情報に表示されると本人から電話",
                )
            )


def carry(world: DemoWorld, run_id: int) -> dict[int, int]:
    """Open the cases of the first insurer's inspection and carry each a step further; acts done by case."""
    _view(world)
    with world.acting("clerk", world.days_ago(_BEGUN)) as work:
        work.inspections.open_cases(run_id, summary="定期点検で判明")
        found, _ = work.inspections.findings(run_id, FindingFilter(action="ask", answered="case"), limit=500)
    truth = _truth(world)
    acts = story()
    done: dict[int, int] = {}
    wanted = list(range(len(acts), 0, -1))
    for finding in found:
        number = truth.get(finding.link_key)
        if not wanted:
            break
        if finding.verdict != "REFUTED" or finding.link_id is None or finding.case_id is None or not number:
            continue
        done[finding.case_id] = _carry(world, finding.case_id, number, acts[: wanted[0]])
        if done[finding.case_id] == wanted[0]:
            wanted.pop(0)
    _publish(world)
    return done


def _carry(world: DemoWorld, case_id: int, number: str, acts: Sequence[Act]) -> int:
    """Carry one case through acts; a case that cannot go on (a protected person, a past status) stays where it is."""
    begun = world.days_ago(_BEGUN)
    for place, act in enumerate(acts):
        try:
            with world.acting(act.login, begun + timedelta(days=act.after)) as work:
                act.do(work.cases, case_id, number)
        except HimozukeError:
            return place
    return len(acts)


def _confirm(bench: CaseBench, case_id: int) -> object:
    wrong = Confirmation(Result.WRONG, "person", "本人のカードの番号と異なる。", cause="C4")
    return bench.cases.act(case_id, partial(decide.confirm, given=wrong, today=bench.tools.clock.today()))


def _truth(world: DemoWorld) -> dict[str, str]:
    """The right number of every wrong link whose person the register holds."""
    table = pq.read_table(
        world.files / "truth.parquet", columns=["link_id", "right", "true_individual_number", "undecidable"]
    )
    return {
        row["link_id"]: row["true_individual_number"]
        for row in table.to_pylist()
        if not row["right"] and row["undecidable"] != "person_absent"
    }


def _view(world: DemoWorld) -> None:
    """Viewings of the last year, of one link in seven; what is somebody else's shows that person's medicines."""
    with world.program("demo", world.days_ago(_BEGUN + 1)) as work:
        values: dict[str, Any] = {
            "from": world.days_ago(380),
            "organisation_id": world.organisations[FIRST],
            "every": 7,
        }
        written = work.connection.execute(_VIEWINGS, values).rowcount
        work.audit.record("demo.viewings", subject="access_log", subject_id=FIRST, details={"viewings": written})


def _publish(world: DemoWorld) -> None:
    day = world.days_ago(3)
    with world.acting("supervisor", day) as work:
        work.cases.publishing.publish(
            [Period(date(day.year - 1, day.month, 1), day)], as_of=day, texts=_PUBLISHED, reason=""
        )
