"""A rule that would fill the memory of durable_rules is refused before it is built."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from blowups import KINDS, files
from imagefit import EvaluatorError
from imagefit.api.packs import load_unproven_pack
from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation
from imagefit.evaluators.durable.conditions import Conditions
from imagefit.evaluators.durable.expressions import MAX_MATCHES
from imagefit.evaluators.durable.rulesets import compile_rules
from imagefit.facts import Field, FieldType
from imagefit.rulepack.pack import Rule
from packfiles import write_pack
from strategies import rule_of

FIELDS = {f"f{n}": Field(f"f{n}", FieldType.BOOLEAN) for n in range(80)}


def all_of_any(count: int, width: int) -> Condition:
    """True in ``width ** count`` ways at once where all facts are."""
    names = iter(FIELDS)
    return AllOf(
        tuple(AnyOf(tuple(Leaf(next(names), Relation.EQUALS, True) for _ in range(width))) for _ in range(count))
    )


@pytest.mark.parametrize(("count", "width"), [(1, 5), (3, 2), (10, 2), (4, 4)])
def test_the_ways_to_match_are_counted_before_a_rule_is_built(count: int, width: int) -> None:
    condition = all_of_any(count, width)
    assert Conditions(FIELDS, [condition]).is_true(condition).matches == width**count


def test_a_rule_that_matches_in_too_many_ways_at_once_is_refused() -> None:
    def made(count: int) -> Rule:
        return rule_of("r.r", all_of_any(count, 2), Leaf("f79", Relation.EQUALS, True))

    assert 2**12 < MAX_MATCHES < 2**25
    assert compile_rules([made(12)], FIELDS, "p")
    with pytest.raises(EvaluatorError, match=r"can't hold r\.r"):
        compile_rules([made(25)], FIELDS, "p")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_that_blows_up_is_held_in_bounds_or_refused(kind: str, tmp_path: Path) -> None:
    pack = load_unproven_pack(write_pack(tmp_path, files(kind, Random(3))))
    try:
        rulesets = compile_rules(pack.rules, pack.fields, "p")
    except EvaluatorError as error:
        assert "too large for durable_rules" in str(error)
    else:
        assert rulesets
