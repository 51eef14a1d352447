"""Cross products: every row of one side against every row of the other, without ever building a pair.

A rule looks at a few facts, so that few classes of rows differ in it; a class has a row of bits, one for
each lane, where the rule fails and where it is unknown. The rows of a row's classes, joined by *or*, are
the verdicts of its pairs, and counting them is counting bits. Masks per pair are never kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.cores import in_order
from imagefit.evaluators.pairs.bits import bits_of, count_bits, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule, compile_rules
from imagefit.evaluators.pairs.counting import count_alone, count_by_row, count_verdicts, thread_count
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.listing import compatible_pairs, tally, verdict_rows
from imagefit.evaluators.pairs.sides import Sources
from imagefit.evaluators.pairs.verdicts import Verdicts
from imagefit.evaluators.results import OUTCOMES, Counts, Numbers, OnRows, Totals
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.supply import Supply

__all__ = ["Pairs"]

MOST_CLASSES = 4096
MOST_WORDS = 1 << 18
"""A table of classes has at most so many words, whatever the number of lanes."""


class Pairs:
    """Rows and lanes, and the rules that judge their pairs; see `PairResults`.

    Parameters
    ----------
    rows, lanes
        The two sides. Either can be images; it is faster to have the longer one as rows.
    supply
        What is given and what is assumed for every pair; by default, neither is anything.
    most_classes
        So many classes of rows a group of rules may have for a table; by default, what memory allows.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        rows: Encoded,
        lanes: Encoded,
        *,
        supply: Supply | None = None,
        most_classes: int | None = None,
    ) -> None:
        self._rules, self._is_error = tuple(rules), [rule.severity is Severity.ERROR for rule in rules]
        self._sources = Sources(rows, lanes, Supply() if supply is None else supply)
        fitting = MOST_WORDS // max(width(lanes.rows), 1)
        self._most_classes = most_classes or max(min(MOST_CLASSES, fitting), 64)
        self._totals: Totals | None = None

    def count(self, on_rows: OnRows | None = None) -> Totals:
        """Count the verdicts of each row and of each lane, unless that is done, and tell of rows that are done."""
        if self._totals is None:
            self._totals = count_verdicts(self._verdicts, *self._shape, on_rows)
        return self._totals

    @property
    def totals(self) -> Totals:
        """The verdicts counted, by row and by lane."""
        return self.count()

    @property
    def by_row(self) -> tuple[Counts, Counts]:
        """The compatible and the unknown pairs of each row; without the lanes, that is less work."""
        return self._counted_by_row if self._totals is None else self._totals.by_row

    @cached_property
    def outcomes(self) -> Counts:
        """For each rule the number of pairs with each of `OUTCOMES`: (rules, outcomes)."""
        found = np.zeros((len(self._rules), len(OUTCOMES)), dtype=np.int64)
        places = {id(rule): place for place, rule in enumerate(self._rules)}

        def count(judged: _Judged, group: Group) -> None:
            for part in group.classify(judged.rows).parts(self._most_classes):
                for rule, counts in zip(group.rules, judged.outcomes(part), strict=True):
                    found[places[id(rule.rule)]] += counts

        for judged in (self._deciding, self._others):
            for _ in in_order(partial(count, judged), group_rules(judged.rules, self._most_classes), thread_count()):
                pass
        return found

    @cached_property
    def alone(self) -> Counts:
        """For each rule the number of pairs that it stops and no other rule does; 0 for rules that do not decide."""
        found = np.zeros(len(self._rules), dtype=np.int64)
        found[self._is_error] = count_alone(*self._deciding, self._most_classes)
        return found

    def compatible(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the compatible pairs as numbers of rows and of lanes, by row, then by lane."""
        return compatible_pairs(self._verdicts, self.by_row[0])

    def levels(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the verdicts of all pairs, some rows at a time: (rows, lanes), places in `LEVELS`."""
        return verdict_rows(self._verdicts, *self._shape)

    def outcomes_of(self, place: int) -> NDArray[np.uint8]:
        """Return what one rule says of each pair: (rows, lanes), places in `OUTCOMES`."""
        judged = self._deciding if self._is_error[place] else self._others
        rule = next(rule for rule in judged.rules if rule.rule is self._rules[place])
        classified = Group.of([rule]).classify(judged.rows)
        numbers = np.full((len(classified.sizes), judged.lanes.count), OUTCOMES.index(Outcome.PASS), dtype=np.uint8)
        kinds = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)
        for kind, words in zip(kinds, rule.outcomes(classified, judged.lanes), strict=True):
            bits = bits_of(words & judged.lanes.valid, judged.lanes.count).view(np.bool_)
            numbers[np.broadcast_to(bits, numbers.shape)] = OUTCOMES.index(kind)
        by_pair: NDArray[np.uint8] = numbers[classified.class_of]
        return by_pair

    def tally(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Count for each pair, (rows, lanes), the error rules that fail and that are unknown."""
        return tally(*self._deciding)

    @property
    def _shape(self) -> tuple[int, int]:
        """How many rows and lanes there are."""
        return self._sources.rows.rows, self._sources.lanes.rows

    @cached_property
    def _deciding(self) -> _Judged:
        """The rules that decide."""
        return self._judged(is_error=True)

    @cached_property
    def _others(self) -> _Judged:
        """The rules that do not decide: who asks for verdicts alone does not wait for them."""
        return self._judged(is_error=False)

    def _judged(self, *, is_error: bool) -> _Judged:
        chosen = [rule for rule, own in zip(self._rules, self._is_error, strict=True) if own is is_error]
        compiled = compile_rules(chosen, self._sources)
        rows, lanes = self._shape
        return _Judged(compiled.rules, Rows(compiled.rows, rows), Lanes(compiled.lanes, lanes))

    @cached_property
    def _verdicts(self) -> Verdicts:
        """The rules that decide, ready for looking at rows."""
        return Verdicts(*self._deciding, self._most_classes)

    @cached_property
    def _counted_by_row(self) -> tuple[Counts, Counts]:
        return count_by_row(self._verdicts, self._shape[0])


class _Judged(NamedTuple):
    """Some of the rules, and the columns of rows and of lanes that they look at."""

    rules: tuple[PairRule, ...]
    rows: Rows
    lanes: Lanes

    def outcomes(self, classified: Classified) -> Iterator[list[int]]:
        """Yield for each rule of a group the number of pairs with each of `OUTCOMES`."""
        pairs = int(classified.sizes.sum()) * self.lanes.count
        for rule in classified.group.rules:
            bits = (count_bits(words & self.lanes.valid) for words in rule.outcomes(classified, self.lanes))
            fails, unknown, inapplicable = (
                int(np.broadcast_to(counts, classified.sizes.shape) @ classified.sizes) for counts in bits
            )
            yield [fails, unknown, pairs - fails - unknown - inapplicable, inapplicable]
