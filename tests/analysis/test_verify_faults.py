"""Faults planted one at a time: `verify` finds each, or else the test that is named does.

Two in each evaluator, more in its other ways; the rest in the cells, the decision tables and the
explanations. Without a fault there is no finding (`test_verify`), so that a finding here is the fault.
"""

from __future__ import annotations

import contextlib
import operator
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module

import pytest

import imagefit
from imagefit.analysis.verify import child
from imagefit.analysis.verify.report import Disagreement
from imagefit.analysis.verify.verification import verify
from imagefit.conditions import Condition, Relation
from imagefit.evaluators import DEFINITION, EVALUATORS, Way, cells, fieldcells, reference
from imagefit.evaluators.reference import Truth
from imagefit.evaluators.tabular import judge as tabular
from imagefit.evaluators.tabular import tables
from imagefit.explanations.candidate import ruleresults
from imagefit.explanations.missing import ofrule, ofverdict
from imagefit.facts import Facts, Value
from imagefit.kernel.library import is_compiled
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.verdicts import VerdictKind
from packfiles import PLUGS_FOLDER

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Fault:
    """What is changed, and who in a disagreement, or which test, must find it."""

    name: str
    plant: Callable[[Patch], None]
    found_by: str


# -- the reference evaluator: found by whoever does not use it ------------------------------------------


def unknown_is_false(patch: Patch) -> None:
    original = reference.leaf_truth
    patch.setattr(reference, "leaf_truth", lambda leaf, facts: bool(original(leaf, facts)))


def at_least_is_above(patch: Patch) -> None:
    patch.setattr(reference, "RELATIONS", {**reference.RELATIONS, Relation.AT_LEAST: operator.gt})


# -- the tabular evaluator ------------------------------------------------------------------------------


def a_value_at_a_limit_is_below_it(patch: Patch) -> None:
    from bisect import bisect_left

    patch.setattr(fieldcells, "bisect_right", bisect_left)


def the_short_way_to_a_verdict_forgets_doubt(patch: Patch) -> None:
    original = tabular.TabularJudge.verdict

    def verdict(self: tabular.TabularJudge, facts: Facts) -> VerdictKind:
        said = original(self, facts)
        return VerdictKind.COMPATIBLE if said is VerdictKind.UNKNOWN and len(facts) == 1 else said

    patch.setattr(tabular.TabularJudge, "verdict", verdict)


def in_columns_a_number_near_a_limit_is_beyond_it(patch: Patch) -> None:
    numbers = pytest.importorskip("imagefit.columns.column").Numbers
    original = numbers.intervals
    patch.setattr(numbers, "intervals", lambda column, cuts: original(column, [cut - 1 for cut in cuts]))


# -- the planes evaluator, which judges columns alone ------------------------------------------------------


def an_unknown_comparison_makes_a_term_false(patch: Patch) -> None:
    layout = pytest.importorskip("imagefit.evaluators.planes.layout")
    original = layout.truths_of
    patch.setattr(layout, "truths_of", lambda leaf, cells: [truth or False for truth in original(leaf, cells)])


def a_number_that_cuts_intervals_is_below_itself(patch: Patch) -> None:
    columns = pytest.importorskip("imagefit.evaluators.planes.columns")
    original = columns.DigitColumns._of_numbers

    def of_numbers(self: object, column: object, own: fieldcells.FieldCells) -> object:
        made = original(self, column, own)
        made.cuts = max(0, made.cuts - 1)
        return made

    patch.setattr(columns.DigitColumns, "_of_numbers", of_numbers)


# -- the tabular evaluator in pairs ----------------------------------------------------------------------


def in_pairs_a_number_at_the_limit_of_the_other_side_is_below_it(patch: Patch) -> None:
    from bisect import bisect_left

    from imagefit.evaluators.pairs import links

    patch.setattr(links, "bisect_right", bisect_left)


def in_pairs_a_lane_that_does_not_know_a_fact_is_related(patch: Patch) -> None:
    from imagefit.evaluators.pairs.leaves import Lanes

    patch.setattr(Lanes, "known", lambda self, column: self.valid[None, :])


