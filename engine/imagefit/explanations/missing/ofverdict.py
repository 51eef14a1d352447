"""Which missing facts could still change an `unknown` verdict: `ofrule`, asked of rules that are undecided together.

A fact matters if learning it can make a rule fail where nothing failed before, or clear the last doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial

from imagefit.budgets import Budget
from imagefit.conditions import Condition, Leaf, leaves
from imagefit.evaluators.cells import Representatives
from imagefit.explanations.missing.forcing import Goals, Learnable, forced, lifted
from imagefit.explanations.missing.learnedinorder import Learning, first_of
from imagefit.explanations.missing.ofrule import (
    FORCING,
    Looks,
    Missing,
    are_independent,
    flipped,
    is_half_known,
)
from imagefit.explanations.missing.watchedrules import Watch, size_of
from imagefit.explanations.truths.functions import TruthOf
from imagefit.explanations.truths.residuals import Residual, is_final, open_leaves, searched
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Rule

__all__ = ["Doubt", "independent_groups", "joined", "missing_of_verdict", "unknown_of"]


def missing_of_verdict(undecided: Sequence[Rule], facts: Facts, looks: Looks, budget: Budget) -> Missing:
    """Return the unknown facts that could still change an `unknown` verdict, most decisive first.

    Parameters
    ----------
    undecided
        The error rules whose outcome is unknown; no error rule fails.

    Returns
    -------
    Missing
        First the facts that most of the undecided rules wait for; by name where that is equal.
    """
    groups = independent_groups([unknown_of(rule, facts) for rule in undecided])
    return joined([Doubt([undecided[place] for place in group], facts, looks, budget) for group in groups])


def unknown_of(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """Return the facts that a rule looks at and that are not known."""
    return tuple([name for name in rule.facts if name not in facts])


def independent_groups(unknown: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the places of undecided rules, of each its unknown facts, in groups that have none of them in common."""
    of = list(range(len(unknown)))  # of each place a lesser one of its group, or itself

    def first(place: int) -> int:
        while of[place] != place:
            of[place] = place = of[of[place]]
        return place

    seen: dict[str, int] = {}
    for place, names in enumerate(unknown):
        for name in names:
            other = seen.setdefault(name, place)
            if of[place] != of[other]:
                one, other = sorted((first(place), first(other)))
                of[other] = one
    groups: dict[int, list[int]] = {}
    for place in range(len(unknown)):
        groups.setdefault(first(place), []).append(place)
    return list(groups.values())


class Doubt:
    """What undecided rules wait for that have no unknown fact in common with other ones.

    Attributes
    ----------
    violating
        The facts that can make a rule fail, with the number of rules that wait for each.
    clearing
        The other facts that can clear the last of these rules, where nothing else is in doubt.
    unsure, perhaps_clearing
        The facts of which the one or the other was not decided within the budget.
    """

    def __init__(self, undecided: Sequence[Rule], facts: Facts, looks: Looks, budget: Budget) -> None:
        self._search = (undecided, facts, looks, budget.apart(4))
        before = budget.left
        search = _Search(undecided, facts, looks, budget)
        waiting = {name: len(rules) for name, rules in search.waiting.items()}
        found = search.violating()
        self.violating = {name: count for name, count in waiting.items() if found.get(name) is True}
        self.unsure = {name: count for name, count in waiting.items() if found.get(name, False) is None}
        clearing = search.clearing([name for name in waiting if name not in self.violating])
        self.clearing = {name: count for name, count in waiting.items() if clearing.get(name) is True}
        self.perhaps_clearing = {name: count for name, count in waiting.items() if clearing.get(name, False) is None}
        self._took = None if budget.has_ended else before - budget.left

    def within(self, budget: Budget) -> Doubt | None:
        """Return the same for another budget, if that does not end before either: then no step depends on it."""
        cleared_within = budget.apart(4)
        if self._took is None or budget.left <= self._took:
            return None
        found = Doubt.__new__(Doubt)
        vars(found).update((name, own) for name, own in vars(self).items() if name != "can_be_cleared")
        found._search = (*self._search[:3], cleared_within)
        return found

    @cached_property
    def can_be_cleared(self) -> bool | None:
        """Whether these rules can all turn out well; None if that was not decided within the budget."""
        return _Search(*self._search).can_be_cleared()


