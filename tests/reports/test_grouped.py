"""Several verdicts of a check as text: what is the same of them stands once, with those whom it concerns."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from commands import run
from imagefit.facts import Facts
from imagefit.reports.layout import cell_width

KINDS = ({"image.published_in_koogallery": True}, {"image.encrypted": True}, {}, {"image.visibility": "public"})


def told(file: Path, *options: str) -> str:
    result = run("check", str(file), "--operation", "share", *options)
    assert result.exit_code in (0, 1, 3), result.stderr
    return result.stdout


def rows(folder: Path, count: int) -> Path:
    """Return a file of images that are of four kinds by turns."""
    file = folder / "rows.jsonl"
    file.write_text("".join(f"{json.dumps({'id': f'r{n}', **KINDS[n % 4]})}\n" for n in range(count)))
    return file


def test_two_thousand_are_a_page_that_can_be_read(tmp_path: Path) -> None:
    text = told(rows(tmp_path, 2000))
    lines = text.splitlines()
    assert len(lines) < 80
    assert [line for line in lines if cell_width(line) > 80 and not line.startswith("  hcloud ")] == []
    assert lines[0] == "2,000 checked: share the image"
    assert "sharing.encrypted: 500 of 2,000" in lines
    assert "concerns   r1, r5, r9, r13, r17, r21 and 494 more" in text
    assert "Undecided for want of facts: 500" in lines


def test_each_rule_is_said_to_concern_as_many_as_there_are_findings_of_it(tmp_path: Path) -> None:
    file = rows(tmp_path, 41)
    errors = Counter(re.findall(r": error ([a-z.-]+): ", told(file, "--format", "concise")))
    shown = re.findall(r"^([a-z.-]+): ([\d,]+) of 41$", told(file), re.MULTILINE)
    assert {rule: int(count) for rule, count in shown} == dict(errors)
    assert [int(count) for _, count in shown] == sorted(errors.values(), reverse=True)


def test_what_would_decide_stands_once_with_how_many_wait_for_it(tmp_path: Path) -> None:
    text = told(rows(tmp_path, 40))
    decide = text.partition("To decide them, supply")[2].partition("Or ask the cloud")[0]
    counts = {name: int(count) for count, name in re.findall(r"^ +(\d+)  --set ([a-z_.]+)=", decide, re.MULTILINE)}
    waiting = [json.loads(line)["missing"] for line in told(rows(tmp_path, 40), "--format", "jsonl").splitlines()]
    assert counts == dict(Counter(name for names in waiting for name in names))


@pytest.mark.parametrize(("count", "options"), [(3, ()), (5, ("--explain",))])
def test_few_and_those_that_are_explained_stand_one_by_one(
    tmp_path: Path, count: int, options: tuple[str, ...]
) -> None:
    text = told(rows(tmp_path, count), *options)
    assert len(re.findall(r"^(?:INCOMPATIBLE|UNKNOWN|COMPATIBLE): ", text, re.MULTILINE)) == count


def test_candidates_with_one_name_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f'{{"id": "r{n}", "name": "web", "image.encrypted": true}}\n' for n in range(4)))
    assert "concerns   r0, r1, r2, r3" in told(file)


def test_candidates_that_are_alike_share_their_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from imagefit.planning.planner import PackPlanner

    asked: list[object] = []
    plans = PackPlanner.plans

    def counted(self: PackPlanner, facts: Facts, *rest: Any) -> Any:
        asked.append(facts)
        return plans(self, facts, *rest)

    monkeypatch.setattr(PackPlanner, "plans", counted)
    found = json.loads(told(rows(tmp_path, 40), "--format", "json"))["verdicts"]
    of_all = len(asked)
    alone = json.loads(told(rows(tmp_path, 4), "--format", "json"))["verdicts"]
    assert len(asked) == 2 * of_all >= 4  # of each kind once
    assert [(each["plans"], each["no_plan"]) for each in found] == [(e["plans"], e["no_plan"]) for e in alone] * 10
    assert any(each["no_plan"] for each in alone)
