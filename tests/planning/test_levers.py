"""Plans of whole tables: each row has the plan that a check of it has, and levers count what helps how many rows."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path

import pytest

import imagefit
from commands import run
from imagefit.rulepack.pack import Pack

CORPUS = Path(__file__).parents[1] / "corpus" / "huawei-ims.jsonl"
EVERY = 1000


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    found = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()[::17]]
    return [{**row["facts"], "operation": row["operation"]} for row in found]


def check(row: dict[str, object], pack: Pack) -> imagefit.Verdict:
    facts = {name: value for name, value in row.items() if name != "operation"}
    return imagefit.check(facts, operation=str(row["operation"]), pack=pack)


@pytest.fixture(scope="module")
def audited(rows: list[dict[str, object]], built_in: Pack) -> imagefit.Audit:
    return imagefit.audit(rows, pack=built_in, plans=True)


def test_each_row_has_the_plan_that_a_check_has(
    rows: list[dict[str, object]], audited: imagefit.Audit, built_in: Pack
) -> None:
    table = audited.to_arrow().to_pydict()
    for row, plan, cost in zip(rows, table["plan"], table["plan_cost"], strict=True):
        verdict = check(row, built_in)
        best = verdict.plans(1) if verdict.verdict == "incompatible" else ()
        assert plan == (list(best[0].remedies) if best else [])
        assert cost == (list(best[0].cost) if best else [])


def test_plans_are_columns_of_a_frame_too(audited: imagefit.Audit) -> None:
    table, frame = audited.to_arrow(), audited.to_pandas()
    for name in ("plan", "plan_cost"):
        assert list(frame[name]) == [tuple(texts) for texts in table[name].to_pylist()]


def test_levers_count_the_rows_that_each_remedy_helps(
    rows: list[dict[str, object]], audited: imagefit.Audit, built_in: Pack
) -> None:
    verdicts = [verdict for row in rows if (verdict := check(row, built_in)).verdict == "incompatible"]
    plans = [verdict.plans(EVERY) for verdict in verdicts]
    sets = [[frozenset(plan.remedies) for plan in found] for found in plans]
    levers = audited.levers()
    assert levers.planned == sum(map(bool, plans)) and levers.without == len(plans) - levers.planned
    for lever in levers.single:
        ends = [p.verdict for found in plans for p in found if p.remedies == (lever.remedy,)]
        assert (lever.fits, lever.clears) == (ends.count("compatible"), ends.count("unknown"))
    helpful = {name for found in sets for some in found for name in some}
    most = sorted(helpful, key=lambda name: -sum(any(name in some for some in found) for found in sets))[:8]
    for size in (1, 2, 3):
        for few in combinations(most, size):
            assert sum(any(some <= set(few) for some in found) for found in sets) <= levers.together_rows
    chosen = set(levers.together)
    assert sum(any(some <= chosen for some in found) for found in sets) == levers.together_rows


def test_levers_can_be_asked_for_afterwards(rows: list[dict[str, object]], audited: imagefit.Audit) -> None:
    plain = imagefit.audit(rows[:60])
    assert plain.columns == imagefit.audit(rows[:60], plans=True).columns[:-2]
    assert plain.levers() == imagefit.audit(rows[:60], plans=True).levers()
    assert "levers" not in plain.summary().to_dict() and "levers" in audited.summary().to_dict()


def test_the_command_line_writes_plans_and_shows_levers(tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = "a,private,uefi,npu\nb,private,bios,npu\n" + "c,public,uefi,npu\n" * 2
    table.write_text(f"id,image.visibility,image.boot_mode,ecs.accelerator\n{rows}")
    options = ["--operation", "create_ecs", "--select", "boot.uefi-on-heterogeneous", "--plans", "-o", str(out)]
    result = run("audit", str(table), *options)
    assert "\nLevers: " in result.stderr and "\n  1 row has a plan of up to three steps, 0 none.\n" in result.stderr
    found = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert [row["plan"] for row in found] == ["choose-public-image-for-accelerator", "", "", ""]
    assert [row["plan_cost"] for row in found] == ["chooses_other", "", "", ""]


def test_a_row_that_a_plan_leaves_undecided_is_not_said_to_fit_then(tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("id,image.visibility,image.boot_mode,image.status,ecs.accelerator\na,private,uefi,,npu\n")
    options = ["--operation", "create_ecs", "--select", "boot.uefi-on-heterogeneous,status.active", "--plans"]
    shown = run("audit", str(table), *options).stdout
    assert "not decided either: status.active\n    plan: choose-public-image-for-accelerator\n" in shown
    assert "  0     1  choose-public-image-for-accelerator" in shown and "made to fit" not in shown


def test_each_line_of_json_has_its_plan(rows: list[dict[str, object]], audited: imagefit.Audit, tmp_path: Path) -> None:
    table = audited.to_arrow().select(["plan", "plan_cost"]).to_pylist()
    audited.write(tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [{"plan": line["plan"], "plan_cost": line["plan_cost"]} for line in lines] == table
    assert any(line["plan"] for line in lines)
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in [*rows[:40], {"image.status": "x"}]))
    out = tmp_path / "few.jsonl"
    options = ["--on-bad-row", "report", "--all-rules", "--plans", "-o", str(out)]
    run("audit", str(tmp_path / "in.jsonl"), "--set", "image.withdrawn=false", *options)
    few = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(few) == 40 and all(line.keys() >= {"plan", "plan_cost", "columns"} for line in few)
    imagefit.audit(rows[:3]).write(out)
    assert all("plan" not in json.loads(line) for line in out.read_text("utf-8").splitlines())


def test_no_rows_have_plan_columns_too() -> None:
    audited = imagefit.audit(
        [{"image.status": "active"}][:0] or [{"image.status": None}], operation="delete", plans=True
    )
    assert audited.columns[-2:] == ("plan", "plan_cost")
    assert audited.to_arrow()["plan"].to_pylist() == [[]]
