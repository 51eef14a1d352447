"""Remedies on a candidate: what one changes, whether it can be done, and what would newly fail after it.

A remedy is tried before it is offered: its effects are applied to the candidate's facts, and the rules that look
at what they change are evaluated again. One that makes another error fail is not offered, nor one that changes
nothing; one that makes a warning fail says so. One that chooses something else names the rules that what is chosen
has to heed, too: they would fail if it were otherwise alike.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from imagefit.conditions import fields, leaves
from imagefit.evaluators.reference import outcome, truth
from imagefit.explanations.truths import ByTruths
from imagefit.facts import Facts, Field, Value, show_value
from imagefit.rulepack.pack import PLACEHOLDER, Effect, Outcome, Pack, Remedy, Rule, Severity
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import RemedyText

__all__ = ["Offers", "applied", "can_be_done", "changed_facts", "filled", "value_after"]

REMEMBERED = 4096
"""So many texts of each remedy are remembered."""


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


class Offers:
    """Says which remedies a rule that fails can offer, where some rules count.

    Parameters
    ----------
    rules
        The rules that are evaluated: those of the operation that were chosen.
    """

    def __init__(self, pack: Pack, rules: Sequence[Rule]) -> None:
        self._pack = pack
        self._rules = rules
        self._looking: dict[str, list[Rule]] = {}
        self._depends: dict[str, tuple[str, ...]] = {}
        self._required: dict[str, ByTruths[bool]] = {}
        self._failing: dict[str, ByTruths[tuple[Rule, ...]]] = {}
        self._texts: dict[str, tuple[list[str], Remembered[Hashable, str]]] = {}

    def of(self, rule: Rule, facts: Facts, operation: str | None = None) -> tuple[RemedyText, ...]:
        """Return what a rule that fails on a candidate offers, in the order in which the rule names it."""
        return tuple([offer for remedy in self._named(rule) if (offer := self._offer(remedy, facts, operation))])

    def depends(self, rule: Rule) -> tuple[str, ...]:
        """Return the facts that decide what a rule offers, the rule's own among them."""
        if (found := self._depends.get(rule.id)) is None:
            others = (name for remedy in self._named(rule) for name in self._facts_of(remedy))
            found = self._depends[rule.id] = tuple(dict.fromkeys((*rule.facts, *others)))
        return found

    def _named(self, rule: Rule) -> list[Remedy]:
        return [self._pack.remedies[name] for name in rule.remedies]

    def _facts_of(self, remedy: Remedy) -> Iterator[str]:
        yield from fields(remedy.requires)
        yield from PLACEHOLDER.findall(remedy.text)
        for effect in remedy.effects:
            yield effect.fact
            yield from (name for name in (effect.same_as, effect.add_from) if name is not None)
        for rule in self._looking_at(remedy):
            yield from rule.facts

    def _looking_at(self, remedy: Remedy) -> list[Rule]:
        """Return the rules that look at what a remedy changes."""
        if (found := self._looking.get(remedy.id)) is None:
            changed = changed_facts(remedy)
            found = self._looking[remedy.id] = [rule for rule in self._rules if not changed.isdisjoint(rule.facts)]
        return found

    def _can_be_done(self, remedy: Remedy, facts: Facts, operation: str | None) -> bool:
        """As `can_be_done`."""
        if operation is not None and not remedy.is_for(operation):
            return False
        if (is_possible := self._required.get(remedy.id)) is None:
            is_possible = ByTruths(leaves(remedy.requires), partial(can_be_done, remedy))
            self._required[remedy.id] = is_possible
        return is_possible(facts)

    def _failing_of(self, remedy: Remedy) -> ByTruths[tuple[Rule, ...]]:
        """Return what says which of the rules that look at what a remedy changes fail."""
        if (found := self._failing.get(remedy.id)) is None:
            looking = self._looking_at(remedy)
            own = (leaf for rule in looking for part in (rule.when, rule.required) for leaf in leaves(part))
            found = self._failing[remedy.id] = ByTruths(own, partial(_failing, looking))
        return found

    def _text(self, remedy: Remedy, facts: Facts) -> str:
        """Return a remedy's text, filled in."""
        if (of := self._texts.get(remedy.id)) is None:
            of = self._texts[remedy.id] = PLACEHOLDER.findall(remedy.text), Remembered(REMEMBERED)
        names, seen = of
        values = tuple(map(facts.get, names))
        found = seen.get(values)
        return seen.remember(values, filled(remedy.text, facts, self._pack.fields)) if found is None else found

    def _offer(self, remedy: Remedy, facts: Facts, operation: str | None) -> RemedyText | None:
        if not self._can_be_done(remedy, facts, operation):
            return None
        after = applied(remedy.effects, facts) if remedy.effects else facts
        if remedy.effects and after == facts:
            return None
        failing = self._failing_of(remedy)
        worse = failing(after)
        if worse:
            before = {rule.id for rule in failing(facts)}
            worse = tuple([rule for rule in worse if rule.id not in before])
        ids = tuple([rule.id for rule in worse])
        text = self._text(remedy, facts)
        if remedy.chooses:  # another image or flavor may differ in more than what it is chosen for
            return RemedyText(remedy.id, text, remedy.actor, heeding=ids)
        if any(rule.severity is Severity.ERROR for rule in worse):
            return None
        return RemedyText(remedy.id, text, remedy.actor, warnings=ids)


def _failing(rules: Sequence[Rule], facts: Facts) -> tuple[Rule, ...]:
    return tuple([rule for rule in rules if outcome(rule, facts) is Outcome.FAIL])


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
