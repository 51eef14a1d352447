"""Make a corpus: small candidates that together show everything that the rules of a pack can tell apart.

``tests/corpus/README.md`` documents the format. The same pack gives the same file, to the byte.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.analysis.verify.grid import Grid
from imagefit.conditions import Leaf, leaves
from imagefit.evaluators.cells import combinations, literals_of, scalar_values
from imagefit.evaluators.reference import leaf_truth, outcome
from imagefit.facts import INTEGER_LIMIT, Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from imagefit.verdicts import VerdictKind, json_value

__all__ = ["corpus_lines"]

LARGEST = 5_000
"""Of a rule that can tell more combinations apart, a sample is taken."""
MIXTURES = 50
"""So many candidates of an operation have several facts changed at once."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A candidate, and what it is in the corpus for."""

    facts: Facts
    shows: str


def corpus_lines(pack: Pack) -> Iterator[str]:
    """Yield the lines of the pack's corpus, without line ends: one candidate each, none twice."""
    for operation in pack.operations:
        rules = pack.rules_for(operation)
        seen: set[frozenset[tuple[str, Value]]] = set()
        for case in _cases(rules, pack.fields):
            key = frozenset(case.facts.items())
            if key not in seen:
                seen.add(key)
                yield _line(operation, rules, case)


def _line(operation: str, rules: Sequence[Rule], case: _Case) -> str:
    found = [outcome(rule, case.facts) for rule in rules]
    listed = {
        wanted.value: [rule.id for rule, own in zip(rules, found, strict=True) if own is wanted]
        for wanted in (Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.PASS)
    }
    data = {
        "shows": case.shows,
        "operation": operation,
        "facts": {name: json_value(value) for name, value in sorted(case.facts.items())},
        "verdict": VerdictKind.of(rules, found).value,
        "outcomes": {name: ids for name, ids in listed.items() if ids},
    }
    return json.dumps(data, ensure_ascii=False)


def _cases(rules: Sequence[Rule], fields: Mapping[str, Field]) -> Iterator[_Case]:
    yield _Case({}, "nothing is known")
    for rule in rules:
        grid = Grid.of([rule], fields)
        points = [grid.facts(p) for p in range(grid.size)] if grid.size <= LARGEST else [*grid.sample(LARGEST, rule.id)]
        points.sort(key=len)
        yield from _truths(rule, points)
        yield from _values(rule, points, fields)
    yield from _near_misses(rules, fields)


def _truths(rule: Rule, points: Sequence[Facts]) -> Iterator[_Case]:
    """Yield the smallest candidate for each combination of truths that the rule's leaves can have.

    Among them are the pairs of condition coverage (MC/DC), where one leaf alone changes the outcome.
    """
    own = list(dict.fromkeys(leaves(rule.violation)))
    seen = set()
    for facts in points:
        truths = tuple(leaf_truth(leaf, facts) for leaf in own)
        if truths not in seen:
            seen.add(truths)
            yield _Case(facts, f"{rule.id}: {outcome(rule, facts)}")


def _values(rule: Rule, points: Sequence[Facts], fields: Mapping[str, Field]) -> Iterator[_Case]:
    """Yield each value of each fact where that fact alone changes the outcome: of a list, each member counts."""
    own = list(dict.fromkeys(leaves(rule.violation)))
    for name in rule.facts:
        values = _all_values(fields[name], [leaf for leaf in own if name in leaf.facts])
        for rest in (facts for facts in points if name not in facts):
            outcomes = {outcome(rule, {**rest, name: value}) for value in values}
            if Outcome.FAIL in outcomes and len(outcomes) > 1:
                for value in values:
                    yield _Case({**rest, name: value}, f"{rule.id}: {name}")
                break


