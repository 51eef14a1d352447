"""What a rule that fails offers: those of its remedies that were tried on the candidate and are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from imagefit.explanations.remedies.effects import changed_facts
from imagefit.explanations.remedies.triedonfacts import Offered, Tried, joined
from imagefit.explanations.truths.functions import Quick
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack, Remedy, Rule

if TYPE_CHECKING:
    from imagefit.explanations.remedies.trialsbytruths import Trials

__all__ = ["Offers"]

MOST_COMPARED = 2_000
"""Of rules with more comparisons it is not remembered by their truths what they say."""


class Offers:
    """Says which remedies a rule that fails can offer, where some rules count.

    Parameters
    ----------
    rules
        The rules that are evaluated: those of the operation that were chosen.
    quick
        Makes what evaluates a rule often.
    """

    def __init__(self, pack: Pack, rules: Sequence[Rule], quick: Callable[[Rule], Quick] = Quick) -> None:
        self._pack, self._rules, self._quick = pack, rules, quick
        self._depends: dict[str, tuple[str, ...]] = {}
        self._tried: dict[str, Tried] = {}
        self._of_rules: dict[tuple[str, str | None], list[Tried]] = {}

    def of(self, rule: Rule, facts: Facts, operation: str | None = None) -> Offered:
        """Return what a rule that fails on a candidate offers, in the order in which the rule names it."""
        each = [(one, newly) for one in self.tried(rule, operation) if (newly := one.newly(facts)) is not None]
        return joined([one.text(newly, facts) for one, newly in each])

    @cached_property
    def trials(self) -> Trials:
        """The trials of remedies, remembered by truths."""
        from imagefit.explanations.remedies.trialsbytruths import Trials

        return Trials(self._rules, self.tried)

    @cached_property
    def has_few(self) -> bool:
        """Whether the rules have so few comparisons that it is worth while to work all of them out."""
        return sum(len(rule.leaves) for rule in self._rules) <= MOST_COMPARED

    def truths_of(self, facts: Facts) -> int | None:
        """Return what the comparisons on which it hangs what is said come to; None where they are too many."""
        return self.trials.truths.of(facts) if self.has_few else None

    def tried(self, rule: Rule, operation: str | None) -> list[Tried]:
        """Return the remedies of a rule that are for an operation, each to be tried."""
        key = rule.id, operation
        if (found := self._of_rules.get(key)) is None:
            named = [self._pack.remedies[name] for name in rule.remedies]
            chosen = [remedy for remedy in named if operation is None or remedy.is_for(operation)]
            found = self._of_rules[key] = [self._of_remedy(remedy) for remedy in chosen]
        return found

    def depends(self, rule: Rule) -> tuple[str, ...]:
        """Return the facts that decide what a rule offers, the rule's own among them."""
        if (found := self._depends.get(rule.id)) is None:
            others = (name for each in self.tried(rule, None) for name in each.facts)
            found = self._depends[rule.id] = tuple(dict.fromkeys((*rule.facts, *others)))
        return found

    def _of_remedy(self, remedy: Remedy) -> Tried:
        if (found := self._tried.get(remedy.id)) is None:
            changed = changed_facts(remedy)
            looking = [rule for rule in self._rules if not changed.isdisjoint(rule.facts)]
            found = self._tried[remedy.id] = Tried(remedy, looking, self._pack.fields, self._quick)
        return found
