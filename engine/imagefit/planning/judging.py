"""The rules of one operation on candidates that change a little: only rules that look at a change are judged again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any

from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.rulepack.remembered import Remembered

__all__ = ["Judging"]

REMEMBERED = 4096
"""So many outcomes of each rule are remembered."""

_FAIL, _UNKNOWN = Outcome.FAIL, Outcome.UNKNOWN


class Judging:
    """Judges by the reference evaluator, and remembers each rule's outcomes by the values that it looks at.

    Attributes
    ----------
    rules
        The rules, in order.
    errors, warnings
        The places of the rules of these severities.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.errors = tuple(place for place, rule in enumerate(rules) if rule.severity is Severity.ERROR)
        self.warnings = tuple(place for place, rule in enumerate(rules) if rule.severity is Severity.WARNING)
        self.looked_at = frozenset(name for rule in rules for name in rule.facts)
        self._counting = tuple(sorted((*self.errors, *self.warnings)))
        self._seen: list[Remembered[Hashable, Outcome]] = [Remembered(REMEMBERED) for _ in rules]
        self._looking: dict[str, tuple[int, ...]] = {}
        for place in self._counting:
            for name in rules[place].facts:
                self._looking[name] = (*self._looking.get(name, ()), place)

    def outcomes(self, facts: Facts) -> list[Outcome]:
        """Return the outcome of each rule; a notice, which decides nothing, is not judged."""
        found = [Outcome.NOT_APPLICABLE] * len(self.rules)
        for place in self._counting:
            found[place] = self._judge(place, facts.get, facts)
        return found

    def first_wrong(self, facts: Facts) -> int | None:
        """Return the place of the first error that fails, else of the first that is unknown; None if none is either."""
        undecided = None
        for place in self.errors:
            its = self._judge(place, facts.get, facts)
            if its is _FAIL:
                return place
            if its is _UNKNOWN and undecided is None:
                undecided = place
        return undecided

    def after(self, before: Sequence[Outcome], changed: Iterable[str], facts: Facts) -> list[Outcome]:
        """Return the outcomes of facts of which those that `changed` were others in `before`."""
        found = list(before)
        get = facts.get
        for place in {place for name in changed for place in self._looking.get(name, ())}:
            found[place] = self._judge(place, get, facts)
        return found

    def looked_at_with(self, names: Iterable[str]) -> frozenset[str]:
        """Return the facts of the rules that look at one of these."""
        places = {place for name in names for place in self._looking.get(name, ())}
        return frozenset(name for place in places for name in self.rules[place].facts)

    def told_apart(self, names: Collection[str], facts: Facts) -> Callable[[Sequence[Facts]], list[Hashable]]:
        """Return what says of each of several, by their values of some facts, what they come to.

        All other facts are the same with all. Of whom it says the same, the same rules fail, and the same are unknown.
        """
        rest = {name: value for name, value in facts.items() if name not in names}
        groups: dict[tuple[str, ...], list[int]] = {}
        for place in self._counting:
            own = tuple([name for name in self.rules[place].facts if name in names])
            if own and self._judge(place, rest.get, rest) is _UNKNOWN:  # whatever is learned, what is decided stays so
                groups.setdefault(own, []).append(place)

        def told(every: Sequence[Facts]) -> list[Hashable]:
            columns = {name: [values.get(name) for values in every] for own in groups for name in own}
            found: list[Iterable[int]] = []
            for own, places in groups.items():
                is_one = len(own) == 1
                rows: list[Any] = columns[own[0]] if is_one else [*zip(*[columns[name] for name in own], strict=True)]
                numbers = dict.fromkeys(rows, 0)
                if len(numbers) == 1:
                    continue  # it tells none apart
                kinds: dict[tuple[Outcome, ...], int] = {}
                for row in numbers:
                    values = (row,) if is_one else row
                    whole = rest | {name: value for name, value in zip(own, values, strict=True) if value is not None}
                    outcomes = tuple([self._judge(place, whole.get, whole) for place in places])
                    numbers[row] = kinds.setdefault(outcomes, len(kinds))
                if len(kinds) > 1:
                    found.append(map(numbers.__getitem__, rows))
            return list(zip(*found, strict=True)) if found else [()] * len(every)

        return told

    def _judge(self, place: int, get: Callable[[str], Value | None], facts: Facts) -> Outcome:
        rule, seen = self.rules[place], self._seen[place]
        values = tuple(map(get, rule.facts))
        if (found := seen.get(values)) is None:
            found = seen.remember(values, outcome(rule, facts))
        return found

    def failing(self, outcomes: Sequence[Outcome]) -> list[int]:
        """Return the places of the errors that fail."""
        return [place for place in self.errors if outcomes[place] is _FAIL]

    def undecided(self, outcomes: Sequence[Outcome]) -> list[int]:
        """Return the places of the errors that are unknown."""
        return [place for place in self.errors if outcomes[place] is _UNKNOWN]

    def warned(self, outcomes: Sequence[Outcome]) -> list[int]:
        """Return the places of the warnings that fail."""
        return [place for place in self.warnings if outcomes[place] is _FAIL]
