"""Facts that make conditions true or false: found by walking the tree, where a search would try out everything.

What is found is right, for it is evaluated; that nothing is found means nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from imagefit.budgets import Budget
from imagefit.conditions import AllOf, Condition, Leaf, Relation
from imagefit.evaluators.cells import Representatives, a_few_values, combinations, cost_of, representatives
from imagefit.evaluators.fieldcells import told_apart
from imagefit.evaluators.reference import RELATIONS, leaf_truth
from imagefit.facts import Facts, Field, FieldType, Value

__all__ = ["Goals", "Learnable", "forced", "has_both_truths", "lifted", "pivotal"]

FEW = 4_000
"""Up to so many evaluations, the cells of a rule's facts are worked out to explain a candidate."""

TRIED = 8
MOST_TRIED = 1_000
"""So many ways of giving a comparison a truth are tried, of so many that are looked at."""

Goals = tuple["Goal", "Goals"] | None
"""What conditions have to become: a list, of which the first is at hand."""

Goal = tuple[Condition, bool, int]
"""A condition, its truth, and which of its parts does not count (-1: all do)."""


class Learnable:
    """What can be learned of the facts of some leaves.

    Parameters
    ----------
    some
        The leaves.
    known
        What is known already; it matters only where facts are compared with each other.

    Attributes
    ----------
    size
        How many leaves there are.
    """

    def __init__(self, some: Sequence[Leaf], fields: Mapping[str, Field], known: Facts) -> None:
        self._leaves, self._fields, self._known = some, fields, known
        self.size = len(some)
        self._ways: dict[Hashable, Mapping[bool, list[Facts]]] = {}
        self._values: dict[str, Sequence[Value]] = {}

    @cached_property
    def _by_fact(self) -> Mapping[str, Sequence[Leaf]]:
        found: dict[str, list[Leaf]] = {}
        for leaf in self._leaves:
            for name in leaf.facts:
                found.setdefault(name, []).append(leaf)
        return found

    @property
    def facts(self) -> Sequence[str]:
        """The names of the facts that the leaves look at, in the order of first mention."""
        return tuple(self._by_fact)

    @cached_property
    def _has_links(self) -> bool:
        return any(leaf.other is not None for leaf in self._leaves)

    @cached_property
    def cost(self) -> int:
        """About how many evaluations of leaves it takes to make a value of each cell of each fact."""
        return cost_of(self._leaves, self._fields)

    @cached_property
    def _linked(self) -> Representatives:
        """Those of the facts that are compared with each other: what else there is has no say in them."""
        linked = {name for leaf in self._leaves if leaf.other is not None for name in leaf.facts}
        own = [leaf for leaf in self._leaves if not linked.isdisjoint(leaf.facts)]
        return representatives(own, self._fields, self._known)

    def value(self, name: str) -> Value:
        """Return some value of a fact."""
        example = self._fields[name].example
        return self.values(name)[0] if example is None else example

    def values(self, name: str) -> Sequence[Value]:
        """Return a value of each cell of a fact; where all of these would cost too much to make, enough to try."""
        if (found := self._values.get(name)) is None:
            found = self._values[name] = self._made_values(name)
        return found

    def _made_values(self, name: str) -> Sequence[Value]:
        if self.cost > FEW:
            return a_few_values(self._fields[name], self._by_fact[name], self._fields)
        own = self._by_fact[name]
        if self._has_links and any([leaf.other is not None for leaf in own]):
            return self._linked[name]
        if (of := self._fields[name]).type is FieldType.BOOLEAN:
            return False, True
        if of.type is not FieldType.STRING_SET:
            return told_apart(of, list(dict.fromkeys(own)), {})
        return representatives(own, self._fields)[name]

    def values_within(self, known: Facts, budget: Budget) -> Representatives | None:
        """Return a value of each cell of the facts that are not known; None if the budget ends over it."""
        if budget.has_ended or not budget.allows(self.cost // 8):  # each evaluation of them is a quick one
            return None
        if self.cost <= FEW and not self._has_links:
            return {name: self.values(name) for name in self._by_fact if name not in known}
        return representatives(self._leaves, self._fields, known)

    def ways(self, leaf: Leaf, truth: bool, known: Facts) -> Iterator[Facts]:
        """Yield a few ways to learn the unknown facts of a leaf so that it has a truth."""
        if leaf.other is not None:
            yield from self._linked_ways(leaf, known)[truth]
            return
        compare, operand, negated = RELATIONS[leaf.relation], leaf.operand, leaf.negated
        left = TRIED
        for value in self.values(leaf.fact)[:MOST_TRIED]:
            if left and (compare(value, operand) is not negated) is truth:
                left -= 1
                yield {leaf.fact: value}

    def _linked_ways(self, leaf: Leaf, known: Facts) -> Mapping[bool, list[Facts]]:
        key = (leaf, *map(known.get, leaf.facts))
        if (found := self._ways.get(key)) is None:
            found = self._ways[key] = {True: [], False: []}
            unknown = {name: self.values(name) for name in leaf.facts if name not in known}
            for learned in islice(combinations(unknown), MOST_TRIED):
                its = leaf_truth(leaf, {**known, **learned})
                if its is not None and len(found[its]) < TRIED:
                    found[its].append(learned)
                if len(found[True]) == len(found[False]) == TRIED:
                    break
        return found

    def is_free(self, leaf: Leaf, known: Facts) -> bool:
        """Whether a leaf can be both true and false, also once one of two unknown facts is known."""
        if leaf_truth(leaf, known) is not None or has_both_truths(leaf, self._fields, known):
            return True
        if any(next(self.ways(leaf, truth, known), None) is None for truth in (True, False)):
            return False
        unknown = [name for name in dict.fromkeys(leaf.facts) if name not in known]
        if len(unknown) == 1:
            return True
        values = representatives([leaf], self._fields, known)
        return all(
            {leaf_truth(leaf, {**known, name: value, other: its}) for its in further[other]} == {True, False}
            for name, other in (unknown, unknown[::-1])
            for value in values[name]
            for further in (representatives([leaf], self._fields, {**known, name: value}),)
        )


def has_both_truths(leaf: Leaf, fields: Mapping[str, Field], known: Facts) -> bool:
    """Whether an open comparison is plainly true of one value of what is unknown of it, and false of another.

    Where both of two facts are unknown, that is so whatever the one or the other is then.
    """
    of, relation = fields[leaf.fact], leaf.relation
    if leaf.other is not None:
        other = fields[leaf.other]
        if of.type is not other.type or leaf.fact == leaf.other:
            return False
        if of.type.is_ordered:
            beside = ((of, leaf.other), (other, leaf.fact))
            return all(
                _is_inner(its, known.get(name, its.at_least or 0)) for its, name in beside if its.name not in known
            )
        if relation is not Relation.EQUALS or of.type is FieldType.STRING_SET:
            return False
        if of.type is not FieldType.ENUM:
            return True
        one, both = known.get(leaf.fact, known.get(leaf.other)), (of.values, other.values)
        return all(len(its) > 1 for its in both) and (
            set(of.values) == set(other.values) if one is None else all(one in its for its in both)
        )
    if of.type is FieldType.BOOLEAN and relation is Relation.EQUALS:  # the most usual case
        return True
    if not (literals := leaf.literals):
        return False
    if of.type.is_ordered:
        return all(_is_inner(of, literal) for literal in literals)
    if of.type is FieldType.STRING_SET:
        return all(map(of.may_contain, literals))  # type: ignore[arg-type]
    if of.values:
        return 0 < sum([value in literals for value in of.values]) < len(of.values)
    return of.type is FieldType.STRING or (of.type is FieldType.BOOLEAN and len(literals) == 1)


def _is_inner(of: Field, number: Value) -> bool:
    """Whether a field can be less than a number, and more."""
    assert isinstance(number, int | float)
    return abs(number) < _FAR and (of.at_least is None or of.at_least < number)


_FAR = 1 << 53
"""Numbers of a smaller amount have others on both sides, of whichever type they are."""


def forced(goals: Goals, known: Facts, learnable: Learnable, budget: Budget, kept: str = "") -> Facts | None:
    """Return what is known once the goals are reached, as far as that is found within the budget.

    Parameters
    ----------
    kept
        A fact that stays unknown, so that comparisons of it remain open.
    """
    todo: list[tuple[Goals, Facts, Iterator[Facts] | None]] = [(goals, known, None)]
    while todo:
        left, known, ways = todo.pop()
        if ways is not None:
            if (learned := next(ways, None)) is None:
                continue
            todo.append((left, known, ways))
            known = {**known, **learned}
        if left is None:
            return known
        if not budget.allows():
            return None
        (condition, truth, but), rest = left
        size = len(known) // 32 if isinstance(condition, Leaf) else len(condition.parts) // 4  # what copying costs
        if size and not budget.allows(size):
            return None
        if isinstance(condition, Leaf):
            if (is_so := leaf_truth(condition, known)) is not None:
                if is_so is truth:
                    todo.append((rest, known, None))
            else:
                todo.append((rest, known, _ways(condition, truth, known, learnable, kept)))
            continue
        parts = condition.parts if but < 0 else (*condition.parts[:but], *condition.parts[but + 1 :])
        if isinstance(condition, AllOf) is truth:  # each of them has to be so: those that leave least choice first
            later = [part for part in parts if not isinstance(part, Leaf)]
            first = parts if not later else [part for part in parts if isinstance(part, Leaf)]
            for part in (*later[::-1], *first[::-1]):
                rest = ((part, truth, -1), rest)
            todo.append((rest, known, None))
        else:
            todo += [(((part, truth, -1), rest), known, None) for part in parts[::-1]]
    return None


def pivotal(condition: Condition, goals: Goals = None) -> Iterator[tuple[Leaf, Goals]]:
    """Yield each leaf as it is written, with what makes the condition have the leaf's truth, whichever that is."""
    if isinstance(condition, Leaf):
        yield condition, goals
        return
    for place, part in enumerate(condition.parts):
        yield from pivotal(part, ((condition, isinstance(condition, AllOf), place), goals))


def _ways(leaf: Leaf, truth: bool, known: Facts, learnable: Learnable, kept: str) -> Iterator[Facts]:
    """Yield ways to learn a leaf's facts; of one that looks at what stays unknown, the truth is left open."""
    if kept not in leaf.facts:
        return learnable.ways(leaf, truth, known)
    other = leaf.other if leaf.fact == kept else leaf.fact
    if other is None or other in known:
        return iter([{}])
    return ({other: value} for value in learnable.values(other)[:TRIED])


def lifted(condition: Condition, truth: bool, known: Facts, goals: Goals = None) -> Iterator[tuple[Leaf, Goals]]:
    """Yield each leaf that is left of a condition, with what makes the condition have the leaf's truth, if it is this.

    So it is as long as no other part decides.
    """
    todo = [(condition, goals)]
    while todo:
        condition, goals = todo.pop()
        if isinstance(condition, Leaf):
            if leaf_truth(condition, known) is None:
                yield condition, goals
        elif isinstance(condition, AllOf) is truth:
            own = [(part, ((condition, truth, place), goals)) for place, part in enumerate(condition.parts)]
            todo += own[::-1]
        else:
            todo += [(part, goals) for part in condition.parts[::-1]]
