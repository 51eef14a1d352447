"""The formats of `check` that CI servers and code hosts show: concise, github, markdown, sarif, junit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.dom import minidom
from xml.etree import ElementTree

import jsonschema
import pytest
from click.testing import Result

import imagefit
from imagefit.reports.formats import FORMATS

Run = Callable[..., Result]
PLANS = Path(__file__).parents[1] / "plans"

FACTS = [
    {"id": "bad", "image.visibility": "private", "image.published_in_koogallery": True},
    {"id": "open", "image.visibility": "private"},
]

# What is used of SARIF 2.1.0 (OASIS), its sections 3.13 to 3.52: what is required, and which words there are.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "version", "informationUri", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "required": ["id", "shortDescription", "fullDescription", "help"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "helpUri": {"type": "string", "pattern": "^https?://"},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "ruleIndex", "message", "kind", "level", "partialFingerprints"],
                            "properties": {
                                # Section 3.35: schemas of 2.1.0 disagree whether it is `state` or `status`.
                                "suppressions": {
                                    "items": {
                                        "required": ["kind"],
                                        "properties": {
                                            "kind": {"enum": ["external", "inSource"]},
                                            "justification": {"type": "string"},
                                        },
                                        "additionalProperties": False,
                                    }
                                },
                                "message": TEXT,
                                "kind": {"enum": ["fail", "open"]},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {"uri": {"pattern": "^[!-~]*$"}},
                                                        "required": ["uri"],
                                                    },
                                                    "region": {
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}}
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                            # Section 3.27.10: a level other than none is of what fails alone.
                            "if": {"properties": {"kind": {"const": "open"}}},
                            "then": {"properties": {"level": {"const": "none"}}},
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Two images, of which one can't be shared; the first stands in line 2 of the file."""
    file = tmp_path / "facts.json"
    file.write_text("[\n" + ",\n".join(json.dumps(row) for row in FACTS) + "\n]\n")
    return file


def checked(run: Run, facts: Path, form: str, *options: str) -> str:
    result = run("check", str(facts), "--operation", "share", "--format", form, *options)
    assert result.exit_code == 1
    return result.stdout


def test_concise_is_a_line_a_finding(run: Run, facts: Path) -> None:
    lines = checked(run, facts, "concise").splitlines()
    assert lines[0].startswith(f"{facts}#bad: error sharing.not-in-koogallery: ")
    assert any(line.startswith(f"{facts}#open: unknown sharing.not-in-koogallery: ") for line in lines)
    assert not any("#bad: unknown" in line for line in lines)  # it is decided


def test_github_shows_it_at_the_file_and_the_line(run: Run, facts: Path) -> None:
    lines = checked(run, facts, "github").splitlines()
    assert lines[0].startswith(f"::error file={facts},line=2,title=sharing.not-in-koogallery (error)::bad: ")
    unknown = [line for line in lines if "(unknown)" in line]
    assert unknown
    assert all(line.startswith(f"::error file={facts},line=3,") for line in unknown)
    lenient = checked(run, facts, "github", "--fail-on", "incompatible").splitlines()
    assert all(line.startswith("::notice ") for line in lenient if "(unknown)" in line)


def test_markdown_has_counts_a_table_and_the_sources(run: Run, facts: Path) -> None:
    text = checked(run, facts, "markdown")
    assert text.startswith("## imagefit: 1 incompatible, 1 unknown\n")
    assert "| **incompatible** | `sharing.not-in-koogallery` |" in text
    assert re.search(r"- `sharing\.not-in-koogallery`: .*\[.*\]\(https://", text)


def sarif(run: Run, facts: Path, *options: str) -> Any:
    found = json.loads(checked(run, facts, "sarif", *options))
    jsonschema.validate(found, SARIF)
    return found["runs"][0]


