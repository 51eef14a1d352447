"""What an audit does with candidates: the rules of an operation, made ready once, and judged by any evaluator."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.auditing.planned import Planning
from imagefit.columns.column import Encoded
from imagefit.evaluators.results import Flags, Judged
from imagefit.explanations.prepared import prepare
from imagefit.explanations.unknowns import Unknowns
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.verdicts import NOTED

__all__ = ["OperationPlan"]


class OperationPlan:
    """The rules of one operation, made ready.

    Attributes
    ----------
    errors
        The rules of severity error.
    failing, undecided
        Flags: each of these rules fails, is unknown.
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
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        evaluator: str = "tabular",
        *,
        plans: bool = False,
    ) -> None:
        prepared = prepare(pack, operation, tuple(select), tuple(ignore), evaluator)
        self.pack, self.operation, self.rules = pack, operation, prepared.rules
        self.explainer, self.looked_at = prepared.explainer, prepared.looked_at
        placed = list(enumerate(self.rules))
        self.errors = tuple(rule for rule in self.rules if rule.severity is Severity.ERROR)
        error_places = [place for place, rule in placed if rule.severity is Severity.ERROR]
        self.failing: Flags = tuple((place, Outcome.FAIL) for place in error_places)
        self.undecided: Flags = tuple((place, Outcome.UNKNOWN) for place in error_places)
        self.noted: Flags = tuple(
            (place, outcome)
            for severity, outcome in NOTED.items()
            for place, rule in placed
            if rule.severity is severity
        )
        self.noted_rules = tuple(self.rules[place] for place, _ in self.noted)
        self.planning = Planning(planner_of(pack, operation, tuple(select), tuple(ignore)), pack) if plans else None
        self.unknowns = Unknowns(pack, self.errors, self.explainer)
        self._judge = prepared.evaluator.judge_columns

    def judge(self, encoded: Encoded) -> Judged:
        """Judge a batch."""
        return self._judge(encoded)
