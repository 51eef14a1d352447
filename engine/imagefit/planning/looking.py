"""What plans look at: the comparisons that decide which plans a candidate has, those after steps included.

Candidates on which all of them come out alike have the same plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from imagefit.conditions import Leaf, Relation, leaves
from imagefit.planning.workshop import Action, Workshop
from imagefit.rulepack.pack import Effect

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
        fresh = [new for leaf in fresh for effect in effects for new in _after(leaf, effect) if new not in found]
        found |= dict.fromkeys(fresh)
    grown = {effect.fact for effect in effects if effect.add}
    whole = {name for leaf in found if leaf.other and leaf.fact in grown for name in leaf.facts}
    return list(found), frozenset(whole)


def _effects(action: Action) -> Iterable[Effect]:
    through = action.remedy.through
    return (*action.remedy.effects, *(() if through is None else through.facts))


def _after(leaf: Leaf, effect: Effect) -> Iterator[Leaf]:
    """Yield what a comparison comes to after an effect, as a comparison of what was before."""
    if effect.same_as is not None:
        if effect.fact == leaf.fact and effect.same_as != leaf.other:
            yield replace(leaf, fact=effect.same_as)
        if effect.fact == leaf.other and effect.same_as != leaf.fact:
            yield replace(leaf, other=effect.same_as)
    if effect.value is not None and leaf.other == effect.fact:
        yield replace(leaf, other=None, operand=effect.value)
    is_of_element = leaf.relation is Relation.CONTAINS and leaf.other not in (None, effect.add_from)
    if effect.add_from is not None and effect.fact == leaf.fact and is_of_element:
        yield Leaf(str(leaf.other), Relation.EQUALS, None, effect.add_from)
