"""Rules together: an evaluator that puts several into one table or network must not mix them up."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from imagefit.conditions import leaves
from imagefit.evaluators.cells import representatives
from imagefit.evaluators.protocol import Evaluator
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.verdicts import VerdictKind

__all__ = ["groups_of", "wrong_outcomes"]

AT_ONCE = 10_000
"""So many candidates are given to an evaluator at a time."""


def groups_of(rules: Sequence[Rule], fields: Mapping[str, Field], limit: int) -> list[list[Rule]]:
    """Put rules into groups whose combinations stay within the limit: all, if they do.

    Else each rule joins the rules that it shares facts with, as long as their group stays within. Every
    rule is in one group; only a rule that is beyond the limit by itself makes a group that is.
    """
    if not rules or _combinations(rules, fields) <= limit:
        return [list(rules)] if rules else []
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: -_combinations([rule], fields)):
        sharing = [group for group in groups if not set(rule.facts).isdisjoint(_facts(group))]
        sizes = [(_combinations([*group, rule], fields), number) for number, group in enumerate(sharing)]
        smallest = min(sizes, default=(limit + 1, 0))
        if smallest[0] <= limit:
            sharing[smallest[1]].append(rule)
        else:
            groups.append([rule])
    return groups


def _combinations(rules: Sequence[Rule], fields: Mapping[str, Field]) -> int:
    cells = representatives((leaf for rule in rules for leaf in leaves(rule.violation)), fields)
    return math.prod(len(values) + 1 for values in cells.values())


def _facts(rules: Sequence[Rule]) -> set[str]:
    return {name for rule in rules for name in rule.facts}


def wrong_outcomes(
    rules: Sequence[Rule], cases: Iterable[tuple[Facts, Sequence[Outcome]]], evaluators: Mapping[str, Evaluator]
) -> Iterator[tuple[str, str | None, Facts, str, str]]:
    """Yield what evaluators say wrongly: their name, the rule (None: the verdict), the facts, found, expected."""
    remaining = iter(cases)
    while some := list(itertools.islice(remaining, AT_ONCE)):
        for name, evaluator in evaluators.items():
            verdict_of = _short_way(evaluator)
            judged = evaluator.judge_all(facts for facts, _ in some)
            for (facts, expected), found in zip(some, judged, strict=True):
                for rule, own, right in zip(rules, found, expected, strict=True):
                    if own is not right:
                        yield name, rule.id, dict(facts), own, right
                kind = VerdictKind.of(rules, expected)
                if verdict_of is not None and (said := verdict_of(facts)) is not kind:
                    yield name, None, dict(facts), said, kind


def _short_way(evaluator: Evaluator) -> Callable[[Facts], VerdictKind] | None:
    """Return how the evaluator finds a verdict alone, if that is not by way of the outcomes."""
    return None if type(evaluator).verdict is Evaluator.verdict else evaluator.verdict
