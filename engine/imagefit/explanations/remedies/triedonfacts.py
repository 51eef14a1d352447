"""A remedy that is tried before it is offered.

Its effects are applied to the candidate's facts, and the rules that look at what they change are evaluated again. One
that makes another error fail is not offered, nor one that changes nothing; one that makes a warning fail says so. One
that chooses something else names the rules that what is chosen has to heed, too: they would fail if it were otherwise
alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import count

from imagefit.conditions import fields
from imagefit.evaluators.reference import truth
from imagefit.explanations.remedies.effects import applied, filled
from imagefit.explanations.truths.functions import Quick
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import PLACEHOLDER, Outcome, Remedy, Rule, Severity
from imagefit.rulepack.remembered import Remembered
from imagefit.values import dataclass
from imagefit.verdicts import RemedyText

__all__ = ["Offered", "Tried", "joined", "numbers"]

REMEMBERED = 4096
"""So many texts of each remedy are remembered."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Remedies that are offered, with a number that is quicker to look up; nothing else has it."""

    number: int
    remedies: tuple[RemedyText, ...]


numbers = count(1)


def joined(offers: Sequence[Offered]) -> Offered:
    """Return what is offered together."""
    remedies = tuple([remedy for offer in offers for remedy in offer.remedies])
    return Offered(next(numbers) if remedies else 0, remedies)


class Tried:
    """A remedy that is tried on one candidate after the other; `looking` are the rules that look at what it changes.

    Attributes
    ----------
    named
        The facts that its text shows.
    """

    def __init__(
        self, remedy: Remedy, looking: Sequence[Rule], fields: Mapping[str, Field], quick: Callable[[Rule], Quick]
    ) -> None:
        self.remedy, self.looking, self.fields = remedy, looking, fields
        self._quick = {rule.id: quick(rule) for rule in looking}
        self.named = PLACEHOLDER.findall(remedy.text)
        self._texts = Remembered[Hashable, Offered](REMEMBERED)

    @property
    def facts(self) -> Iterator[str]:
        """What decides whether it is offered, and what it says."""
        yield from fields(self.remedy.requires)
        yield from self.named
        for effect in self.remedy.effects:
            yield from (name for name in (effect.fact, effect.same_as, effect.add_from) if name is not None)
        for rule in self.looking:
            yield from rule.facts

    def newly(self, facts: Facts) -> tuple[str, ...] | None:
        """Return the rules that would newly fail; None if it can't be done, changes nothing, or makes an error fail."""
        if truth(self.remedy.requires, facts) is False or not self.is_change(facts, after := self.after(facts)):
            return None
        return self.named_if_right([rule for rule in self.looking if self.newly_fails(rule, facts, after)])

    def after(self, facts: Facts) -> Facts:
        """Return the facts after it."""
        return applied(self.remedy.effects, facts)

    def is_change(self, facts: Facts, after: Facts) -> bool:
        """Whether it changes something, or leads elsewhere."""
        return not self.remedy.effects or after != facts

    def newly_fails(self, rule: Rule, facts: Facts, after: Facts) -> bool:
        """Whether one of the rules that look at what it changes fails afterwards, and did not before."""
        quick = self._quick[rule.id]
        return quick.outcome(after) is Outcome.FAIL and quick.outcome(facts) is not Outcome.FAIL

    def named_if_right(self, worse: Sequence[Rule]) -> tuple[str, ...] | None:
        """Return the names of rules that newly fail; None if it is not offered then."""
        # What is chosen may differ in more than what it is chosen for.
        is_bad = not self.remedy.chooses and any(rule.severity is Severity.ERROR for rule in worse)
        return None if is_bad else tuple([rule.id for rule in worse])

    def text(self, newly: tuple[str, ...], facts: Facts) -> Offered:
        """Return what is offered where some rules would newly fail."""
        key = newly, *map(facts.get, self.named)
        if (found := self._texts.get(key)) is None:
            remedy = self.remedy
            text = filled(remedy.text, facts, self.fields)
            kind = "heeding" if remedy.chooses else "warnings"
            offered = RemedyText(remedy.id, text, remedy.actor, **{kind: newly})
            found = self._texts.remember(key, Offered(next(numbers), (offered,)))
        return found
