"""The demo: filled from nothing, served, every role can come in, and started again from what is there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from himozuke.campaign.decide import decide_survey
from himozuke.campaign.model import Scope
from himozuke.engines.base import Silence
from himozuke.entrypoints.demo.fill import filled_world, settings_of
from himozuke.errors import UsageError
from himozuke.ports.actor import Role
from himozuke.rules.loader import load as load_rules
from himozuke.settings import Settings
from himozuke.simulators.demo.bodies import CLASSES, bodies
from himozuke.simulators.demo.survey_answers import answers

PROGRAM = Path(sys.executable).parent / "himozuke"
STORIES = {
    "plain",
    "no_card",
    "elderly",
    "elderly_recipient",
    "limit_certificate",
    "infant_card",
    "expired_card",
    "damaged_card",
    "not_registered",
    "moved_insurer",
    "viewing_stopped",
    "wrong_link",
    "corrected",
    "left",
    "municipality",
}
PERSON_KEYS = {
    "person", "insurer_number", "symbol", "number", "branch", "birth_date", "kanji_name", "kana_name", "sex",
    "address", "card", "story",
}  # fmt: skip


class Demo:
    """The demo as a user starts it: a process, and the file it writes when it is ready."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # A demo has a database of its own, whatever the environment names.
        environment = {**os.environ, "HIMOZUKE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"}
        self.process = subprocess.Popen(
            [PROGRAM, "demo", "--data", folder, "--port", str(port), "--people", "2000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        self.path = Path(self.process.stdout.readline().strip())
        self.told: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        self.clients: dict[str, httpx.Client] = {}

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        for client in self.clients.values():
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=120)

    def client(self, role: str, *, login: str = "") -> httpx.Client:
        """Somebody in a role, logged in once with what the file says: a code is taken once."""
        who = login or role
        if who not in self.clients:
            self.clients[who] = self._log_in(role, login)
        return self.clients[who]

    def _log_in(self, role: str, login: str) -> httpx.Client:
        user = next(user for user in self.told["users"] if user["role"] == role and login in ("", user["login"]))
        client = httpx.Client(base_url=self.told["url"], timeout=60)
        token = client.get("/login").text.split('name="form_token" value="')[1].split('"')[0]
        code = pyotp.TOTP(user["totp_secret"]).at(int(time.time()))
        fields = {"login": user["login"], "password": user["password"], "totp": code, "form_token": token}
        answer = client.post("/login", data=fields, headers={"Origin": self.told["url"]})
        assert answer.status_code == 303, answer.text[:2000]
        return client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    started = Demo(folder)
    yield started
    started.stop()


@pytest.mark.seed("S71")
def test_there_are_3411_invented_bodies_whose_answers_come_to_the_published_classes() -> None:
    book, made = load_rules(), bodies()

    decided = [decide_survey(answers(body, place), book, date(2023, 6, 21)) for place, body in enumerate(made)]

    counted = Counter(decision.process_class for decision in decided)
    assert len({body.code for body in made}) == 3_411
    assert (counted[1], counted[2], counted[3]) == CLASSES == (293, 1_010, 2_108)
    assert all(one.scope is not Scope.NONE for one in decided if one.process_class == 1)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")

    with pytest.raises(UsageError, match="other files"):
        filled_world(settings_of(Settings(), tmp_path), 2_000, Silence())

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_too_few_people_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1000"):
        filled_world(settings_of(Settings(), tmp_path / "demo"), 10, Silence())

    assert not (tmp_path / "demo").exists()


def test_the_file_names_users_of_every_role_and_people_of_every_story(demo: Demo, folder: Path) -> None:
    told = demo.told

    assert demo.path == folder / "demo.json"
    assert set(told) == {"url", "users", "institutions", "insurers", "people"}
    assert {user["role"] for user in told["users"]} == {role.value for role in Role}
    assert {person["story"] for person in told["people"]} >= STORIES
    assert all(set(person) == PERSON_KEYS for person in told["people"])
    assert {one["kind"] for one in told["institutions"]} >= {"hospital", "clinic", "pharmacy"}
    assert all((Path(one["folder"]) / "req").is_dir() and one["api_key"] for one in told["institutions"])
    assert all(date.fromisoformat(person["birth_date"]) for person in told["people"])
    assert all(bool(person["card"]) is (person["story"] != "no_card") for person in told["people"])
    assert {person["insurer_number"] for person in told["people"]} <= {one["number"] for one in told["insurers"]}


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_somebody_of_every_role_comes_in_with_what_the_file_says(demo: Demo, role: str) -> None:
    assert demo.client(role).get("/").status_code == 200


@pytest.mark.seed("S71", "S73", "S77")
def test_the_published_tables_of_the_demo_are_those_of_the_nation(demo: Demo) -> None:
    ministry = demo.client("ministry_viewer")

    nation = ministry.get("/api/v1/campaigns/1/progress").json()["groups"][0]
    first, second = ministry.get("/api/v1/campaigns/1/publications").json()["publications"]

    assert (nation["bodies"], nation["class_1"], nation["class_2"], nation["class_3"]) == (3_411, 293, 1_010, 2_108)
    assert (second["figures"]["period/total/wrong"], second["figures"]["period/total/viewed"]) == (7_372, 10)
    assert first["figures"]["period/total/viewed"] == 9


def test_cases_stand_in_many_states(demo: Demo) -> None:
    cases = demo.client("insurer_supervisor").get("/api/v1/cases?state=all&limit=500").json()["cases"]

    steps = {case["step"] for case in cases}
    assert len(steps) >= 6, steps
    assert {case["state"] for case in cases} == {"open", "closed"}


def test_of_the_wrong_links_that_the_demo_publishes_one_was_viewed_with_its_medicines(demo: Demo) -> None:
    clerk = demo.client("insurer_clerk")

    listed = clerk.get("/api/v1/cases?state=all&limit=500").json()["cases"]
    viewed = [case for case in listed if case["is_wrong"] and case["viewings"]]

    assert viewed
    assert any("薬剤情報" in clerk.get(f"/cases/{case['case_id']}/steps/exposure").text for case in viewed)


def test_the_citizens_of_the_demo_meet_their_stories(demo: Demo) -> None:
    """One reads a proven link and who looked; the other, that his record is being checked, and nothing of it."""
    seen = demo.client("citizen")
    links, viewings = seen.get("/my/links").text, seen.get("/my/viewings").text
    doubted = demo.client("citizen", login="citizen2").get("/my/links").text

    assert "あなたの記録であることを確認しました" in links
    assert "この期間の閲覧はありません" not in viewings
    assert "確認中" in doubted
    assert "記号・番号や閲覧の記録などの内容は表示しません" in doubted


def test_an_inspection_with_its_review_list_is_there_to_look_at(demo: Demo) -> None:
    shown = demo.client("insurer_clerk").get("/inspections/1/review")

    assert shown.status_code == 200
    assert "誤りの見込み" in shown.text


def test_started_again_it_goes_on_with_what_is_there(demo: Demo, folder: Path) -> None:
    demo.stop()

    again = Demo(folder)
    try:
        world = json.loads((folder / "demo-world.json").read_text("utf-8"))
        assert again.told == {"url": again.told["url"], **world}
    finally:
        again.stop()
