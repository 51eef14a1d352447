"""Which missing facts matter: the facts that could still change an outcome or a verdict.

A fact matters if, after some of the other unknown facts have been learned in some way (any value that
the rules can tell apart, or left unknown), learning it changes the result. So an unknown result always
names at least one fact, and supplying all named facts decides it.

The search runs over *residuals*: what is left of a condition once its decided parts are gone. Two ways
of completing that leave the same residual have the same future, so each is explored once, and what
would be exponential in the facts is small for every rule a person writes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from imagefit.conditions import AllOf, Condition, Leaf, leaves
from imagefit.evaluators.cells import MAX_SUBSETS, Representatives, combinations, representatives
from imagefit.evaluators.reference import Truth, leaf_truth, outcome_of, truth
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Outcome, Rule

__all__ = ["Doubt", "independent_groups", "joined", "missing_of_rule", "missing_of_verdict", "residual"]

MAX_COMPARISONS = 1_000_000
"""A search that would compare more often is given up, and its fact is named: too many facts, never too few."""

Residual = Hashable
"""True, False, None (unknown for good), or a structure of what is still open."""


@dataclass
class _Effort:
    """What a search may still cost, in comparisons."""

    left: int = MAX_COMPARISONS

    def allows(self, comparisons: int) -> bool:
        """Whether so many more are allowed; counts them as made."""
        self.left -= comparisons
        return self.left >= 0


def missing_of_rule(rule: Rule, facts: Facts, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the unknown facts that could still change the rule's outcome, in the rule's order.

    They are the variables of the reduced decision diagram of the outcome over the values that the rule
    can tell apart, unknown included.
    """
    every_leaf = [*leaves(rule.when), *leaves(rule.required)]
    values = representatives(every_leaf, fields, facts)
    names = [name for name in values if name not in facts]
    diagram: dict[Hashable, Hashable] = {}
    mattering = set(_half_known(values))
    effort = _Effort()

    def explore(index: int, known: Facts, left: AbstractSet[str]) -> Hashable:
        if not effort.allows(len(every_leaf)):
            mattering.update(names[index:])
            return object()  # like no other
        when, require = residual(rule.when, known, left), residual(rule.required, known, left)
        if (decided := _outcome(when, require)) is not None:
            return decided
        state = (index, when, require)
        if state not in diagram:
            children = [explore(index + 1, *choice) for choice in _choices(names[index], values, known, left)]
            if all(child == children[0] for child in children):
                diagram[state] = children[0]
            else:
                mattering.add(names[index])
                diagram[state] = (index, tuple(children))
        return diagram[state]

    explore(0, facts, frozenset())
    return tuple(name for name in rule.facts if name in mattering)


