"""An inspection as a job: progress, stopping it, and a worker or child that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from campaign_world import REGISTER_DAY, CampaignWorld, load_register
from factories import World, table

from himozuke.campaign.inspections import TASK
from himozuke.campaign.model import RunState
from himozuke.entrypoints.jobs.inspection import inspect_run
from himozuke.entrypoints.jobs.register_folder import prepared_register
from himozuke.entrypoints.jobs.tasks import TASKS
from himozuke.entrypoints.jobs.worker import Worker
from himozuke.errors import ConflictError, JobCancelledError, UpstreamDownError

pytest_plugins = ("campaign_fixtures",)


def begun(campaign: CampaignWorld, path: Path) -> int:
    """A run that waits for a file the insurer has sent."""
    with path.open("rb") as file:
        kept = campaign.office.uploads.keep(file, organisation_id=campaign.small.insurer, name=path.name)
    with campaign.work("insurer_clerk") as work:
        upload = work.inspections.receive(
            campaign.campaign_id,
            scheme="health_insurance",
            file_name=path.name,
            stored_as=kept.stored_as,
            byte_count=kept.byte_count,
            sha256=kept.sha256,
        )
        return int(work.inspections.start(upload.upload_id, snapshot=REGISTER_DAY))


@pytest.fixture
def run_id(campaign: CampaignWorld, namesake_world: World, tmp_path: Path) -> int:
    """A run that waits, over a loaded register."""
    load_register(campaign.office, namesake_world.register, tmp_path)
    path = tmp_path / "links.parquet"
    import pyarrow.parquet as pq

    pq.write_table(table(namesake_world.links), path)
    return begun(campaign, path)


def state(campaign: CampaignWorld, run_id: int) -> Any:
    with campaign.work("insurer_clerk") as work:
        return work.inspections.run(run_id)


def test_the_worker_does_what_was_asked_for_and_the_job_ends_with_the_run(campaign: CampaignWorld, run_id: int) -> None:
    tasks = [task for task in TASKS if task.name == TASK]

    Worker(campaign.office, tasks=tasks).run(until_empty=True)

    assert state(campaign, run_id).state is RunState.DONE
    with campaign.small.system_work() as work:
        row = work.connection.execute("SELECT state FROM job_progress").fetchone()
    assert row == {"state": "done"}


def test_a_run_that_waits_is_cancelled_at_once_and_never_done(campaign: CampaignWorld, run_id: int) -> None:
    with campaign.work("insurer_clerk") as work:
        work.inspections.cancel(run_id)

    assert inspect_run(campaign.office, run_id) is None
    assert state(campaign, run_id).state is RunState.CANCELLED
    with campaign.work("insurer_clerk") as work, pytest.raises(ConflictError):
        work.inspections.cancel(run_id)


def test_a_running_inspection_stops_when_asked_and_leaves_no_result(campaign: CampaignWorld, run_id: int) -> None:
    told: list[str] = []

    def report(phase: str, _done: int, _total: int | None) -> None:
        if not told:
            with campaign.work("insurer_clerk") as work:
                work.inspections.cancel(run_id)
        told.append(phase)

    assert inspect_run(campaign.office, run_id, report=report) is RunState.CANCELLED
    with campaign.work("insurer_clerk") as work:
        assert list(work.inspections.funnel(run_id)) == []


def test_a_job_that_is_stopped_ends_its_run(campaign: CampaignWorld, run_id: int) -> None:
    def report(_phase: str, _done: int, _total: int | None) -> None:
        raise JobCancelledError("stopped")

    with pytest.raises(JobCancelledError):
        inspect_run(campaign.office, run_id, report=report)

    assert state(campaign, run_id).state is RunState.CANCELLED


def test_a_child_that_is_killed_leaves_the_run_to_be_taken_up_again(
    campaign: CampaignWorld, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    born: list[int] = []
    popen = subprocess.Popen

    def watched(*arguments: Any, **options: Any) -> Any:
        child = popen(*arguments, **options)
        if not born:
            born.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)
        return child

    monkeypatch.setattr(subprocess, "Popen", watched)

    with pytest.raises(UpstreamDownError):
        inspect_run(campaign.office, run_id)
    assert state(campaign, run_id).state is RunState.RUNNING

    assert inspect_run(campaign.office, run_id) is RunState.DONE
    run = state(campaign, run_id)
    assert (run.attempt, run.figures["to_ask"]) == (2, 1)


def test_results_of_a_run_taken_up_twice_stand_once(campaign: CampaignWorld, run_id: int) -> None:
    inspect_run(campaign.office, run_id)

    assert inspect_run(campaign.office, run_id) is None
    with campaign.small.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS count FROM inspection_finding").fetchone()
    assert row == {"count": 1}


def test_a_child_whose_parent_dies_ends_by_itself() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "himozuke.entrypoints.jobs.inspection_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None

    child.stdin.close()

    assert child.wait(timeout=60) != 0


@pytest.mark.seed("S89")
def test_the_register_is_folded_once_for_each_load_and_kept(
    campaign: CampaignWorld, namesake_world: World, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)

    first = prepared_register(campaign.office, REGISTER_DAY)
    made = (first.folder / "meta.json").stat().st_mtime_ns
    second = prepared_register(campaign.office, REGISTER_DAY)

    assert first.rows == len(namesake_world.register)
    assert (second.folder / "meta.json").stat().st_mtime_ns == made
    assert [path.name for path in first.folder.parent.iterdir()] == [first.folder.name]


def test_without_a_register_nothing_is_inspected(campaign: CampaignWorld) -> None:
    with pytest.raises(UpstreamDownError, match="register load"):
        prepared_register(campaign.office, REGISTER_DAY)


def test_a_register_that_has_moved_on_is_told(campaign: CampaignWorld, namesake_world: World, tmp_path: Path) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)

    with pytest.raises(ConflictError, match="2026-03-31"):
        prepared_register(campaign.office, REGISTER_DAY.replace(day=1))


@pytest.mark.seed("S93")
def test_rows_of_another_insurer_are_set_aside_and_never_become_cases(
    campaign: CampaignWorld, namesake_world: World, tmp_path: Path
) -> None:
    load_register(campaign.office, namesake_world.register, tmp_path)
    path = tmp_path / "links.csv"
    rows = [
        {**row, "insurer_number": "06279998" if place == 0 else "6139999"}
        for place, row in enumerate(namesake_world.links)
    ]
    names = list(rows[0])
    text = "\n".join(",".join(row.get(name, "") for name in names) for row in rows)
    path.write_text(",".join(names) + "\n" + text + "\n", encoding="utf-8")
    run_id = begun(campaign, path)

    assert inspect_run(campaign.office, run_id) is RunState.DONE

    with campaign.work("insurer_clerk") as work:
        rows_set_aside, count = work.inspections.quarantine(run_id)
    assert count == 1
    assert (rows_set_aside[0].line, rows_set_aside[0].column, rows_set_aside[0].value) == (
        2,
        "insurer_number",
        "06279998",
    )
    assert "06139999" in rows_set_aside[0].reason
    assert "自らの保険者の紐付けだけ" in rows_set_aside[0].remedy
    assert state(campaign, run_id).figures["quarantined"] == 1
