"""Which missing facts matter: the facts that could still change an outcome or a verdict.

A fact matters if, after some of the other unknown facts have been learned in some way (any value that
the rules can tell apart, or left unknown), learning it changes the result. So an unknown result always
names at least one fact, and supplying all named facts decides it.

Three steps, each for what is beyond the one before. Where every fact stands in one open comparison that can turn
out both ways, all of them matter. Else facts are forced (`forcing`) so that learning one changes the result, which
mostly succeeds at once. Else every way is searched (`residuals`) within a budget: a fact of which this is not
decided is *not examined*, and the facts that are named are then the least. `ofverdict` asks the same of verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from imagefit.budgets import Budget
from imagefit.conditions import Leaf
from imagefit.evaluators.cells import MAX_SUBSETS, Representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.explanations.missing.forcing import Goals, Learnable, forced, lifted
from imagefit.explanations.missing.learnedinorder import Learning, first_of
from imagefit.explanations.truths.functions import OutcomeOf, Quick
from imagefit.explanations.truths.residuals import Residual, is_final, open_leaves, searched
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.rulepack.remembered import Remembered
from imagefit.values import dataclass

__all__ = ["FORCING", "NOTHING", "Looks", "Missing", "are_independent", "flipped", "is_half_known", "missing_of_rule"]

FORCING = 400
"""So many steps are taken to force a result by learning one fact."""

REMEMBERED = 4096
"""Of so many rules the truths are remembered as functions."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Facts that could still change a result.

    Attributes
    ----------
    facts
        Those that certainly could.
    not_examined
        Those of which the budget ended before it was known; where there are any, `facts` are the least.
    """

    facts: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()


NOTHING = Missing()


@dataclass(frozen=True)
class Looks:
    """What rules look at, worked out once for all candidates where no fact is compared with another."""

    fields: Mapping[str, Field]
    _of_rules: dict[str, Learnable] = field(default_factory=dict)
    _linked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _of_linked: Remembered[Hashable, Learnable] = field(default_factory=lambda: Remembered(REMEMBERED))
    _free: dict[str, bool] = field(default_factory=dict)
    _quick: Remembered[str, Quick] = field(default_factory=lambda: Remembered(REMEMBERED))

    def quick(self, rule: Rule) -> Quick:
        """Return what says the rule's outcome, and whether it is violated."""
        return self._quick.get(rule.id) or self._quick.remember(rule.id, Quick(rule))

    def are_free(self, rule: Rule) -> bool:
        """Whether all facts of the rule are independent of each other, whatever is known of the others."""
        if (found := self._free.get(rule.id)) is None:
            own = rule.leaves
            found = not rule.has_repeats and len(own) <= len(rule.facts)  # or a fact stands in several of them
            found = found and not any([leaf.other is not None for leaf in own])
            self._free[rule.id] = found = found and are_independent(own, {}, self.learnable(rule, {}))
        return found

    def learnable(self, rule: Rule, facts: Facts) -> Learnable:
        """Return what can be learned of the rule's facts."""
        if (found := self._of_rules.get(rule.id)) is not None:
            return found
        if (linked := self._linked.get(rule.id)) is None:
            between = [leaf for leaf in rule.leaves if leaf.other is not None]
            linked = self._linked[rule.id] = tuple(dict.fromkeys(name for leaf in between for name in leaf.facts))
        if not linked:
            return self._of_rules.setdefault(rule.id, Learnable(rule.leaves, self.fields, {}))
        key = rule.id, *map(facts.get, linked)  # of other facts, what is known has no say in the values of these
        if (found := self._of_linked.get(key)) is None:
            known = {name: facts[name] for name in linked if name in facts}
            found = self._of_linked.remember(key, Learnable(rule.leaves, self.fields, known))
        return found


def missing_of_rule(
    rule: Rule,
    facts: Facts,
    looks: Looks,
    budget: Budget | Callable[[], Budget],
    live: Sequence[Leaf] | None = None,
) -> Missing:
    """Return the unknown facts that could still change the rule's outcome, in the rule's order.

    Parameters
    ----------
    budget
        What the search may cost, or what makes it where there is need of one.
    live
        The comparisons that are left of `when` and `require`, repetitions included, where that is known.
    """
    if live is None:
        live = _live(rule, facts)
    if not live:
        return NOTHING
    mattering = {name for leaf in live for name in leaf.facts}
    names = [name for name in rule.facts if name in mattering and name not in facts]
    learnable = looks.learnable(rule, facts)
    if looks.are_free(rule) or are_independent(live, facts, learnable):
        return Missing(tuple(names))
    doubt = _RuleInDoubt(
        rule, facts, learnable, budget if isinstance(budget, Budget) else budget(), looks.quick(rule).outcome
    )
    found = doubt.proven(names)
    for name in names:
        if name not in found and (is_mattering := None if doubt.budget.has_ended else doubt.search(name)) is not False:
            found[name] = is_mattering
    if found and not any(found.values()) and (last := doubt.last_step(names)) is not None:
        found[last] = True
    return Missing(
        tuple(name for name in names if found.get(name) is True),
        tuple(name for name in names if name in found and found[name] is None),
    )


