"""`imagefit waive`: from a result to waivers, of just what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from tests.checked import verdicts

from imagefit.rulepack.waiving import Failing, entries_of

Run = Callable[..., Result]

CREATE = ("--operation", "create_ecs")
WHY = ("--reason", "tested: it boots", "--owner", "camera team", "--ticket", "17")
DAY = ("--today", "2026-03-01")


@pytest.fixture
def folder(tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_fails_is_waived_for_the_time_that_is_said(run: Run, folder: Path) -> None:
    check = ("check", "images.json", "--flavor", "kai1s.3xlarge.2", *CREATE, *DAY, "--format", "json")
    before = run(*check)
    assert before.exit_code == 1
    result = run("waive", "-", "--ttl", "30d", *WHY, *DAY, input=before.stdout)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("findings, until 2026-03-31\n")
    after = run(*check, "--waivers", "waivers.yaml")
    assert {verdict["verdict"] for verdict in verdicts(after.stdout)} <= {"compatible", "unknown"}
    waived = {(each["image"]["id"], one["rule"]) for each in verdicts(after.stdout) for one in each["waived"]}
    failed = {
        (each["image"]["id"], rule["rule"])
        for each in verdicts(before.stdout)
        for rule in each["rules"]
        if (rule["severity"], rule["outcome"]) == ("error", "fail")
    }
    assert waived == failed
    assert run(*check[:-2], "--waivers", "waivers.yaml", "--flavor", "kai1s.6xlarge.2").exit_code == 1  # not this one


def test_a_second_time_nothing_is_added(run: Run, folder: Path) -> None:
    found = run("check", "images.json", "--flavor", "kai1s.3xlarge.2", *CREATE, "--format", "json").stdout
    run("waive", "-", "--ttl", "2w", *WHY, *DAY, input=found)
    before = (folder / "waivers.yaml").read_bytes()
    again = run("waive", "-", "--ttl", "2w", *WHY, *DAY, input=found)
    assert again.stderr.startswith("imagefit: waivers.yaml: 0 waivers of 0 findings, until 2026-03-15; ")
    assert "are waived already" in again.stderr
    assert (folder / "waivers.yaml").read_bytes() == before
    late = run("waive", "-", "--ttl", "2w", *WHY, "--today", "2026-04-01", input=found)  # they have expired
    assert "0 waivers" not in late.stderr


@pytest.mark.parametrize(
    "text",
    [
        "# ours\nwaivers:\n  # old\n  - rule: boot   # all of them\n    image: [gold-*]\n    reason: r\n    owner: o\n"
        "    until: 2026-12-31\n  # the end\n",
        "waivers:\n- {rule: boot, image: [a], reason: r, owner: o, until: 2026-12-31}\n",
        "waivers: [{rule: boot, image: [a], reason: r, owner: o, until: 2026-12-31}]  # one\n",
        "waivers: []  # none\n",
        "waivers:  # none\n",
        "# nothing yet\n",
        "",
        "waivers:\r\n  - {rule: boot, image: [a], reason: r, owner: o, until: 2026-12-31}\r\n",
    ],
)
def test_a_file_keeps_its_comments(run: Run, folder: Path, text: str) -> None:
    file = folder / "waivers.yaml"
    file.write_bytes(text.encode())
    found = run("check", "images.json", "--flavor", "kai1s.3xlarge.2", *CREATE, "--format", "json").stdout
    result = run("waive", "-", "--ttl", "30d", *WHY, *DAY, "--rule", "boot.uefi-on-heterogeneous", input=found)
    assert result.exit_code == 0, result.stderr
    after = file.read_bytes().decode()
    for line in text.split("\n"):
        comment = line.partition("#")[2]
        assert comment in after
    assert "boot.uefi-on-heterogeneous" in after
    check = ("check", "images.json#web-uefi", "--flavor", "kai1s.3xlarge.2", *CREATE, *DAY, "--waivers", str(file))
    assert "waived: tested: it boots (camera team, 17, until 2026-03-31)" in " ".join(run(*check).stdout.split())


def test_rows_of_an_audit_are_waived_by_what_they_are_called(run: Run, folder: Path) -> None:
    audit = ("audit", "images.json", "--flavor", "kai1s.3xlarge.2", *CREATE, *DAY, "--format", "jsonl")
    rows = [{**json.loads(line), "note": "a\u2028b\x85"} for line in run(*audit).stdout.splitlines()]
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)  # as jq writes them again
    (folder / "found.jsonl").write_text(lines, "utf-8")
    result = run("waive", "found.jsonl", "--until", "2026-03-09", *WHY, *DAY)
    assert result.exit_code == 0
    after = [json.loads(line) for line in run(*audit, "--waivers", "waivers.yaml").stdout.splitlines()]
    assert "incompatible" not in {row["verdict"] for row in after}


def test_planned_changes_are_waived_by_their_addresses(run: Run, folder: Path) -> None:
    plan = str(Path(__file__).parents[1] / "plans" / "create.json")
    check = ("check", plan, *DAY, "--format", "json")
    before = run(*check)
    failing = {v["key"] for v in verdicts(before.stdout) if v["verdict"] == "incompatible"}
    assert failing
    assert run("waive", "-", "--ttl", "1d", *WHY, *DAY, input=before.stdout).exit_code == 0
    after = run(*check, "--waivers", "waivers.yaml")
    waived = {v["key"] for v in verdicts(after.stdout) if v["waived"]}
    assert waived == failing
    assert {v["key"] for v in verdicts(after.stdout) if v["verdict"] == "incompatible"} == set()


@pytest.mark.parametrize("pattern", ["kai1s.3xlarge.2", "kai1s.*"])
def test_a_request_is_called_what_its_flavor_is(run: Run, folder: Path, pattern: str) -> None:
    request = {"server": {"name": "new", "flavorRef": "kai1s.3xlarge.2", "imageRef": "", "root_volume": {"size": 40}}}
    (folder / "create.json").write_text(json.dumps(request))
    (folder / "w.yaml").write_text(
        f"waivers: [{{rule: boot, ecs: ['{pattern}'], reason: r, owner: o, until: 2026-12-31}}]\n"
    )
    check = ("check", "images.json#web-uefi", "--ecs", "create.json", "--select", "boot.uefi-on-heterogeneous", *DAY)
    assert run(*check, *CREATE).exit_code == 1
    assert run(*check, *CREATE, "--waivers", "w.yaml").exit_code == 0


def test_what_nothing_names_and_what_is_undecided_is_not_waived(run: Run, folder: Path) -> None:
    found = run("check", "--set", "image.status=queued", "--operation", "share", "--format", "json").stdout
    result = run("waive", "-", "--ttl", "1d", *WHY, *DAY, "--waivers", "-", input=found)
    assert "not waived, for nothing names what it fails of" in result.stderr
    assert result.stdout == ""
    unknown = run("check", "images.json#web-bios", "--flavor", "c7n.large.2", *CREATE, "--format", "json").stdout
    assert "unknown" in unknown
    assert "0 waivers of 0 findings" in run("waive", "-", "--ttl", "1d", *WHY, *DAY, input=unknown).stderr
    assert not (folder / "waivers.yaml").exists()


@given(st.lists(st.builds(Failing, *(st.sampled_from(s) for s in (("r", "q"), ("a", "b", ""), ("x", "y", ""))))))
def test_entries_name_what_was_found_and_no_other_pair(failing: list[Failing]) -> None:
    named = [each for each in failing if each.image or each.ecs]
    pairs = {
        Failing(entry.rule, image, ecs)
        for entry in entries_of(named)
        for image in entry.image or ("",)
        for ecs in entry.ecs or ("",)
    }
    assert pairs == set(named)


@pytest.mark.parametrize(
    ("options", "input", "said"),
    [
        ((), "{}", "Say until when"),
        (("--ttl", "30d", "--until", "2026-12-31"), "{}", "Say until when"),
        (("--ttl", "a month"), "{}", "--ttl: no time: 'a month'; expected days or weeks, such as 30d or 6w"),
        (("--until", "soon"), "{}", "--until: no day: 'soon'"),
        (("--until", "2026-02-28"), "{}", "--until: this day has passed"),
        (("--ttl", "1d"), "nothing", "standard input: no result"),
        (("--ttl", "1d"), "{}", "standard input: no verdict"),
        (("--ttl", "1d", "--rule", "boots"), "{}", "did you mean"),
        (
            ("--ttl", "1d"),
            '{"key": "a*", "rules": [], "columns": {"id": "a*"}}',
            "a name with * or ? would be a pattern",
        ),
    ],
)
def test_mistakes_are_said(run: Run, folder: Path, options: tuple[str, ...], input: str, said: str) -> None:
    result = run("waive", "-", *WHY, *DAY, *options, input=input)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (folder / "waivers.yaml").exists()


def test_a_file_with_a_mistake_is_not_touched(run: Run, folder: Path) -> None:
    (folder / "waivers.yaml").write_text("waivers:\n  - {rule: nothing, reason: a, owner: b, until: 2026-12-31}\n")
    before = (folder / "waivers.yaml").read_bytes()
    found = run("check", "images.json", "--flavor", "kai1s.3xlarge.2", *CREATE, "--format", "json").stdout
    result = run("waive", "-", "--ttl", "1d", *WHY, *DAY, input=found)
    assert result.exit_code == 2
    assert "waivers.yaml:2:12: no rule that can be waived" in result.stderr
    assert (folder / "waivers.yaml").read_bytes() == before
