"""Packs are compared by what they say of candidates: each kind of change, with a witness, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from boxes import WORDS, boxes, header, rule
from commands import run
from imagefit.analysis import enumeration
from imagefit.analysis.diff import PackDiff, RuleDiff, diff
from imagefit.analysis.impact import compare
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule
from packfiles import PLUGS_FOLDER, shipped_pack, write_pack
from strategies import candidates, pack_of, rules

OLD = rule("light", "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}}")


def between(folder: Path, old: str, new: str, *, words: str = WORDS) -> PackDiff:
    return diff(boxes(folder / "old", old), boxes(folder / "new", new, words=words))


def only(found: PackDiff) -> RuleDiff:
    (one,) = found.rules
    return one


def test_a_pack_means_what_it_means(tmp_path: Path) -> None:
    found = between(tmp_path, OLD, "# another comment\n" + OLD)
    assert (found.rules, found.words, found.is_same_meaning, found.same) == ((), (), True, 1)


def test_another_limit_changes_outcomes_and_each_change_has_a_witness(tmp_path: Path) -> None:
    one = only(between(tmp_path, OLD, OLD.replace("at_most: 20", "at_most: 30")))
    assert (one.rule, one.change, one.combinations) == ("boxes.light", "changed", 3 * 4)
    assert [(change.old, change.new) for change in one.outcomes] == [
        (Outcome.FAIL, Outcome.PASS),
        (Outcome.UNKNOWN, Outcome.PASS),  # whatever is in it
    ]
    assert all(20 < change.witness["box.weight_kg"] <= 30 for change in one.outcomes)  # type: ignore[operator]


def test_a_rule_written_in_another_way_is_equivalent(tmp_path: Path) -> None:
    new = OLD.replace("{box.kind: glass}", "{is: breaks, box.kind: {not_in: [book, toy]}}").replace(
        "at_most: 20", "below: 21"
    )
    found = between(tmp_path, OLD, new)
    assert only(found).change == "rewritten"
    assert only(found).combinations > 0
    assert found.is_same_meaning


def test_doubt_that_was_not_there_is_a_change(tmp_path: Path) -> None:
    """On known facts both say the same; without box.sealed the new one does not know."""
    new = OLD.replace(
        "{box.weight_kg: {at_most: 20}}",
        "{any: [{box.sealed: true, box.weight_kg: {at_most: 20}}, {box.sealed: false, box.weight_kg: {at_most: 20}}]}",
    )
    changes = {(change.old, change.new) for change in only(between(tmp_path, OLD, new)).outcomes}
    assert changes == {(Outcome.PASS, Outcome.UNKNOWN)}


@pytest.mark.parametrize(
    ("old", "new", "scope"),
    [
        ("operations: [store]", "operations: [store, ship]", "now for ship"),
        ("operations: [store]", "operations: [ship]", "no longer for store"),
        ("message: no", "severity: warning\n  message: no", "severity error -> warning"),
    ],
)
def test_severity_and_operations_are_meaning(tmp_path: Path, old: str, new: str, scope: str) -> None:
    found = between(tmp_path, OLD, OLD.replace(old, new))
    assert (only(found).change, only(found).scope[0]) == ("changed", scope)
    assert not found.is_same_meaning


def test_a_message_is_wording(tmp_path: Path) -> None:
    found = between(tmp_path, OLD, OLD.replace("message: no", "message: too heavy"))
    assert (only(found).change, only(found).wording) == ("reworded", ("message",))
    assert found.is_same_meaning


def test_rules_come_go_and_are_renamed(tmp_path: Path) -> None:
    other = rule("other", "require: {box.sealed: true}")
    third = rule("third", "require: {shelf.kind: wall}")
    found = diff(
        boxes(tmp_path / "old", OLD, other), boxes(tmp_path / "new", OLD.replace("boxes.light", "boxes.glass"), third)
    )
    assert [(one.rule, one.change, one.new_name) for one in found.rules] == [
        ("boxes.light", "renamed", "boxes.glass"),
        ("boxes.other", "removed", None),
        ("boxes.third", "added", None),
    ]
    assert not found.is_same_meaning


def test_facts_and_their_values_are_meaning(tmp_path: Path) -> None:
    words = WORDS.replace("[glass, book, toy]", "[glass, book, tool]").replace(
        "  box.owner: {type: string", "  x: {type: string"
    )
    words = words.replace("unit: kg, meaning: its weight", "unit: g, at_least: 0, meaning: its weight")
    found = between(tmp_path, OLD, OLD, words=words)
    assert [(word.name, word.change, word.is_meaning) for word in found.words] == [
        ("box.kind", "no longer toy", True),
        ("box.kind", "now also tool", True),
        ("box.owner", "removed", True),
        ("box.weight_kg", "unit kg -> g", True),
        ("box.weight_kg", "least value none -> 0", True),
        ("x", "added", True),
    ]


def test_a_fact_of_another_type_is_no_comparison_of_outcomes(tmp_path: Path) -> None:
    words = WORDS.replace("box.sealed: {type: boolean,", "box.sealed: {type: enum, values: [open, shut],")
    words = words.replace(
        "meaning: whether it is closed, example: true", "meaning: whether it is closed, example: open"
    )
    sealed = rule("sealed", "require: {box.sealed: true}")
    found = between(tmp_path, sealed, sealed.replace("true}", "shut}"), words=words)
    assert only(found).scope == ("box.sealed is of another type",)


SUPPLY = """\
calls:
  weigh: {title: its weight, api: GET /boxes, command: boxes weigh, file: boxes.json, option: --box}
