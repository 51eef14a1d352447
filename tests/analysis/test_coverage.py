"""Condition coverage: what pairs of examples show, what they miss, and the examples that are suggested."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given

from boxes import WORDS, boxes, header, rule
from commands import run
from imagefit import load_pack
from imagefit.analysis.coverage import coverage_of
from imagefit.analysis.examples import expected_outcomes, witness
from imagefit.analysis.suggestion import suggest
from imagefit.api.packs import shipped_packs
from imagefit.budgets import Budget
from imagefit.evaluators.reference import outcome
from imagefit.rulepack.pack import Example, Outcome, Pack, Rule
from packfiles import shipped_pack, write_pack
from strategies import pack_of, rules

TWO = "when: {box.kind: glass}; require: {box.sealed: true, box.weight_kg: {at_most: 20}}"
GLASS = "box.kind: glass, box.sealed: true, box.weight_kg"


def missing(folder: Path, keys: str, *examples: str) -> list[str]:
    """The comparisons of a rule that these examples do not show to decide."""
    listed = f"[{', '.join(f'{{facts: {{{facts}}}, outcome: {shown}}}' for facts, shown in map(split, examples))}]"
    (found,) = coverage_of(boxes(folder, rule("x", keys, listed))).rules
    return [str(place.leaf) for place in found.missing]


def split(example: str) -> tuple[str, str]:
    facts, _, shown = example.rpartition(" -> ")
    return facts, shown


def test_a_pair_that_differs_in_one_comparison_shows_it(tmp_path: Path) -> None:
    passing = f"{GLASS}: 20 -> pass"
    assert missing(tmp_path, TWO, passing, f"{GLASS}: 21 -> fail") == [
        "box.kind equals glass",
        "box.sealed equals true",
    ]


def test_each_comparison_needs_its_own_pair(tmp_path: Path) -> None:
    examples = [
        f"{GLASS}: 20 -> pass",
        f"{GLASS}: 21 -> fail",
        "box.kind: glass, box.sealed: false, box.weight_kg: 20 -> fail",
        "box.kind: toy, box.sealed: true, box.weight_kg: 21 -> not_applicable",
    ]
    assert missing(tmp_path, TWO, *examples) == []


def test_two_differences_at_once_show_nothing(tmp_path: Path) -> None:
    examples = [f"{GLASS}: 20 -> pass", "box.kind: glass, box.sealed: false, box.weight_kg: 21 -> fail"]
    assert len(missing(tmp_path, TWO, *examples)) == 3


def test_an_undecided_example_shows_nothing(tmp_path: Path) -> None:
    examples = [f"{GLASS}: 20 -> pass", "box.kind: glass, box.sealed: true -> unknown"]
    assert len(missing(tmp_path, TWO, *examples)) == 3


def test_a_masked_comparison_may_be_unknown_in_both_examples(tmp_path: Path) -> None:
    """`any` is decided by either part; where the label is there, the weight may be anything."""
    keys = "require: {any: [{box.sealed: true}, {box.labels: {contains: heavy}, box.weight_kg: {at_most: 20}}]}"
    examples = [
        "box.sealed: true, box.labels: [] -> pass",
        "box.sealed: false, box.labels: [] -> fail",
        "box.sealed: false, box.labels: [heavy], box.weight_kg: 21 -> fail",
    ]
    assert missing(tmp_path, keys, *examples) == [
        "box.labels contains heavy",
        "box.weight_kg at_most 20",
    ]


def test_coupled_comparisons_may_change_together_where_the_other_one_is_masked(tmp_path: Path) -> None:
    """Less than 10 and less than 20 can't both be held while the weight is what changes."""
    keys = "require: {any: [{box.weight_kg: {below: 10}}, {box.weight_kg: {below: 20}, box.sealed: true}]}"
    examples = [
        "box.weight_kg: 5, box.sealed: false -> pass",
        "box.weight_kg: 15, box.sealed: false -> fail",
        "box.weight_kg: 15, box.sealed: true -> pass",
        "box.weight_kg: 25, box.sealed: true -> fail",
    ]
    assert missing(tmp_path, keys, *examples) == []
    assert missing(tmp_path, keys, *examples[:3]) == ["box.weight_kg below 20"]


def test_a_comparison_that_can_not_decide_is_left_out_with_the_reason(tmp_path: Path) -> None:
    (found,) = coverage_of(boxes(tmp_path, rule("x", "when: {box.kind: glass}; require: {box.kind: {not: toy}}"))).rules
    assert [leaf.excluded for leaf in found.leaves] == ["no two candidates show that it decides by itself"] * 2
    assert coverage_of(boxes(tmp_path, rule("x", "require: {box.kind: [glass, book, toy]}"))).percent == 100.0


def test_of_a_notice_the_comparisons_decide_whether_it_applies(tmp_path: Path) -> None:
    keys = "severity: notice; when: {box.kind: glass}"
    examples = ["box.kind: glass -> pass", "box.kind: toy -> not_applicable"]
    assert missing(tmp_path, keys, *examples) == []
    assert missing(tmp_path, keys, *examples[:1]) == ["box.kind equals glass"]


