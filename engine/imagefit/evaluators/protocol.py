"""What an evaluator is: some rules made ready to judge candidates, one by one, in columns, and in pairs.

One by one is what every evaluator can. Batches in columns, and the pairs of two sides, are made from that
where an evaluator has no way of its own, so that whoever asks need not know which evaluator it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from imagefit.evaluators.reference import Judge
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.supply import Supply
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.columns.column import Encoded
    from imagefit.evaluators.results import Judged, PairResults

__all__ = ["Evaluator", "Judge", "OneByOne", "Way"]


class Way(StrEnum):
    """How an evaluator is given candidates."""

    CANDIDATES = "candidates"  # one by one
    COLUMNS = "columns"
    PAIRS = "pairs"


class Evaluator(ABC):
    """Some rules, ready to be judged by. What a way needs is made when it is first asked for.

    Attributes
    ----------
    rules
        The rules; outcomes come in their order.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    @property
    @abstractmethod
    def judge(self) -> Judge:
        """A function from a candidate's known facts to the outcomes of the rules."""

    def judge_few(self, places: Sequence[int], facts: Facts) -> Sequence[Outcome]:
        """Return the outcomes of the rules at some places on a candidate."""
        outcomes = self.judge(facts)
        return [outcomes[place] for place in places]

    def judge_all(self, candidates: Iterable[Facts]) -> Iterable[Sequence[Outcome]]:
        """Yield the outcomes of the rules for each of many candidates."""
        return map(self.judge, candidates)

    @property
    def verdict(self) -> Callable[[Facts], VerdictKind]:
        """A function from a candidate's known facts to the verdict alone."""
        rules, judge = self.rules, self.judge
        return lambda facts: VerdictKind.of(rules, judge(facts))

    @property
    def order(self) -> Sequence[int]:
        """The places of all rules, those side by side that are judged together: so flags of them fill few words."""
        return range(len(self.rules))

    @property
    def judge_columns(self) -> Callable[[Encoded], Judged]:
        """A function from a batch of candidates to what is said of them; several threads may call it."""
        from imagefit.evaluators.onebyone import JudgedRows

        return lambda encoded: JudgedRows(self.rules, encoded, self.judge_all)

    def pairs(
        self,
        rows: Encoded,
        lanes: Encoded,
        supply: Supply | None = None,
    ) -> PairResults:
        """Return the pairs of two sides, to be asked.

        Parameters
        ----------
        rows, lanes
            The two sides. Either can be images; it is faster to have the longer one as rows.
        supply
            What is given and what is assumed for every pair; by default, neither is anything.

        Raises
        ------
        InputError
            If they are too many to be judged one by one, and there is no other way.
        """
        from imagefit.evaluators.onebyone import JudgedPairs

        return JudgedPairs(self.rules, rows, lanes, self.judge_all, Supply() if supply is None else supply)


class OneByOne(Evaluator):
    """An evaluator that is a function of single candidates, and nothing more.

    Parameters
    ----------
    outcome
        Judges by one rule, if that is no more work than its share.
    """

    def __init__(
        self, rules: Sequence[Rule], judge: Judge, outcome: Callable[[Rule, Facts], Outcome] | None = None
    ) -> None:
        super().__init__(rules)
        self._judge, self._outcome = judge, outcome

    @property
    def judge(self) -> Judge:
        """The function."""
        return self._judge

    def judge_few(self, places: Sequence[int], facts: Facts) -> Sequence[Outcome]:
        """Return the outcomes of the rules at some places, the others left alone where there is a way to."""
        if self._outcome is None:
            return super().judge_few(places, facts)
        return [self._outcome(self.rules[place], facts) for place in places]
