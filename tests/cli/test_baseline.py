"""`--baseline` and `--write-baseline` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result

Run = Callable[..., Result]

CREATE = ("--flavor", "kai1s.3xlarge.2", "--operation", "create_ecs")
VERBS = pytest.mark.parametrize("verb", ["check", "audit"])


@pytest.fixture
def baseline(tmp_path: Path) -> str:
    return str(tmp_path / "baseline.json")


@VERBS
def test_known_findings_do_not_fail_new_ones_do_and_fixed_ones_are_said(
    run: Run, images: Path, baseline: str, verb: str
) -> None:
    options = (verb, str(images), *CREATE, "--baseline", baseline)
    written = run(*options, "--write-baseline")
    assert written.exit_code == 0
    assert "are known from now on" in written.stderr
    again = run(*options)
    assert again.exit_code == 0
    assert "incompatible" in again.stdout.lower()  # it is shown all the same
    assert "0 new, 0 fixed" in again.stderr
    images.write_text(images.read_text().replace('"uefi"', '"bios"').replace('"active"', '"queued"', 1))
    changed = run(*options)
    assert changed.exit_code == 1
    assert "imagefit: new: 11111111-aaaa-4000-8000-000000000001" in changed.stderr
    assert ": create_ecs: status.active (fail)\n" in changed.stderr
    assert "imagefit: fixed: 11111111-aaaa-4000-8000-000000000001" in changed.stderr
    assert ": create_ecs: boot.uefi-on-heterogeneous (fail)\n" in changed.stderr


@VERBS
def test_the_order_of_images_changes_nothing(run: Run, images: Path, baseline: str, verb: str) -> None:
    options = (verb, str(images), *CREATE, "--baseline", baseline)
    run(*options, "--write-baseline")
    before = Path(baseline).read_bytes()
    content = json.loads(images.read_text())
    images.write_text(json.dumps({"images": content["images"][::-1]}))
    assert run(*options).exit_code == 0
    run(*options, "--write-baseline")
    assert Path(baseline).read_bytes() == before


@VERBS
def test_rows_without_a_name_are_told_apart_by_their_facts(run: Run, tmp_path: Path, baseline: str, verb: str) -> None:
    rows = ['{"image.status": "queued", "image.encrypted": true}', '{"image.status": "queued"}']
    file = tmp_path / "rows.jsonl"
    options = (verb, str(file), "--operation", "share", "--baseline", baseline)
    file.write_text("\n".join(rows))
    assert run(*options, "--write-baseline").exit_code == 0
    file.write_text("\n".join([*rows[::-1], rows[0]]))
    assert run(*options).exit_code == 0
    file.write_text("\n".join([*rows, '{"image.status": "queued", "image.type": "iso"}']))
    assert run(*options).exit_code == 1


def test_a_rule_that_was_not_looked_at_is_not_fixed(run: Run, images: Path, baseline: str) -> None:
    options = ("check", str(images), *CREATE, "--baseline", baseline)
    run(*options, "--write-baseline")
    assert "fixed:" not in run(*options, "--select", "boot").stderr
    of_one = run("check", f"{images}#web-bios", *CREATE, "--baseline", baseline)
    assert (of_one.exit_code, "fixed:" in of_one.stderr) == (0, False)
    assert "known of what was not checked here" in of_one.stderr


def test_warnings_are_findings_where_the_run_fails_for_them(run: Run, images: Path, baseline: str) -> None:
    options = ("check", str(images), *CREATE, "--select", "drivers", "--fail-on", "warning", "--baseline", baseline)
    assert run("check", *options[1:-2]).exit_code == 4
    assert run(*options, "--write-baseline").exit_code == 0
    assert run(*options).exit_code == 0
    Path(baseline).write_text('{"baseline": 1, "findings": []}')
    assert run(*options).exit_code == 4


def test_what_is_assumed_is_no_finding(run: Run, images: Path, baseline: str) -> None:
    options = ("check", str(images), *CREATE, "--baseline", baseline, "--fail-on", "assumed")
    run(*options, "--write-baseline")
    assert run(*options).exit_code == 3


def test_the_project_names_it(run: Run, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imagefit.toml").write_text('baseline = "known.json"\noperation = "share"\n')
    monkeypatch.chdir(tmp_path)
    missing = run("check", str(images))
    assert missing.exit_code == 2
    assert "known.json: there is no such file; expected --write-baseline, which writes it" in missing.stderr
    assert run("check", str(images), "--write-baseline").exit_code == 0
    assert run("check", str(images)).exit_code == 0
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert "sets operation, baseline" in run("check", str(images)).stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--write-baseline",), "say --baseline FILE"),
        (("--baseline", "-"), "a baseline is a file"),
        (("--baseline", "images.json", "--write-baseline"), "would write over what is read"),
        (("--baseline", "images.json"), "no baseline"),
    ],
)
def test_mistakes_are_said(
    run: Run, images: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(images.parent)
    before = images.read_bytes()
    result = run("check", "images.json", "--operation", "share", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert images.read_bytes() == before


@pytest.mark.parametrize("there", [b"important", b'{"images": []}', b"\xff\xfe", b'{"baseline": 1, "findings": [1]}'])
def test_a_baseline_is_written_over_nothing_else(run: Run, images: Path, baseline: str, there: bytes) -> None:
    Path(baseline).write_bytes(there)
    result = run("check", str(images), "--operation", "share", "--baseline", baseline, "--write-baseline")
    assert (result.exit_code, result.stdout) == (2, "")
    assert Path(baseline).name in result.stderr
    assert Path(baseline).read_bytes() == there
    Path(baseline).write_bytes(b"")
    for _ in range(2):
        result = run("check", str(images), "--operation", "share", "--baseline", baseline, "--write-baseline")
        assert result.exit_code == 0


@VERBS
def test_what_other_programs_show_tells_known_from_new(run: Run, images: Path, baseline: str, verb: str) -> None:
    options = (verb, str(images), *CREATE, "--baseline", baseline)
    run(*options, "--write-baseline", "--ignore", "arch")
    known = "boot.uefi-on-heterogeneous"
    concise = run(*options, "--format", "concise").stdout
    assert f"known error {known}: " in concise
    assert ": error arch.matches: " in concise
    (log,) = json.loads(run(*options, "--format", "sarif").stdout)["runs"]
    states = {result["ruleId"]: result["baselineState"] for result in log["results"]}
    assert (states[known], states["arch.matches"]) == ("unchanged", "new")
    github = run(*options, "--format", "github").stdout.splitlines()
    assert all(line.startswith("::notice ") for line in github if f"title={known} (known error)" in line)
    assert any(line.startswith("::error ") and "title=arch.matches (error)" in line for line in github)
    root = ElementTree.fromstring(run(*options, "--format", "junit").stdout)
    assert root.get("failures") == "2"
    root = ElementTree.fromstring(run(*options, "--ignore", "arch", "--format", "junit").stdout)
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "2")
    assert "known error" in ElementTree.tostring(root, encoding="unicode")
    if verb == "check":
        (first, _) = json.loads(run(*options, "--format", "json").stdout)["verdicts"]
        assert known in first["known"]
        assert "arch.matches" not in first["known"]
    without = json.loads(run(*options[:-2], "--format", "sarif").stdout)["runs"][0]["results"]
    assert not any("baselineState" in result for result in without)


def test_planned_changes_are_known_by_their_addresses(run: Run, tmp_path: Path, baseline: str) -> None:
    plan = json.loads((Path(__file__).parents[1] / "plans" / "create.json").read_text())
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    options = ("check", str(file), "--baseline", baseline)
    assert run("check", str(file)).exit_code == 1
    assert run(*options, "--write-baseline").exit_code == 0
    plan["resource_changes"] = plan["resource_changes"][::-1]
    file.write_text(json.dumps(plan))
    assert run(*options).exit_code == 0
    change = next(c for c in plan["resource_changes"] if c["address"] == "huaweicloud_compute_instance.web[0]")
    change["change"]["after"]["flavor_id"] = "kai1s.3xlarge.2"
    file.write_text(json.dumps(plan))
    result = run(*options)
    assert result.exit_code in (1, 3)
    assert "new: huaweicloud_compute_instance.web[0]: create_ecs: " in result.stderr
