"""From conditions to the expressions that durable_rules evaluates on a candidate's properties.

Two questions are asked of a condition: where is it true, and where could it be (is it true or unknown)?
Each is answered by an expression of the condition's own shape, down to its leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from imagefit.conditions import AllOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators.durable.expressions import Expression, both, comparison, either, one_of
from imagefit.evaluators.durable.facts import Layout, encoded, json_text, property_names
from imagefit.facts import Field, FieldType, Value

__all__ = ["Conditions"]

LONG_LIST = 100
"""From so many literals on, a list is given beside the facts and searched, not made into nodes."""
LARGE_SET = 200
"""From so many elements on, a comparison of a set with literals is made as one of two sets is."""

_OPERATORS = {
    Relation.EQUALS: ("", "$neq"),
    Relation.AT_LEAST: ("$gte", "$lt"),
    Relation.ABOVE: ("$gt", "$lte"),
}


class Conditions:
    """Writes conditions over a vocabulary; all properties are named together, so that a fact has one name.

    Parameters
    ----------
    fields
        The vocabulary.
    conditions
        Every condition that will be asked about.
    """

    def __init__(self, fields: Mapping[str, Field], conditions: Iterable[Condition]) -> None:
        self._fields = fields
        plain = list(dict.fromkeys(_plain(leaf) for condition in conditions for leaf in leaves(condition)))
        special = [leaf for leaf in plain if self._is_given(leaf) or _is_listed(leaf)]
        labels = {leaf: _label(leaf, number) for number, leaf in enumerate(special, 1)}
        names = property_names([*(name for leaf in plain for name in leaf.facts), *labels.values()])
        self._facts = {name: names[name] for leaf in plain for name in leaf.facts}
        self._special = {leaf: names[label] for leaf, label in labels.items()}

    def layout(self, conditions: Iterable[Condition]) -> Layout:
        """Return the layout of the facts that these conditions look at."""
        plain = list(dict.fromkeys(_plain(leaf) for condition in conditions for leaf in leaves(condition)))
        direct = [leaf for leaf in plain if not self._is_given(leaf)]
        sets = [leaf for leaf in direct if self._fields[leaf.fact].type is FieldType.STRING_SET]
        return Layout(
            facts={self._facts[name]: name for leaf in direct for name in leaf.facts},
            comparisons={self._special[leaf]: leaf for leaf in plain if self._is_given(leaf)},
            lists={self._special[leaf]: json_text(_literals(leaf)) for leaf in direct if _is_listed(leaf)},
            wanted={leaf.fact: _wanted(leaf.fact, sets) for leaf in sets},
        )

    def is_true(self, condition: Condition) -> Expression:
        """Return the expression that holds where the condition is true."""
        if isinstance(condition, Leaf):
            return self._leaf_is_true(condition)
        return (both if isinstance(condition, AllOf) else either)(map(self.is_true, condition.parts))

    def could_be_true(self, condition: Condition) -> Expression:
        """Return the expression that holds where the condition is true or unknown."""
        if isinstance(condition, Leaf):
            return one_of([self._leaf_is_true(condition), self._leaf_is_unknown(condition)])
        return (both if isinstance(condition, AllOf) else either)(map(self.could_be_true, condition.parts))

    def _leaf_is_unknown(self, leaf: Leaf) -> Expression:
        if self._is_given(leaf):
            return _has_no(self._special[_plain(leaf)])
        return either([_has_no(self._facts[name]) for name in dict.fromkeys(leaf.facts)])

    def _leaf_is_true(self, leaf: Leaf) -> Expression:
        own = self._facts[leaf.fact]
        if self._is_given(leaf):
            return comparison({self._special[_plain(leaf)]: not leaf.negated})
        if leaf.other is not None:
            # Unless there is a second operand, the engine compares with what happens to be in memory.
            other = self._facts[leaf.other]
            return both([_has(other), _compared(leaf, own, {"$m": other})])
        if _is_listed(leaf):
            return both([_has(own), _item(leaf.negated, self._special[_plain(leaf)], {"$m": own})])
        if isinstance(leaf.operand, frozenset):
            return _compared_with_several(leaf, own, _literals(leaf))
        return _compared(leaf, own, _literal(leaf.operand))

    def _is_given(self, leaf: Leaf) -> bool:
        """Whether a comparison is made in Python and its truth given to the engine: of a set with a set."""
        if leaf.relation not in (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL):
            return False
        return leaf.other is not None or len(leaf.literals) >= LARGE_SET


def _compared(leaf: Leaf, own: str, operand: Any) -> Expression:
    """Compare a property with a literal or with another property."""
    if leaf.relation in (Relation.EQUALS, Relation.AT_LEAST, Relation.ABOVE):
        return comparison(_test(_OPERATORS[leaf.relation][leaf.negated], own, operand))
    return _item(leaf.negated, own, operand)


def _compared_with_several(leaf: Leaf, own: str, literals: Sequence[Value]) -> Expression:
    """Compare a property with several literals, for which the engine has no operator."""
    if leaf.relation is Relation.IN:
        if leaf.negated:
            return both([comparison(_test("$neq", own, literal)) for literal in literals])
        return one_of([comparison({own: literal}) for literal in literals])
    each = [_item(leaf.negated, own, literal) for literal in literals]
    return (either if (leaf.relation is Relation.CONTAINS_ANY) is not leaf.negated else both)(each)


def _item(negated: bool, own: str, operand: Any) -> Expression:
    """Return what holds where some item of an array is the operand; negated, where none is.

    There is one operand, for a group of any inside an array is built right or refused by chance: the
    engine looks at memory that it has not set.
    """
    name = "$iall" if negated else "$iany"
    return comparison({name: {own: _test("$neq" if negated else "", "$i", operand)}})


def _test(operator: str, name: str, operand: Any) -> dict[str, Any]:
    return {operator: {name: operand}} if operator else {name: operand}


def _has(name: str) -> Expression:
    return comparison({"$ex": {name: 1}})


def _has_no(name: str) -> Expression:
    return comparison({"$nex": {name: 1}})


def _plain(leaf: Leaf) -> Leaf:
    return replace(leaf, negated=False)


def _is_listed(leaf: Leaf) -> bool:
    return leaf.relation is Relation.IN and len(leaf.literals) >= LONG_LIST


def _label(leaf: Leaf, number: int) -> str:
    """Name a property that holds more than a fact; facts' names have no space, so it is none of them."""
    return f"{leaf.fact} {leaf.operator} {leaf.other or f'list {number}'}"


def _literals(leaf: Leaf) -> list[Value]:
    """Return the literals of a leaf in an order that is always the same."""
    return [_literal(value) for value in sorted(leaf.literals, key=lambda value: (str(type(value)), value))]


def _literal(value: Any) -> Value:
    """Return a literal as the facts have it."""
    return encoded(value) if isinstance(value, str) else value


def _wanted(name: str, sets: Sequence[Leaf]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the literal elements and the facts that leaves look for in a set."""
    own = [leaf for leaf in sets if leaf.fact == name]
    elements = frozenset(str(literal) for leaf in own for literal in leaf.literals)
    return elements, tuple(leaf.other for leaf in own if leaf.other)
