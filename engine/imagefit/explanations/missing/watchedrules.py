"""Which of some rules fail once a few facts are known: only those are evaluated that can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from imagefit.budgets import Budget
from imagefit.explanations.missing.ofrule import Looks
from imagefit.facts import Facts
from imagefit.rulepack.pack import Rule

__all__ = ["Watch", "size_of"]


class Watch:
    """Undecided rules by the facts without which they can't fail.

    Parameters
    ----------
    waiting
        The unknown facts, with the rules that look at each.
    """

    def __init__(
        self, undecided: Sequence[Rule], waiting: Mapping[str, Sequence[Rule]], looks: Looks, budget: Budget
    ) -> None:
        self._looks, self._budget = looks, budget
        # Each rule with the facts that it needs stands by the one that fewest look at, or by all of its facts.
        self._by_fact: dict[str, list[tuple[Rule, AbstractSet[str]]]] = {}
        budget.allows(sum(map(size_of, undecided)))
        for rule in undecided:
            needed = rule.needed & waiting.keys()
            rarest = [min(needed, key=lambda name: (len(waiting[name]), name))] if needed else rule.facts
            for name in waiting.keys() & rarest:
                self._by_fact.setdefault(name, []).append((rule, needed))

    def fails(self, known: Facts) -> bool:
        """Whether one of the rules fails; none did with what was known before."""
        names, quick, budget, seen = known.keys(), self._looks.quick, self._budget, set[int]()
        for name in known:
            for rule, needed in self._by_fact.get(name, ()):
                if needed <= names and id(rule) not in seen:
                    seen.add(id(rule))
                    budget.allows(len(rule.leaves))
                    if quick(rule).violation(known):
                        return True
        return False


def size_of(rule: Rule) -> int:
    """Return how many comparisons a rule has."""
    return len(rule.leaves)