assumptions:
  light: {of: flavor_by_id, meaning: a box is light, fact: box.weight_kg, value: 1}
"""


def test_what_is_assumed_is_meaning_and_what_to_ask_is_not(tmp_path: Path) -> None:
    one = diff(boxes(tmp_path / "a", OLD), boxes(tmp_path / "b", OLD, words=WORDS + SUPPLY))
    assert [(word.kind, word.name, word.change, word.is_meaning) for word in one.words] == [
        ("assumption", "light", "added", True),
        ("call", "weigh", "added", False),
    ]
    heavier, told = SUPPLY.replace("value: 1", "value: 2"), SUPPLY.replace("is light", "weighs little")
    first = boxes(tmp_path / "c", OLD, words=WORDS + SUPPLY)
    for words, change in ((heavier, ("assumes something else", True)), (told, ("reworded", False))):
        (word,) = diff(first, boxes(tmp_path / str(change[1]), OLD, words=WORDS + words)).words
        assert (word.change, word.is_meaning) == change


def test_remedies_and_sources_are_wording(tmp_path: Path) -> None:
    words = WORDS.replace("pack it again", "wrap it").replace("A manual", "The manual")
    found = between(tmp_path, OLD, OLD, words=words)
    assert [(word.kind, word.change) for word in found.words] == [("remedy", "reworded"), ("source", "reworded")]
    assert found.is_same_meaning


def test_what_is_too_large_counts_as_a_change_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "MAX_STEPS", 4)
    found = between(tmp_path, OLD, OLD.replace("at_most: 20", "at_most: 30"))
    assert (only(found).change, only(found).combinations) == ("not examined", 12)
    assert not found.is_same_meaning


@pytest.mark.slow
@given(rules(max_leaves=3), rules(max_leaves=3), candidates())
def test_diff_names_exactly_the_outcomes_that_change(old: Rule, new: Rule, facts: Facts) -> None:
    found = diff(pack_of([old]), pack_of([new]))
    changes = {(c.old, c.new): c.witness for one in found.rules for c in one.outcomes}
    for (was, now), shown in changes.items():
        assert (outcome(old, shown), outcome(new, shown)) == (was, now)
    was, now = outcome(old, facts), outcome(new, facts)
    assert was is now or (was, now) in changes


@pytest.mark.slow
@given(rules(max_leaves=3), candidates())
def test_a_rule_negated_twice_is_the_same_rule(made: Rule, facts: Facts) -> None:
    from imagefit.conditions import AllOf, AnyOf

    again = replace(made, when=AllOf((AnyOf((made.when,)),)), require=AnyOf((made.require, made.require)))
    assert diff(pack_of([made]), pack_of([again])).is_same_meaning


# -- real candidates ----------------------------------------------------------------------------------


def test_candidates_that_change_verdict_are_named_with_the_rule(tmp_path: Path) -> None:
    old, new = boxes(tmp_path / "a", OLD), boxes(tmp_path / "b", OLD.replace("at_most: 20", "at_most: 30"))
    made: list[tuple[str, Facts]] = [
        ("glass-25", {"box.kind": "glass", "box.weight_kg": 25}),
        ("glass-35", {"box.kind": "glass", "box.weight_kg": 35}),
        ("book-25", {"box.kind": "book", "box.weight_kg": 25}),
    ]
    impact = compare(old, new, ((key, facts, ["store", "ship"]) for key, facts in made))
    assert (impact.candidates, impact.evaluations) == (3, 6)
    assert [moved.to_dict() for moved in impact.moved] == [
        {
            "key": "glass-25",
            "operation": "store",
            "old": "incompatible",
            "new": "compatible",
            "rules": ["boxes.light"],
        }
    ]


def invoke(*arguments: str):  # type: ignore[no-untyped-def]
    return run("rules", "diff", *arguments)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """The folders of a pack and of one with another limit."""
    examples = (
        "[{facts: {box.kind: glass, box.weight_kg: 99}, outcome: fail}, {facts: {box.kind: glass, box.weight_kg: 1}, "
        "outcome: pass}, {facts: {}, outcome: unknown}, {facts: {box.kind: toy}, outcome: not_applicable}]"
    )
    old = rule("light", "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}}", examples)
    for name, made in (("old", old), ("new", old.replace("at_most: 20", "at_most: 30"))):
        write_pack(tmp_path / name, {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": made})
    return str(tmp_path / "old"), str(tmp_path / "new")


def test_the_command_shows_changes_and_exits_with_1(two: tuple[str, str]) -> None:
    result = invoke(*two)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{two[1]}/boxes.yaml:1:3: boxes.light: changed (12 combinations)",
        "  fail -> pass: --set box.kind=glass --set box.weight_kg=21",
        "  unknown -> pass: --set box.weight_kg=21",
        "another meaning; 0 rules are unchanged",
    ]


def test_the_command_exits_with_0_where_nothing_changed() -> None:
    result = invoke(str(PLUGS_FOLDER), str(PLUGS_FOLDER))
    assert (result.exit_code, result.stdout) == (0, "the packs say the same\n")


def test_the_command_says_which_candidates_of_a_file_change(two: tuple[str, str], tmp_path: Path) -> None:
    inventory = tmp_path / "boxes.json"
    inventory.write_text(json.dumps([{"box.kind": "glass", "box.weight_kg": kg} for kg in (5, 25, 28, 40)]))
    result = invoke(*two, "--on", str(inventory), "--operation", "store")
    assert result.stdout.splitlines()[-4:] == [
        "2 of 4 candidates change verdict (4 evaluations)",
        "  store: incompatible -> compatible: 2",
        "2: store: incompatible -> compatible (boxes.light)",
        "3: store: incompatible -> compatible (boxes.light)",
    ]
    data = json.loads(invoke(*two, "--on", str(inventory), "--format", "json", "--set", "box.kind=toy").stdout)
    assert (data["on"]["candidates"], data["on"]["evaluations"], data["on"]["changed"]) == (4, 8, 0)
    assert data["rules"][0]["outcomes"][0] == {
        "old": "fail",
        "new": "pass",
        "witness": {"box.kind": "glass", "box.weight_kg": 21},
    }


def test_an_unknown_operation_is_a_usage_error(two: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    result = invoke(*two, "--on", str(tmp_path / "x.json"), "--operation", "stor")
    assert result.exit_code == 2
    assert "did you mean 'store'" in result.stderr


def test_profiles_that_ship_are_compared_with_their_base_by_name() -> None:
    result = invoke("huawei-ims", "huawei-ims-eu-west-0")
    assert result.exit_code == 1
    assert "access.full-ecs-needs-vault: removed" in result.stdout
    assert "pass -> fail: --set image.type=full_ecs" in result.stdout


def test_the_built_in_pack_is_unchanged_against_itself() -> None:
    pack: Pack = shipped_pack()
    assert diff(pack, pack).is_same_meaning
