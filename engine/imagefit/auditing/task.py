"""What an audit does with candidates: the rules of an operation, made ready once, and judged by any evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imagefit.columns.column import Encoded
from imagefit.evaluators import quickest
from imagefit.evaluators.results import WORD, Flags, Judged
from imagefit.explanations.candidate.prepared import prepare
from imagefit.explanations.cases.unknowns import Unknowns
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.verdicts import NOTED

if TYPE_CHECKING:
    from imagefit.auditing.planned import Planning

__all__ = ["OperationTask"]


class OperationTask:
    """The rules of one operation, made ready.

    Attributes
    ----------
    selectors
        The rules that are selected, and those that are not, by what names them.
    errors
        The rules of severity error.
    order
        The places of the rules, as flags of them are asked for.
    failing, undecided
        Flags: each of these rules fails, is unknown, in that order.
    error_of_flag
        By the number of such a flag, the place of its rule among `errors`; None if they are the same.
    unknowns
        Explains the unknown outcomes of error rules.
    planning
        Works out the plans of rows; None if nobody wants them.
    noted_rules, noted
        The rules that the column of warnings names, warnings before notices, and their flags: a warning
        fails, a notice applies.
    """

    def __init__(
        self,
        pack: Pack,
        operation: str,
        select: Sequence[str],
        ignore: Sequence[str],
        evaluator: str | None = None,
        *,
        plans: bool,
    ) -> None:
        self.selectors = tuple(select), tuple(ignore)
        prepared = prepare(pack, operation, *self.selectors, evaluator or quickest())
        self.pack, self.operation, self.rules = pack, operation, prepared.rules
        self.explainer, self.looked_at = prepared.explainer, prepared.looked_at
        placed = list(enumerate(self.rules))
        self.errors = tuple(rule for rule in self.rules if rule.severity is Severity.ERROR)
        self.order = prepared.evaluator.order if len(self.errors) > WORD else range(len(self.rules))
        error_places = [place for place in self.order if self.rules[place].severity is Severity.ERROR]
        self.failing: Flags = tuple((place, Outcome.FAIL) for place in error_places)
        self.undecided: Flags = tuple((place, Outcome.UNKNOWN) for place in error_places)
        self.error_of_flag = None if error_places == sorted(error_places) else np.argsort(np.argsort(error_places))
        self.noted: Flags = tuple(
            (place, outcome)
            for severity, outcome in NOTED.items()
            for place, rule in placed
            if rule.severity is severity
        )
        self.noted_rules = tuple(self.rules[place] for place, _ in self.noted)
        self.planning = _planning(pack, operation, self.selectors) if plans else None
        self.unknowns = Unknowns(pack, self.errors, self.explainer)
        self._judge = prepared.evaluator.judge_columns

    def judge(self, encoded: Encoded) -> Judged:
        """Judge a batch."""
        return self._judge(encoded)


def _planning(pack: Pack, operation: str, selectors: tuple[tuple[str, ...], tuple[str, ...]]) -> Planning:
    """Return what works out plans, which is imported where someone wants them."""
    from imagefit.auditing.planned import Planning
    from imagefit.planning.planner import planner_of

    return Planning(planner_of(pack, operation, *selectors))
