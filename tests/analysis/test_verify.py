"""`verify` looks at every case, and says what it looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import assume, given

from commands import run
from imagefit.analysis.verify.columns import wrong_in_columns
from imagefit.analysis.verify.explanations import mattering, wrong_leaves, wrong_missing, wrong_verdict_missing
from imagefit.analysis.verify.grid import Grid
from imagefit.analysis.verify.groups import groups_of
from imagefit.analysis.verify.pairs import cuts, wrong_in_pairs
from imagefit.analysis.verify.report import Disagreement
from imagefit.analysis.verify.verification import installed, verify
from imagefit.api.packs import BUILT_IN, shipped_packs
from imagefit.conditions import leaves
from imagefit.evaluators import EVALUATORS, Registered, evaluate_with, reference
from imagefit.evaluators.cells import combinations, representatives
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule
from packfiles import PLUGS_FOLDER, shipped_pack, small_pack
from strategies import FIELDS, pack_of, packs, rules

PROFILES = [name for name in shipped_packs() if name != BUILT_IN]


@pytest.fixture
def plugs() -> Pack:
    return small_pack()


# -- the grid --------------------------------------------------------------------------------------------


def frozen(facts: Facts) -> frozenset[tuple[str, object]]:
    return frozenset(facts.items())


@pytest.mark.slow
@given(rules(max_leaves=3))
def test_a_grid_has_every_combination_of_cells_once_unknown_included(rule: Rule) -> None:
    grid = Grid.of([rule], FIELDS)
    assume(grid.size <= 3000)
    cells = representatives(leaves(rule.violation), FIELDS)
    assert grid.size == math.prod(len(values) + 1 for values in cells.values())
    points = [frozen(grid.facts(point)) for point in range(grid.size)]
    assert sorted(points, key=repr) == sorted(map(frozen, combinations(cells, unknown=True)), key=repr)
    assert [frozen(facts) for facts, _ in list(grid.walk([rule]))] == points


@pytest.mark.slow
@given(packs(max_rules=3))
def test_a_walk_has_the_outcomes_of_the_definition(pack: Pack) -> None:
    grid = Grid.of(pack.rules, FIELDS)
    assume(grid.size <= 3000)
    for facts, outcomes in list(grid.walk(pack.rules)):
        assert list(outcomes) == [reference.outcome(rule, facts) for rule in pack.rules]


def test_learning_a_fact_leads_to_the_points_that_differ_in_it_alone(plugs: Pack) -> None:
    grid = Grid.of([plugs.rule("fit.power")], plugs.fields)
    for name in grid.axes:
        for point in grid.unknown_at(name):
            facts = grid.facts(point)
            assert name not in facts
            ways = [grid.facts(learned) for learned in grid.learned(point, name)]
            assert ways == [{**facts, name: value} for value in grid.axes[name][1:]]


def test_a_sample_is_the_same_for_the_same_seed_and_leaves_facts_out(plugs: Pack) -> None:
    grid = Grid.of(plugs.rules, plugs.fields)
    first, second = (list(grid.sample(200, "seed")) for _ in range(2))
    assert first == second != list(grid.sample(200, "other"))
    assert {len(facts) == len(grid.axes) for facts in first} == {False, True}


@pytest.mark.slow
@given(packs(max_rules=3))
def test_any_pack_is_judged_in_columns_as_the_definition_has_it(pack: Pack) -> None:
    grid = Grid.of(pack.rules, FIELDS)
    assume(grid.size <= 20_000)
    assert list(wrong_in_columns(evaluate_with("tabular", pack, pack.rules), grid, FIELDS)) == []


@given(packs(max_rules=3))
def test_any_pack_is_judged_in_pairs_as_the_definition_has_it(pack: Pack) -> None:
    grid = Grid.of(pack.rules, FIELDS)
    assume(grid.size <= 20_000)
    assert list(wrong_in_pairs(evaluate_with("tabular", pack, pack.rules), grid, FIELDS)) == []


def test_a_grid_is_cut_by_family_and_every_other_fact_and_seen_from_both_sides() -> None:
    grid = Grid({name: (None, True) for name in ("a.x", "b.x", "a.y", "b.y")})
    sides = [(set(rows.axes), set(lanes.axes)) for rows, lanes in cuts(grid)]
    assert sides == [({"a.x", "a.y"}, {"b.x", "b.y"}), ({"b.x", "b.y"}, {"a.x", "a.y"})]  # here the two are one
    grid = Grid({name: (None, True) for name in ("a.x", "a.y", "b.x")})
    assert ({"a.x", "a.y"}, {"b.x"}) in [(set(rows.axes), set(lanes.axes)) for rows, lanes in cuts(grid)]
    assert ({"a.y"}, {"a.x", "b.x"}) in [(set(rows.axes), set(lanes.axes)) for rows, lanes in cuts(grid)]
    assert len(cuts(grid)) == 4
    assert all(rows.size * lanes.size == grid.size for rows, lanes in cuts(grid))


# -- groups ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 10, 100, 10_000, 10**9])
def test_groups_have_each_rule_once_and_stay_within_the_limit(built_in: Pack, limit: int) -> None:
    for operation in built_in.operations:
        own = built_in.rules_for(operation)
        groups = groups_of(own, built_in.fields, limit)
        assert sorted(rule.id for group in groups for rule in group) == [rule.id for rule in own]
        assert all(len(group) == 1 or Grid.of(group, built_in.fields).size <= limit for group in groups)
        if Grid.of(own, built_in.fields).size <= limit:
            assert len(groups) == 1


# -- explanations --------------------------------------------------------------------------------------------


def test_what_matters_of_two_facts_joined_by_and(built_in: Pack) -> None:
    """By hand: nothing of the second matters once the first is known to be false."""
    from imagefit.conditions import TRUE, AllOf, Leaf, Relation

    both = AllOf((Leaf("left.flag", Relation.EQUALS, True), Leaf("right.flag", Relation.EQUALS, True)))
    made = pack_of([replace(built_in.rules[0], id="made.rule", when=TRUE, require=both)])
    (rule,) = made.rules
    for known, expected in (({}, True), ({"left.flag": True}, True), ({"left.flag": False}, False)):
        grid = Grid.of([rule], FIELDS, known)
        assert ("right.flag" in mattering(grid, known, lambda facts: reference.outcome(rule, facts))) is expected


@pytest.mark.slow
@given(rules(max_leaves=3))
def test_explanations_of_any_rule_are_right(rule: Rule) -> None:
    grid = Grid.of([rule], FIELDS)
    assume(grid.size <= 300)
    points = [grid.facts(point) for point in range(grid.size)]
    assert list(wrong_missing(rule, points, FIELDS)) == []
    assert list(wrong_leaves(rule, points, FIELDS)) == []


@pytest.mark.slow
@given(packs(max_rules=2))
def test_the_missing_facts_of_any_verdict_are_right(pack: Pack) -> None:
    grid = Grid.of(pack.rules, FIELDS)
    assume(grid.size <= 500)
    points = [grid.facts(point) for point in range(0, grid.size, 1 + grid.size // 20)]
    assert list(wrong_verdict_missing(pack.rules, points, FIELDS)) == []


# -- the whole ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_evaluators_and_explanations_are_right_on_the_built_in_pack(built_in: Pack) -> None:
    larger = tuple(rule for rule in built_in.rules if Grid.of([rule], built_in.fields).size > 2000)
    expect_right(replace(built_in, rules=tuple(rule for rule in built_in.rules if rule not in larger)), 2000)
    expect_right(replace(built_in, rules=larger), 8000)


@pytest.mark.long
def test_so_they_are_where_more_rules_are_looked_at_together(built_in: Pack) -> None:
    expect_right(built_in, 8000)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROFILES)
def test_so_they_are_on_the_rules_that_a_profile_changes(name: str) -> None:
    """The others are in the built-in pack just so."""
    pack = shipped_pack(name)
    own = changed(pack)
    assert own
    expect_right(replace(pack, rules=own), 2000)


@pytest.mark.long
@pytest.mark.parametrize("name", PROFILES)
def test_so_they_are_on_each_profile_as_a_whole(name: str) -> None:
    expect_right(shipped_pack(name), 2000)


def changed(pack: Pack) -> tuple[Rule, ...]:
    """Return the rules of a pack that are not in the built-in pack just so."""
    built_in = {rule.id: (rule.severity, rule.when, rule.require) for rule in shipped_pack().rules}
    return tuple(rule for rule in pack.rules if built_in.get(rule.id) != (rule.severity, rule.when, rule.require))


def expect_right(pack: Pack, limit: int) -> None:
    found = verify(pack, limit=limit)
    assert found.disagreements == ()
    assert [proof.rule for proof in found.rules] == [rule.id for rule in pack.rules]
    # A profile has a few larger rules of the built-in pack as they are, which are proven there.
    whole = changed(pack) or pack.rules
    assert not {rule.id for rule in whole} & {proof.rule for proof in found.rules if not proof.is_complete}
    assert {proof.operation for proof in found.groups} == {name for rule in pack.rules for name in rule.operations}


def test_every_evaluator_takes_part_or_is_said_to_be_left_out(plugs: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    names, left_out = installed(plugs)
    assert {*names, *left_out} == set(EVALUATORS)
    monkeypatch.setitem(EVALUATORS, "absent", Registered("imagefit.evaluators.absent"))
    found = verify(plugs, limit=1000)
    assert "absent" in found.left_out
    assert "absent" not in found.evaluators


@pytest.mark.slow
def test_more_than_the_limit_is_a_sample_and_says_so(plugs: Pack) -> None:
    found = verify(plugs, limit=2)
    assert not any(proof.is_complete for proof in found.rules)
    assert found.disagreements == ()


@pytest.mark.durable
def test_a_disagreement_comes_with_the_command_that_shows_it() -> None:
    facts: Facts = {"image.owner": "a b", "image.shared_with": frozenset(), "image.size_gib": 0.5}
    pytest.importorskip("durable_rules_engine", exc_type=ImportError)
    found = Disagreement("sharing.encrypted", "share", "durable", facts, "fail", "pass")
    assert found.command == (
        "imagefit check --operation share --select sharing.encrypted --all-rules --evaluator durable"
        " --set 'image.owner=a b' --set 'image.shared_with=[]' --set image.size_gib=0.5"
    )
    result = run(*_arguments(found.command))
    assert result.exit_code == 3, result.output


def _arguments(command: str) -> Sequence[str]:
    import shlex

    return shlex.split(command)[1:]


# -- the command ---------------------------------------------------------------------------------------------------


def verified(*arguments: str) -> Result:
    return run("rules", "verify", *arguments)


def test_the_command_prints_the_combinations_of_each_rule_and_operation() -> None:
    result = verified("--pack", str(PLUGS_FOLDER), "--limit", "100")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split() for line in lines if line.startswith("fit.shape")] == [["fit.shape", "9"]]
    assert any(line.startswith("plug_in: ") for line in lines)
    assert ": all agree in " in result.stderr
    assert " on reference, tabular (candidates, columns, pairs)" in result.stderr


def test_the_command_prints_json() -> None:
    data = json.loads(verified("--pack", str(PLUGS_FOLDER), "--limit", "100", "--format", "json").stdout)
    assert data["evaluators"][0] == "reference"
    assert data["ways"]["reference"] == ["candidates"]
    assert data["ways"]["tabular"] == ["candidates", "columns", "pairs"]
    assert {"rule": "fit.shape", "combinations": 9, "complete": True} in data["rules"]
    assert data["combinations"] == sum(one["combinations"] for one in (*data["rules"], *data["groups"]))
    assert data["disagreements"] == []
    assert data["seconds"] > 0


def test_a_disagreement_is_shown_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    class Optimist:
        @staticmethod
        def judge(pack: Pack, own: Sequence[Rule]) -> Callable[[Facts], Sequence[Outcome]]:
            return lambda facts: [Outcome.PASS for _ in own]

    monkeypatch.setitem(EVALUATORS, "optimist", Registered("optimist"))
    monkeypatch.setitem(__import__("sys").modules, "optimist", Optimist)
    result = verified("--pack", str(PLUGS_FOLDER), "--limit", "100")
    assert result.exit_code == 1
    assert "fit.shape: optimist: pass (alone); expected unknown\n  imagefit check --operation plug_in" in result.stdout
    assert "disagreements in" in result.stderr


def test_a_corpus_is_run(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    line = {"operation": "share", "facts": {}, "verdict": "unknown", "outcomes": {}}
    path.write_text(json.dumps(line), "utf-8")
    result = verified("--corpus", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 candidate, 7 outcomes: all agree" in result.stderr
    path.write_text(json.dumps(line | {"verdict": "compatible"}), "utf-8")
    result = verified("--corpus", str(path), "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["disagreements"][0]["found"] == "unknown"


@pytest.mark.parametrize("content", [None, "{"])
def test_a_corpus_that_can_not_be_read_ends_with_2(tmp_path: Path, content) -> None:
    path = tmp_path / "corpus.jsonl"
    if content is not None:
        path.write_text(content, "utf-8")
    result = verified("--corpus", str(path))
    assert result.exit_code == 2
    assert "corpus.jsonl" in result.stderr


@pytest.mark.parametrize("name", shipped_packs())
def test_the_page_says_how_many_cases_the_rules_of_a_pack_have(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "proof.md").read_text("utf-8")
    pack = shipped_pack(name)
    sizes = [Grid.of([rule], pack.fields).size for rule in pack.rules]
    assert f"| {name} | {len(sizes)} | {sum(sizes):,} |" in page
    if name == BUILT_IN:
        assert f"{min(sizes)} to {max(sizes):,} for the rules of the built-in pack, {sum(sizes):,} in all" in " ".join(
            page.split()
        )