def _all_values(field: Field, own: Sequence[Leaf]) -> list[Value]:
    """Return all values of an enum or a boolean; else the literals, what lies beside them, and what no rule names.

    These are not the cells on purpose: whoever cuts elsewhere than `evaluators.cells` does, or cuts as it does
    and wrongly, is to be found on the values next to a literal, at the ends, and on each element alone.
    """
    if field.type in (FieldType.BOOLEAN, FieldType.ENUM):
        return scalar_values(field, ())
    literals = sorted(literals_of(own), key=str)
    if field.type is FieldType.STRING_SET:
        other = field.shaped("other")
        elements = [str(value) for value in literals] or [*field.values[:2]] or [other]
        rest = [value for value in field.values or [other] if value not in elements]
        subsets = [[], *([element] for element in elements), elements, rest, [*elements, *rest]]
        return list(dict.fromkeys(map(frozenset, subsets)))
    if field.type.is_ordered:
        numbers = [value for value in literals if isinstance(value, int | float)] or [1]
        step: float = 1 if field.type is FieldType.INTEGER else 0.5
        edges = [-INTEGER_LIMIT, INTEGER_LIMIT - 1] if field.type is FieldType.INTEGER else [-1e300, 1e300]
        least = edges[0] if field.at_least is None else field.at_least
        beside = [n + way * step for n in numbers for way in (-1, 0, 1)]
        return list(dict.fromkeys([*(n for n in beside if n >= least), least, edges[1]]))
    return [*literals, "other", "1e5", "007"]


def _near_misses(rules: Sequence[Rule], fields: Mapping[str, Field]) -> Iterator[_Case]:
    """Yield a small compatible candidate, and it with one thing changed: a fact, a rule that fails; then mixtures."""
    errors = [rule for rule in rules if rule.severity is Severity.ERROR]
    grid = Grid.of(errors, fields)
    if (fit := _compatible(errors, grid)) is None:
        return
    yield _Case(fit, "compatible")
    for name in fit:
        yield _Case({other: value for other, value in fit.items() if other != name}, f"compatible without {name}")
    own = list(dict.fromkeys(leaf for rule in rules for leaf in leaves(rule.violation)))
    for name in grid.axes:
        for value in _all_values(fields[name], [leaf for leaf in own if name in leaf.facts]):
            yield _Case({**fit, name: value}, f"compatible but for {name}")
    for rule in errors:
        changed = [{**fit, **chosen} for chosen in _choices(rule, grid) if outcome(rule, chosen) is Outcome.FAIL]
        if changed:
            yield _Case(min(changed, key=lambda facts: len(_bad(errors, facts))), f"compatible but for {rule.id}")
    for facts in grid.sample(MIXTURES, rules[0].id):
        yield _Case({**fit, **dict(list(facts.items())[::3])}, "compatible but for several facts")


def _compatible(rules: Sequence[Rule], grid: Grid) -> Facts | None:
    """Return a small candidate that no rule stands against, found by repairing one rule after the other."""
    facts: dict[str, Value] = {name: values[1] for name, values in grid.axes.items() if values[1] is not None}
    for turn in range(10 * len(rules)):
        if not (bad := _bad(rules, facts)):
            break
        repaired = bad[turn % len(bad)]
        good = [c for c in _choices(repaired, grid) if outcome(repaired, c) in (Outcome.PASS, Outcome.NOT_APPLICABLE)]
        facts |= min(good, key=lambda chosen: len(_bad(rules, {**facts, **chosen})), default={})
    else:
        return None
    for name in list(facts):
        without = {other: value for other, value in facts.items() if other != name}
        if not _bad(rules, without):
            facts = without
    return facts


def _bad(rules: Sequence[Rule], facts: Facts) -> list[Rule]:
    return [rule for rule in rules if outcome(rule, facts) in (Outcome.FAIL, Outcome.UNKNOWN)]


def _choices(rule: Rule, grid: Grid) -> list[dict[str, Value]]:
    """Return the ways in which the rule's facts can all be known."""
    return list(itertools.islice(combinations({name: grid.known(name) for name in rule.facts}), LARGEST))
