"""The proof that all evaluators agree, and that explanations are right, for every rule of a pack.

For each rule every combination of the cells that it can tell apart, unknown included, is given to each
evaluator, which judges the rule alone and among all rules of the pack; the outcome must be the one of
the definition. Candidates that a rule can't tell apart have equal leaf truths, so no other could show
more. `groups` looks at rules together, and there each evaluator is asked in all ways of its own, of
which `columns` and `pairs` are two; `explanations` looks at what explanations name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from imagefit.analysis.verify.child import Maker, maker
from imagefit.analysis.verify.explanations import wrong_leaves, wrong_missing, wrong_verdict_missing
from imagefit.analysis.verify.grid import Grid
from imagefit.analysis.verify.groups import groups_of, wrong_outcomes
from imagefit.analysis.verify.report import LIMIT, Disagreement, GroupProof, RuleProof, Verification
from imagefit.errors import EvaluatorError
from imagefit.evaluators import DEFINITION, EVALUATORS, Evaluator, Way
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["installed", "verify"]

SHOWN = 3
"""So many disagreements of one kind are reported; one is enough to look into it."""
SAMPLE = 2_000
"""So many candidates stand for the combinations of a rule or a group that are beyond the limit."""
EXPLAINED = 500
"""So many candidates of a rule or an operation, spread over all, have their explanations checked by brute force."""
LARGEST = 20_000
"""Brute force is for rules and operations that can tell at most so many combinations apart."""

T = TypeVar("T")
Progress = Callable[[str], None]


def installed(pack: Pack, make: Maker | None = None) -> tuple[list[str], dict[str, str]]:
    """Return the evaluators that can judge the pack here, and what is in the way of each other one."""
    make = make or maker(pack)
    names, left_out = [], {}
    for name in EVALUATORS:
        try:
            make(name, pack.rules)
        except (EvaluatorError, ImportError) as error:
            left_out[name] = str(error)
        else:
            names.append(name)
    return names, left_out


def verify(
    pack: Pack,
    *,
    limit: int = LIMIT,
    progress: Progress = lambda _: None,
    announce: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Compare all evaluators on all cases of a pack, rule by rule and operation by operation.

    Parameters
    ----------
    limit
        Of rules, and of groups of rules, that can tell more cases apart than this, a sample is looked at;
        the report says so.
    progress
        Is told what is being looked at.
    announce
        Is told before that how many combinations will be.
    """
    make = maker(pack)
    names, left_out = installed(pack, make)
    # What judges columns only is given whole grids of rules together, in columns.
    together = {name: make(name, pack.rules) if Way.CANDIDATES in EVALUATORS[name].ways else None for name in names}
    plan = {operation: groups_of(pack.rules_for(operation), pack.fields, limit) for operation in pack.operations}
    announce(
        _count([[rule] for rule in pack.rules], pack, limit) + sum(_count(own, pack, limit) for own in plan.values())
    )
    rules: list[RuleProof] = []
    groups: list[GroupProof] = []
    for position, rule in enumerate(pack.rules):
        progress(rule.id)
        rules.append(_verified_rule(rule, position, pack, together, limit, make))
    for operation, own in plan.items():
        progress(operation)
        groups += _verified_operation(operation, own, pack, names, limit, make)
    return Verification({name: EVALUATORS[name].ways for name in names}, left_out, tuple(rules), tuple(groups))


def _verified_rule(
    rule: Rule, position: int, pack: Pack, together: Mapping[str, Evaluator | None], limit: int, make: Maker
) -> RuleProof:
    grid = Grid.of([rule], pack.fields)
    is_complete = grid.is_complete and grid.size <= limit
    candidates = list(map(grid.facts, range(grid.size)) if is_complete else grid.sample(SAMPLE, rule.id))
    expected = [outcome(rule, facts) for facts in candidates]
    found: list[Disagreement] = []
    for name, among_all in together.items():
        if name == DEFINITION:
            continue  # which is what is expected
        alone = make(name, [rule])
        for where, evaluator, place in (("alone", alone, 0), ("among all rules", among_all, position)):
            if evaluator is None:
                continue
            judged = zip(candidates, expected, evaluator.judge_all(candidates), strict=True)
            wrong = (
                Disagreement(rule.id, rule.operations[0], name, facts, f"{outcomes[place]} ({where})", want)
                for facts, want, outcomes in judged
                if outcomes[place] is not want
            )
            found += itertools.islice(wrong, SHOWN)
    if grid.size <= LARGEST:
        found += _wrong_explanations(rule, candidates, pack)
    return RuleProof(rule.id, len(candidates), is_complete, tuple(found))


