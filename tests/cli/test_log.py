"""`--log` and `imagefit replay` on the command line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import imagefit
from imagefit.api.packs import shipped_packs
from packfiles import shipped_pack

Run = Callable[..., Result]
Start = Callable[..., subprocess.CompletedProcess[str]]

CREATE = ("--flavor", "kai1s.3xlarge.2", "--operation", "create_ecs")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "verdicts.log"


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_bytes().splitlines()]


def test_a_check_adds_a_line_for_each_verdict(run: Run, images: Path, log: Path) -> None:
    options = (*CREATE, "--set", "ecs.account=me", "--assume", "image.owner=@ecs.account", "--log", str(log))
    log.write_text('{"log": 1, "before": true}\n')
    run("check", str(images), *options, "--format", "json")
    before, *added = log.read_text().splitlines()
    first, second = map(json.loads, added)
    assert before == '{"log": 1, "before": true}'
    assert (first["log"], first["operation"], first["imagefit"]) == (1, "create_ecs", imagefit.__version__)
    pack = shipped_pack()
    assert first["pack"] == {"name": pack.name, "version": pack.version, "digest": pack.digest}
    assert first["facts"]["given"] == {"ecs.account": "me"}
    assert first["facts"]["stated"]["image.boot_mode"] == "uefi"
    assert first["facts"]["assumed"] == {"ecs.flavor_status": "normal"}  # the owner is stated
    assert (first["waivers"], first["redacted"], first["select"]) == (None, [], [])
    assert [line["verdict"] for line in (first, second)] == ["incompatible", "incompatible"]
    rules = [rule.id for rule in pack.rules_for("create_ecs")]
    failed = [rule for rule, letter in zip(rules, first["outcomes"], strict=True) if letter == "f"]
    assert "boot.uefi-on-heterogeneous" in failed
    assert set(first["failed_rules"]) <= set(failed)
    assert IMAGE_ONLY not in log.read_text()


IMAGE_ONLY = "disk_format"  # stands in the payload, and is no fact


def test_an_audit_says_of_a_row_what_a_check_does(run: Run, images: Path, log: Path, tmp_path: Path) -> None:
    other = tmp_path / "checks.log"
    run("audit", str(images), "--flavor", "kai1s.3xlarge.2", "--operation", "create_ecs", "--log", str(log))
    run("check", str(images), *CREATE, "--log", str(other))
    assert len(lines(log)) == len(json.loads(images.read_text())["images"])
    for row, check in zip(lines(log), lines(other), strict=True):
        assert check["key"] == f"{row['key']} x kai1s.3xlarge.2"
        assert {k: v for k, v in row.items() if k not in ("time", "key")} == {
            k: v for k, v in check.items() if k not in ("time", "key")
        }


def test_a_log_comes_out_the_same(run: Run, images: Path, log: Path) -> None:
    run("check", str(images), *CREATE, "--select", "boot,arch", "--log", str(log))
    run("check", str(images), "--operation", "share", "--log", str(log))
    run("audit", str(images), "--operation", "export", "--log", str(log), "--pack", "open-telekom-cloud")
    result = run("replay", str(log))
    assert (result.exit_code, result.stdout) == (0, "6 lines: 6 come out the same, 0 do not\n")
    assert run("replay", str(log), "--evaluator", "reference").exit_code == 0


def test_waivers_are_part_of_a_line(run: Run, images: Path, log: Path, tmp_path: Path) -> None:
    """Their file may be gone, and the day be another one."""
    waivers = tmp_path / "w.yaml"
    waivers.write_text(
        "waivers:\n  - {rule: boot.uefi-on-heterogeneous, image: [web-uefi], reason: tested, owner: ops,"
        " until: 2026-03-31}\n  - {rule: boot, reason: old, owner: ops, until: 2026-01-31}\n"
    )
    options = (*CREATE, "--waivers", str(waivers), "--today", "2026-03-01", "--log", str(log))
    run("check", str(images), *options)
    waivers.unlink()
    first, second = lines(log)
    assert first["waivers"]["digest"].startswith("sha256:")
    assert [each["reason"] for each in first["waivers"]["in_force"]] == ["tested"]
    assert "waived.boot.uefi-on-heterogeneous" in first["warnings"]
    assert "waived.boot.uefi-on-heterogeneous" not in second["warnings"]
    assert run("replay", str(log)).exit_code == 0


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """The built-in pack and a rule of our own."""
    folder = tmp_path / "stricter"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "name: stricter\nversion: 2.0.0\ntitle: Ours\nextends: huawei-ims\nadjustments:\n"
        "- why: we say so\n  add:\n    id: own.no-uefi\n    title: We share no image that boots in UEFI mode\n"
        "    operations: [share]\n    require: {image.boot_mode: {not: uefi}}\n    severity: error\n"
        "    message: it boots in {image.boot_mode} mode\n    source: {document: ims-overview, section: Ours}\n"
        "    examples:\n    - {facts: {image.boot_mode: bios}, outcome: pass}\n"
        "    - {facts: {image.boot_mode: uefi}, outcome: fail}\n    - {facts: {}, outcome: unknown}\n"
    )
    return folder


def test_another_pack_says_which_verdicts_change(run: Run, images: Path, log: Path, stricter: Path) -> None:
    run("check", str(images), "--operation", "share", "--log", str(log))
    result = run("replay", str(log), "--pack", str(stricter), "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["lines"], found["same"], found["differing"]) == (2, 1, 1)
    (change,) = found["shown"]
    assert (change["place"], change["new"], change["rules"]) == (f"{log}:1", "incompatible", ["own.no-uefi"])
    assert found["moved"] == [{"operation": "share", "old": change["old"], "new": "incompatible", "count": 1}]
    text = run("replay", str(log), "--pack", str(stricter)).stdout
    assert "-> incompatible (own.no-uefi)" in text
    assert text.endswith("2 lines by stricter 2.0.0: 1 come out the same, 1 do not\n")


def test_a_pack_that_is_not_at_hand_is_named(run: Run, images: Path, log: Path, stricter: Path) -> None:
    run("check", str(images), "--operation", "share", "--pack", str(stricter), "--log", str(log))
    digest = imagefit.load_pack(stricter).digest
    assert run("replay", str(log), "--pack", str(stricter)).exit_code == 0
    shutil.rmtree(stricter)
    result = run("replay", str(log))
    assert result.exit_code == 2
    assert f"stricter 2.0.0 {digest}" in result.stderr
    assert run("replay", str(log), "--pack", "huawei-ims").exit_code == 1  # with what it says, evaluated by another one


def test_the_project_names_log_redaction_and_pack(
    run: Run, images: Path, log: Path, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (log.parent / "imagefit.toml").write_text(
        'pack = "stricter"\nlog = "verdicts.log"\nredact = ["image.owner"]\noperation = "share"\n'
    )
    monkeypatch.chdir(log.parent)
    run("check", str(images), "--ignore", "own")
    (first, _) = lines(log)
    assert first["redacted"] == ["image.owner"]
    assert "0a1b2c3d" not in log.read_text()
    result = run("replay", "verdicts.log")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "not evaluated, for the log lacks image.owner: 2",
        "2 lines: 0 come out the same, 0 do not",
    ]
    run("check", str(images), "--redact", "image.status", "--ignore", "own")
    assert lines(log)[2]["redacted"] == ["image.status"]  # an option counts before the file


def test_logs_are_read_compressed_from_standard_input_and_by_patterns(run: Run, images: Path, log: Path) -> None:
    run("check", str(images), "--operation", "share", "--log", str(log))
    log.with_suffix(".log.gz").write_bytes(gzip.compress(log.read_bytes()))
    assert run("replay", str(log.parent / "*.log*")).stdout.startswith("4 lines: 4 come out the same")
    assert run("replay", "-", input=log.read_text()).exit_code == 0


def test_every_shipped_pack_is_at_hand(run: Run, log: Path) -> None:
    for name in shipped_packs():
        run("check", "--set", "image.status=active", "--operation", "share", "--pack", name, "--log", str(log))
    assert run("replay", str(log)).exit_code == 0


DAMAGED = (
    '{"log": 1, "key": "", "operation": "share", "verdict": "unknown", "outcomes": "u", "select": [], "ignore": [],'
    ' "redacted": [], "failed_rules": [[]], "unknown_rules": [], "warnings": [], "pack": {"digest": ""}, "facts": {},'
    ' "waivers": null}'
)
DAMAGED_WAIVERS = DAMAGED.replace("[[]]", "[]").replace("null", '{"day": "2026-03-01", "in_force": "["}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}\n", "row 1: no line of a log"),
        ("[]\n", "row 1: no line of a log"),
        ('\n{"log": 1}\n', "row 2, key: a damaged line of a log"),
        (DAMAGED, "row 1, failed_rules: a damaged line of a log"),
        (DAMAGED_WAIVERS, "row 1, waivers: a damaged line of a log"),
        ("nothing\n", "row 1: not JSON"),
    ],
)
def test_what_is_no_log_is_said_with_its_place(run: Run, log: Path, text: str, said: str) -> None:
    log.write_text(text)
    result = run("replay", str(log))
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("kept", [1, 5, 200])
def test_a_line_that_was_cut_off_is_counted_and_the_others_are_replayed(
    run: Run, images: Path, log: Path, kept: int
) -> None:
    logged = ("check", str(images), "--operation", "share", "--log", str(log))
    run(*logged)
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:kept])  # as a full disk leaves it
    run(*logged)
    number = len(whole.splitlines())
    result = run("replay", str(log))
    assert result.exit_code == 1
    assert f"row {number + 1}: cut off where it was written): 1" in result.stdout
    assert f"{2 * number + 1} lines: {2 * number} come out the same, 0 do not" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--redact", "image.ownr"), "did you mean 'image.owner'"),
        (("--log", "-"), "a log is a file"),
    ],
)
def test_mistakes_are_said(run: Run, images: Path, log: Path, options: tuple[str, ...], said: str) -> None:
    extra = () if "--log" in options else ("--log", str(log))
    result = run("check", str(images), "--operation", "share", *extra, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not log.exists()


def test_a_value_that_another_pack_does_not_know_is_a_line_that_it_cannot_evaluate(
    run: Run, images: Path, log: Path
) -> None:
    run("check", str(images), "--operation", "share", "--log", str(log))
    log.write_text(log.read_text().replace('"image.status": "active"', '"image.status": "frozen"', 1))
    result = run("replay", str(log))
    assert result.exit_code == 1
    assert "can't be evaluated" in result.stdout
    assert "'frozen'" in result.stdout


def test_rows_of_several_operations_and_bad_ones_are_logged_in_their_order(run: Run, log: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id,operation,image.status,image.min_disk_gib,image.hypervisors\n"
        "a,share,active,40,kvm;xen\nb,export,queued,40.0,[]\nc,share,lost,,\nd,delete,,,\ne,share,queued,7,\n"
    )
    options = ("audit", str(rows), "--on-bad-row", "report", "--bad-rows", str(tmp_path / "bad.jsonl"))
    run(*options, "--set", "image.owner=me", "--assume", "image.status=active", "--log", str(log))
    found = lines(log)
    assert [(line["key"], line["operation"]) for line in found] == [
        ("a", "share"),
        ("b", "export"),
        ("d", "delete"),
        ("e", "share"),
    ]
    assert found[0]["facts"] == {
        "given": {"image.owner": "me"},
        "stated": {"image.hypervisors": ["kvm", "xen"], "image.min_disk_gib": 40, "image.status": "active"},
        "assumed": {},
    }
    assert found[1]["facts"]["stated"] == {
        "image.hypervisors": [],
        "image.min_disk_gib": 40,
        "image.status": "queued",
    }
    assert found[2]["facts"]["assumed"] == {"image.status": "active"}
    assert run("replay", str(log)).stdout == "4 lines: 4 come out the same, 0 do not\n"


def test_what_an_audit_says_of_each_row_is_what_it_logs(run: Run, log: Path) -> None:
    samples = Path(__file__).parents[2] / "data" / "samples"
    for name in ("facts.csv", "facts.jsonl"):
        shown = run("audit", str(samples / name), *SHARED[name], "--format", "csv", "--log", str(log)).stdout
        rows = list(csv.DictReader(io.StringIO(shown)))
        found = lines(log)[-len(rows) :]
        for row, line in zip(rows, found, strict=True):
            assert row["verdict"] == line["verdict"]
            for column in ("failed_rules", "unknown_rules", "warnings"):
                assert sorted(filter(None, row[column].split("; "))) == sorted(line[column])
    assert run("replay", str(log)).exit_code == 0


SHARED = {"facts.csv": ("--operation", "share"), "facts.jsonl": ()}


@pytest.mark.parametrize("verb", ["check", "audit"])
@pytest.mark.parametrize("there", [b"important", b'{"images": []}', b"\x1f\x8b\x08\x00", b"\n\nnotes"])
def test_nothing_is_added_to_what_is_no_log(run: Run, images: Path, log: Path, verb: str, there: bytes) -> None:
    log.write_bytes(there)
    result = run(verb, str(images), "--operation", "share", "--log", str(log))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{log.name}: not a log, so that nothing is added to it" in result.stderr
    assert log.read_bytes() == there


@pytest.mark.parametrize("there", [b"", b"\n", b'{"lo'])
def test_what_a_full_disk_left_of_a_log_is_one(run: Run, images: Path, log: Path, there: bytes) -> None:
    log.write_bytes(there)
    assert run("check", str(images), "--operation", "share", "--log", str(log)).exit_code in (1, 3)
    assert log.read_bytes().startswith(there)
    assert b'{"log": 1' in log.read_bytes()


def test_a_log_that_cannot_be_written_is_an_error_before_anything_is_shown(start: Start, images: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    for verb in ("check", "audit"):
        result = start(verb, str(images), "--operation", "share", "--log", "/dev/full")
        assert result.returncode == 2
        assert (result.stdout, "/dev/full" in result.stderr) == ("", True)
        assert "Traceback" not in result.stderr
