"""Every registered evaluator can be asked in every way, whatever it can by itself, and says what the reference says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import imagefit
from imagefit.columns.stacking import encode_facts
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.errors import InputError
from imagefit.evaluators import EVALUATORS, Evaluator, Registered, Way, evaluate_with, onebyone
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.results import OUTCOMES
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from imagefit.supply import Supply, read_assumptions
from imagefit.verdicts import LEVELS, VerdictKind
from strategies import FIELDS, candidates, fewer, pack_of, packs, rule_of

Make = Callable[[Pack, Sequence[Rule]], Evaluator]

LEFT = {name: field for name, field in FIELDS.items() if name.startswith("left.")}
RIGHT = {name: field for name, field in FIELDS.items() if name.startswith("right.")}

few = settings(max_examples=fewer(4), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def right(pack: Pack, facts: Facts) -> list[Outcome]:
    return [outcome(rule, facts) for rule in pack.rules]


@few
@given(packs(max_rules=3), st.lists(candidates(), min_size=1, max_size=4))
def test_a_batch_has_the_verdicts_the_outcomes_and_the_flags_of_its_rows(
    evaluator: Make, pack: Pack, rows: list[Facts]
) -> None:
    made = evaluator(pack, pack.rules)
    judged = made.judge_columns(encode_facts(rows, FIELDS))
    expected = [right(pack, facts) for facts in rows]
    assert [list(made.judge(facts)) for facts in rows] == expected
    assert [judged.outcomes(row) for row in range(len(rows))] == expected
    kinds = [VerdictKind.of(pack.rules, outcomes) for outcomes in expected]
    assert [made.verdict(facts) for facts in rows] == kinds
    assert [LEVELS[level] for level in judged.levels()] == kinds
    flags = tuple((place, each) for place in range(len(pack.rules)) for each in OUTCOMES)
    bits = [int(word) for word in judged.masks(flags)[0]]
    for row, outcomes in enumerate(expected):
        assert [bool(bits[row] >> bit & 1) for bit in range(len(flags))] == [outcomes[p] is each for p, each in flags]


@few
@given(
    packs(max_rules=3),
    st.lists(candidates(LEFT), min_size=1, max_size=3),
    st.lists(candidates(RIGHT), min_size=1, max_size=3),
)
def test_pairs_are_counted_listed_and_told_apart(
    evaluator: Make, pack: Pack, rows: list[Facts], lanes: list[Facts]
) -> None:
    product = evaluator(pack, pack.rules).pairs(encode_facts(rows, FIELDS), encode_facts(lanes, FIELDS))
    outcomes = [[right(pack, {**lane, **row}) for lane in lanes] for row in rows]
    levels = np.array([[VerdictKind.of(pack.rules, found).level for found in row] for row in outcomes])
    assert np.array_equal(np.concatenate([*product.levels()]), levels)
    listed = [pair for found in product.compatible() for pair in zip(*found, strict=True)]
    assert listed == list(zip(*np.nonzero(levels == 0), strict=True))
    for number, level in enumerate((0, 1)):
        assert product.by_row[number].tolist() == (levels == level).sum(axis=1).tolist()
        assert product.totals.by_row[number].tolist() == (levels == level).sum(axis=1).tolist()
        assert product.totals.by_lane[number].tolist() == (levels == level).sum(axis=0).tolist()
    errors = [place for place, rule in enumerate(pack.rules) if rule.severity is Severity.ERROR]
    failing = [[[place for place in errors if f[place] is Outcome.FAIL] for f in row] for row in outcomes]
    for place in range(len(pack.rules)):
        found = product.outcomes_of(place)
        assert [[OUTCOMES[n] for n in row] for row in found] == [[f[place] for f in row] for row in outcomes]
        assert product.outcomes[place].tolist() == [
            sum(f[place] is each for row in outcomes for f in row) for each in OUTCOMES
        ]
        assert product.alone[place] == sum(places == [place] for row in failing for places in row)
    fails, _ = product.tally()
    assert fails.tolist() == [[len(places) for places in row] for row in failing]


def test_given_facts_overrule_the_sides_and_assumed_ones_fill_in(evaluator: Make) -> None:
    pack = pack_of([rule_of("made.same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text"))])
    rows, lanes = encode_facts([{"left.text": "a"}, {}], FIELDS), encode_facts([{"right.text": "b"}, {}], FIELDS)
    made = evaluator(pack, pack.rules)

    def levels(given: Facts | None = None, assume: Mapping[str, str] | None = None) -> list[list[VerdictKind]]:
        supply = Supply(given or {}, read_assumptions(assume, FIELDS))
        (found,) = made.pairs(rows, lanes, supply).levels()
        return [[LEVELS[level] for level in row] for row in found]

    bad, open_, good = VerdictKind.INCOMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.COMPATIBLE
    assert levels() == [[bad, open_], [open_, open_]]
    assert levels(given={"left.text": "b"}) == [[good, open_], [good, open_]]
    assert levels(assume={"left.text": "b", "right.text": "b"}) == [[bad, bad], [good, good]]
    assert levels(assume={"left.text": "@right.text"}) == [[bad, open_], [good, open_]]


def test_too_many_pairs_to_judge_one_by_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onebyone, "MOST_PAIRS", 5)
    images, ecss = [{"image.region": "a"}] * 3, [{"ecs.region": "a"}] * 2
    with pytest.raises(InputError, match="too many pairs for an evaluator that judges them one by one: 6"):
        imagefit.match(images, ecss, operation="create_ecs", evaluator="reference").counts()
    assert sum(imagefit.match(images, ecss, operation="create_ecs").counts().values()) == 6
    assert imagefit.match(images[:2], ecss, operation="create_ecs", evaluator="reference").size == 4


def test_a_new_evaluator_is_a_module_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pessimist:
        @staticmethod
        def judge(pack: Pack, rules: Sequence[Rule]) -> Callable[[Facts], Sequence[Outcome]]:
            return lambda facts: [Outcome.FAIL for _ in rules]

    monkeypatch.setitem(__import__("sys").modules, "pessimist", Pessimist)
    monkeypatch.setitem(EVALUATORS, "pessimist", Registered("pessimist"))
    facts = {"image.region": "a"}
    assert imagefit.check(facts, operation="share", evaluator="pessimist").verdict == "incompatible"
    assert imagefit.audit([facts], operation="share", evaluator="pessimist").summary().verdicts["incompatible"] == 1
    found = imagefit.match([facts], [{}], operation="share", evaluator="pessimist")
    assert found.counts()[VerdictKind.INCOMPATIBLE] == 1


def test_the_definition_is_a_function_of_single_candidates() -> None:
    assert EVALUATORS["reference"].ways == (Way.CANDIDATES,)
    pack = pack_of([rule_of("made.one", TRUE, Leaf("left.text", Relation.EQUALS, "a"))])
    assert list(evaluate_with("reference", pack, pack.rules).judge({"left.text": "a"})) == [Outcome.PASS]
