"""``-o report.html`` of the three verbs: a page, and what it is of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from htmlpages import Page

IMAGES = [{"id": f"image-{n}", "image.architecture": a} for n, a in enumerate(("x86_64", "arm64", "x86_64"))]
ECSS = [{"id": f"{f}.large", "ecs.architecture": a} for f, a in (("c7", "x86_64"), ("k1", "arm64"))]
CREATE = ("--operation", "create_ecs", "--select", "arch")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, rows in (("images.jsonl", IMAGES), ("ecss.jsonl", ECSS)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)) + "\n")
    return tmp_path


def page_of(folder: Path, *arguments: str) -> Page:
    result = run(*arguments, "-o", "report.html")
    assert result.exit_code in (0, 1, 3), result.stderr
    assert result.stdout == ""
    return Page((folder / "report.html").read_text("utf-8"))


@pytest.mark.parametrize("verb", ["check", "match"])
def test_every_image_with_every_ecs_is_a_candidate(verb: str, folder: Path) -> None:
    option = "--image" if verb == "check" else "--images"
    page = page_of(folder, verb, option, "images.jsonl", "--ecs", "ecss.jsonl", *CREATE)
    assert page.heading == f"3 of 6 {'candidates' if verb == 'check' else 'pairs'} do not fit"
    assert page.decoded("image") == ["image-0", "image-0", "image-1", "image-1", "image-2", "image-2"]
    assert page.decoded("ecs") == ["c7.large", "k1.large"] * 3


def test_an_audit_has_the_facts_of_the_ecs_beside_it(folder: Path) -> None:
    page = page_of(folder, "audit", "images.jsonl", "--ecs", "ecss.jsonl#c7.large", *CREATE)
    assert page.heading == "1 of 3 candidates does not fit"
    assert page.decoded("ecs.architecture") == ["x86_64"] * 3


def test_a_match_of_one_image_has_its_pairs_alone(folder: Path) -> None:
    page = page_of(
        folder, "match", "--images", "images.jsonl", "--ecs", "ecss.jsonl", "--for-image", "image-1", *CREATE
    )
    assert page.heading == "1 of 2 pairs does not fit"
    assert page.decoded("image") == ["image-1", "image-1"]


def test_one_check_is_called_by_its_names(folder: Path) -> None:
    page = page_of(folder, "check", "--image", "images.jsonl#image-1", "--ecs", "ecss.jsonl#c7.large", *CREATE)
    assert page.heading == "image-1 × c7.large does not fit"


def test_what_is_waived_stands_by_itself(folder: Path) -> None:
    (folder / "waivers.yaml").write_text(
        "waivers:\n- {rule: arch.matches, reason: for now, owner: me, ticket: T-1, until: 2999-12-31}\n"
    )
    page = page_of(
        folder, "audit", "images.jsonl", "--ecs", "ecss.jsonl#c7.large", *CREATE, "--waivers", "waivers.yaml"
    )
    assert page.heading == "All 3 candidates fit"
    said = [
        [page.data["rules"][rule]["id"], outcome] for case in page.data["cases"] for rule, outcome, _ in case["rules"]
    ]
    assert ["arch.matches", 3] in said


def test_a_planned_change_is_called_by_its_address(folder: Path) -> None:
    plan = Path(__file__).parents[1] / "plans" / "create.json"
    page = page_of(folder, "check", str(plan))
    planned = run("check", str(plan), "--format", "json")
    assert page.decoded("key") == [verdict["key"] for verdict in json.loads(planned.stdout)["verdicts"]]
    assert "image" not in {column["name"] for column in page.data["columns"]}