def joined(doubts: Sequence[Doubt]) -> Missing:
    """Return the facts that could still change the verdict that all these doubts leave unknown."""
    counts: dict[str, int] = {}
    unsure: dict[str, int] = {}
    for doubt in doubts:
        counts |= doubt.violating
        unsure |= doubt.unsure
        if doubt.clearing or doubt.perhaps_clearing:
            others = _all(other.can_be_cleared for other in doubts if other is not doubt)
            if others is not False:
                (counts if others else unsure).update(doubt.clearing)
                unsure |= doubt.perhaps_clearing
    proven = sorted(counts, key=lambda name: (-counts[name], name))
    left = sorted(unsure.keys() - counts.keys(), key=lambda name: (-unsure[name], name))
    return Missing(tuple(proven), tuple(left))


def _all(truths: Iterable[bool | None]) -> bool | None:
    found = set(truths)
    return False if False in found else None if None in found else True


class _Search:
    """What answers the questions about some undecided rules; it is large, and nobody keeps it."""

    def __init__(self, undecided: Sequence[Rule], facts: Facts, looks: Looks, budget: Budget) -> None:
        self._undecided, self._facts, self._looks, self._budget = undecided, facts, looks, budget
        self.waiting: dict[str, list[Rule]] = {}
        for rule in undecided:
            for name in rule.facts:
                if name not in facts:
                    self.waiting.setdefault(name, []).append(rule)
        self._exact: dict[str, bool] = {}
        self._open: dict[str, list[Leaf]] = {}
        self._last: tuple[str, bool] | None = None

    def _live(self, rule: Rule) -> list[Leaf]:
        """Return the comparisons that are left of the rule's violation."""
        if (found := self._open.get(rule.id)) is None:
            live = open_leaves(rule.violation, self._facts)
            found = self._open[rule.id] = [] if isinstance(live, bool) else live
        return found

    def violating(self) -> dict[str, bool | None]:
        """Return the facts that can make a rule fail where nothing failed; None of those of which that is undecided."""
        if len(self._undecided) == 1 and self._is_exact(rule := self._undecided[0]):
            return {name: True for leaf in self._live(rule) for name in leaf.facts if name not in self._facts}
        found: dict[str, bool | None] = {}
        for rule in sorted(self._undecided, key=size_of):  # of a small one most is seen for the least
            if all([name in found or name in self._facts for name in rule.facts]):
                continue
            if not self._budget.allows(len(rule.leaves)):  # what it takes to begin
                break
            learnable = self._looks.learnable(rule, self._facts)
            for leaf, goals in lifted(rule.violation, True, self._facts):
                if self._budget.has_ended:  # nothing more would be found
                    break
                for name in leaf.facts:
                    is_open = name not in found and name not in self._facts
                    if is_open and self._breaks(rule, name, leaf, goals, learnable):
                        found[name] = True
        left = [name for name in self.waiting if name not in found]
        if self._budget.has_ended:
            found.update(dict.fromkeys(left))
        else:
            doubtful = {rule.id: rule for name in left for rule in self.waiting[name]}
            live = {id_: {name for leaf in self._live(rule) for name in leaf.facts} for id_, rule in doubtful.items()}
            for name in left:
                found[name] = self._can_violate(name, [rule for rule in self.waiting[name] if name in live[rule.id]])
        if not any(found.values()) and None in found.values():
            self._last = self._last_step()
            if self._last is not None and self._last[1]:
                found[self._last[0]] = True
        return found

    def _breaks(self, rule: Rule, name: str, leaf: Leaf, goals: Goals, learnable: Learnable) -> bool:
        """Whether learning a fact makes the rule fail where forcing leads, and nothing fails before."""
        violation, facts = self._looks.quick(rule).violation, self._facts
        for before, after in flipped(name, leaf, True, goals, facts, learnable, self._budget):
            if violation(before) is None and violation(after) is True and not self._watch.fails(before):
                return True
        return False

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self._undecided, self.waiting, self._looks, self._budget)

    @cached_property
    def _learnable(self) -> Learnable:
        every = list(dict.fromkeys(leaf for rule in self._undecided for leaf in leaves(rule.violation)))
        return Learnable(every, self._looks.fields, self._facts)

    @cached_property
    def _values(self) -> Representatives | None:
        return self._learnable.values_within(self._facts, self._budget)

    def _can_violate(self, name: str, rules: Sequence[Rule]) -> bool | None:
        """Whether learning a fact can make one of the rules fail where nothing failed."""
        found: bool | None = False
        for rule in rules:
            own = self._can_fail(rule, name)
            if own is True:
                return True
            found = None if own is None else found
        return found

    def _can_fail(self, rule: Rule, name: str) -> bool | None:
        if not self._budget.allows(len(self._undecided)) or (values := self._values) is None:
            return None
        own = [other for other in rule.facts if other in values and other != name]
        sharing = [r.violation for r in self._undecided if r is not rule and not set(own).isdisjoint(r.facts)]

        violation = self._looks.quick(rule).violation

        def decide(known: Facts) -> bool | None:
            return True if any(violation({**known, name: value}) for value in values[name]) else None

        cost = len(values[name]) * sum(1 for _ in leaves(rule.violation))
        found: bool | None = False
        for conditions in ([rule.violation], [rule.violation, *sharing]):  # alone it is less to look at
            found = self._searched(own, values, decide, conditions, cost, _can_not_be_first)
            if found is not True:
                break
        return found

    def clearing(self, names: Sequence[str]) -> dict[str, bool | None]:
        """Return those of the facts that can clear the last doubt, and those of which that is undecided (None)."""
        concerned = [name for name in names if not all(map(self._is_exact, self.waiting[name]))]
        found = {name: self._can_clear(name) for name in concerned}
        if self._last is not None and not self._last[1]:
            found[self._last[0]] = True
        return found

    def _can_clear(self, name: str) -> bool | None:
        if self._budget.has_ended or (values := self._values) is None:
            return None
        found: bool | None = False
        for rules in (self.waiting[name], self._undecided):  # those that look at it alone are less to look at
            violations = [rule.violation for rule in rules]
            own = dict.fromkeys(other for rule in rules for other in rule.facts if other in values and other != name)
            decide = partial(_clears, name, values[name], self._truths_of(rules))
            cost = (1 + len(values[name])) * sum(1 for violation in violations for _ in leaves(violation))
            found = self._searched(list(own), values, decide, violations, cost, _one_stays)
            if found is not True or len(rules) == len(self._undecided):
                break
        return found

    def can_be_cleared(self) -> bool | None:
        """Whether these rules can all turn out well."""
        violations, truths_of = [rule.violation for rule in self._undecided], self._truths_of(self._undecided)
        goals: Goals = None
        for violation in violations:
            goals = ((violation, False, -1), goals)
        known = forced(goals, self._facts, self._learnable, Budget(FORCING * len(violations), self._budget))
        if known is not None and all(truth(known) is False for truth in truths_of):
            return True

        def decide(known: Facts) -> bool | None:
            truths = {truth(known) for truth in truths_of}
            return False if True in truths else True if truths == {False} else None

        if (values := self._values) is None:
            return None
        return self._searched(list(values), values, decide, violations, self._learnable.size, _one_stays)

    def _searched(
        self,
        names: Sequence[str],
        values: Representatives,
        decide: Callable[[Facts], bool | None],
        conditions: Sequence[Condition],
        cost: int,
        is_vain: Callable[[Sequence[Residual]], bool],
    ) -> bool | None:
        found = searched(names, self._facts, values, decide, conditions, self._budget, cost, is_vain)
        return None if found is False and is_half_known(values) else found

    def _truths_of(self, rules: Sequence[Rule]) -> list[TruthOf]:
        """Return what says of each rule whether it is violated."""
        return [self._looks.quick(rule).violation for rule in rules]

    def _is_exact(self, rule: Rule) -> bool:
        """Whether the rule is unknown only where completions really differ."""
        if (known := self._exact.get(rule.id)) is None:
            known = self._looks.are_free(rule) or are_independent(
                self._live(rule), self._facts, self._looks.learnable(rule, self._facts)
            )
            self._exact[rule.id] = known
        return known

    def _last_step(self) -> tuple[str, bool] | None:
        """Return a fact that decides the rules once those before it have been learned; and whether one fails then."""
        learned = [
            (name, self._looks.learnable(rules[0], self._facts).value(name)) for name, rules in self.waiting.items()
        ]
        learning = Learning(self._facts, learned)
        fails, decided = 0, -1
        for rule in self._undecided:
            true, false = learning.truth(rule.violation)
            fails |= true
            decided &= true | false
        count = first_of(fails | decided)
        return None if count is None else (learned[count - 1][0], bool(fails >> count & 1))


def _clears(name: str, values: Sequence[Value], truths_of: Sequence[TruthOf], known: Facts) -> bool | None:
    """Whether learning a fact clears the last doubt; False if there is none any more."""
    truths = [truth(known) for truth in truths_of]
    if True in truths or None not in truths:
        return False
    return any(all(truth({**known, name: value}) is False for truth in truths_of) for value in values) or None


def _can_not_be_first(rests: Sequence[Residual]) -> bool:
    """Whether the first of some rules can't fail any more, or another one has."""
    return is_final(rests[0]) or True in rests


def _one_stays(rests: Sequence[Residual]) -> bool:
    """Whether a rule fails, or is unknown for good."""
    return None in rests or True in rests
