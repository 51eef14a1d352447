"""The planes evaluator: columns are judged by compiled code, candidates and pairs as the tabular evaluator does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from imagefit.evaluators.tabular.evaluator import TabularEvaluator
from imagefit.kernel.library import compiled
from imagefit.rulepack.pack import Pack, Rule

if TYPE_CHECKING:
    from imagefit.columns.column import Encoded
    from imagefit.evaluators.planes.judged import PlanesJudge
    from imagefit.evaluators.results import Judged

__all__ = ["PlanesEvaluator", "evaluator"]


def evaluator(pack: Pack, rules: Sequence[Rule]) -> PlanesEvaluator:
    """Make some rules of a pack ready.

    Raises
    ------
    EvaluatorError
        If imagefit was built without a C compiler.
    """
    compiled()
    return PlanesEvaluator(pack, rules)


class PlanesEvaluator(TabularEvaluator):
    """Some rules of a pack; what judges columns is made when it is first asked for."""

    @cached_property
    def _planes(self) -> PlanesJudge:
        from imagefit.evaluators.planes.judged import PlanesJudge

        return PlanesJudge(compiled(), self.rules, self._pack.fields)

    @property
    def order(self) -> Sequence[int]:
        """The places of all rules, plane by plane."""
        return self._planes.order

    @property
    def judge_columns(self) -> Callable[[Encoded], Judged]:
        """A function that judges a batch; it lets go of the interpreter's lock."""
        return self._planes.judge
