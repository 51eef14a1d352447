"""Cross products: every row of one side against every row of the other, without ever building a pair.

A rule looks at a few facts, so that few classes of rows differ in it; a class has a row of bits, one for
each lane, where the rule fails and where it is unknown. The rows of a row's classes, joined by *or*, are
the verdicts of its pairs, and counting them is counting bits. Masks per pair are never kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.evaluators.pairs.alone import count_alone
from imagefit.evaluators.pairs.bits import count_bits, pack_bits, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import compile_rules
from imagefit.evaluators.pairs.counting import OnRows, Totals, count_by_row, count_verdicts, thread_count
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.sides import Sources
from imagefit.evaluators.pairs.verdicts import Verdicts
from imagefit.rulepack.pack import Rule, Severity
from imagefit.supply import Supply

__all__ = ["Pairs", "Totals"]

Counts = NDArray[np.int64]

MOST_CLASSES = 4096
MOST_WORDS = 1 << 18
"""A table of classes has at most so many words, whatever the number of lanes."""


class Pairs:
    """Rows and lanes, and the rules that judge their pairs.

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
        compiled = compile_rules(rules, Sources(rows, lanes, Supply() if supply is None else supply))
        self.rules = compiled.rules
        self.rows, self.lanes = Rows(compiled.rows, rows.rows), Lanes(compiled.lanes, lanes.rows)
        fitting = MOST_WORDS // max(width(lanes.rows), 1)
        self.most_classes = most_classes or max(min(MOST_CLASSES, fitting), 64)
        self._totals: Totals | None = None

    @cached_property
    def verdicts(self) -> Verdicts:
        """The rules that decide, ready for looking at rows."""
        errors = [rule for rule in self.rules if rule.rule.severity is Severity.ERROR]
        return Verdicts(errors, self.rows, self.lanes, self.most_classes)

    @property
    def totals(self) -> Totals:
        """Count the verdicts of each row and of each lane."""
        return self.count()

    def count(self, on_rows: OnRows | None = None) -> Totals:
        """Count the verdicts of each row and of each lane, and tell of rows that are done."""
        if self._totals is None:
            self._totals = count_verdicts(self.verdicts, self.rows.count, self.lanes.count, on_rows)
        return self._totals

    @cached_property
    def by_row(self) -> tuple[Counts, Counts]:
        """Count the compatible and the unknown pairs of each row; without the lanes, that is less work."""
        return count_by_row(self.verdicts, self.rows.count) if self._totals is None else self._totals.by_row

    @cached_property
    def outcomes(self) -> Counts:
        """Count for each rule the pairs which it fails, where it is unknown, passes and does not apply."""
        found = np.zeros((len(self.rules), 4), dtype=np.int64)
        numbers = {rule: number for number, rule in enumerate(self.rules)}

        def count(group: Group) -> None:
            for part in group.classify(self.rows).parts(self.most_classes):
                for rule, counts in zip(group.rules, self._count(part), strict=True):
                    found[numbers[rule]] += counts

        with ThreadPoolExecutor(thread_count()) as pool:
            list(pool.map(count, group_rules(self.rules, self.most_classes)))
        return found

    @cached_property
    def alone(self) -> Counts:
        """Count for each rule the pairs that it stops and no other rule does; 0 for rules that do not decide."""
        found = np.zeros(len(self.rules), dtype=np.int64)
        is_error = np.array([rule.rule.severity is Severity.ERROR for rule in self.rules], dtype=np.bool_)
        errors = [rule for rule, decides in zip(self.rules, is_error, strict=True) if decides]
        found[is_error] = count_alone(errors, self.rows, self.lanes, self.most_classes)
        return found

    def _count(self, classified: Classified) -> Iterator[list[int]]:
        valid = pack_bits(np.ones(self.lanes.count, dtype=np.bool_))
        pairs = int(classified.sizes.sum()) * self.lanes.count
        for rule in classified.group.rules:
            bits = (count_bits(words & valid) for words in rule.outcomes(classified, self.lanes))
            fails, unknown, inapplicable = (
                int(np.broadcast_to(counts, classified.sizes.shape) @ classified.sizes) for counts in bits
            )
            yield [fails, unknown, pairs - fails - unknown - inapplicable, inapplicable]
