"""Batches and pairs for evaluators that know single candidates only: each candidate is judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.errors import InputError
from imagefit.evaluators.results import OUTCOMES, WORD, Counts, Flags, Numbers, OnRows, Totals, words_for
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.supply import Supply
from imagefit.verdicts import VerdictKind, level_of

__all__ = ["MOST_PAIRS", "JudgedPairs", "JudgedRows"]

JudgeAll = Callable[[Iterable[Facts]], Iterable[Sequence[Outcome]]]
"""Takes candidates, returns the outcomes of each."""

MOST_PAIRS = 1_000_000
"""So many pairs are judged one by one, which takes minutes; of more, nobody would wait for the end."""

_NUMBER_OF = {outcome: number for number, outcome in enumerate(OUTCOMES)}
_FAIL, _UNKNOWN = _NUMBER_OF[Outcome.FAIL], _NUMBER_OF[Outcome.UNKNOWN]
_COMPATIBLE, _OPEN = VerdictKind.COMPATIBLE.level, VerdictKind.UNKNOWN.level


class JudgedRows:
    """The outcomes of a batch, row by row; see `Judged`."""

    def __init__(self, rules: Sequence[Rule], encoded: Encoded, judge_all: JudgeAll) -> None:
        self.encoded = encoded
        self._rules = rules
        self._outcomes = list(judge_all(encoded.facts(row) for row in range(encoded.rows)))

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""
        levels = (VerdictKind.of(self._rules, outcomes).level for outcomes in self._outcomes)
        return np.fromiter(levels, np.uint8, self.encoded.rows)

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row, as bits."""
        words = [np.zeros(self.encoded.rows, np.uint64) for _ in range(words_for(flags))]
        for bit, (place, outcome) in enumerate(flags):
            has = np.fromiter((own[place] is outcome for own in self._outcomes), np.bool_, self.encoded.rows)
            words[bit // WORD] |= has.astype(np.uint64) << np.uint64(bit % WORD)
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""
        return list(self._outcomes[row])


class JudgedPairs:
    """The pairs of two sides, each judged by itself; see `PairResults`.

    Raises
    ------
    InputError
        If there are more than `MOST_PAIRS`.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        rows: Encoded,
        lanes: Encoded,
        judge_all: JudgeAll,
        supply: Supply,
    ) -> None:
        if rows.rows * lanes.rows > MOST_PAIRS:
            raise InputError(
                "too many pairs for an evaluator that judges them one by one",
                value=rows.rows * lanes.rows,
                expected=f"at most {MOST_PAIRS:,}; without `evaluator`, any number can be judged",
            )
        self.rules = rules
        self._rows, self._lanes, self._judge_all = rows, lanes, judge_all
        self._supply = supply
        self._numbers: NDArray[np.uint8] | None = None

    def count(self, on_rows: OnRows | None = None) -> Totals:
        """Judge all pairs, unless that is done, and count the verdicts."""
        self._judged(on_rows)
        return self.totals

    @cached_property
    def totals(self) -> Totals:
        """The verdicts counted, by row and by lane."""
        by_axis = [[(self._levels == level).sum(axis=axis) for level in (_COMPATIBLE, _OPEN)] for axis in (1, 0)]
        (fits, may), (fits_lane, may_lane) = by_axis
        return Totals((fits, may), (fits_lane, may_lane))

    @property
    def by_row(self) -> tuple[Counts, Counts]:
        """The compatible and the unknown pairs of each row."""
        return self.totals.by_row

    @property
    def outcomes(self) -> Counts:
        """How many pairs have each of `OUTCOMES`, for each rule."""
        numbers = self._judged().reshape(-1, len(self.rules))
        return np.stack([(numbers == number).sum(axis=0) for number in range(len(OUTCOMES))], axis=1)

    @property
    def alone(self) -> Counts:
        """How many pairs each error rule stops alone."""
        fails = (self._judged() == _FAIL) & self._is_error
        alone: Counts = (fails & (fails.sum(axis=2) == 1)[:, :, None]).sum(axis=(0, 1))
        return alone

    def compatible(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the compatible pairs, by row, then by lane."""
        rows, lanes = np.nonzero(self._levels == _COMPATIBLE)
        if len(rows):
            yield rows, lanes

    def levels(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the verdicts of all pairs as levels."""
        if len(self._levels):
            yield self._levels

    def outcomes_of(self, place: int) -> NDArray[np.uint8]:
        """Return what one rule says of each pair."""
        return self._judged()[:, :, place]

    def tally(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Count for each pair the error rules that fail and that are unknown."""
        numbers = self._judged()
        fails, unknown = (((numbers == n) & self._is_error).sum(axis=2, dtype=np.uint16) for n in (_FAIL, _UNKNOWN))
        return fails, unknown

    @property
    def _is_error(self) -> NDArray[np.bool_]:
        return np.array([rule.severity is Severity.ERROR for rule in self.rules], np.bool_)

    @cached_property
    def _levels(self) -> NDArray[np.uint8]:
        """The level of each pair: the highest that one of its outcomes makes."""
        numbers = self._judged()
        levels = np.zeros(numbers.shape[:2], np.uint8)
        for place, rule in enumerate(self.rules):
            own = np.array([level_of(rule.severity, outcome) for outcome in OUTCOMES], np.uint8)
            np.maximum(levels, own[numbers[:, :, place]], out=levels)
        return levels

    def _judged(self, on_rows: OnRows | None = None) -> NDArray[np.uint8]:
        """Return the number of each pair's outcomes: rows by lanes by rules."""
        if self._numbers is None:
            numbers = np.empty((self._rows.rows, self._lanes.rows, len(self.rules)), np.uint8)
            lanes = [self._lanes.facts(lane) for lane in range(self._lanes.rows)]
            for row, own in enumerate(numbers):
                facts = self._rows.facts(row)
                pairs = (self._supply.complete({**known, **facts}).facts for known in lanes)
                for lane, outcomes in enumerate(self._judge_all(pairs)):
                    own[lane] = [_NUMBER_OF[outcome] for outcome in outcomes]
                if on_rows is not None:
                    on_rows(1)
            self._numbers = numbers
        return self._numbers
