"""Verdicts as objects: their JSON is what docs/promises.md says, key by key, and they can be read in a log."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import imagefit
from imagefit import Verdict
from imagefit.values import replace
from imagefit.verdicts import RuleResult, json_value
from packfiles import small_pack


def check(facts: dict[str, object], operation: str = "plug_in", **options: object) -> Verdict:
    return imagefit.check(facts, operation=operation, pack=small_pack(), **options)  # type: ignore[arg-type]


WRONG_PLUG = {"appliance.plug": "type_g", "socket.shape": "type_c", "appliance.earthed": False, "appliance.watts": 50}


def test_a_verdict_as_json() -> None:
    verdict = check({**WRONG_PLUG, "appliance.marks": ["vde", "ce"]}, key="kettle", assume={"socket.volts": 230})
    assert verdict.to_dict() == {
        "key": "kettle",
        "operation": "plug_in",
        "verdict": "incompatible",
        "rules": [
            {
                "rule": "fit.shape",
                "title": "a plug fits sockets of its own shape",
                "severity": "error",
                "outcome": "fail",
                "message": "a type_g plug does not go into a type_c socket",
                "leaves": [
                    {
                        "part": "require",
                        "fact": "appliance.plug",
                        "operator": "same_as",
                        "expected": "type_c",
                        "expected_fact": "socket.shape",
                        "actual": "type_g",
                    }
                ],
                "missing": [],
                "remedies": [{"id": "use-adapter", "text": "use an adapter from type_g to type_c", "by": "user"}],
                "source": {"document": "handbook", "section": "Shapes", "address": "https://example.org/plugs"},
                "error_codes": ["P-17"],
            },
            {
                "rule": "safety.toys",
                "title": "children need an eye kept on them",
                "severity": "notice",
                "outcome": "pass",
                "message": "marked ce; vde",
                "leaves": [
                    {
                        "part": "when",
                        "fact": "appliance.marks",
                        "operator": "contains_any",
                        "expected": ["ukca", "vde"],
                        "actual": ["ce", "vde"],
                    }
                ],
                "missing": [],
                "remedies": [],
                "source": {"document": "law", "section": "", "address": "https://example.org/law"},
                "error_codes": [],
            },
        ],
        "missing": [],
        "ask": [],
        "assumed": {"socket.volts": 230.0},
        "waived": [],
        "notes": [],
        "pack": {"name": "plugs", "version": "0.3.0", "digest": small_pack().digest},
    }
    assert list(verdict.to_dict()) == [
        "key",
        "operation",
        "verdict",
        "rules",
        "missing",
        "ask",
        "assumed",
        "waived",
        "notes",
        "pack",
    ]


def test_the_json_of_an_unknown_leaf_has_null_where_nothing_is_known() -> None:
    (rule,) = check({"appliance.plug": "type_g"}, select=["fit.shape"]).to_dict()["rules"]
    assert rule["outcome"] == "unknown"
    assert rule["leaves"][0]["expected"] is None
    assert rule["leaves"][0]["expected_fact"] == "socket.shape"
    assert rule["missing"] == ["socket.shape"]


@pytest.mark.parametrize("facts", [{}, WRONG_PLUG, {"appliance.plug": "type_c", "socket.shape": "type_c"}])
def test_a_verdict_is_plain_json(facts: dict[str, object]) -> None:
    found = check(facts, all_rules=True).to_dict()
    assert json.loads(json.dumps(found)) == found


def test_failed_undecided_and_warnings_are_the_reasons_by_kind() -> None:
    verdict = check(
        {**WRONG_PLUG, "appliance.watts": 200, "appliance.volts": 230, "socket.watts": 100, "appliance.marks": "vde"}
    )
    assert [rule.rule for rule in verdict.failed] == ["fit.shape"]
    assert [rule.rule for rule in verdict.warnings] == ["fit.power", "safety.toys"]
    assert verdict.undecided == ()
    assert [rule.rule for rule in check({}).undecided] == ["fit.shape", "safety.earth"]


def test_a_verdict_shows_itself_in_a_line() -> None:
    assert repr(check(WRONG_PLUG, key="k")) == "<Verdict 'k' plug_in: incompatible, failed=['fit.shape']>"
    undecided = repr(check({"appliance.plug": "type_g"}, select=["fit.shape"]))
    assert undecided == "<Verdict '' plug_in: unknown, undecided=['fit.shape'], missing=['socket.shape']>"
    assert repr(check(WRONG_PLUG, ignore=["fit.shape"])) == "<Verdict '' plug_in: compatible>"


def test_a_verdict_as_text_has_a_line_for_each_reason() -> None:
    text = str(check(WRONG_PLUG, key="kettle", assume={"socket.volts": 230}))
    lines = text.splitlines()
    assert lines[0] == "incompatible: plug_in (kettle)"
    assert "  fit.shape: a type_g plug does not go into a type_c socket" in lines
    assert lines[-1] == "  assumed: socket.volts = 230"
    assert "  would decide it: " in str(check({}))


def test_a_verdict_is_immutable() -> None:
    verdict = check(WRONG_PLUG)
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.key = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.rules[0].message = "other"  # type: ignore[misc]


@pytest.mark.parametrize("facts", [{}, WRONG_PLUG, {"appliance.plug": "type_g"}])
def test_what_explains_a_rule_is_the_same_whenever_and_however_it_is_read(facts: dict[str, object]) -> None:
    read = [rule.to_dict() for rule in check(facts, all_rules=True).rules]
    copied = [pickle.loads(pickle.dumps(rule)) for rule in check(facts, all_rules=True).rules]
    with_leaves_first = [rule for rule in check(facts, all_rules=True).rules if rule.leaves]
    assert [rule.to_dict() for rule in copied] == [rule.to_dict() for rule in copy.deepcopy(copied)] == read
    assert copied == list(check(facts, all_rules=True).rules)
    told = [rule for rule in check(facts, all_rules=True).rules if rule.to_dict()["leaves"]]  # of the same sets
    assert list(map(repr, with_leaves_first)) == list(map(repr, told))
    assert [dataclasses.replace(rule, title="") for rule in copied] == [
        dataclasses.replace(rule, title="") for rule in check(facts, all_rules=True).rules
    ]


@pytest.mark.parametrize(
    "first",
    [copy.copy, copy.deepcopy, dataclasses.replace, replace, lambda rule: pickle.loads(pickle.dumps(rule))],
    ids=["copy", "deepcopy", "dataclasses.replace", "replace", "pickle"],
)
def test_a_result_of_which_nothing_was_read_is_copied_as_any_other(first: Callable[[RuleResult], RuleResult]) -> None:
    packs = [dataclasses.replace(small_pack()) for _ in range(2)]  # of which nothing was read
    ones, others = (imagefit.check({}, operation="plug_in", pack=pack).rules for pack in packs)
    for rule, other in zip(ones, others, strict=True):
        copied = first(rule)
        assert type(copied) is type(rule) is RuleResult
        assert copied == other == rule
        assert (hash(other), repr(other)) == (hash(rule), repr(rule))


def test_many_threads_read_what_explains_a_rule() -> None:
    read = [rule.to_dict() for rule in check({}).rules]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(50):
            rules = check({}).rules
            assert list(threads.map(lambda _: [rule.to_dict() for rule in rules], range(8))) == [read] * 8  # noqa: B023


def test_a_misspelt_attribute_of_a_rule_is_none_that_it_has() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'mesage'"):
        check({}).rules[0].mesage  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        (True, True),
        (frozenset({"b", "a"}), ["a", "b"]),
        (frozenset(), []),
        (frozenset({10, 9}), [9, 10]),
        (frozenset({True, False}), [False, True]),
    ],
)
def test_a_set_is_a_sorted_list_in_json(value: object, expected: object) -> None:
    assert json_value(value) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("plans", [None, 0, 2])
@pytest.mark.parametrize("key", ["kettle", '"rules": []', '\\"rules": [] \u4e2d \u2028'])
def test_the_text_is_the_json_of_the_dict(key: str, plans: int | None) -> None:
    wrong = check(WRONG_PLUG, key=key)
    for verdict in (wrong, check({}, key=key), check(WRONG_PLUG, key=key, all_rules=True), wrong):
        assert verdict.to_json(plans) == json.dumps(verdict.to_dict(plans), ensure_ascii=False)