def in_pairs_one_common_element_is_enough_for_all(patch: Patch) -> None:
    from imagefit.evaluators.pairs import overlaps

    original = overlaps.Overlap
    patch.setattr(overlaps, "Overlap", lambda *args: original(*args[:-1], overlaps._Enough.COMMON))


def in_pairs_a_row_that_fails_alone_is_left(patch: Patch) -> None:
    from imagefit.evaluators.pairs import verdicts

    original = verdicts.rows_alone
    patch.setattr(verdicts, "rows_alone", lambda *args: (original(*args)[0] * 0, original(*args)[1]))


def in_pairs_doubt_about_the_row_alone_is_forgotten(patch: Patch) -> None:
    from imagefit.evaluators.pairs import verdicts

    original = verdicts.rows_alone
    patch.setattr(verdicts, "rows_alone", lambda *args: (original(*args)[0], original(*args)[1] & False))


# -- the durable evaluator ------------------------------------------------------------------------------


def a_missing_fact_could_not_be_right(patch: Patch) -> None:
    from imagefit.evaluators.durable.conditions import Conditions

    patch.setattr(Conditions, "could_be_true", Conditions.is_true)


def an_empty_set_is_written_as_it_is(patch: Patch) -> None:
    from imagefit.evaluators.durable import facts as durable_facts

    original = durable_facts.value_text
    patch.setattr(durable_facts, "value_text", lambda v: "[]" if v == frozenset() else original(v))


# -- cells: `verify` looks at what they say there is to look at, so a second opinion finds them ---------


def a_value_that_no_rule_names_is_forgotten(patch: Patch) -> None:
    patch.setattr(cells, "other_texts", lambda *_: [])


def what_is_beyond_the_last_limit_is_forgotten(patch: Patch) -> None:
    original = cells.representatives

    def representatives(*args: object) -> dict[str, tuple[Value, ...]]:
        return {name: found[:-1] if _is_number(found[-1]) else found for name, found in original(*args).items()}

    patch.setattr("proof.semantics.representatives", representatives)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# -- decision tables ------------------------------------------------------------------------------------


def rules_that_share_a_table_get_each_others_outcomes(patch: Patch) -> None:
    original = tables._spread
    patch.setattr(tables, "_spread", lambda table, axes: original(table, list(reversed(axes))))


def a_row_of_a_table_is_wrong(patch: Patch) -> None:
    original = tables.outcome_of
    patch.setattr(
        tables, "outcome_of", lambda when, require: Outcome.PASS if require is None else original(when, require)
    )


# -- explanations ---------------------------------------------------------------------------------------


def a_missing_fact_is_not_named(patch: Patch) -> None:
    original = ofrule.missing_of_rule
    for module in ("imagefit.explanations.missing.ofrule", "imagefit.analysis.verify.explanations"):
        patch.setattr(f"{module}.missing_of_rule", lambda *args: ofrule.Missing(original(*args).facts[:1]))


def a_verdict_waits_for_nothing_but_the_first_rule(patch: Patch) -> None:
    original = ofverdict.missing_of_verdict
    wrong = lambda undecided, *args: original(undecided[:1], *args)  # noqa: E731
    patch.setattr("imagefit.analysis.verify.explanations.missing_of_verdict", wrong)


def only_one_of_several_reasons_is_named(patch: Patch) -> None:
    original = ruleresults._deciding

    def deciding(name: str, condition: Condition, facts: Facts, one: bool) -> tuple[Truth, Sequence[object]]:
        truth, leaves = original(name, condition, facts, one)
        return truth, leaves[:1]

    patch.setattr(ruleresults, "_deciding", deciding)


PROOF = "tests/proof: test_no_candidate_makes_a_decision_table_differ_from_the_semantics"

