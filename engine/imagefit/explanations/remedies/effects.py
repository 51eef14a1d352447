"""Remedies on a candidate: whether one can be done, what it changes, and what its text says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from imagefit.evaluators.reference import truth
from imagefit.facts import Facts, Field, Value, show_value
from imagefit.rulepack.pack import PLACEHOLDER, Effect, Remedy

__all__ = ["applied", "can_be_done", "changed_facts", "filled", "value_after"]


def applied(effects: Iterable[Effect], facts: Facts) -> Facts:
    """Return a candidate's facts after the effects of a remedy, all of them at once.

    What an effect is made of and is unknown makes its fact unknown: a copy of an unknown fact, and a set of which not
    all elements are known.
    """
    after = dict(facts)
    for effect in effects:
        value = value_after(effect, facts)
        if value is None:
            after.pop(effect.fact, None)
        else:
            after[effect.fact] = value
    return after


def value_after(effect: Effect, facts: Facts) -> Value | None:
    """Return what an effect makes of its fact; None is unknown."""
    if effect.value is not None or effect.becomes_unknown:
        return effect.value
    if effect.same_as is not None:
        return facts.get(effect.same_as)
    before = facts.get(effect.fact)
    more = effect.add if effect.add_from is None else facts.get(effect.add_from)
    if not isinstance(before, frozenset) or more is None:
        return None
    return before | (more if isinstance(more, frozenset) else {str(more)})


def changed_facts(remedy: Remedy) -> frozenset[str]:
    """Return the names of the facts that a remedy changes."""
    return frozenset(effect.fact for effect in remedy.effects)


def can_be_done(remedy: Remedy, facts: Facts, operation: str | None = None) -> bool:
    """Whether nothing that is known speaks against doing a remedy on a candidate, for an operation if one is given."""
    return (operation is None or remedy.is_for(operation)) and truth(remedy.requires, facts) is not False


def filled(text: str, facts: Facts, known: Mapping[str, Field]) -> str:
    """Fill in a remedy's facts; one that is unknown is said in words, for a text with a hole is no advice.

    The words are those of the fact's name (``the image's boot mode``): a field's meaning is a clause of its
    own (``how the OS of the image boots``), which fits into no other sentence.
    """
    return PLACEHOLDER.sub(lambda m: show_value(facts[m[1]]) if m[1] in facts else _in_words(m[1], known), text)


def _in_words(name: str, known: Mapping[str, Field]) -> str:
    family, _, own = name.rpartition(".")
    words = own.replace("_", " ")
    unit = known[name].unit if name in known else ""
    words = words.removesuffix(f" {unit.lower()}") if unit else words  # the text says it beside the number
    return f"the {family.replace('.', ' ').replace('_', ' ')}'s {words}" if family else f"its {words}"