class TestSarif:
    def test_results_name_rule_place_and_level(self, run: Run, facts: Path) -> None:
        found = sarif(run, facts)
        rules = found["tool"]["driver"]["rules"]
        first = found["results"][0]
        assert (first["ruleId"], first["kind"], first["level"]) == ("sharing.not-in-koogallery", "fail", "error")
        assert rules[first["ruleIndex"]]["id"] == first["ruleId"]
        (location,) = first["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == str(facts)
        assert location["physicalLocation"]["region"]["startLine"] == 2
        assert location["logicalLocations"][0]["fullyQualifiedName"] == "bad"
        assert {result["kind"] for result in found["results"][1:]} == {"open"}

    def test_a_planned_change_is_named_by_its_address(self, run: Run) -> None:
        found = json.loads(run("check", str(PLANS / "create.json"), "--format", "sarif").stdout)["runs"][0]
        places = [place for result in found["results"] for place in result["locations"]]
        names = {place["logicalLocations"][0]["fullyQualifiedName"] for place in places}
        assert 'module.node["a"].huaweicloud_compute_instance.it' in names

    def test_fingerprints_stay_when_the_file_is_put_in_another_order(self, run: Run, facts: Path) -> None:
        def prints() -> set[str]:
            return {each["partialFingerprints"]["imagefit/v1"] for each in sarif(run, facts)["results"]}

        before = prints()
        facts.write_text(json.dumps(FACTS[::-1]))
        assert prints() == before
        assert len(before) == len(sarif(run, facts)["results"])

    def test_rows_that_are_only_counted_keep_theirs_in_another_order(self, run: Run, facts: Path) -> None:
        rows = [{name: value for name, value in row.items() if name != "id"} for row in FACTS]
        found = []
        for order in (rows, rows[::-1]):
            facts.write_text(json.dumps(order))
            found.append({each["partialFingerprints"]["imagefit/v1"] for each in sarif(run, facts)["results"]})
        assert found[0] == found[1]

    def test_nothing_found_is_a_log_without_results(self, run: Run) -> None:
        given = ["image.architecture=arm64", "ecs.architecture=arm64"]
        options = [part for text in given for part in ("--set", text)]
        result = run("check", "--operation", "create_ecs", "--select", "arch.matches", *options, "--format", "sarif")
        assert result.exit_code == 0
        (log,) = json.loads(result.stdout)["runs"]
        assert log["results"] == log["tool"]["driver"]["rules"] == []


SETTLED = {
    "image.visibility": "private",
    "image.type": "system_disk",
    "image.encrypted": False,
    "image.published_in_koogallery": True,
    "image.status": "active",
    "image.recipients": 1,
    "image.full_ecs_original": False,
}


@pytest.fixture
def waived(tmp_path: Path) -> tuple[str, ...]:
    """A row whose one failing rule is waived, and what waives it; the arguments."""
    (tmp_path / "facts.jsonl").write_text(json.dumps({"id": "web", **SETTLED}) + "\n")
    (tmp_path / "waivers.yaml").write_text(
        "waivers: [{rule: sharing.not-in-koogallery, reason: it may, owner: infra, until: '2026-12-31'}]"
    )
    options = ("--waivers", str(tmp_path / "waivers.yaml"), "--today", "2026-03-01")
    return (str(tmp_path / "facts.jsonl"), "--operation", "share", *options)


@pytest.mark.parametrize("verb", ["check", "audit"])
class TestWaived:
    def test_a_log_has_a_suppression_with_the_reason(self, run: Run, waived: tuple[str, ...], verb: str) -> None:
        result = run(verb, *waived, "--format", "sarif")
        assert result.exit_code == 0
        log = json.loads(result.stdout)
        jsonschema.validate(log, SARIF)
        (found,) = log["runs"][0]["results"]
        assert found["ruleId"] == "sharing.not-in-koogallery"
        (suppression,) = found["suppressions"]
        assert suppression["justification"].startswith("waived: it may (infra")
        (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
        assert rule["helpUri"].startswith("https://") and rule["properties"]["tags"]

    def test_a_case_is_skipped(self, run: Run, waived: tuple[str, ...], verb: str) -> None:
        (suite,) = ElementTree.fromstring(run(verb, *waived, "--format", "junit").stdout)
        assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["1", "0", "0", "1"]
        skipped = suite.find("testcase/skipped")
        assert skipped is not None and "it may" in skipped.get("message", "")


class TestJunit:
    def test_a_suite_is_an_operation_and_a_case_a_candidate(self, run: Run, facts: Path) -> None:
        text = checked(run, facts, "junit")
        root = ElementTree.fromstring(text)
        assert minidom.parseString(text).documentElement.tagName == "testsuites"
        (suite,) = root
        assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors")} == {
            "name": "share",
            "tests": "2",
            "failures": "1",
            "errors": "1",
        }
        bad, open_ = suite.findall("testcase")
        assert (bad.get("name"), bad.get("line")) == ("bad", "2")
        assert bad.find("failure").get("type") == "sharing.not-in-koogallery"
        assert open_.find("failure") is None
        assert open_.find("error") is not None

    def test_an_undecided_candidate_is_no_error_where_the_run_does_not_fail_for_it(self, run: Run, facts: Path) -> None:
        root = ElementTree.fromstring(checked(run, facts, "junit", "--fail-on", "incompatible"))
        assert root.get("errors") == "0"
        assert root.find(".//testcase[@name='open']/error") is None
        assert "unknown sharing" in root.find(".//testcase[@name='open']/system-out").text


HOSTILE = "x\x00\x1b[31m\x1b]8;;http://a\x07]]>&<script>`|](javascript:a)\u202e\u2028\n::error::%0A::"


@pytest.mark.parametrize("form", [name for name, format in FORMATS.items() if format.findings])
def test_names_and_values_of_others_do_nothing_in_any_format(run: Run, tmp_path: Path, form: str) -> None:
    file = tmp_path / "facts.json"
    rows = [{"id": HOSTILE, "image.published_in_koogallery": True, "image.owner": HOSTILE}]
    file.write_text(json.dumps(rows))
    text = run("check", str(file), "--operation", "share", "--format", form).stdout
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", text)
    assert "<script>" not in text or form != "junit"  # elsewhere it is text among text, or code
    assert all(not line.startswith("::error::") for line in text.splitlines())
    if form == "sarif":
        jsonschema.validate(json.loads(text), SARIF)
    if form == "junit":
        ElementTree.fromstring(text)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("rows.csv", 'id,note,image.published_in_koogallery\na,"two\nlines",false\nbad,,true\n', 4),
        ("rows.jsonl", '{"id": "a"}\n{"id": "bad", "image.published_in_koogallery": true}\n', 2),
        ("rows.json", '[\n {"id": "a", "bad": 1},\n {"id": "bad", "image.published_in_koogallery": true}]', 3),
    ],
)
@pytest.mark.parametrize("verb", ["check", "audit"])
def test_the_line_is_that_of_the_row(run: Run, tmp_path: Path, verb: str, name: str, text: str, line: int) -> None:
    file = tmp_path / name
    file.write_text(text)
    (found,) = [
        each
        for each in run(verb, str(file), "--operation", "share", "--format", "github").stdout.splitlines()
        if "sharing.not-in-koogallery (error)" in each
    ]
    assert f",line={line}," in found


