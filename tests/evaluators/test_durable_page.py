"""The page about durable_rules: what it runs runs, and says what the page says and what imagefit says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

import imagefit
from commands import run
from packfiles import shipped_pack

pytestmark = pytest.mark.durable
pytest.importorskip("durable_rules_engine", exc_type=ImportError)

PAGE = (Path(__file__).parents[2] / "docs" / "durable-rules.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    command = block("sh").replace("imagefit", f"{sys.executable} -m imagefit.cli", 1)
    subprocess.run(command, shell=True, check=True, cwd=folder)
    (folder / "run.py").write_text(block("python"), "utf-8")
    ran = subprocess.run([sys.executable, "run.py"], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout


def test_the_program_prints_what_the_page_shows(printed: str) -> None:
    assert printed == block("text")


def test_the_outcomes_are_imagefits(printed: str) -> None:
    candidate = {"image.visibility": "private", "image.type": "full_ecs", "image.encrypted": True}
    verdict = imagefit.check(candidate, operation="share", all_rules=True)
    assert dict(line.split() for line in printed.splitlines()) == {rule.rule: rule.outcome for rule in verdict.rules}


def test_rules_are_exported_by_operation_and_selection() -> None:
    def export(*options: str) -> Result:
        return run("rules", "export", "--to", "durable-rules", *options)

    pack = shipped_pack()
    every = json.loads(export().stdout)
    assert {name.split("/")[0] for name in every} == set(pack.operations)
    for operation in pack.operations:
        own = {n.split("/")[0] for name, made in every.items() if name.split("/")[0] == operation for n in made}
        assert own == {rule.id for rule in pack.rules_for(operation)}
    chosen = json.loads(export("--operation", "share", "--select", "sharing.encrypted").stdout)
    assert {name.split("/")[0] for name in chosen["share"]} == {"sharing.encrypted"}
    assert export("--operation", "shar").exit_code == 2