def missing_of_verdict(undecided: Sequence[Rule], facts: Facts, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the unknown facts that could still change an `unknown` verdict, most decisive first.

    Parameters
    ----------
    undecided
        The error rules whose outcome is unknown; no error rule fails.

    Returns
    -------
    tuple of str
        First the facts that most of the undecided rules wait for; by name where that is equal.
    """
    groups = independent_groups(undecided, facts)
    return joined([Doubt([undecided[place] for place in group], facts, fields) for group in groups])


def independent_groups(undecided: Sequence[Rule], facts: Facts) -> list[list[int]]:
    """Return the places of undecided rules in groups that have no unknown fact in common."""
    groups: list[tuple[set[str], list[int]]] = []
    for place, rule in enumerate(undecided):
        unknown = {name for name in rule.facts if name not in facts}
        apart = [group for group in groups if unknown.isdisjoint(group[0])]
        together = [group for group in groups if not unknown.isdisjoint(group[0])]
        names = unknown.union(*(group[0] for group in together))
        groups = [*apart, (names, [*(p for group in together for p in group[1]), place])]
    return [places for _, places in groups]


class Doubt:
    """What undecided rules wait for that have no unknown fact in common with other ones.

    Attributes
    ----------
    violating
        The facts that can make a rule fail, with the number of rules that wait for each.
    """

    def __init__(self, undecided: Sequence[Rule], facts: Facts, fields: Mapping[str, Field]) -> None:
        self._undecided, self._facts, self._fields = undecided, facts, fields
        self._effort = _Effort()
        self._waiting: dict[str, list[Rule]] = {}
        for rule in undecided:
            for name in rule.facts:
                if name not in facts:
                    self._waiting.setdefault(name, []).append(rule)
        half_known = _half_known(self._values)
        self.violating = {
            name: len(rules)
            for name, rules in self._waiting.items()
            if name in half_known
            or any(_can_violate(rule, name, undecided, facts, self._values, self._effort) for rule in rules)
        }

    @cached_property
    def _values(self) -> Representatives:
        every = (leaf for rule in self._undecided for leaf in leaves(rule.violation))
        return representatives(every, self._fields, self._facts)

    @cached_property
    def clearing(self) -> Mapping[str, int]:
        """The other facts that can clear the last of these rules, where nothing else is in doubt."""
        return {
            name: len(rules)
            for name, rules in self._waiting.items()
            if name not in self.violating
            and not all(_is_exact(rule, self._facts, self._fields) for rule in rules)
            and _can_clear(name, self._undecided, self._facts, self._values, self._effort)
        }

    @cached_property
    def can_be_cleared(self) -> bool:
        """Whether these rules can all turn out well."""
        violations = [rule.violation for rule in self._undecided]

        def decide(known: Facts) -> bool | None:
            truths = {truth(v, known) for v in violations}
            return False if True in truths else True if truths == {False} else None

        return _search(list(self._values), self._facts, self._values, decide, violations, self._effort, 1)


def joined(doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """Return the facts that could still change the verdict that all these doubts leave unknown."""
    counts: dict[str, int] = {}
    for doubt in doubts:
        counts |= doubt.violating
        if doubt.clearing and all(other.can_be_cleared for other in doubts if other is not doubt):
            counts |= doubt.clearing
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def residual(condition: Condition, known: Facts, left: AbstractSet[str]) -> Residual:
    """Return what is left to know of a condition when `known` is known and `left` will stay unknown."""
    if isinstance(condition, Leaf):
        if (decided := leaf_truth(condition, known)) is not None:
            return decided
        if not left.isdisjoint(condition.facts):
            return None
        return (condition, *(known.get(name) for name in condition.facts))
    neutral = isinstance(condition, AllOf)
    open_parts: dict[Residual, None] = {}
    for part in condition.parts:
        rest = residual(part, known, left)
        if rest is (not neutral):
            return rest
        if rest is not neutral:
            open_parts[rest] = None
    if not open_parts:
        return neutral
    return next(iter(open_parts)) if len(open_parts) == 1 else (neutral, frozenset(open_parts))


def _outcome(when: Residual, require: Residual) -> Outcome | None:
    """Return the outcome if nothing that is still open can change it."""
    if when is False:
        return Outcome.NOT_APPLICABLE
    if isinstance(when, bool | None) and isinstance(require, bool | None):
        return outcome_of(when, require)
    return None


def _choices(
    name: str, values: Representatives, known: Facts, left: AbstractSet[str]
) -> Iterable[tuple[Facts, AbstractSet[str]]]:
    """Yield the ways in which one more fact can turn out: it stays unknown, or has one of its values."""
    yield known, left | {name}
    for value in values[name]:
        yield {**known, name: value}, left


def _half_known(values: Representatives) -> set[str]:
    """Return the facts of which not every value that matters was listed: sets of very many elements."""
    return {name for name, listed in values.items() if len(listed) >= MAX_SUBSETS}


def _can_violate(
    rule: Rule,
    name: str,
    undecided: Sequence[Rule],
    facts: Facts,
    values: Representatives,
    effort: _Effort,
) -> bool:
    """Whether learning `name` can make `rule` fail where nothing failed: then it changes the verdict."""
    own = [other for other in rule.facts if other in values and other != name]
    sharing = [r.violation for r in undecided if r is not rule and not set(own).isdisjoint(r.facts)]

    def decide(known: Facts) -> bool | None:
        if truth(rule.violation, known) is not None or any(truth(v, known) is True for v in sharing):
            return False
        return True if any(truth(rule.violation, {**known, name: value}) for value in values[name]) else None

    return _search(own, facts, values, decide, [rule.violation, *sharing], effort, 1 + len(values[name]))


def _can_clear(name: str, undecided: Sequence[Rule], facts: Facts, values: Representatives, effort: _Effort) -> bool:
    """Whether learning `name` can be what clears the last doubt: no rule fails any more."""
    violations = [rule.violation for rule in undecided]

    def decide(known: Facts) -> bool | None:
        truths = [truth(v, known) for v in violations]
        if True in truths or None not in truths:
            return False
        clears = (all(truth(v, {**known, name: value}) is False for v in violations) for value in values[name])
        return True if any(clears) else None

    others = [other for other in values if other != name]
    return _search(others, facts, values, decide, violations, effort, 1 + len(values[name]))


def _search(
    names: Sequence[str],
    facts: Facts,
    values: Representatives,
    decide: Callable[[Facts], bool | None],
    conditions: Sequence[Condition],
    effort: _Effort,
    evaluations: int,
) -> bool:
    """Whether `decide`, which evaluates so many times, says True of some completion of `names`.

    False cuts a branch off. A search that costs too much says True.
    """
    seen: set[Hashable] = set()
    size = sum(1 for condition in conditions for _ in leaves(condition))

    def explore(index: int, known: Facts, left: AbstractSet[str]) -> bool:
        if not effort.allows(size):
            return True
        state = (index, *(residual(condition, known, left) for condition in conditions))
        if state in seen:
            return False
        seen.add(state)
        effort.allows(size * evaluations)
        if (decided := decide(known)) is not None:
            return decided
        if index == len(names):
            return False
        return any(explore(index + 1, *choice) for choice in _choices(names[index], values, known, left))

    return explore(0, facts, frozenset())


def _is_exact(rule: Rule, facts: Facts, fields: Mapping[str, Field]) -> bool:
    """Whether the rule is unknown only where completions really differ.

    So it is if no fact stands in two of its leaves and each undecided leaf can be both true and false.
    """
    all_leaves = list(leaves(rule.violation))
    names = [name for leaf in all_leaves for name in leaf.facts]
    return len(names) == len(set(names)) and all(_is_free(leaf, facts, fields) for leaf in all_leaves)


def _is_free(leaf: Leaf, facts: Facts, fields: Mapping[str, Field]) -> bool:
    """Whether the leaf can be both true and false, also once one of two unknown facts is known."""
    if leaf_truth(leaf, facts) is not None:
        return True
    values = representatives([leaf], fields, facts)
    found: set[Truth] = {leaf_truth(leaf, {**facts, **chosen}) for chosen in combinations(values)}
    if found != {True, False}:
        return False
    if len(values) == 1:
        return True
    return all(_is_free(leaf, {**facts, name: value}, fields) for name in values for value in values[name])
