"""Cross products agree with the reference evaluator, pair by pair: verdicts, outcomes, lists and counts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.columns.column import Encoded
from imagefit.columns.encoding import Encoder
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.evaluators.pairs import classes as pairs_classes
from imagefit.evaluators.pairs import verdicts as pairs_verdicts
from imagefit.evaluators.pairs.product import Pairs
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.supply import Assumption, Same, Supply
from imagefit.verdicts import VerdictKind
from rowtables import table_of
from strategies import FIELDS, candidates, fewer, not_lower, pack_of, packs, rule_of, values

LEFT = {name: field for name, field in FIELDS.items() if name.startswith("left.")}
RIGHT = {name: field for name, field in FIELDS.items() if name.startswith("right.")}
OUTCOMES = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
COMPATIBLE, UNKNOWN = 0, 1  # the best is level 0, as in an audit

lefts, rights = candidates(LEFT), candidates(RIGHT)


def encoded(rows: Sequence[Facts]) -> Encoded:
    return Encoder(FIELDS).encode(table_of(rows))


def merged(left: Facts, right: Facts, supply: Supply) -> Facts:
    """The facts of one pair: given ones count before stated ones, and assumed ones where neither is known."""
    known = {**right, **left, **supply.given}
    found = {
        name: known.get(assumption.fact) if isinstance(assumption, Same) else assumption
        for name, assumption in supply.assumptions.items()
    }
    return {**{name: value for name, value in found.items() if value is not None}, **known}


class Brute:
    """Every pair, by the reference evaluator."""

    def __init__(
        self,
        pack: Pack,
        rows: Sequence[Facts],
        lanes: Sequence[Facts],
        supply: Supply | None = None,
    ) -> None:
        pairs = [[merged(row, lane, supply or Supply()) for lane in lanes] for row in rows]
        self.outcomes = [[[outcome(rule, facts) for rule in pack.rules] for facts in row] for row in pairs]
        shape = (len(rows), len(lanes))
        levels = {VerdictKind.COMPATIBLE: COMPATIBLE, VerdictKind.UNKNOWN: UNKNOWN, VerdictKind.INCOMPATIBLE: 2}
        kinds = [[VerdictKind.of(pack.rules, found) for found in row] for row in self.outcomes]
        self.levels = np.array([[levels[kind] for kind in row] for row in kinds], np.uint8).reshape(shape)
        self.counts = [
            [sum(found[place] is wanted for row in self.outcomes for found in row) for wanted in OUTCOMES]
            for place in range(len(pack.rules))
        ]

    def alone(self, pack: Pack) -> list[int]:
        """How many pairs each error rule stops alone."""
        errors = {place for place, rule in enumerate(pack.rules) if rule.severity is Severity.ERROR}
        failing = [[p for p in errors if found[p] is Outcome.FAIL] for row in self.outcomes for found in row]
        return [sum(places == [place] for places in failing) for place in range(len(pack.rules))]

    def tally(self, pack: Pack, wanted: Outcome) -> list[list[int]]:
        errors = [place for place, rule in enumerate(pack.rules) if rule.severity is Severity.ERROR]
        return [[sum(found[place] is wanted for place in errors) for found in row] for row in self.outcomes]


def agree(pairs: Pairs, brute: Brute, pack: Pack) -> None:
    by_row, by_lane = pairs.totals.by_row, pairs.totals.by_lane
    for number, level in enumerate((COMPATIBLE, UNKNOWN)):
        assert by_row[number].tolist() == (brute.levels == level).sum(axis=1).tolist()
        assert by_lane[number].tolist() == (brute.levels == level).sum(axis=0).tolist()
    assert [counts.tolist() for counts in pairs.by_row] == [counts.tolist() for counts in by_row]
    assert pairs.outcomes.tolist() == brute.counts
    assert pairs.alone.tolist() == brute.alone(pack)
    listed = [pair for found in pairs.compatible() for pair in zip(*found, strict=True)]
    assert listed == list(zip(*np.nonzero(brute.levels == COMPATIBLE), strict=True))
    levels = list(pairs.levels())
    assert np.array_equal(np.concatenate(levels) if levels else brute.levels, brute.levels)


@given(packs(), st.lists(lefts, max_size=5), st.lists(rights, max_size=5), st.sampled_from((1, 9, None)))
def test_every_pair_is_judged_as_the_reference_does(
    pack: Pack, rows: list[Facts], lanes: list[Facts], most_classes: int | None
) -> None:
    pairs = Pairs(pack.rules, encoded(rows), encoded(lanes), most_classes=most_classes)
    agree(pairs, Brute(pack, rows, lanes), pack)


@pytest.mark.slow
@pytest.mark.parametrize(
    "limits",
    [{"_FEW": 0}, {"_FEW": 0, "_COUNTABLE": 8}, {"_COUNTABLE": 0}, {"_OVERFLOWING": 2}, {"_OVERFLOWING": 40}],
    ids=str,
)
@settings(max_examples=fewer(3))
@given(packs(max_rules=4), st.lists(lefts, max_size=6), st.lists(rights, max_size=4), st.sampled_from((1, None)))
def test_ways_of_finding_classes_that_only_large_inputs_need_agree(
    limits: Mapping[str, int], pack: Pack, rows: list[Facts], lanes: list[Facts], most_classes: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in limits.items():
            patch.setattr(pairs_classes, name, limit)
        pairs = Pairs(pack.rules, encoded(rows), encoded(lanes), most_classes=most_classes)
        agree(pairs, Brute(pack, rows, lanes), pack)


@given(packs(), st.lists(lefts, max_size=3), st.lists(rights, max_size=3), candidates(), st.data())
def test_given_and_assumed_facts_count_as_in_a_check(
    pack: Pack, rows: list[Facts], lanes: list[Facts], given_facts: Facts, data: st.DataObject
) -> None:
    given_facts = {name: value for name, value in given_facts.items() if data.draw(st.integers(0, 3)) == 0}
    assumed: dict[str, Assumption] = {}
    for name, field in FIELDS.items():
        # An enum is not assumed to be what another enum is: that can have values which it can't.
        same = [] if field.type == "enum" else [f.name for f in FIELDS.values() if f.type is field.type]
        choice = data.draw(st.sampled_from((None, None, "value", "fact")))
        if choice == "value":
            assumed[name] = data.draw(values(field))
        elif choice == "fact" and (others := [other for other in same if other != name]):
            assumed[name] = Same(data.draw(st.sampled_from(others)))
    supply = Supply(given_facts, assumed)
    pairs = Pairs(pack.rules, encoded(rows), encoded(lanes), supply=supply, most_classes=9)
    agree(pairs, Brute(pack, rows, lanes, supply), pack)


@given(packs(), st.lists(candidates(), max_size=3), st.lists(rights, max_size=3))
def test_a_fact_of_both_sides_is_known_if_either_knows_it(pack: Pack, rows: list[Facts], lanes: list[Facts]) -> None:
    stated = {name: value for facts in (*rows, *lanes) for name, value in facts.items() if name in RIGHT}
    rows, lanes = ([{n: stated.get(n, v) for n, v in facts.items()} for facts in side] for side in (rows, lanes))
    agree(Pairs(pack.rules, encoded(rows), encoded(lanes)), Brute(pack, rows, lanes), pack)


@pytest.mark.slow
@given(packs(max_rules=3), lefts, rights, st.sampled_from((1, None)))
def test_the_tally_counts_the_rules_that_fail_and_are_unknown(
    pack: Pack, row: Facts, lane: Facts, most_classes: int | None
) -> None:
    pairs = Pairs(pack.rules, encoded([row, {}]), encoded([lane]), most_classes=most_classes)
    brute = Brute(pack, [row, {}], [lane])
    for counts, wanted in zip(pairs.tally(), (Outcome.FAIL, Outcome.UNKNOWN), strict=True):
        assert counts.tolist() == brute.tally(pack, wanted)


def some(fields: Sequence[str], count: int, seed: int) -> list[Facts]:
    """Rows from the small domains of the strategies, a fifth of the facts unknown, some of them alike."""
    chance = random.Random(seed)
    domains: dict[str, list[Value]] = {
        "enum": ["b", "c"],
        "text": ["a", "b", "x", "ü;'\"\\", "unheard-of"],
        "flag": [True, False],
        "count": [-3, 0, 1, 2, 7, 2**63 - 1],
        "size": [-0.5, 0.0, 1.0, 1.5, 7.25],
        "set": [frozenset(), frozenset("a"), frozenset("ab"), frozenset("abx"), frozenset("x")],
    }
    own = {name: not_lower(FIELDS[name], domains[name.partition(".")[2]]) for name in fields}
    return [{name: chance.choice(own[name]) for name in fields if chance.random() < 0.8} for _ in range(count)]


@pytest.mark.slow
@settings(max_examples=8)
@given(packs(max_rules=4), st.integers(0, 10**6), st.sampled_from((1, 30, None)))
def test_many_rows_and_lanes_are_judged_as_few(pack: Pack, seed: int, most_classes: int | None) -> None:
    rows, lanes = some(list(LEFT), 90, seed), some(list(RIGHT), 150, seed + 1)
    agree(Pairs(pack.rules, encoded(rows), encoded(lanes), most_classes=most_classes), Brute(pack, rows, lanes), pack)


@pytest.mark.slow
@pytest.mark.parametrize("count", [70, 400])
def test_any_number_of_rules(count: int) -> None:
    """More rules than a word has bits; each fails for one number of each side, so that all can be told apart."""
    rules = [
        replace(
            rule_of(
                f"made.rule-{number:03}",
                Leaf("left.count", Relation.EQUALS, number),
                Leaf("right.count", Relation.EQUALS, number, negated=True),
            ),
            severity=(Severity.ERROR, Severity.WARNING)[number % 2],
        )
        for number in range(count)
    ]
    rows = [{"left.count": number} for number in (*range(0, count, count // 10), count - 1)] + [{}]
    lanes = [{"right.count": number} for number in (*range(0, count, count // 14), count - 1)] + [{}]
    pack = pack_of(rules)
    agree(Pairs(pack.rules, encoded(rows), encoded(lanes)), Brute(pack, rows, lanes), pack)


@pytest.mark.parametrize(
    ("rows", "lanes"),
    [
        ([], []),
        ([], [{}, {"right.text": "a"}]),
        ([{}, {"left.text": "a"}], []),
        ([{"left.text": "a"}], [{"right.text": "a"}]),
        ([{}] * 70, [{}] * 70),
        ([{"left.text": "a"}] * 70, [{"right.text": "b"}] * 130),
        ([{"left.text": "x"}] * 3, [{"right.text": "a"}, {}]),  # all rows fail alone
        ([{"left.text": "a"}, {}], [{"right.text": "b"}] * 3),  # all lanes do
    ],
)
def test_empty_sides_single_rows_and_rows_that_are_all_alike(rows: list[Facts], lanes: list[Facts]) -> None:
    pack = pack_of(
        [
            rule_of("made.same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text")),
            rule_of("made.alone", TRUE, Leaf("left.text", Relation.EQUALS, "a")),
            rule_of("made.other", TRUE, Leaf("right.text", Relation.EQUALS, "b", negated=True)),
        ]
    )
    agree(Pairs(pack.rules, encoded(rows), encoded(lanes)), Brute(pack, rows, lanes), pack)


def test_no_rules_make_every_pair_compatible() -> None:
    pairs = Pairs([], encoded([{}] * 3), encoded([{}] * 65))
    assert pairs.totals.by_row[0].tolist() == [65] * 3
    assert pairs.totals.by_lane[0].tolist() == [3] * 65
    assert pairs.outcomes.shape == (0, 4)


class TestThousandsOfDistinctValues:
    """Comparisons of fields with very many values; expected counts by sets and sorting, not by the evaluator."""

    ROWS, LANES = 4000, 1500

    def fails(self, relation: Relation, rows: list[Facts], lanes: list[Facts], first: str, second: str) -> int:
        rule = rule_of("made.link", TRUE, Leaf(first, relation, None, second))
        pairs = Pairs([rule], encoded(rows), encoded(lanes))
        fails, unknown, passes, _ = pairs.outcomes[0].tolist()
        compatible, undecided = (int(counts.sum()) for counts in pairs.totals.by_row)
        assert (compatible, undecided, fails) == (passes, unknown, len(rows) * len(lanes) - passes - unknown)
        return fails

    def test_texts(self) -> None:
        rows = [{"left.text": f"räksmörgås-{number}"} for number in range(self.ROWS)] + [{}]
        lanes = [{"right.text": f"räksmörgås-{number * 2}"} for number in range(self.LANES)] + [{}]
        equal = sum(number % 2 == 0 and number < 2 * self.LANES for number in range(self.ROWS))
        expected = self.ROWS * self.LANES - equal
        assert self.fails(Relation.EQUALS, rows, lanes, "left.text", "right.text") == expected

    def test_numbers(self) -> None:
        chance = np.random.default_rng(3)
        left, right = chance.integers(0, 10**9, self.ROWS), chance.integers(0, 10**9, self.LANES)
        rows, lanes = [{"left.count": int(n)} for n in left], [{"right.count": int(n)} for n in right]
        expected = int((left[:, None] < right[None, :]).sum())
        assert self.fails(Relation.AT_LEAST, rows, lanes, "left.count", "right.count") == expected

    def test_sets_and_elements(self) -> None:
        chance = random.Random(4)
        rows: list[Facts] = [
            {"left.set": frozenset(str(chance.randrange(9000)) for _ in range(chance.randrange(8)))}
            for _ in range(self.ROWS)
        ]
        lanes: list[Facts] = [{"right.text": str(number)} for number in range(self.LANES)]
        contained = sum(int(e) < self.LANES for row in rows for e in row["left.set"])  # type: ignore[union-attr]
        expected = self.ROWS * self.LANES - contained
        assert self.fails(Relation.CONTAINS, rows, lanes, "left.set", "right.text") == expected


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = pack_of([rule_of("made.same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text"))])
    rows, lanes = some(list(LEFT), 300, 1), some(list(RIGHT), 80, 2)
    monkeypatch.setattr("os.cpu_count", lambda: threads)
    monkeypatch.setattr(pairs_verdicts, "MOST_ROWS", 40)
    agree(Pairs(pack.rules, encoded(rows), encoded(lanes)), Brute(pack, rows, lanes), pack)
