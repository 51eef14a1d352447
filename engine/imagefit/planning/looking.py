"""What plans look at: the comparisons that decide which plans a candidate has, those after steps included.

Candidates on which all of them come out alike have the same plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagefit.conditions import Leaf, Relation, leaves
from imagefit.facts import Field, FieldType
from imagefit.planning.workshop import Action, Workshop
from imagefit.rulepack.pack import Effect
from imagefit.values import replace

__all__ = ["compared"]


def compared(workshop: Workshop, operation: str) -> tuple[list[Leaf], frozenset[str]]:
    """Return the comparisons that the plans for an operation hang on, and the sets of which every element counts."""
    actions = workshop.actions_for(operation)
    operations = {operation, *(action.remedy.instead for action in actions if action.remedy.instead)}
    found: dict[Leaf, None] = {}
    for name in sorted(operations):
        if (judging := workshop.judging(name)) is not None:
            found |= dict.fromkeys(leaf for rule in judging.rules for leaf in leaves(rule.violation))
    for action in actions:
        found |= dict.fromkeys(leaves(action.remedy.requires))
        if action.remedy.through is not None:
            judging = workshop.judging(action.remedy.through.operation, all_rules=True)
            rules = [] if judging is None else [judging.rules[place] for place in judging.errors]
            found |= dict.fromkeys(leaf for rule in rules for leaf in leaves(rule.violation))
    effects = list(dict.fromkeys(effect for action in actions for effect in _effects(action)))
    fresh = list(found)
    for _ in range(3):
        fresh = [new for leaf in fresh for effect in effects for new in _after(leaf, effect, workshop.pack.fields)]
        fresh = [new for new in dict.fromkeys(fresh) if new not in found]
        found |= dict.fromkeys(fresh)
    return list(found), frozenset(name for leaf in found for name in _whole(leaf, effects))


def _effects(action: Action) -> Iterable[Effect]:
    through = action.remedy.through
    return (*action.remedy.effects, *(() if through is None else through.facts))


def _after(leaf: Leaf, effect: Effect, fields: Mapping[str, Field]) -> Iterator[Leaf]:
    """Yield what a comparison comes to after an effect, as comparisons of what was before."""
    if effect.same_as is not None:
        if effect.fact == leaf.fact and effect.same_as != leaf.other:
            yield replace(leaf, fact=effect.same_as)
        if effect.fact == leaf.other and effect.same_as != leaf.fact:
            yield replace(leaf, other=effect.same_as)
    if effect.value is not None:
        if leaf.other == effect.fact:
            yield replace(leaf, other=None, operand=effect.value)
        elif leaf.fact == effect.fact and leaf.other is not None and leaf.relation in _TURNED:
            value = frozenset(effect.value) if isinstance(effect.value, frozenset) else effect.value
            yield Leaf(leaf.other, _TURNED[leaf.relation], value)
    if effect.fact == leaf.fact:
        if leaf.other is None and (effect.add or effect.add_from):
            yield from _with_more(leaf, effect, fields)
        elif leaf.relation is Relation.CONTAINS and effect.add_from not in (None, leaf.other):
            more, other = str(effect.add_from), str(leaf.other)
            is_set = fields[more].type is FieldType.STRING_SET
            yield Leaf(more, Relation.CONTAINS, None, other) if is_set else Leaf(other, Relation.EQUALS, None, more)


_TURNED = {
    Relation.EQUALS: Relation.EQUALS,
    Relation.AT_LEAST: Relation.ABOVE,  # what a value is at least, is not above it
    Relation.ABOVE: Relation.AT_LEAST,
    Relation.CONTAINS: Relation.IN,
    Relation.CONTAINS_ANY: Relation.CONTAINS_ANY,
}
"""How a comparison of a value with a fact is one of the fact with the value."""


def _with_more(leaf: Leaf, effect: Effect, fields: Mapping[str, Field]) -> Iterator[Leaf]:
    """Yield what says whether a set with more in it has some elements: each in the set, and in what is more."""
    for element in sorted(map(str, leaf.literals)):
        yield Leaf(leaf.fact, Relation.CONTAINS, element)
        if effect.add_from is not None:
            is_set = fields[effect.add_from].type is FieldType.STRING_SET
            yield Leaf(effect.add_from, Relation.CONTAINS if is_set else Relation.EQUALS, element)


def _whole(leaf: Leaf, effects: Iterable[Effect]) -> Iterator[str]:
    """Yield the sets that a comparison with another fact looks at, where what is added to one says nothing simpler."""
    for effect in effects:
        if leaf.other is None or not (effect.add or effect.add_from) or effect.fact not in leaf.facts:
            continue
        if effect.add or effect.fact == leaf.other or leaf.relation is not Relation.CONTAINS:
            yield from (*leaf.facts, *(() if effect.add_from is None else (effect.add_from,)))
