"""Which results a verdict shows, remembered by truths: the outcomes of a few rules hang on a few comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from imagefit.evaluators import Evaluator
from imagefit.explanations.results import RuleResults
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.rulepack.remembered import Remembered

__all__ = ["Shown"]

REMEMBERED = 4096
TOGETHER = 6
"""Rules that have so many comparisons together are looked up at once."""

_Seen = Remembered[int, tuple[RuleResults, ...]]


class Shown:
    """Finds the results that a verdict shows, by the truths of all comparisons.

    Parameters
    ----------
    masks
        The bits of each rule's comparisons, by its id.
    results_of
        Returns the results of the rule at a place with an outcome; None if it is not shown.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        masks: Mapping[str, int],
        results_of: Callable[[int, Outcome], RuleResults | None],
    ) -> None:
        self._results_of = results_of
        self._groups = [
            (mask, _Seen(REMEMBERED), places) for mask, places in _grouped([masks[rule.id] for rule in rules])
        ]

    def of(self, facts: Facts, truths: int, evaluator: Evaluator) -> list[RuleResults]:
        """Return what is shown of a candidate, which is judged by the rules of which its truths do not say that yet."""
        found = [seen.get(truths & mask) for mask, seen, _ in self._groups]
        if None in found:
            groups = [number for number, own in enumerate(found) if own is None]
            judged = [place for number in groups for place in self._groups[number][2]]
            outcomes = dict(zip(judged, evaluator.judge_few(judged, facts), strict=True))
            for number in groups:
                mask, seen, places = self._groups[number]
                each = (self._results_of(place, outcomes[place]) for place in places)
                own = tuple([results for results in each if results is not None])
                found[number] = seen.remember(truths & mask, own)
        return [results for own in found for results in own or ()]


def _grouped(masks: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield the places of a few rules at a time, with the bits of their comparisons."""
    mask, places = 0, list[int]()
    for place in sorted(range(len(masks)), key=masks.__getitem__):
        if places and (mask | masks[place]).bit_count() > 2 * TOGETHER:
            yield mask, places
            mask, places = 0, []
        mask |= masks[place]
        places.append(place)
    if places:
        yield mask, places
