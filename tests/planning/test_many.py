"""The search on many candidates at once finds of each what the search on it alone finds, in the same order."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from weakref import ref

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import imagefit
from imagefit.columns.column import Encoded
from imagefit.columns.stacking import encode_facts
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.facts import Facts, Field, FieldType
from imagefit.planning import alike
from imagefit.planning.answers import Answers
from imagefit.planning.many import ManySearch
from imagefit.planning.planner import Sketch, planner_of
from imagefit.planning.sketches import ManyPlans, assumed_of
from imagefit.rulepack.pack import Effect, Outcome, Pack, Remedy
from strategies import FEW_FIELDS, few_candidates, pack_of, packs_with_remedies, rule_of

CORPUS = Path(__file__).parents[1] / "corpus" / "huawei-ims.jsonl"


def many(rows: Sequence[Facts], fields: Mapping[str, Field], assumed: Sequence[frozenset[str]]) -> Encoded:
    names = sorted({name for some in assumed for name in some})
    masks = {name: np.array([name in some for some in assumed]) for name in names}
    encoded = encode_facts(rows, fields)
    return Encoded(len(rows), encoded.columns, masks)


def failing(pack: Pack, operation: str, facts: Facts) -> bool:
    planner = planner_of(pack, operation)
    judging = planner.judging(operation)
    return Outcome.FAIL in [judging.outcomes(facts)[place] for place in judging.errors]


def failing_rows(pack: Pack, data: st.DataObject) -> list[Facts]:
    """Draw candidates of which some error fails; there is one at least."""
    assume(any("use" in rule.operations for rule in pack.rules))
    found = [f for f in data.draw(st.lists(few_candidates(), min_size=1, max_size=12)) if failing(pack, "use", f)]
    assume(found)
    return found


@given(packs_with_remedies(), st.data())
def test_many_have_the_plans_that_each_has_alone(pack: Pack, data: st.DataObject) -> None:
    rows = failing_rows(pack, data)
    some = st.frozensets(st.sampled_from(sorted(FEW_FIELDS)), max_size=2)
    taken = (
        [data.draw(some) & facts.keys() for facts in rows] if data.draw(st.booleans()) else [frozenset()] * len(rows)
    )
    candidates = many(rows, FEW_FIELDS, taken)
    planner = planner_of(pack, "use")
    plans = ManyPlans(planner)
    with (
        patch.object(ManyPlans, "_one_by_one", side_effect=AssertionError),  # nothing is left to the other search
        patch.object(alike, "FIRST", 1),  # the others hang on what was asked of the first
    ):
        for count in (data.draw(st.integers(1, len(rows))), len(rows)):  # the second time on what is remembered
            found = plans.of(candidates.take(np.arange(count)))
            for row, facts in enumerate(rows[:count]):
                assert found.sketches[found.numbers[row]] == planner.sketch(facts, assumed_of(candidates, row))


@given(packs_with_remedies(), st.data())
def test_what_one_batch_has_found_is_right_for_the_next(pack: Pack, data: st.DataObject) -> None:
    rows = failing_rows(pack, data)
    candidates = many(rows, FEW_FIELDS, [frozenset()] * len(rows))
    planner = planner_of(pack, "use")
    plans = ManyPlans(planner)
    for row, facts in enumerate(rows):
        found = plans.of(candidates.take(np.arange(row, row + 1)))
        assert found.sketches[found.numbers[0]] == planner.sketch(facts, ())


def test_of_many_only_those_have_plans_whose_plans_are_wanted(built_in: Pack) -> None:
    rows: list[Facts] = [{"image.status": status, "image.type": "system_disk"} for status in ("saving", "active")]
    planner = planner_of(built_in, "share")
    candidates, among = many(rows * 3, built_in.fields, [frozenset()] * 6), np.arange(6) % 2 == 0
    expected = [planner.sketch(facts, ()) if number % 2 == 0 else Sketch() for number, facts in enumerate(rows * 3)]
    found = ManyPlans(planner).of(candidates, among)
    assert [found.sketches[number] for number in found.numbers] == expected
    with patch.object(ManySearch, "is_whole", False):
        found = ManyPlans(planner).of(candidates, among)
    assert [found.sketches[number] for number in found.numbers] == expected


def test_what_was_asked_of_alike_ones_is_forgotten_in_time(built_in: Pack) -> None:
    rows: list[Facts] = [{"image.status": status, "image.type": "system_disk"} for status in ("saving", "killed")]
    planner = planner_of(built_in, "share")
    plans = ManyPlans(planner)
    with patch.object(alike, "MOST", 1), patch.object(alike, "FIRST", 1):
        found = plans.of(many(rows * 3, built_in.fields, [frozenset()] * 6))
    assert [found.sketches[number] for number in found.numbers] == [planner.sketch(facts, ()) for facts in rows * 3]
    assert len(plans._alike._patterns.found) <= 1


def test_what_another_batch_has_forgotten_meanwhile_is_asked_anew(built_in: Pack) -> None:
    lines = map(json.loads, CORPUS.read_text("utf-8").splitlines()[::7])
    verdicts = [imagefit.check(row["facts"], operation="export") for row in lines if row["operation"] == "export"]
    rows = [verdict.facts for verdict in verdicts if verdict.verdict == "incompatible"]
    planner = planner_of(built_in, "export")
    plans, wrong = ManyPlans(planner), alike._wrong

    def of(some: Sequence[Facts]) -> list[Sketch]:
        found = plans.of(many(some, built_in.fields, [frozenset()] * len(some)))
        return [found.sketches[number] for number in found.numbers]

    def meanwhile(*args: Any) -> Any:
        with patch.object(alike, "_wrong", wrong):
            plans._alike._forget()
            of(rows[::2])  # which asks other questions than all rows did
        return wrong(*args)

    of(rows)
    with patch.object(alike, "_wrong", meanwhile):
        assert of(rows) == [planner.sketch(facts, ()) for facts in rows]


def test_where_more_is_wrong_than_steps_can_mend_nothing_is_searched() -> None:
    flags = {name: Field(name, FieldType.BOOLEAN) for name in "abcd"}
    rules = [rule_of(f"made.{n}", TRUE, Leaf(n, Relation.EQUALS, True)) for n in flags]
    remedies = {n: Remedy(n, n, "somebody", TRUE, (Effect(n, value=True),)) for n in flags}
    planner = planner_of(replace(pack_of(rules, flags), remedies=remedies), "use")
    rows: list[Facts] = [{n: n in right for n in flags} for right in ("", "d")]
    unknown = [frozenset[str]()] * len(rows)
    found = ManyPlans(planner).of(many(rows, flags, unknown))
    assert [found.sketches[n].remedies for n in found.numbers] == [planner.sketch(f, ()).remedies for f in rows]
    assert [bool(found.sketches[n].remedies) for n in found.numbers] == [False, True]
    with patch.object(ManyPlans, "_searched", side_effect=AssertionError):
        found = ManyPlans(planner).of(many(rows[:1], flags, unknown[:1]))
    assert not found.sketches[found.numbers[0]].remedies


def test_what_candidates_answered_is_let_go_with_them(built_in: Pack) -> None:
    plans, made = ManyPlans(planner_of(built_in, "create_ecs")), []
    begin = Answers.__init__

    def noted(self: Answers, *args: Any) -> None:
        begin(self, *args)
        made.append(ref(self))

    gc.disable()  # what holds itself would stay
    try:
        with patch.object(Answers, "__init__", noted):
            plans.of(many([{"image.status": "killed"}] * 3, built_in.fields, [frozenset()] * 3))
        assert made and not any(each() for each in made)
    finally:
        gc.enable()


def test_many_of_the_corpus_have_the_plans_that_each_has_alone(built_in: Pack) -> None:
    by_operation: dict[str, list[Facts]] = {}
    for line in CORPUS.read_text("utf-8").splitlines()[::97]:
        row = json.loads(line)
        verdict = imagefit.check(row["facts"], operation=row["operation"], pack=built_in)
        if verdict.verdict == "incompatible":
            by_operation.setdefault(row["operation"], []).append(verdict.facts)
    for operation, rows in by_operation.items():
        planner = planner_of(built_in, operation)
        candidates = many(rows, built_in.fields, [frozenset()] * len(rows))
        with patch.object(ManyPlans, "_one_by_one", side_effect=AssertionError), patch.object(alike, "FIRST", 1):
            found = ManyPlans(planner).of(candidates)
        for row, facts in enumerate(rows):
            assert found.sketches[found.numbers[row]] == planner.sketch(facts, ())


@pytest.mark.parametrize("broken", ["is_whole", "end"])
def test_where_many_are_too_much_each_is_searched_alone(built_in: Pack, broken: str) -> None:
    rows: list[Facts] = [
        {"image.visibility": "private", "image.boot_mode": mode, "ecs.accelerator": "npu"} for mode in ("uefi", "bios")
    ]
    planner = planner_of(built_in, "create_ecs")
    candidates = many(rows[:1], built_in.fields, [frozenset()])
    whole = ManyPlans(planner).of(candidates)
    if broken == "is_whole":
        with patch.object(ManySearch, "is_whole", False):
            found = ManyPlans(planner).of(candidates)
    else:
        with patch.object(type(planner), "end_of", return_value=None):
            found = ManyPlans(planner).of(candidates)
    assert [found.sketches[number] for number in found.numbers] == [whole.sketches[number] for number in whole.numbers]
    assert whole.sketches[whole.numbers[0]].remedies
