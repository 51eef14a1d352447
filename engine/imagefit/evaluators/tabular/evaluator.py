"""The tabular evaluator in all its ways: decision tables for candidates and columns, bits for pairs.

What a way needs is imported and made when it is asked for: of numpy and pyarrow, single candidates need nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from imagefit.evaluators.protocol import Evaluator
from imagefit.evaluators.tabular.judge import TabularJudge, tables_for
from imagefit.evaluators.tabular.tables import DecisionTables
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack, Rule
from imagefit.supply import Supply
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.columns.column import Encoded
    from imagefit.evaluators.results import Judged, PairResults

__all__ = ["TabularEvaluator", "evaluator"]


def evaluator(pack: Pack, rules: Sequence[Rule]) -> TabularEvaluator:
    """Make some rules of a pack ready."""
    return TabularEvaluator(pack, rules)


class TabularEvaluator(Evaluator):
    """Some rules of a pack; the tables are made once for single candidates and columns, and not for pairs."""

    def __init__(self, pack: Pack, rules: Sequence[Rule]) -> None:
        super().__init__(rules)
        self._pack = pack

    @cached_property
    def _tables(self) -> DecisionTables:
        return tables_for(self._pack, self.rules)

    @cached_property
    def judge(self) -> TabularJudge:
        """A function from a candidate's known facts to the outcomes of the rules."""
        return TabularJudge(self._tables)

    @property
    def verdict(self) -> Callable[[Facts], VerdictKind]:
        """A function from a candidate's known facts to the verdict, which is found without the outcomes."""
        return self.judge.verdict

    @property
    def order(self) -> Sequence[int]:
        """The places of all rules, table by table."""
        return [place for group in self._tables.groups for place in group.places]

    @cached_property
    def judge_columns(self) -> Callable[[Encoded], Judged]:
        """A function that looks every row of a batch up in every table."""
        from imagefit.evaluators.tabular.batches import BatchJudge

        return BatchJudge(self._tables).judge

    def pairs(
        self,
        rows: Encoded,
        lanes: Encoded,
        supply: Supply | None = None,
    ) -> PairResults:
        """Return the pairs of two sides, none of which is ever built."""
        from imagefit.evaluators.pairs.product import Pairs

        return Pairs(self.rules, rows, lanes, supply=supply)