def _live(rule: Rule, facts: Facts) -> list[Leaf]:
    when = open_leaves(rule.when, facts)
    required = True if rule.required is rule.when else open_leaves(rule.require, facts)
    return [] if when is False else [leaf for own in (when, required) if not isinstance(own, bool) for leaf in own]


@dataclass(frozen=True)
class _RuleInDoubt:
    """A rule of which some facts stand in several comparisons, on one candidate."""

    rule: Rule
    facts: Facts
    learnable: Learnable
    budget: Budget
    outcome: OutcomeOf

    def proven(self, names: Sequence[str]) -> dict[str, bool | None]:
        """Return those of the facts that forcing shows to matter."""
        outcome, facts = self.outcome, self.facts
        found: dict[str, bool | None] = {}
        if not self.budget.allows(8 * self.learnable.size):  # what it takes to begin
            return found
        for is_true, way in self._ways():
            for leaf, goals in way:
                if self.budget.has_ended:  # nothing more would be found
                    return found
                for name in leaf.facts:
                    if name in names and name not in found:
                        pairs = flipped(name, leaf, is_true, goals, facts, self.learnable, self.budget)
                        if any(outcome(before) is not outcome(after) for before, after in pairs):
                            found[name] = True
            if len(found) == len(names):
                break
        return found

    def _ways(self) -> Iterator[tuple[bool, Iterator[tuple[Leaf, Goals]]]]:
        """Yield how a comparison can change the outcome: the truth that it gets, and each with what else that takes."""
        rule, facts = self.rule, self.facts
        yield False, lifted(rule.when, False, facts)
        if rule.required is rule.when:
            yield True, lifted(rule.when, True, facts)
        else:
            yield True, lifted(rule.require, True, facts)
            yield False, lifted(rule.require, False, facts, ((rule.when, True, -1), None))
            yield True, lifted(rule.when, True, facts, ((rule.require, False, -1), None))

    @cached_property
    def _values(self) -> Representatives | None:
        return self.learnable.values_within(self.facts, self.budget)

    def search(self, name: str) -> bool | None:
        """Whether learning a fact can change the outcome; None if that was not decided within the budget."""
        if (values := self._values) is None:
            return None
        rule, outcome = self.rule, self.outcome

        def decide(known: Facts) -> bool | None:
            before = outcome(known)
            if any(outcome({**known, name: value}) is not before for value in values[name]):
                return True
            return False if before in (Outcome.FAIL, Outcome.NOT_APPLICABLE) else None

        others = [other for other in values if other != name]
        conditions = [rule.when] if rule.required is rule.when else [rule.when, rule.require]
        found = searched(others, self.facts, values, decide, conditions, self.budget, 1 + len(values[name]), _all_final)
        return None if found is False and is_half_known(values) else found

    def last_step(self, names: Sequence[str]) -> str | None:
        """Return a fact that changes the outcome where those before it have been learned in some way."""
        learning = Learning(self.facts, [(name, self.learnable.value(name)) for name in names])
        applies, not_applicable = learning.truth(self.rule.when)
        holds, broken = learning.truth(self.rule.required)
        passes = holds & 1  # what a rule requires can hold before it is known whether it applies
        count = first_of(not_applicable if passes else not_applicable | holds | applies & broken)
        return None if count is None else names[count - 1]


def are_independent(live: Sequence[Leaf], facts: Facts, learnable: Learnable) -> bool:
    """Whether each unknown fact stands in one of the leaves alone, and each of these can be both true and false."""
    seen: set[str] = set()
    for leaf in live:
        for name in leaf.facts:
            if name not in facts:
                if name in seen:
                    return False
                seen.add(name)
    return all(learnable.is_free(leaf, facts) for leaf in live)


def flipped(
    name: str, leaf: Leaf, is_true: bool, goals: Goals, facts: Facts, learnable: Learnable, budget: Budget
) -> Iterator[tuple[Facts, Facts]]:
    """Yield what is known before and after learning a fact that gives a leaf a truth, once the goals are reached."""
    if budget.has_ended:
        return
    known = forced(goals, facts, learnable, Budget(FORCING, budget), name)
    if known is None or leaf_truth(leaf, known) is not None:
        return
    for learned in learnable.ways(leaf, is_true, known):
        if not budget.allows(2 * learnable.size):
            return
        others = {other: value for other, value in learned.items() if other != name}
        yield {**known, **others} if others else known, {**known, **learned}


def is_half_known(values: Representatives) -> bool:
    """Whether of some fact not every value that matters was listed: a set of very many elements."""
    return any(len(listed) >= MAX_SUBSETS for listed in values.values())


def _all_final(rests: Sequence[Residual]) -> bool:
    return all(map(is_final, rests))