@pytest.mark.parametrize("name", shipped_packs())
def test_the_examples_of_the_packs_that_ship_cover_every_comparison(name: str) -> None:
    found = coverage_of(shipped_pack(name))
    assert found.percent == 100.0
    assert found.is_full
    assert found.total > 80
    assert all(leaf.excluded is None for one in found.rules for leaf in one.leaves)


@pytest.mark.slow
@given(rules())
def test_suggested_examples_are_right_cover_everything_and_show_every_outcome(made: Rule) -> None:
    pack = pack_of([made])
    added = suggest(made, pack)
    examples = tuple(Example(one.facts, one.outcome, None) for one in added)  # type: ignore[arg-type]
    assert all(outcome(made, example.facts) is example.outcome for example in examples)
    full = pack_of([_with(made, examples)])
    assert coverage_of(full).percent == 100.0
    shown = {example.outcome for example in examples}
    assert all(wanted in shown or witness(made, pack, wanted) is None for wanted in expected_outcomes(made))


def _with(made: Rule, examples: tuple[Example, ...]) -> Rule:
    from dataclasses import replace

    return replace(made, examples=examples)


def test_suggestions_use_values_of_the_examples_that_are_there(tmp_path: Path) -> None:
    keys = "require: {box.owner: {same_as: shelf.owner}}"
    pack = boxes(tmp_path, rule("x", keys, "[{facts: {box.owner: ann, shelf.owner: ann}, outcome: pass}]"))
    (added, *_) = suggest(pack.rules[0], pack)
    assert added.outcome is Outcome.FAIL
    assert "ann" in added.facts.values()


def test_suggestions_can_be_pasted_and_the_pack_loads(tmp_path: Path) -> None:
    made = rule("x", TWO, "[]").replace("  examples: []\n", "  examples:\n    - {facts: {}, outcome: unknown}\n")
    text = rule("y", "when: {box.owner: {not: '007'}}; require: {box.labels: {contains: heavy}}", "[]")
    text = text.replace("  examples: []\n", "  examples:\n    - {facts: {}, outcome: unknown}\n")
    write_pack(tmp_path, {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": made + text})
    suggested = run("rules", "test", "--suggest", "--pack", str(tmp_path))
    assert suggested.exit_code == 1
    assert set(yaml.safe_load(suggested.stdout)) == {"boxes.x", "boxes.y"}
    of_x, of_y = suggested.stdout.partition("boxes.x:")[2].split("boxes.y:")
    pasted = made + of_x.partition("\n")[2] + text + of_y.partition("\n")[2]
    write_pack(tmp_path, {"boxes.yaml": pasted})
    assert coverage_of(load_pack(tmp_path)).is_full
    again = run("rules", "test", "--suggest", "--pack", str(tmp_path))
    assert (again.exit_code, again.stdout) == (0, "")


def test_the_command_prints_what_is_missing_and_the_coverage(tmp_path: Path) -> None:
    examples = (
        f"[{{facts: {{{GLASS}: 20}}, outcome: pass}}, {{facts: {{{GLASS}: 21}}, outcome: fail}}, "
        "{facts: {}, outcome: unknown}, {facts: {box.kind: toy}, outcome: not_applicable}]"
    )
    write_pack(tmp_path, {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": rule("x", TWO, examples)})
    result = run("rules", "test", "--coverage", "--pack", str(tmp_path))
    assert result.exit_code == 1
    no_two = "boxes.x: no two examples show that"
    assert result.stdout.splitlines() == [
        f"{tmp_path}/boxes.yaml:2:10: {no_two} `box.kind equals glass` in the `when` decides by itself",
        f"{tmp_path}/boxes.yaml:3:13: {no_two} `box.sealed equals true` in the `require` decides by itself",
    ]
    assert "33.3 %, 1 of 3 comparisons; --suggest writes the missing examples" in result.stderr


def test_the_command_exits_with_0_where_everything_is_shown() -> None:
    result = run("rules", "test", "--coverage")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "condition coverage (MC/DC): 100.0 %" in result.stderr


def test_coverage_is_that_of_the_selected_rules(tmp_path: Path) -> None:
    pack: Pack = boxes(tmp_path, rule("x", TWO), rule("y", "require: {box.sealed: true}"))
    assert coverage_of(pack, [pack.rule("boxes.y")]).total == 1


def test_a_rule_that_is_too_large_is_not_counted_as_covered(tmp_path: Path) -> None:
    pack = boxes(tmp_path, rule("x", TWO, "[{facts: {}, outcome: unknown}]"))
    found = coverage_of(pack, budget=Budget(40))
    assert (found.is_full, found.rules[0].not_examined) == (False, 8)
    for option in ("--coverage", "--suggest"):
        result = run("rules", "test", option, "--budget", "40", "--pack", str(tmp_path))
        assert "not examined" in result.output


def test_the_command_names_comparisons_that_can_not_decide(tmp_path: Path) -> None:
    boxes(tmp_path, rule("x", "when: {box.kind: glass}; require: {box.kind: {not: toy}}"))
    result = run("rules", "test", "--coverage", "--pack", str(tmp_path))
    assert "boxes.yaml:2:10: boxes.x: `box.kind equals glass` in the `when` is left out: no two" in result.stderr
    assert "100.0 %, 0 of 0 comparisons; 2 can't decide" in result.stderr