def _wrong_explanations(rule: Rule, candidates: Sequence[Facts], pack: Pack) -> Iterator[Disagreement]:
    explained = _spread(candidates, EXPLAINED)
    kinds = {
        "missing": wrong_missing(rule, explained, pack.fields),
        "leaves": wrong_leaves(rule, explained, pack.fields),
    }
    for kind, wrong in kinds.items():
        for one in itertools.islice(wrong, SHOWN):
            yield Disagreement(rule.id, rule.operations[0], kind, one.facts, one.found, one.expected)


def _spread(all_of: Sequence[T], count: int) -> Sequence[T]:
    """Return about so many of them, the first included, evenly spread."""
    return all_of[:: max(1, len(all_of) // count)]


def _count(groups: Sequence[Sequence[Rule]], pack: Pack, limit: int) -> int:
    """Return how many combinations of groups of rules are looked at."""
    grids = (Grid.of(group, pack.fields) for group in groups)
    return sum(grid.size if grid.is_complete and grid.size <= limit else SAMPLE for grid in grids)


def _verified_operation(
    operation: str, groups: Sequence[Sequence[Rule]], pack: Pack, names: Sequence[str], limit: int, make: Maker
) -> Iterator[GroupProof]:
    """Look at the operation's rules: all together if that is below the limit, else in groups, and at a sample."""
    rules = pack.rules_for(operation)
    for group in groups:
        grid = Grid.of(group, pack.fields)
        is_complete = grid.is_complete and grid.size <= limit
        cases = grid.walk(group) if is_complete else _sampled(grid, group, operation)
        size = grid.size if is_complete else SAMPLE
        # What has no way of its own with single candidates is given the whole grid in its own way below.
        one_by_one = [name for name in names if not is_complete or Way.CANDIDATES in EVALUATORS[name].ways]
        found = _wrong(operation, group, cases, one_by_one, make)
        if is_complete:
            found += _wrong_in_other_ways(operation, group, grid, pack, names, make)
        if grid.size <= LARGEST:
            explained = [grid.facts(point) for point in _spread(range(grid.size), EXPLAINED // 10)]
            wrong = itertools.islice(wrong_verdict_missing(group, explained, pack.fields), SHOWN)
            found += [Disagreement(None, operation, "missing", w.facts, w.found, w.expected) for w in wrong]
        yield GroupProof(operation, tuple(rule.id for rule in group), size, is_complete, tuple(found))
    if len(groups) > 1:
        cases = _sampled(Grid.of(rules, pack.fields), rules, operation)
        found = _wrong(operation, rules, cases, names, make)
        yield GroupProof(operation, tuple(rule.id for rule in rules), SAMPLE, False, tuple(found))


def _wrong_in_other_ways(
    operation: str, rules: Sequence[Rule], grid: Grid, pack: Pack, names: Sequence[str], make: Maker
) -> Iterator[Disagreement]:
    """Give the grid to each evaluator in all ways of its own but one candidate at a time."""
    from imagefit.analysis.verify.columns import wrong_in_columns
    from imagefit.analysis.verify.pairs import wrong_in_pairs

    proofs = {Way.COLUMNS: wrong_in_columns, Way.PAIRS: wrong_in_pairs}
    for name in names:
        for way in EVALUATORS[name].ways:
            if way in proofs:
                wrong = proofs[way](make(name, rules), grid, pack.fields)
                for rule_id, facts, found, expected in itertools.islice(wrong, SHOWN):
                    yield Disagreement(rule_id, operation, name, facts, f"{found} (in {way})", expected, way)


def _sampled(grid: Grid, rules: Sequence[Rule], seed: str) -> Iterator[tuple[Facts, Sequence[Outcome]]]:
    return ((facts, [outcome(rule, facts) for rule in rules]) for facts in grid.sample(SAMPLE, seed))


def _wrong(
    operation: str,
    rules: Sequence[Rule],
    cases: Iterable[tuple[Facts, Sequence[Outcome]]],
    names: Sequence[str],
    make: Maker,
) -> list[Disagreement]:
    evaluators = {name: make(name, rules) for name in names if name != DEFINITION}
    wrong = wrong_outcomes(rules, cases, evaluators)
    return [
        Disagreement(rule_id, operation, name, facts, found, expected)
        for name, rule_id, facts, found, expected in itertools.islice(wrong, SHOWN)
    ]