FAULTS = [
    Fault("reference", unknown_is_false, "durable"),
    Fault("reference", at_least_is_above, "durable"),
    Fault("tabular", a_value_at_a_limit_is_below_it, "tabular"),
    Fault("tabular", the_short_way_to_a_verdict_forgets_doubt, "tabular"),
    Fault("tabular", in_columns_a_number_near_a_limit_is_beyond_it, "tabular in columns"),
    Fault("planes", an_unknown_comparison_makes_a_term_false, "planes in columns"),
    Fault("planes", a_number_that_cuts_intervals_is_below_itself, "planes in columns"),
    Fault("pairs", in_pairs_a_number_at_the_limit_of_the_other_side_is_below_it, "tabular in pairs"),
    Fault("pairs", in_pairs_a_lane_that_does_not_know_a_fact_is_related, "tabular in pairs"),
    Fault("pairs", in_pairs_one_common_element_is_enough_for_all, "tabular in pairs"),
    Fault("pairs", in_pairs_a_row_that_fails_alone_is_left, "tabular in pairs"),
    Fault("pairs", in_pairs_doubt_about_the_row_alone_is_forgotten, "tabular in pairs"),
    Fault("durable", a_missing_fact_could_not_be_right, "durable"),
    Fault("durable", an_empty_set_is_written_as_it_is, "durable"),
    Fault("cells", a_value_that_no_rule_names_is_forgotten, PROOF),
    Fault("cells", what_is_beyond_the_last_limit_is_forgotten, PROOF),
    Fault("tables", rules_that_share_a_table_get_each_others_outcomes, "tabular"),
    Fault("tables", a_row_of_a_table_is_wrong, "tabular"),
    Fault("explanation", a_missing_fact_is_not_named, "missing"),
    Fault("explanation", a_verdict_waits_for_nothing_but_the_first_rule, "missing"),
    Fault("explanation", only_one_of_several_reasons_is_named, "leaves"),
]


@pytest.fixture(autouse=True)
def in_their_order(monkeypatch: Patch) -> Iterator[None]:
    """Put the evaluators that a test leaves out back where they were, and not at the end."""
    before = dict(EVALUATORS)
    yield
    monkeypatch.undo()
    EVALUATORS.clear()
    EVALUATORS.update(before)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.name}: {fault.plant.__name__}" for fault in FAULTS])
def test_a_fault_is_found(fault: Fault, monkeypatch: Patch) -> None:
    if "durable" in (fault.name, fault.found_by):
        pytest.importorskip("durable_rules_engine", exc_type=ImportError)
    if fault.name == "planes" and not is_compiled():
        pytest.skip("imagefit was built without a C compiler")
    # Loaded before the fault is planted, since their examples would show some; new ones, since packs are remembered.
    loaded = [*map(pickle.loads, loadable())]
    import_module("proof.test_proof")
    for registered in EVALUATORS.values():  # so that none is imported with the fault in it
        with contextlib.suppress(ImportError):
            import_module(registered.module)
    monkeypatch.setattr(child, "APART", ())  # a fault that is planted here is not in another process
    for name in {*EVALUATORS} - {DEFINITION, fault.found_by.partition(" ")[0]}:  # who is not to find it
        monkeypatch.delitem(EVALUATORS, name)
    fault.plant(monkeypatch)
    if fault.found_by == PROOF:
        assert any(map(found_by_proof, loaded)), "z3 finds no candidate that the cells leave out"
    else:
        assert any(fault.found_by == who(one) for pack in loaded for one in verify(pack, limit=3000).disagreements)


def who(found: Disagreement) -> str:
    """Who disagrees: an evaluator, and in which of its ways."""
    return found.who if found.way is Way.CANDIDATES else f"{found.who} in {found.way}"


@cache
def loadable() -> list[bytes]:
    """The built-in pack, as far as sharing goes, and the small one, as they are when they are loaded."""
    whole, small = imagefit.load_pack(), imagefit.load_pack(PLUGS_FOLDER)
    sharing = replace(whole, rules=whole.rules_for("share"), operations={"share": whole.operations["share"]})
    return [pickle.dumps(sharing), pickle.dumps(small)]


def found_by_proof(pack: Pack) -> Sequence[str]:
    from proof.test_proof import counterexample

    return [rule.id for rule in pack.rules if counterexample(rule, pack, "reference") is not None]


@pytest.mark.slow
def test_without_a_fault_nothing_is_found() -> None:
    for pack in map(pickle.loads, loadable()):
        assert verify(pack, limit=3000).disagreements == ()
        assert not found_by_proof(pack)
