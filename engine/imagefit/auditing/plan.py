"""What an audit does with candidates: the rules of an operation, made ready once, and judged by any evaluator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.evaluators import Judge
from imagefit.evaluators.tabular.batches import BatchJudge, Flags, words_for
from imagefit.evaluators.tabular.judge import tables_for
from imagefit.explanations.prepared import prepare
from imagefit.explanations.unknowns import Unknowns
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.verdicts import NOTED

__all__ = ["Judged", "OperationPlan"]

TABULAR = "tabular"


class Judged(Protocol):
    """The outcomes of a batch, from whatever evaluator."""

    @property
    def encoded(self) -> Encoded:
        """The candidates."""

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return which of the flags each row has."""

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""


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
    noted_rules, noted
        The rules that the column of warnings names, warnings before notices, and their flags: a warning
        fails, a notice applies.
    """

    def __init__(
        self, pack: Pack, operation: str, select: Sequence[str] = (), ignore: Sequence[str] = (), name: str = TABULAR
    ) -> None:
        prepared = prepare(pack, operation, tuple(select), tuple(ignore), name)
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
        self.unknowns = Unknowns(pack, self.errors, self.explainer)
        self._judge = BatchJudge(tables_for(pack, self.rules)) if name == TABULAR else _RowsJudge(prepared.judge, self)

    def judge(self, encoded: Encoded) -> Judged:
        """Judge a batch."""
        return self._judge.judge(encoded)


class _RowsJudge:
    """Asks an evaluator for single candidates, row by row."""

    def __init__(self, judge: Judge, plan: OperationPlan) -> None:
        self._judge, self._errors = judge, [place for place, _ in plan.failing]

    def judge(self, encoded: Encoded) -> Judged:
        return _JudgedRows(encoded, [self._judge(encoded.facts(row)) for row in range(encoded.rows)], self._errors)


class _JudgedRows:
    def __init__(self, encoded: Encoded, outcomes: Sequence[Sequence[Outcome]], errors: Sequence[int]) -> None:
        self.encoded = encoded
        self._outcomes, self._errors = outcomes, errors

    def levels(self) -> NDArray[np.uint8]:
        return np.fromiter(map(self._level, self._outcomes), np.uint8, self.encoded.rows)

    def _level(self, outcomes: Sequence[Outcome]) -> int:
        deciding = {outcomes[place] for place in self._errors}
        return 2 if Outcome.FAIL in deciding else int(Outcome.UNKNOWN in deciding)

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        words = [np.zeros(self.encoded.rows, np.uint64) for _ in range(words_for(flags))]
        for bit, (place, outcome) in enumerate(flags):
            has = np.fromiter((own[place] is outcome for own in self._outcomes), np.bool_, self.encoded.rows)
            words[bit // 64] |= has.astype(np.uint64) << np.uint64(bit % 64)
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        return list(self._outcomes[row])
