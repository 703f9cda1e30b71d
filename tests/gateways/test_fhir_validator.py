"""Our FHIR answers against the R4 definitions, by the npm package ``fhir``: value sets and references included."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from qualifications import KEY, TODAY, qualification

from himozuke.eligibility.decide import find
from himozuke.eligibility.model import ElderlyCertificate, InsuredKey, Qualification, Question, Reference, Relation
from himozuke.entrypoints.oqs.kit_people import NOW
from himozuke.gateways.fhir.eligibility import capability_statement, operation_outcome, write_response

VERSION = "4.12.0"
#: Installed once and kept, since it is large; another place by HIMOZUKE_TEST_NPM.
PLACE = Path(os.environ.get("HIMOZUKE_TEST_NPM", Path(tempfile.gettempdir()) / "himozuke-test-npm"))
VALIDATE = """
const { Fhir } = require('fhir');
const fhir = new Fhir();
const out = JSON.parse(require('fs').readFileSync(0, 'utf8')).map((one) => {
  const { messages } = fhir.validate(one, { errorOnUnexpected: true });
  return messages.filter((m) => ['error', 'fatal'].includes(m.severity)).map((m) => `${m.location}: ${m.message}`);
});
process.stdout.write(JSON.stringify(out));
"""


@pytest.fixture(scope="module")
def validator() -> Path:
    """A folder with the package in it; the test is passed over where it cannot be had."""
    if shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    if not (PLACE / "node_modules" / "fhir").exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"fhir@{VERSION}"]
        got = subprocess.run(install, cwd=PLACE, check=False, capture_output=True, timeout=300)
        if got.returncode != 0:
            pytest.skip(f"the npm package fhir {VERSION} cannot be had")
    return PLACE


def faults(validator: Path, *resources: dict[str, Any]) -> list[list[str]]:
    done = subprocess.run(
        ["node", "-e", VALIDATE],
        cwd=validator,
        input=json.dumps(resources).encode(),
        check=True,
        capture_output=True,
        timeout=120,
    )
    told: list[list[str]] = json.loads(done.stdout)
    return told


def response(*held: Qualification) -> dict[str, Any]:
    finding = find(held, on=TODAY, reference=Reference.CARD)
    asked = {"id": "r1", "patient": {"reference": "Patient/1"}}
    question = Question("1312345676", TODAY, Reference.CARD, KEY)
    return write_response(asked, question, finding, at=NOW, text="")


def test_every_kind_of_answer_is_valid_r4(validator: Path) -> None:
    held = qualification()
    elderly = replace(held, elderly=ElderlyCertificate(None, date(2026, 8, 1), date(2027, 7, 31), 20), copay_percent=20)
    dependent = replace(held, relation=Relation.DEPENDENT, sex="3", address="", birth_date=None)
    other = qualification(2, key=InsuredKey("138057", "", "9"), lost_on=date(2026, 12, 1))
    answers = [
        response(held),
        response(),
        response(elderly, other),
        response(dependent),
        response(replace(held, lost_on=date(2026, 10, 1))),
        capability_statement("https://example.org/fhir", version="1.0", on=TODAY),
        operation_outcome(422, "servicedDate must be a day."),
    ]

    assert faults(validator, *answers) == [[] for _ in answers]


def test_the_validator_sees_what_is_wrong(validator: Path) -> None:
    wrong = response(qualification()) | {"outcome": "perhaps", "unheard": 1}
    del wrong["insurer"]

    [found] = faults(validator, wrong)

    assert len(found) >= 3