AUDITED = [{"id": f"r{number}", "image.published_in_koogallery": number % 3 == 0} for number in range(30)]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Thirty images, every third of which can't be shared; the others are undecided."""
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in AUDITED))
    return file


class TestAudit:
    def test_the_worst_rows_are_shown_at_their_lines_and_what_is_left_out_is_said(self, run: Run, rows: Path) -> None:
        result = run("audit", str(rows), "--operation", "share", "--format", "github", "--first", "12")
        *lines, last = result.stdout.splitlines()
        errors = [line for line in lines if "(error)" in line]
        assert [line.split(",")[1] for line in errors] == [f"line={3 * number + 1}" for number in range(10)]
        assert {line.split(",")[1] for line in lines if "(unknown)" in line} == {"line=2", "line=3"}
        assert last == "::warning title=imagefit::12 of 30 candidates are shown; left out: 18 unknown"

    def test_it_finds_what_check_finds(self, run: Run, rows: Path) -> None:
        how = (str(rows), "--operation", "share", "--format", "concise")
        assert run("audit", *how).stdout == run("check", *how).stdout != ""

    def test_python_writes_the_same(self, run: Run, rows: Path, tmp_path: Path) -> None:
        for ending in ("sarif", "xml", "md", "json"):
            run("audit", str(rows), "--operation", "share", "-o", str(tmp_path / f"a.{ending}"))
            imagefit.audit(str(rows), operation="share").write(tmp_path / f"b.{ending}")
            assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()

    def test_a_log_that_leaves_something_out_says_so(self, run: Run, rows: Path) -> None:
        text = run("audit", str(rows), "--operation", "share", "--format", "sarif", "--first", "5").stdout
        (log,) = json.loads(text)["runs"]
        (said,) = log["invocations"][0]["toolExecutionNotifications"]
        assert said["message"]["text"] == ("5 of 30 candidates are shown; left out: 5 incompatible, 20 unknown.")
        assert len(log["results"]) == 5

    def test_a_log_has_no_more_results_than_code_hosts_take(
        self, run: Run, rows: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from imagefit.reports.findings import sarif as module

        monkeypatch.setattr(module, "MOST_RESULTS", 7)
        (log,) = json.loads(run("audit", str(rows), "--operation", "share", "--format", "sarif").stdout)["runs"]
        assert len(log["results"]) == 7
        assert "7 of 110 findings are shown" in json.dumps(log["invocations"])

    def test_a_page_is_below_a_mebibyte_however_long_names_are(self, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "rows.jsonl"
        name = "\U0001f5bc" * 500
        file.write_text("".join(f'{{"id": "{name}{n}", "image.encrypted": true}}\n' for n in range(1500)))
        for verb in ("check", "audit"):
            text = run(verb, str(file), "--operation", "share", "--format", "markdown").stdout
            assert 100_000 < len(text.encode()) < 1 << 20
            assert "more findings |" in text


class TestMatch:
    def test_an_image_that_fits_nothing_is_a_finding_of_the_nearest_pair(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "images.jsonl").write_text(
            '{"id": "arm", "image.architecture": "arm64"}\n{"id": "x86", "image.architecture": "x86_64"}\n'
        )
        (tmp_path / "ecss.jsonl").write_text('{"id": "one", "ecs.architecture": "x86_64"}\n')
        sides = ("--images", str(tmp_path / "images.jsonl"), "--ecs", str(tmp_path / "ecss.jsonl"))
        how = ("match", *sides, "--operation", "create_ecs", "--select", "arch.matches", "--format")
        (line,) = run(*how, "concise").stdout.splitlines()
        assert line.startswith(f"{tmp_path / 'images.jsonl'}#arm: error arch.matches: ")
        assert line.endswith("(with one, the one ECS)")
        suite = ElementTree.fromstring(run(*how, "junit").stdout).find("testsuite")
        assert [(case.get("name"), case.get("line"), len(case)) for case in suite.findall("testcase")] == [
            ("arm", "1", 1),
            ("x86", "2", 0),
        ]
        by_ecs = ElementTree.fromstring(run(*how, "junit", "--by", "ecs").stdout)
        assert [(case.get("name"), len(case)) for case in by_ecs.iter("testcase")] == [("one", 0)]

    @pytest.mark.parametrize(
        ("options", "form", "said"),
        [
            (("--by", "rule"), "sarif", "--by rule is of rules"),
            (("--matrix",), "json", "--matrix FILE writes all verdicts"),
            (("--for-image", "web-uefi"), "csv", "of one there is text, json"),
        ],
    )
    def test_what_makes_no_sense_is_refused_with_the_reason(
        self, run: Run, images: Path, options: tuple[str, ...], form: str, said: str
    ) -> None:
        sides = ("--images", str(images), "--flavor", "s6.large.2", "--operation", "create_ecs")
        result = run("match", *sides, *options, "--format", form)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


@pytest.mark.parametrize("verb", ["check", "audit", "match"])
def test_a_file_is_of_the_format_that_its_name_ends_in(run: Run, images: Path, tmp_path: Path, verb: str) -> None:
    how = {
        "check": ("check", str(images), "--flavor", "s6.large.2"),
        "audit": ("audit", str(images), "--flavor", "s6.large.2"),
        "match": ("match", "--images", str(images), "--flavor", "s6.large.2"),
    }[verb]
    begins = {"md": b"## imagefit", "xml": b"<?xml", "sarif": b"{", "json": b"{", "parquet": b"PAR1", "csv": b'"'}
    begins |= {"jsonl": b"{", "xlsx": b"PK", "html": b"<!", "concise": b"", "github": b""}
    assert begins.keys() | {"text"} == {form.ending or name for name, form in FORMATS.items()}
    for ending, first in begins.items():
        file = tmp_path / f"out.{ending}"
        assert run(*how, "--operation", "create_ecs", "-o", str(file)).exit_code in (0, 1, 3)
        assert file.read_bytes().startswith(first), ending
