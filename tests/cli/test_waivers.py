"""`--waivers` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result
from tests.checked import verdicts

Run = Callable[..., Result]

WAIVERS = """
waivers:
  - rule: sharing.not-in-koogallery
    image: [web-bios]
    reason: sold by a partner
    owner: ops
    until: 2026-06-30
"""
SHARE = ("--operation", "share", "--set", "image.published_in_koogallery=true", "--select", "sharing.not-in-koogallery")


@pytest.fixture
def waivers(tmp_path: Path) -> str:
    (tmp_path / "waivers.yaml").write_text(WAIVERS)
    return str(tmp_path / "waivers.yaml")


def test_a_waived_finding_is_shown_and_does_not_count(run: Run, images: Path, waivers: str) -> None:
    options = (*SHARE, "--waivers", waivers, "--today", "2026-03-01")
    result = run("check", f"{images}#web-bios", *options)
    assert result.exit_code == 0
    assert "No rule speaks against it, but for 1 waived finding." in result.stdout
    assert "waived: sold by a partner (ops, until 2026-06-30)" in " ".join(result.stdout.split())
    both = run("check", str(images), *options, "--format", "json")
    assert both.exit_code == 1
    found = {each["image"]["name"]: each for each in verdicts(both.stdout)}
    assert (found["web-bios"]["verdict"], found["web-uefi"]["verdict"]) == ("compatible", "incompatible")
    assert found["web-bios"]["waived"] == [
        {
            "rule": "sharing.not-in-koogallery",
            "waiver": "waived: sold by a partner (ops, until 2026-06-30)",
            "place": f"{waivers}, line 3",
        }
    ]
    assert found["web-uefi"]["waived"] == []


def test_suggest_takes_a_waived_finding_for_none_and_says_so(run: Run, images: Path, tmp_path: Path) -> None:
    text = WAIVERS.replace("sharing.not-in-koogallery", "arch.matches")
    (tmp_path / "waivers.yaml").write_text(text)
    line = ("suggest", "--image", str(images), "--flavor", "kc1.large.2", "--select", "arch.matches")
    waived = ("--waivers", str(tmp_path / "waivers.yaml"), "--today", "2026-03-01")
    assert "2 images do not fit" in run(*line).stdout
    shown = run(*line, *waived).stdout
    assert "1 image that fits:\n  web-bios (" in shown and "waived.arch.matches" in shown
    assert "2 images do not fit" in run(*line, *waived[:3], "2026-07-01").stdout


def test_once_it_has_expired_it_counts_and_says_so(run: Run, images: Path, waivers: str) -> None:
    result = run("check", f"{images}#web-bios", *SHARE, "--waivers", waivers, "--today", "2026-07-01")
    assert result.exit_code == 1
    assert f"{waivers}:3:5: expired on 2026-06-30: sharing.not-in-koogallery counts again (ops)" in result.stderr


def test_one_that_applies_to_nothing_here_is_said(run: Run, images: Path, waivers: str) -> None:
    options = (*SHARE, "--waivers", waivers, "--today", "2026-03-01")
    unused = f"{waivers}:3:5: the waiver of sharing.not-in-koogallery is not used here"
    assert unused in run("check", f"{images}#web-uefi", *options).stderr
    assert unused not in run("check", str(images), *options).stderr
    assert unused not in run("audit", str(images), *options).stderr


def test_an_audit_and_a_match_take_them_too(run: Run, images: Path, waivers: str) -> None:
    options = (*SHARE, "--waivers", waivers, "--today", "2026-03-01")
    result = run("audit", str(images), *options, "--format", "jsonl")
    assert [json.loads(line)["verdict"] for line in result.stdout.splitlines()] == ["incompatible", "compatible"]
    matched = run("match", "--images", str(images), "--flavor", "c7n.large.2", *options, "--by", "image")
    assert matched.exit_code == 0, matched.stderr


def test_the_project_file_names_them(run: Run, images: Path, waivers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(waivers).parent
    (folder / "imagefit.toml").write_text('waivers = "waivers.yaml"\n')
    monkeypatch.chdir(folder)
    assert run("check", f"{images}#web-bios", *SHARE, "--today", "2026-03-01").exit_code == 0


def test_code_hosts_and_ci_servers_show_them_as_waived(run: Run, images: Path, waivers: str) -> None:
    options = (*SHARE, "--waivers", waivers, "--today", "2026-03-01", "--format")
    place = f"{images}#web-bios"
    (run_,) = json.loads(run("check", place, *options, "sarif").stdout)["runs"]
    (result,) = run_["results"]
    assert result["ruleId"] == "sharing.not-in-koogallery"
    assert result["suppressions"][0]["justification"] == "waived: sold by a partner (ops, until 2026-06-30)"
    root = ElementTree.fromstring(run("check", place, *options, "junit").stdout)
    assert (root.get("failures"), root.get("skipped")) == ("0", "1")
    assert ": waived sharing.not-in-koogallery: " in run("check", place, *options, "concise").stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--today", "tomorrow"), "--today: no day: 'tomorrow'; expected YYYY-MM-DD"),
        (("--waivers", "nowhere.yaml"), "nowhere.yaml: can't be read"),
    ],
)
def test_mistakes_are_said(run: Run, images: Path, waivers: str, options: tuple[str, ...], said: str) -> None:
    extra = () if "--waivers" in options else ("--waivers", waivers)
    result = run("check", str(images), *SHARE, *extra, *options)
    assert result.exit_code == 2
    assert said in result.stderr


COMPLETE = """
waivers:
  - {rule: sharing.not-in-koogallery, image: [web-bios], reason: a, owner: ops, until: 2026-12-31}
  - {rule: sharing.not-in-koogallery, image: [gone-*], reason: b, owner: ops, until: 2026-12-31}
  - {rule: boot, image: [web-bios], reason: c, owner: ops, until: 2026-12-31}
"""


@pytest.mark.parametrize("verb", ["check", "audit", "match"])
def test_one_is_no_longer_needed_where_the_run_covers_what_it_names(
    run: Run, images: Path, tmp_path: Path, verb: str
) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(COMPLETE)
    options = ("--operation", "share", "--set", "image.published_in_koogallery=false", "--today", "2026-03-01")
    flavor = ("--flavor", "c7n.large.2") if verb == "match" else ()
    said = run(verb, str(images), *flavor, *options, "--waivers", str(file)).stderr
    assert said.count("is not used here (ops)") == 3
    assert "no longer needed" not in said
    said = run(verb, str(images), *flavor, *options, "--waivers", str(file), "--waivers-complete").stderr
    what = "the waiver of sharing.not-in-koogallery"
    assert f"w.yaml:3:5: {what} is no longer needed: what it names was checked, and nothing fails (ops)" in said
    assert f"w.yaml:4:5: {what} is not used here: nothing is called gone-* (ops)" in said
    assert "w.yaml:5:5: the waiver of boot is not used here (ops)" in said  # no rule of sharing


@pytest.mark.parametrize("verb", ["check", "audit", "match"])
def test_one_that_applies_is_needed(run: Run, images: Path, tmp_path: Path, verb: str) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(COMPLETE)
    flavor = ("--flavor", "c7n.large.2") if verb == "match" else ()
    options = (*SHARE[:4], "--today", "2026-03-01", "--waivers", str(file), "--waivers-complete")
    said = run(verb, str(images), *flavor, *options).stderr
    assert "w.yaml:3:5" not in said
    assert "w.yaml:4:5" in said
