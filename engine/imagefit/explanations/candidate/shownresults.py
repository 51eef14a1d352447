"""Which results a verdict shows, remembered by truths: the outcomes of a few rules hang on a few comparisons."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from operator import getitem

from imagefit.evaluators import Evaluator
from imagefit.explanations.candidate.ruleresults import RuleResults
from imagefit.explanations.truths.comparisons import Truths
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.remembered import Remembered

__all__ = ["Shown"]

REMEMBERED = 4096

_Seen = Remembered[Hashable, tuple[RuleResults, ...]]


class Shown:
    """Finds the results that a verdict shows, by the truths of all comparisons.

    Parameters
    ----------
    groups
        The places of rules that are looked up together, by the truths that stand for these.
    results_of
        Returns the results of the rule at a place with an outcome; None if it is not shown.
    """

    def __init__(
        self, groups: Sequence[Sequence[int]], truths: Truths, results_of: Callable[[int, Outcome], RuleResults | None]
    ) -> None:
        self._groups, self._keys, self._results_of = groups, truths.keys, results_of
        self._seen = [_Seen(REMEMBERED) for _ in groups]

    def of(self, facts: Facts, truths: int, evaluator: Evaluator) -> list[RuleResults]:
        """Return what is shown of a candidate, which is judged by the rules of which its truths do not say that yet."""
        keys = self._keys(truths)
        try:
            return list(chain.from_iterable(filter(None, map(getitem, self._seen, keys))))
        except KeyError:
            return self._judged(facts, keys, evaluator)

    def _judged(self, facts: Facts, keys: Sequence[Hashable], evaluator: Evaluator) -> list[RuleResults]:
        found = list(map(dict.get, self._seen, keys))
        groups = [number for number, own in enumerate(found) if own is None]
        judged = [place for number in groups for place in self._groups[number]]
        outcomes = dict(zip(judged, evaluator.judge_few(judged, facts), strict=True))
        for number in groups:
            each = (self._results_of(place, outcomes[place]) for place in self._groups[number])
            own = tuple([results for results in each if results is not None])
            found[number] = self._seen[number].remember(keys[number], own)
        return [results for own in found for results in own or ()]
