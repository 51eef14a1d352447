"""The published schemas of what check, audit and match print as JSON: it is valid, and every key of it is described."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import imagefit
from commands import run
from imagefit import Pack
from imagefit.reports.findings.model import Checked, Report
from imagefit.reports.verdictjson import report_json

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
NAMES = ("verdict", "audit-summary", "match")
CREATE = ("--operation", "create_ecs")
SIDES = ("--ecs", str(SAMPLES / "flavors.json"), "--az", "cn-north-4a")


def strict(schema: Any) -> Any:
    """Return a schema in which no object has keys that are not described."""
    if isinstance(schema, list):
        return list(map(strict, schema))
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    if "allOf" in schema:  # parts that describe one object together
        closed = {**schema, "unevaluatedProperties": False}
    return closed


def read(name: str) -> Any:
    return json.loads((ROOT / "schemas" / f"{name}.json").read_text("utf-8"))


@cache
def validator(name: str, part: str = "") -> Draft202012Validator:
    """Return a validator in which every object is closed but those that are parts of another one."""
    opened = {f"urn:imagefit:{each}": Resource.from_contents(read(each)) for each in NAMES}
    closed = {
        f"{place}:closed": Resource.from_contents(_closed(resource.contents)) for place, resource in opened.items()
    }
    registry: Registry[Any] = Registry().with_resources({**opened, **closed}.items())
    return Draft202012Validator({"$ref": f"urn:imagefit:{name}:closed#{part}"}, registry=registry)


def _closed(schema: Any) -> Any:
    """Return a schema whose references are to closed ones; but where parts describe one object together."""
    text = json.dumps(strict({**schema, "$id": f"{schema['$id']}:closed"}))
    found = json.loads(text.replace('"urn:imagefit:verdict#', '"urn:imagefit:verdict:closed#'))

    def opened(node: Any) -> None:
        for part in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
            opened(part)
        if isinstance(node, dict) and "allOf" in node:
            for part in node["allOf"]:
                if "$ref" in part:
                    part["$ref"] = part["$ref"].replace(":closed#", "#")

    opened(found)
    return found


def is_valid(data: Any, name: str, part: str = "") -> None:
    errors = [f"{error.json_path}: {error.message}"[:300] for error in validator(name, part).iter_errors(data)]
    assert errors == []


def told(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code in (0, 1, 3), result.stderr
    return result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(read(name))


def test_a_key_that_is_not_described_is_noticed() -> None:
    found = json.loads(told("check", "--operation", "share", "--format", "json"))
    found["verdicts"][0]["rules"][0]["new"] = 1
    with pytest.raises(AssertionError, match="new"):
        is_valid(found, "verdict")


@pytest.mark.parametrize("options", [(), ("--explain", "--all-rules"), ("--plans", "0")])
def test_what_check_prints(options: tuple[str, ...]) -> None:
    requests = ("--ecs", str(SAMPLES / "create-orders.json"), *SIDES)
    is_valid(
        json.loads(told("check", str(SAMPLES / "images.json"), *requests, "--format", "json", *options)), "verdict"
    )


def test_what_check_prints_of_a_plan() -> None:
    found = told("check", str(ROOT / "tests" / "plans" / "change.json"), "--format", "json", "--explain")
    is_valid(json.loads(found), "verdict")


@pytest.mark.parametrize("verb", ["check", "audit"])
def test_what_is_waived(tmp_path: Path, verb: str) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers: [{rule: sharing, reason: it may, owner: infra, until: '2026-12-31'}]")
    options = ("--operation", "share", "--waivers", str(waivers), "--today", "2026-03-01", "--format", "jsonl")
    found = [json.loads(line) for line in told(verb, str(SAMPLES / "images.json"), *options).splitlines()]
    for verdict in found:
        is_valid(verdict, "verdict", "/$defs/verdict")
    assert any(verdict["waived"] for verdict in found)


def test_verdicts_over_the_corpus(built_in: Pack) -> None:
    lines = (ROOT / "tests" / "corpus" / "huawei-ims.jsonl").read_text("utf-8").splitlines()[::97]
    cases = [json.loads(line) for line in lines]
    checked = [
        Checked(imagefit.check(case["facts"], operation=case["operation"], pack=built_in, all_rules=number % 5 == 0))
        for number, case in enumerate(cases)
    ]
    is_valid(json.loads(report_json(Report(built_in, checked, explain=True, plans=1))), "verdict")
    assert len(checked) > 40


@pytest.mark.parametrize(
    "command",
    [
        ("check", str(SAMPLES / "images.json"), "--flavor", "s6.large.2", *CREATE),
        ("audit", str(SAMPLES / "images.json"), "--flavor", "s6.large.2", *CREATE),
        ("audit", str(SAMPLES / "facts.csv"), "--operation", "share"),
    ],
    ids=str,
)
def test_lines_are_verdicts(command: tuple[str, ...]) -> None:
    lines = told(*command, "--format", "jsonl").splitlines()
    assert lines
    for line in lines:
        is_valid(json.loads(line), "verdict", "/$defs/verdict")


@pytest.mark.parametrize("options", [(), ("--plans",)])
def test_what_audit_prints(options: tuple[str, ...], tmp_path: Path) -> None:
    command = ("audit", str(SAMPLES / "images.json"), "--flavor", "s6.large.2", *CREATE, *options)
    text = told(*command, "--format", "json")
    is_valid(json.loads(text), "audit-summary")
    told(*command, "--summary", str(tmp_path / "summary.json"))
    assert (tmp_path / "summary.json").read_text() == text


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--by", "image"),
        ("--by", "ecs"),
        ("--by", "rule"),
        ("--for-image", "orders-web"),
        ("--for-ecs", "kc1.xlarge.4"),
    ],
    ids=str,
)
def test_what_match_prints(options: tuple[str, ...]) -> None:
    sides = ("--images", str(SAMPLES / "images.json"), *SIDES)
    is_valid(json.loads(told("match", *sides, *CREATE, "--format", "json", *options)), "match")


def names(part: Any) -> set[str]:
    return set(part["properties"])


def test_the_same_thing_has_the_same_name_in_all_verbs() -> None:
    verdict, audit, match = (read(name)["$defs"] for name in NAMES)
    both = names(audit["summary"]) & names(match["summary"])
    assert {"verdicts", "rules", "missing"} <= both
    outcomes = set(verdict["rule"]["properties"]["outcome"]["enum"])
    assert names(audit["rule_count"]) - outcomes == {"rule", "severity", "alone"}
    assert names(match["rule_counts"]) == {*outcomes, "rule", "severity", "alone"}
    kinds = set(verdict["verdict"]["properties"]["verdict"]["enum"])
    assert names(audit["verdicts"]) == kinds == names(match["summary"]["properties"]["verdicts"])
